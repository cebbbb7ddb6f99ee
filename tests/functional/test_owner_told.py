"""Whoever owns an account is told of what was changed at its door, in the inbox and by the ways out
(OWASP ASVS 5.0, 6.3.7)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pyotp
from sqlmodel import Session, select

from functional.city import City
from onevisit.cases import identities
from onevisit.cases.identities import Proven
from onevisit.cases.signing_in import factor, sweep
from onevisit.cases.staff import admit, appoint, changes, deputies, first, owner
from onevisit.cases.staff import password as passwords
from onevisit.cases.staff.appoint import Appointment, Person
from onevisit.store.identity_tables import Identity, IdentityOffer
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account
from onevisit.store.work_tables import Dispatch, Message

DEPARTMENTS = ("market_regulation", "tobacco")
OWN = "我家门前有两棵枣树 2026"
PHONE, MAIL = "0990-0000001", "demo.clerk@example.com"
ISSUER = "https://issuer.example.com"


def account(session: Session, username: str) -> Account:
    return session.exec(select(Account).where(Account.username == username)).one()


def known(city: City, username: str) -> Account:
    with reading(city.engine) as session:
        return account(session, username)


def reachable(city: City, username: str = "clerk") -> UUID:
    """Somebody with a telephone and an e-mail address."""
    with writing(city.engine) as session:
        row = account(session, username)
        row.phone, row.email = PHONE, MAIL
        session.add(row)
        return row.id


def told(city: City, account_id: UUID) -> dict[str, str]:
    """Body of each message by its title."""
    with reading(city.engine) as session:
        found = session.exec(select(Message).where(Message.account_id == account_id)).all()
        assert all(each.link == "/me/sessions" for each in found)
        return {each.title: each.body for each in found}


def sent(city: City) -> set[tuple[str, str, str]]:
    with reading(city.engine) as session:
        return {
            (each.subject, each.channel, each.address) for each in session.exec(select(Dispatch))
        }


def test_every_act_on_an_account_is_told_but_its_opening() -> None:
    assert set(owner.TITLES) == set(changes.ACTS) - {"open"}


def test_what_others_do_to_an_account_is_told_by_name(city: City) -> None:
    mine = reachable(city)
    with city.acting("admin") as ctx:
        row = account(ctx.session, "clerk")
        admit.reset(ctx, mine, row.revision)
        person = Person("clerk", row.name, "0990-0000002", "stranger@example.com")
        appoint.change_details(ctx, mine, person, row.revision)
        posts = [Appointment("window"), Appointment("handler", "tobacco")]
        appoint.appoint(ctx, mine, posts, DEPARTMENTS, row.revision, aware=True)
        identities.bind(ctx, mine, ISSUER, "worker", row.revision)
        bound = ctx.session.exec(select(Identity)).one()
        identities.unbind(ctx, mine, bound.id, row.revision)
        admit.disable(ctx, mine, row.revision)
        admit.enable(ctx, mine, row.revision)
        admit.end_sessions(ctx, mine, row.revision)
    found = told(city, mine)
    assert set(found) == {
        owner.TITLES[act]
        for act in ("reset", "details", "posts", "bind", "unbind", "disable", "enable", "end")
    }
    assert all("由演示管理员办理" in body for body in found.values())
    assert "新增：承办、出件窗口；取消：综合窗口" in found[owner.TITLES["posts"]]
    assert "修改了电话、电子邮箱" in found[owner.TITLES["details"]]
    out = sent(city)
    assert {
        (owner.TITLES["details"], "sms", PHONE),
        (owner.TITLES["details"], "email", MAIL),
    } < out, "where the owner still reads it, not where a thief would"
    assert (owner.TITLES["posts"], "sms", "0990-0000002") in out
    with reading(city.engine) as session:
        assert not any("演示管理员" in each.text for each in session.exec(select(Dispatch)))


def test_what_the_owner_does_is_told_as_well(city: City) -> None:
    mine = reachable(city)
    with city.acting("clerk") as ctx:
        passwords.choose(ctx, OWN, OWN, first=False)
    browser = city.client("clerk")
    browser.post("/sign-in/factor/begin")
    secret = _offered(city, mine)
    browser.post("/sign-in/factor", data={"code": pyotp.TOTP(secret).now()})
    browser.post("/me/recovery-codes")
    browser.post("/me/factor/remove")
    found = told(city, mine)
    assert set(found) == {"您的密码已修改", "动态码已绑定", "恢复码已重新生成", "动态码已解除"}
    assert all("由您的账号本人操作" in body for body in found.values())
    assert ("您的密码已修改", "sms", PHONE) in sent(city)


def _offered(city: City, account_id: UUID) -> str:
    with reading(city.engine) as session:
        found = factor.offered(session, account_id)
    assert found
    return found


def test_a_deputy_and_the_one_they_stand_in_for_are_told(city: City) -> None:
    principal, deputy = known(city, "tobacco.decider"), known(city, "tobacco.head")
    with city.acting("admin") as ctx:
        wish = deputies.Wish((principal.id, "decider"), "tobacco", deputy.id, ctx.today,
                             ctx.today, "年休假")  # fmt: skip
        row = deputies.appoint(ctx, wish, aware=True)
        deputies.end(ctx, row.id)
    assert set(told(city, principal.id)) == {"您的岗位已安排代理", "您的岗位的代理已结束"}
    mine = told(city, deputy.id)
    assert set(mine) == {"您将代理一个岗位", "您的代理已结束"}
    assert f"{principal.name}的岗位：决定" in mine["您将代理一个岗位"]


def test_shut_out_from_the_command_line_is_told_too(city: City) -> None:
    mine = reachable(city)
    with writing(city.engine) as session:
        first.shut_out(session, "clerk", datetime.now(UTC))
    assert "由系统运维人员办理" in told(city, mine)["您的账号已停用"]
    assert ("您的账号已停用", "email", MAIL) in sent(city)


def test_a_key_to_an_account_that_was_there_is_told_and_a_new_account_is_not(city: City) -> None:
    mine, now = reachable(city, "applicant"), datetime.now(UTC)
    number = known(city, "applicant").id_number
    with writing(city.engine) as session:
        key = identities.arrive(session, Proven(ISSUER, "a", "演示", number, None, ()), now)
        assert isinstance(key, str)
        identities.take_up(session, key, mine, now)
        new = identities.arrive(session, Proven(ISSUER, "b", "演示", None, None, ()), now)
        assert isinstance(new, Account)
        nobody = new.id
    assert set(told(city, mine)) == {"您的账号已绑定统一身份认证"}
    assert ("您的账号已绑定统一身份认证", "sms", PHONE) in sent(city)
    assert told(city, nobody) == {}


def test_offers_that_nobody_took_up_are_swept(city: City) -> None:
    number, now = known(city, "applicant").id_number, datetime.now(UTC)
    with writing(city.engine) as session:
        for subject, at in (("new", now), ("old", now - timedelta(hours=1))):
            who = Proven(ISSUER, subject, "演示", number, None, ())
            identities.arrive(session, who, at)
        assert sweep.is_due(session, now)
        sweep.run(session, now)
        assert [each.subject for each in session.exec(select(IdentityOffer))] == ["new"]
        assert not sweep.is_due(session, now)
