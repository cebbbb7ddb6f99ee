"""Accounts in the studio: opened with a first password, posts from a day to a day, out at once,
and every change written down."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from httpx import Response
from sqlmodel import Session, select
from starlette.testclient import TestClient

from functional.city import ORIGIN, PASSWORD, City
from onevisit.access import PostValue
from onevisit.cases.account import hash_password, open_account
from onevisit.cases.outbox.telling import holders
from onevisit.cases.staff import password as passwords
from onevisit.cli import admins
from onevisit.store.admin_tables import AccountChange
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account, Post

NEW = {
    "username": "demo.new", "name": "演示新来的", "phone": "0990-0000099", "email": "",
    "posts.0.role": "clerk", "posts.1.role": "window",
}  # fmt: skip
OWN = "a sentence of my own"


def account(session: Session, username: str) -> Account:
    return session.exec(select(Account).where(Account.username == username)).one()


def known(city: City, username: str) -> Account:
    with reading(city.engine) as session:
        return account(session, username)


def address(city: City, username: str) -> str:
    return f"/studio/accounts/{known(city, username).id}"


def send(city: City, username: str, act: str, **data: str) -> Response:
    """An act of the admin on this account, from a page that is up to date."""
    revision = str(known(city, username).revision)
    form = {"revision": revision} | data
    return city.client("admin").post(
        f"{address(city, username)}/{act}", data=form, follow_redirects=False
    )


def browser(city: City) -> TestClient:
    return TestClient(city.app, base_url=ORIGIN, headers={"origin": ORIGIN}, follow_redirects=False)


def first_password(answer: Response) -> str:
    found = re.search(r"ov-first-password\">([^<]+)<", answer.text)
    assert found, answer.text
    return found[1]


def opened(city: City, **changed: str) -> str:
    """The first password of a new account."""
    answer = city.client("admin").post("/studio/accounts/new", data=NEW | changed)
    assert answer.status_code == 200, answer.text
    return first_password(answer)


def sign_in(visitor: TestClient, password: str, username: str = "demo.new") -> Response:
    return visitor.post("/sign-in", data={"username": username, "password": password})


def test_a_first_password_opens_only_the_page_for_ones_own(city: City) -> None:
    first = opened(city)
    someone = browser(city)
    assert sign_in(someone, first).headers["location"] == "/sign-in/password"
    assert someone.get("/desk").headers["location"].startswith("/sign-in?")
    assert "设定自己的密码" in someone.get("/sign-in/password").text
    answer = someone.post("/sign-in/password", data={"password": OWN, "again": OWN})
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    assert someone.get("/desk").status_code == 200
    assert sign_in(browser(city), first).status_code == 422, "the first one is over"
    assert sign_in(browser(city), OWN).headers["location"] == "/desk"
    told = city.client("admin").get(address(city, "demo.new")).text
    assert "开立账号" in told and "本人设定密码" in told


def test_unfit_passwords_are_refused_and_say_why(city: City) -> None:
    first = opened(city)
    someone = browser(city)
    sign_in(someone, first)
    for password, again, why in (
        ("short", "short", "8 到 128"),
        ("aaaaaaaaaaab", "aaaaaaaaaaab", "太容易猜到"),
        ("Password1", "Password1", "最常见的密码之一"),
        ("onevisit1", "onevisit1", "太容易猜到"),
        ("my-Demo.New-one", "my-Demo.New-one", "姓名、用户名或者电话"),
        (first, first, "不能与原来的密码相同"),
        (OWN, OWN + "!", "两次输入的密码不一样"),
    ):
        answer = someone.post("/sign-in/password", data={"password": password, "again": again})
        assert answer.status_code == 422, password
        assert why in answer.text
        assert password not in answer.text


def test_a_first_password_is_over_after_some_days(city: City) -> None:
    first = opened(city)
    with writing(city.engine) as session:
        account(session, "demo.new").temporary_until = datetime.now(UTC) - timedelta(minutes=1)
    answer = sign_in(browser(city), first)
    assert answer.status_code == 422
    assert "首次密码已经过期" in answer.text
    assert passwords.FIRST_DAYS == 7


def test_ones_own_password_can_be_changed_and_ends_other_sessions(city: City) -> None:
    here, elsewhere = browser(city), browser(city)
    for each in (here, elsewhere):
        assert sign_in(each, PASSWORD, "clerk").status_code == 303
    data = {"present": "wrong", "password": OWN, "again": OWN}
    assert "现在的密码不正确" in here.post("/sign-in/password", data=data).text
    answer = here.post("/sign-in/password", data=data | {"present": PASSWORD})
    assert answer.status_code == 303
    assert here.get("/desk").status_code == 200
    assert elsewhere.get("/desk").headers["location"].startswith("/sign-in")


def test_who_is_disabled_is_out_with_the_next_request(city: City) -> None:
    clerk = city.client("clerk")
    assert clerk.get("/desk").status_code == 200
    assert send(city, "clerk", "disable").status_code == 303
    out = clerk.get("/desk", follow_redirects=False)
    assert out.headers["location"].startswith("/sign-in")
    assert sign_in(browser(city), PASSWORD, "clerk").status_code == 422
    assert send(city, "clerk", "enable").status_code == 303
    assert clerk.get("/desk", follow_redirects=False).status_code == 303, "it stays ended"
    assert sign_in(clerk, PASSWORD, "clerk").status_code in (200, 303)
    assert clerk.get("/desk").status_code == 200


def test_a_password_that_is_handed_out_again_ends_the_sessions(city: City) -> None:
    clerk = city.client("clerk")
    assert clerk.get("/desk").status_code == 200
    first = first_password(send(city, "clerk", "reset"))
    assert clerk.get("/desk", follow_redirects=False).status_code == 303
    assert sign_in(browser(city), PASSWORD, "clerk").status_code == 422
    someone = browser(city)
    assert sign_in(someone, first, "clerk").headers["location"] == "/sign-in/password"


def test_a_post_counts_only_between_its_days(city: City) -> None:
    today = datetime.now(UTC) + timedelta(hours=8)
    clerk = city.client("clerk")
    for first, last, status in (
        (-1, 1, 200), (0, 0, 200), (1, 9, 403), (-9, -1, 403), (None, -1, 403), (-1, None, 200),
    ):  # fmt: skip
        days = {
            f"posts.0.{key}": (today.date() + timedelta(days=value)).isoformat()
            for key, value in (("first_day", first), ("last_day", last))
            if value is not None
        }
        assert send(city, "clerk", "posts", **{"posts.0.role": "clerk"}, **days).status_code == 303
        assert clerk.get("/desk").status_code == status, (first, last)


def test_posts_are_replaced_whole_and_written_down(city: City) -> None:
    data = {
        "posts.0.role": "handler", "posts.0.department": "tobacco",
        "posts.1.role": "handler", "posts.1.department": "market_regulation",
        "posts.2.role": "head", "posts.2.department": "tobacco",
        "posts.4.role": "clerk", "posts.4.remove": "yes",
    }  # fmt: skip
    assert send(city, "tobacco.handler", "posts", **data).status_code == 303
    with reading(city.engine) as session:
        held = session.exec(
            select(Post).where(Post.account_id == account(session, "tobacco.handler").id)
        ).all()
        change = session.exec(select(AccountChange)).one()
        assert {(each.role, each.department) for each in held} == {
            ("handler", "tobacco"), ("handler", "market_regulation"), ("head", "tobacco"),
        }  # fmt: skip
        assert change.before is not None and change.after is not None
        assert [each["role"] for each in change.before["posts"]] == ["handler"]
        assert len(change.after["posts"]) == 3
        assert change.actor_id == account(session, "admin").id
    assert city.client("tobacco.handler").get("/office").status_code == 200


def test_what_cannot_be_a_post_comes_back_as_it_was_typed(city: City) -> None:
    data = {
        "posts.0.role": "decider",
        "posts.1.role": "clerk", "posts.1.department": "tobacco",
        "posts.2.role": "window",
        "posts.2.first_day": "2026-05-02", "posts.2.last_day": "2026-05-01",
        "posts.3.role": "window",
        "posts.4.department": "tobacco",
    }  # fmt: skip
    answer = send(city, "clerk", "posts", **data)
    assert answer.status_code == 422
    for why in ("请选择部门", "不分部门", "不能早于第一天", "写了两次", "请选择岗位"):
        assert why in answer.text
    assert 'value="2026-05-02"' in answer.text
    answer = send(city, "clerk", "posts", **{"posts.0.role": "clerk", "posts.0.first_day": "soon"})
    assert "2026-01-31 这样的日期" in answer.text
    assert 'value="soon"' in answer.text
    assert city.client("clerk").get("/desk").status_code == 200, "nothing was changed"


def test_posts_that_speak_against_each_other_have_to_be_read(city: City) -> None:
    data = {
        "posts.0.role": "clerk", "posts.1.role": "decider", "posts.1.department": "tobacco",
    }  # fmt: skip
    answer = send(city, "clerk", "posts", **data)
    assert answer.status_code == 422
    assert "收件与审批应当分离" in answer.text
    assert send(city, "clerk", "posts", **data, aware="yes").status_code == 303
    assert "已知悉职责分离提示" in city.client("admin").get(address(city, "clerk")).text


def test_nobody_changes_their_own_account(city: City) -> None:
    page = city.client("admin").get(address(city, "admin")).text
    assert "要由另一位流程管理员来改" in page
    assert 'name="posts.0.role"' not in page
    for act in ("posts", "disable", "reset", "details"):
        data = {"posts.0.role": "clerk", "name": "演示"}
        assert send(city, "admin", act, **data).status_code == 403, act
    assert city.client("admin").get("/desk").status_code == 403


def test_the_last_lasting_admin_stays(city: City) -> None:
    """A second admin, whose own post has a last day, cannot take the only lasting one away."""
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    with writing(city.engine) as session:
        second = Account(username="admin2", name="演示乙", password_hash=hash_password(PASSWORD))
        open_account(session, second, [PostValue("admin")])
        session.exec(select(Post).where(Post.account_id == second.id)).one().last_day = tomorrow
    other = browser(city)
    assert sign_in(other, PASSWORD, "admin2").status_code == 303
    first = known(city, "admin")
    for act, data in (
        ("disable", {}),
        ("posts", {"posts.0.role": "operator"}),
        ("posts", {"posts.0.role": "admin", "posts.0.last_day": tomorrow.isoformat()}),
    ):
        data["revision"] = str(first.revision)
        answer = other.post(f"/studio/accounts/{first.id}/{act}", data=data)
        assert answer.status_code == 409, act
        assert "最后一位长期任职" in answer.text
    assert send(city, "admin2", "disable").status_code == 303, "the other one may go"


def test_an_old_page_changes_nothing_and_loses_nothing(city: City) -> None:
    seen = known(city, "clerk").revision
    assert send(city, "clerk", "details", name="演示改名一").status_code == 303
    answer = send(city, "clerk", "details", name="演示改名二", revision=str(seen))
    assert answer.status_code == 409
    assert "演示改名二" in answer.text and "修改姓名或者联系方式" in answer.text
    assert known(city, "clerk").name == "演示改名一"


def test_user_names_are_taken_once(city: City) -> None:
    opened(city)
    answer = city.client("admin").post("/studio/accounts/new", data=NEW | {"name": "演示另一个"})
    assert answer.status_code == 422
    assert "已经有人使用" in answer.text and "演示另一个" in answer.text
    bad = NEW | {"username": "大写", "name": "", "phone": "电话", "email": "no"}
    answer = city.client("admin").post("/studio/accounts/new", data=bad)
    for why in ("小写英文字母开头", "请填写姓名", "电话号码只用数字", "电子邮箱的写法"):
        assert why in answer.text


def test_the_list_is_of_those_who_work_here(city: City) -> None:
    admin = city.client("admin")
    page = admin.get("/studio/accounts").text
    assert "演示综窗员" in page and "演示申请人甲" not in page
    found = admin.get("/studio/accounts", params={"q": "tobacco"}).text
    assert "tobacco.handler" in found and "clerk2" not in found
    found = admin.get("/studio/accounts", params={"department": "tobacco"}).text
    assert "tobacco.handler" in found and "market_regulation.handler" not in found
    assert "没有找到" in admin.get("/studio/accounts", params={"q": "100%"}).text
    send(city, "clerk2", "disable")
    assert "clerk2" in admin.get("/studio/accounts", params={"shown": "disabled"}).text
    assert "clerk2" not in admin.get("/studio/accounts", params={"shown": "open"}).text
    citizen = known(city, "applicant")
    assert admin.get(f"/studio/accounts/{citizen.id}").status_code == 404


def test_long_lists_go_on(city: City) -> None:
    with writing(city.engine) as session:
        session.add_all(
            Account(username=f"many.{n:03}", name="演示", password_hash="x", staff=True)
            for n in range(60)
        )
    admin, seen = city.client("admin"), list[str]()
    link: str | None = "/studio/accounts?q=many"
    while link:
        page = admin.get(link).text
        seen += re.findall(r">(many\.\d{3})<", page)
        found = re.search(r'href="([^"]+)" rel="next"', page)
        link = found[1].replace("&amp;", "&") if found else None
    assert seen == [f"many.{n:03}" for n in range(60)]


def test_all_changes_in_one_list(city: City) -> None:
    opened(city)
    send(city, "clerk", "disable")
    page = city.client("admin").get("/studio/accounts/changes").text
    assert page.index("停用账号") < page.index("开立账号")
    assert "argon2" not in page


def test_who_may_do_what_is_asked_of_the_checks(city: City) -> None:
    page = city.client("admin").get("/studio/roles").text
    assert "收件、受理、一次告知补正" in page and "本部门" in page
    assert "准予" in page


def test_officers_whose_post_is_over_are_not_asked_for(city: City) -> None:
    """Nobody is told or put on a list of inspectors in a post that has ended."""
    with city.acting("clerk") as ctx:
        before = holders(ctx, "head", "tobacco")
        row = ctx.session.exec(select(Post).where(Post.account_id == before[0])).one()
        row.last_day = date(2020, 1, 1)
        ctx.session.flush()
        assert len(before) == 1 and holders(ctx, "head", "tobacco") == []


def test_the_first_administrator_comes_from_the_command_line(
    city: City, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ONEVISIT_DATA", str(city.settings.data))
    assert admins.run("demo.second", "演示第二位") == 0
    found = re.search("首次密码：(.*)", capsys.readouterr().out)
    assert found
    someone = browser(city)
    assert sign_in(someone, found[1], "demo.second").headers["location"] == "/sign-in/password"
    someone.post("/sign-in/password", data={"password": OWN, "again": OWN})
    assert someone.get("/studio/accounts").status_code == 200
    assert "命令行" in city.client("admin").get(address(city, "demo.second")).text
    assert admins.run("demo.second", "") == 1
    told = capsys.readouterr().out
    assert "已经有人使用" in told and "请填写姓名" in told
