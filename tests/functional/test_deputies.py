"""Deputies and the separation of duties: who stands in for whom, and what neither may do then."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from functional.city import ORIGIN, PASSWORD, City
from onevisit.access import Forbidden, PostValue
from onevisit.cases import Context, decide
from onevisit.cases.account import hash_password, open_account
from onevisit.cases.errors import Invalid
from onevisit.cases.staff import admit, appoint, changes, deputies
from onevisit.cases.staff.appoint import Appointment, Person
from onevisit.cases.staff.deputies import Wish
from onevisit.documents.format import BEIJING
from onevisit.store.evidence import verify_ledger
from onevisit.store.files import FileStore
from onevisit.store.identity_tables import Deputy
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account, LedgerEntry
from onevisit.web.accounts import actor_of

FOOD = "market_regulation"
DAY = timedelta(days=1)


def today() -> datetime:
    return datetime.now(UTC)


def account(city: City, username: str) -> Account:
    with reading(city.engine) as session:
        return session.exec(select(Account).where(Account.username == username)).one()


def another(city: City, username: str, *posts: PostValue) -> Account:
    """Somebody more, who holds these posts."""
    with writing(city.engine) as session:
        made = Account(
            username=username, name=f"演示{username}", password_hash=hash_password(PASSWORD)
        )
        return open_account(session, made, posts)


def wish(city: City, role: str, deputy: str, first: int = 0, last: int = 7) -> Wish:
    day = today().astimezone(BEIJING).date()
    principal = account(city, f"{FOOD}.{role}")
    return Wish((principal.id, role), FOOD, account(city, deputy).id, day + first * DAY,
                day + last * DAY, "年休假")  # fmt: skip


def stand_in(city: City, role: str, deputy: str, by: str = "admin", **days: int) -> UUID:
    """The deputy stands in for whoever holds this post of the food department."""
    with city.acting(by) as ctx:
        return deputies.appoint(ctx, wish(city, role, deputy, **days), aware=True).id


def acts(city: City, username: str, case_id: UUID, region: str, event: str) -> str:
    """One signature by this person, with the posts that they hold today."""
    row = city.approval(case_id, region)
    with writing(city.engine) as session:
        who = session.exec(select(Account.id).where(Account.username == username)).one()
        now = today()
        actor = actor_of(session, who, now.astimezone(BEIJING).date())
        assert actor is not None
        ctx = Context(session, city.catalog, FileStore(city.settings.files), actor, now)
        return decide.act(ctx, row.id, event, "材料齐全，同意。", "", row.revision).message


@pytest.fixture
def colleague(city: City) -> str:
    """Somebody of the food department without any step of their own on the way."""
    case_id = city.accepted()
    assert case_id
    another(city, "colleague", PostValue("head", FOOD))
    return "colleague"


def case_of(city: City) -> UUID:
    with reading(city.engine) as session:
        return session.exec(select(LedgerEntry.case_id)).first() or UUID(int=0)


def test_a_deputy_signs_and_both_are_named(city: City, colleague: str) -> None:
    case_id = case_of(city)
    with pytest.raises(Forbidden):
        acts(city, colleague, case_id, "food", "forward")
    stand_in(city, "handler", colleague)
    acts(city, colleague, case_id, "food", "forward")
    with reading(city.engine) as session:
        statement = select(LedgerEntry).where(
            LedgerEntry.region == "food", LedgerEntry.actor_role == "handler"
        )
        (entry,) = [each for each in session.exec(statement) if each.from_state != each.to_state]
        principal = account(city, f"{FOOD}.handler")
        assert entry.actor_id == account(city, colleague).id
        assert entry.detail["deputy_of"] == [{"id": str(principal.id), "name": principal.name}]
        assert verify_ledger(session, case_id) == []
    browser = city.client(f"{FOOD}.reviewer")
    shown = browser.get(f"/office/{city.approval(case_id, 'food').id}").text
    assert f"演示colleague（代{principal.name}）" in shown


def test_nobody_reviews_what_they_or_whom_they_stand_in_for_handled(
    city: City, colleague: str
) -> None:
    case_id = case_of(city)
    stand_in(city, "handler", colleague)
    stand_in(city, "reviewer", f"{FOOD}.handler")
    acts(city, colleague, case_id, "food", "forward")
    stand_in(city, "decider", colleague)
    with pytest.raises(Forbidden, match=r"您代理的人|另一个环节"):
        acts(city, f"{FOOD}.handler", case_id, "food", "forward")
    acts(city, f"{FOOD}.reviewer", case_id, "food", "forward")
    with pytest.raises(Forbidden, match="另一个环节"):
        acts(city, colleague, case_id, "food", "approve")


def test_whoever_has_the_principals_post_cannot_have_been_replaced_before(
    city: City, colleague: str
) -> None:
    """What the deputy signed as handler, the handler cannot review in a post of their own."""
    case_id = case_of(city)
    stand_in(city, "handler", colleague)
    acts(city, colleague, case_id, "food", "forward")
    with writing(city.engine) as session:
        from onevisit.store.tables import Post

        session.add(Post(account_id=account(city, f"{FOOD}.handler").id, role="reviewer",
                         department=FOOD))  # fmt: skip
    with pytest.raises(Forbidden, match="另一个环节"):
        acts(city, f"{FOOD}.handler", case_id, "food", "forward")


def test_it_begins_and_ends_by_date_and_with_the_principals_post(
    city: City, colleague: str
) -> None:
    case_id = case_of(city)
    row = stand_in(city, "handler", colleague, first=1, last=3)
    who = account(city, colleague).id
    day = today().astimezone(BEIJING).date()

    def holds(after: int) -> bool:
        with reading(city.engine) as session:
            actor = actor_of(session, who, day + after * DAY)
            return actor is not None and actor.holds("handler", FOOD)

    assert [holds(after) for after in range(6)] == [False, True, True, True, False, False]
    with pytest.raises(Forbidden):
        acts(city, colleague, case_id, "food", "forward")
    with city.acting("admin") as ctx:
        gone = account(city, f"{FOOD}.handler")
        admit.disable(ctx, gone.id, gone.revision)
    assert not holds(2)
    with city.acting("admin") as ctx:
        admit.enable(ctx, gone.id, account(city, f"{FOOD}.handler").revision)
    assert holds(2)
    with city.acting("admin") as ctx:
        deputies.end(ctx, row)
        deputies.end(ctx, row)
    assert not holds(2)
    with reading(city.engine) as session:
        told = [each.act for each in changes.listed(session, gone.id)]
    assert told.count("no_deputy") == 1 and told.count("deputy") == 1


def test_who_may_arrange_it(city: City, colleague: str) -> None:
    for by, why in (
        (f"{FOOD}.handler", "负责人"),
        ("tobacco.head", "本部门负责人"),
        ("clerk", "负责人"),
    ):
        with pytest.raises(Forbidden, match=why):
            stand_in(city, "handler", colleague, by=by)
    with pytest.raises(Forbidden, match="自己代理别人"):
        stand_in(city, "handler", colleague, by=colleague)
    stand_in(city, "handler", f"{FOOD}.reviewer", by=colleague)
    with pytest.raises(Invalid, match="已经有人代理"):
        stand_in(city, "handler", colleague, first=7, last=9)
    with pytest.raises(Invalid, match="本部门的代理人"):
        stand_in(city, "reviewer", "clerk")


def test_what_speaks_against_it_is_read_first(city: City, colleague: str) -> None:
    with pytest.raises(Invalid, match="不同的人签署"), city.acting("admin") as ctx:
        deputies.appoint(ctx, wish(city, "decider", f"{FOOD}.handler"), aware=False)
    stand_in(city, "decider", f"{FOOD}.handler")


def test_the_page_keeps_what_was_typed(city: City, colleague: str) -> None:
    browser = city.client("admin")
    day = today().astimezone(BEIJING).date()
    post = f"{account(city, f'{FOOD}.handler').id}/handler"
    sent = {"department": FOOD, "post": post, "deputy": str(account(city, colleague).id),
            "first_day": "明天", "last_day": str(day), "reason": "出差学习"}  # fmt: skip
    answer = browser.post("/deputies", data=sent)
    assert answer.status_code == 422
    assert "请写成 2026-01-31 这样的日期" in answer.text
    assert 'value="出差学习"' in answer.text
    answer = browser.post("/deputies", data=sent | {"first_day": str(day)})
    assert answer.status_code == 200
    assert "演示colleague（代演示handler）" in answer.text
    with reading(city.engine) as session:
        row = session.exec(select(Deputy)).one()
    head = city.client(colleague)
    assert "（代演示handler）" in head.get("/office").text
    answer = city.client(f"{FOOD}.head").post(f"/deputies/{row.id}/end", data={"department": FOOD})
    assert "提前结束" in answer.text
    assert city.client("tobacco.head").get("/deputies").text.count("演示colleague") == 0
    assert city.client("clerk").get("/deputies").status_code == 403
    assert (
        city.client("tobacco.head")
        .post(f"/deputies/{row.id}/end", headers={"origin": ORIGIN})
        .status_code
        == 403
    )


@pytest.mark.parametrize("extra", ["admin", "supervisor"])
def test_who_writes_or_watches_never_comes_near_a_case(city: City, extra: str) -> None:
    """Even with posts of every kind besides, as a database changed by hand would have them."""
    case_id = city.accepted()
    posts = [PostValue(each) for each in ("clerk", "window", extra, "government")]
    posts += [PostValue(each, FOOD) for each in ("handler", "reviewer", "decider", "head")]
    another(city, "mighty", *posts)
    browser, approval = city.client("mighty"), city.approval(case_id, "food").id
    for address in (
        f"/desk/{case_id}", f"/office/{approval}", f"/window/{case_id}", f"/my/{case_id}/submitted",
        f"/government/{case_id}/extend", "/office", "/desk", "/window", "/government",
    ):  # fmt: skip
        assert browser.get(address).status_code in (403, 404), address
    with pytest.raises(Forbidden):
        acts(city, "mighty", case_id, "food", "forward")


def test_such_posts_are_refused_when_they_are_given(city: City) -> None:
    person = Person("demo.both", "演示两岗")
    with pytest.raises(Invalid, match="写流程的人不办件"), city.acting("admin") as ctx:
        posts = [Appointment("admin"), Appointment("clerk")]
        appoint.open_account(ctx, person, posts, {FOOD}, aware=True)
    day = today().astimezone(BEIJING).date()
    one_after_the_other = [
        Appointment("clerk", None, None, day + 3 * DAY),
        Appointment("admin", None, day + 4 * DAY),
    ]
    with city.acting("admin") as ctx:
        appoint.open_account(ctx, person, one_after_the_other, {FOOD}, aware=True)
