"""行政许可法第四十四条: results reach the applicant, once, over the counter, by post or at a kiosk,
and it is known who took what."""

import uuid
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from onevisit.access import Forbidden
from onevisit.cases import hand_out, kiosk, posting, submit, views
from onevisit.cases.collector import Collector
from onevisit.cases.errors import Invalid, NotPossible, Stale
from onevisit.cases.hand_out import NotMade
from onevisit.cases.pickup import TRIES, Recipient
from onevisit.cases.posting import Parcel
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account, Case, Document, Handout
from onevisit.store.work_tables import Dispatch, Message
from scenarios.law import stall
from scenarios.stage import AGENT_ID, APPLICANT_ID, Stage
from scenarios.test_at_once import together

HOME = Recipient("演示申请人甲", "19900000000", "示例市演示区演示路八号二单元三楼")
PARCEL = Parcel(HOME, " 演示快递 ", "ys 2026 1121 0001")
SELF = Collector("演示申请人甲", APPLICANT_ID)
ERRORS = (Stale, NotPossible)


@pytest.fixture
def ready(market: Stage) -> uuid.UUID:
    """A case of the stall whose papers are made and wait."""
    case_id = stall.decided(market)
    market.printed(case_id)
    return case_id


def handouts(stage: Stage, case_id: uuid.UUID) -> list[Handout]:
    """What was handed out of a case."""
    with reading(stage.engine) as session:
        return list(session.exec(select(Handout).where(Handout.case_id == case_id)))


def told(stage: Stage, case_id: uuid.UUID) -> tuple[list[str], list[str]]:
    """Everything that the inbox says of a case, and what left the house."""
    with reading(stage.engine) as session:
        of_case = col(Message.case_id) == case_id
        inside = session.exec(select(Message.body).where(of_case)).all()
        statement = select(Dispatch.text).join(Message).where(of_case)
        return list(inside), list(session.exec(statement).all())


def code_of(stage: Stage, case_id: uuid.UUID) -> str:
    """The pick-up code as it was drawn."""
    code = stage.case(case_id).pickup_code
    assert code is not None
    return code


def entering(stage: Stage, code: str, number: str = APPLICANT_ID) -> str:
    """What the kiosk answers to a card and a code; empty when they open a case."""
    with stage.acting("kiosk") as ctx:
        return kiosk.enter(ctx, number, code).refused


def other_than(code: str) -> str:
    """A code that is not this one."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def posted(stage: Stage, case_id: uuid.UUID, parcel: Parcel = PARCEL) -> None:
    """The window sends everything away."""
    with stage.acting("window") as ctx:
        posting.post(ctx, case_id, parcel, stage.case(case_id).revision)


# ---- nothing is handed out that is not there -----------------------------------------------------


@pytest.mark.parametrize("state", ["pending", "failed"])
def test_44_a_paper_that_is_not_made_is_not_handed_out(market: Stage, state: str) -> None:
    case_id = stall.decided(market)
    market.printed(case_id)
    lacking = next(row for row in market.documents(case_id) if row.kind == "certificate")
    with writing(market.engine) as session:
        session.get_one(Document, lacking.id).state = state
    revision = market.case(case_id).revision
    for who, act in (
        ("window", lambda ctx: hand_out.hand_out(ctx, case_id, SELF, "window", revision)),
        ("window", lambda ctx: posting.post(ctx, case_id, PARCEL, revision)),
        ("applicant", lambda ctx: hand_out.collect(ctx, case_id, revision)),
        ("kiosk", lambda ctx: kiosk.pick_up(ctx, APPLICANT_ID, code_of(market, case_id), revision)),
    ):
        with pytest.raises(NotMade, match=lacking.title) as refused, market.acting(who) as ctx:
            act(ctx)
        assert refused.value.papers == (lacking.id,)
    assert (market.case(case_id).state, handouts(market, case_id)) == ("issuing", [])
    with market.looking("window") as ctx:
        [row] = views.window_ready(ctx).rows
        bundle = views.window_case(ctx, case_id).bundle
    assert (row.made, row.documents) == (len(bundle) - 1, len(bundle))
    words = {"pending": "正在制作", "failed": "制作失败"}
    assert [each.state_title for each in bundle if each.id == lacking.id] == [words[state]]


def test_44_the_bundle_names_the_item_of_each_paper(market: Stage, ready: uuid.UUID) -> None:
    with market.looking("window") as ctx:
        bundle = views.window_case(ctx, ready).bundle
    named = [(each.item, each.kind) for each in bundle]
    assert len(set(named)) == len(named) == 5
    assert ("摆摊许可", "证照") in named
    assert ("摊位消防许可", "决定书") in named


# ---- who may take it -----------------------------------------------------------------------------


def test_44_a_letter_of_authority_has_a_number_or_a_day(market: Stage, ready: uuid.UUID) -> None:
    revision = market.case(ready).revision
    tomorrow = Collector("演示代办人", AGENT_ID, "agent", "", date(2099, 1, 1))
    for collector, path in (
        (Collector("演示代办人", AGENT_ID, "agent"), "collector.authorisation"),
        (tomorrow, "collector.authorised_on"),
        (Collector("", AGENT_ID, "agent", "第1号"), "collector.name"),
        (Collector("演示代办人", AGENT_ID, "registered"), "relation"),
    ):
        with pytest.raises(Invalid) as refused, market.acting("window") as ctx:
            hand_out.hand_out(ctx, ready, collector, "window", revision)
        assert [error.path for error in refused.value.errors] == [path]
    letter = Collector("演示代办人", AGENT_ID, "agent", "第1号", date(2026, 11, 20))
    with market.acting("window") as ctx:
        hand_out.hand_out(ctx, ready, letter, "window", revision)
    [row] = handouts(market, ready)
    assert row.collector["authorisation"] == "第1号，2026年11月20日签署"
    assert market.problems(ready) == []


def with_agent(stage: Stage, case_id: uuid.UUID) -> None:
    """Somebody else applied for the applicant."""
    with writing(stage.engine) as session:
        agent = session.exec(select(Account).where(Account.username == "stranger")).one()
        agent.id_number = AGENT_ID
        statement = update(Case).where(col(Case.id) == case_id)
        session.connection().execute(statement.values(agent_id=agent.id))


def test_44_the_agent_who_applied_needs_no_letter(market: Stage, ready: uuid.UUID) -> None:
    with_agent(market, ready)
    with market.looking("window") as ctx:
        assert views.window_case(ctx, ready).agent == "演示申请人乙"
    revision = market.case(ready).revision
    wrong = Collector("", APPLICANT_ID, "registered")
    with pytest.raises(Invalid, match="登记的代办人"), market.acting("window") as ctx:
        hand_out.hand_out(ctx, ready, wrong, "window", revision)
    with market.acting("window") as ctx:
        hand_out.hand_out(ctx, ready, Collector("", AGENT_ID, "registered"), "window", revision)
    [row] = handouts(market, ready)
    assert (row.collector["name"], row.collector["relation"]) == ("演示申请人乙", "registered")


# ---- by post -------------------------------------------------------------------------------------


def test_44_whoever_wants_it_posted_says_where_to(market: Stage) -> None:
    case_id = stall.applied(market)
    revision = market.case(case_id).revision
    with pytest.raises(Invalid) as refused, market.acting("applicant") as ctx:
        submit.submit(ctx, case_id, "post", revision, Recipient("", "12", "近"))
    paths = [error.path for error in refused.value.errors]
    assert paths == ["recipient.name", "recipient.phone", "recipient.address"]
    with pytest.raises(Invalid, match="收件人姓名"), market.acting("applicant") as ctx:
        submit.submit(ctx, case_id, "post", revision)
    with market.acting("applicant") as ctx:
        submit.submit(ctx, case_id, "post", revision, HOME)
    assert market.case(case_id).recipient == HOME.as_json()
    assert market.problems(case_id) == []
    with writing(market.engine) as session:
        row = session.get_one(Case, case_id)
        row.recipient = HOME.as_json() | {"address": "示例市演示区别处一号"}
    assert ["form" in str(each) for each in market.problems(case_id)] == [True]


def test_44_an_address_is_kept_only_where_it_is_posted(market: Stage) -> None:
    case_id = stall.applied(market)
    with market.acting("applicant") as ctx:
        submit.submit(ctx, case_id, "window", market.case(case_id).revision, HOME)
    assert market.case(case_id).recipient is None


def test_44_posting_is_the_same_act_with_a_number(market: Stage, ready: uuid.UUID) -> None:
    revision = market.case(ready).revision
    with pytest.raises(Invalid) as refused, market.acting("window") as ctx:
        posting.post(ctx, ready, Parcel(HOME, "", "12"), revision)
    assert [error.path for error in refused.value.errors] == ["carrier", "tracking_number"]
    posted(market, ready)
    [row] = handouts(market, ready)
    assert (row.method, row.carrier, row.tracking_number) == ("post", "演示快递", "YS202611210001")
    assert (row.collector["address"], row.collector["relation"]) == (HOME.address, "self")
    assert market.case(ready).state == "concluded"
    receipt = next(row for row in market.documents(ready) if row.kind == "delivery")
    shown = receipt.snapshot["collector"]
    assert (shown["method"], shown["tracking_number"]) == ("邮寄送达", "YS202611210001")
    with market.looking("applicant") as ctx:
        progress = views.progress(ctx, ready)
    assert "邮寄送达，演示快递 YS202611210001" in [event.note for event in progress.events]
    handout = progress.handout
    assert handout is not None
    assert (handout.carrier, handout.tracking_number) == ("演示快递", "YS202611210001")
    inside, outside = told(market, ready)
    assert any("运单号YS202611210001" in text for text in inside)
    assert any("已经寄出" in text for text in outside)
    assert not any("YS2026" in text or HOME.address in text for text in outside)
    assert market.problems(ready) == []


@pytest.mark.parametrize("column", ["carrier", "tracking_number", "collector"])
def test_44_what_was_posted_cannot_be_altered_unseen(
    market: Stage, ready: uuid.UUID, column: str
) -> None:
    posted(market, ready)
    with writing(market.engine) as session:
        row = session.exec(select(Handout).where(Handout.case_id == ready)).one()
        setattr(row, column, {"name": "别人"} if column == "collector" else "别的")
    assert ["handout" in str(each) for each in market.problems(ready)] == [True]


def test_44_somebody_else_may_be_the_addressee(market: Stage, ready: uuid.UUID) -> None:
    posted(
        market,
        ready,
        Parcel(Recipient("演示收件人", "0990-1234567", HOME.address), "邮政", "12345678"),
    )
    [row] = handouts(market, ready)
    assert (row.collector["relation"], row.collector["id_number"]) == ("addressee", "")


# ---- at a kiosk ----------------------------------------------------------------------------------


def test_44_a_code_is_drawn_when_all_is_decided_and_told(market: Stage) -> None:
    case_id = stall.accepted(market)
    assert market.case(case_id).pickup_code is None
    for region in ("permit", "fire", "noise"):
        stall.finish(market, case_id, region)
    code = code_of(market, case_id)
    assert len(code) == 6
    assert code.isdigit()
    inside, outside = told(market, case_id)
    assert [sum(f"取件码{code}" in text for text in each) for each in (inside, outside)] == [1, 1]
    with market.looking("applicant") as ctx:
        assert views.progress(ctx, case_id).code == code
    with market.looking("window") as ctx:
        assert views.progress(ctx, case_id).code is None


def test_44_where_no_certificate_says_so_the_code_is_told_by_itself(market: Stage) -> None:
    case_id = stall.decided(market, refused=("permit", "fire"))
    assert market.case(case_id).state == "issuing"
    inside, _ = told(market, case_id)
    assert sum(f"取件码{code_of(market, case_id)}" in text for text in inside) == 1


def test_44_card_and_code_open_the_bundle_once(market: Stage, ready: uuid.UUID) -> None:
    code, revision = code_of(market, ready), market.case(ready).revision
    with market.acting("kiosk") as ctx:
        opened = kiosk.enter(ctx, f" {APPLICANT_ID} ", code)
        assert opened.case is not None
        assert opened.case.id == ready
    with market.acting("kiosk") as ctx:
        taken = kiosk.pick_up(ctx, APPLICANT_ID, code, revision)
        assert taken.case is not None
    [row] = handouts(market, ready)
    assert (row.method, row.collector["name"]) == ("kiosk", "演示申请人甲")
    assert row.handed_by == market.actors["kiosk"].id
    after = market.case(ready)
    assert (after.state, after.pickup_code, after.pickup_tries) == ("concluded", None, 0)
    assert entering(market, code) == kiosk.WRONG
    with market.acting("kiosk") as ctx:
        assert kiosk.pick_up(ctx, APPLICANT_ID, code, after.revision).refused == kiosk.WRONG
    assert market.problems(ready) == []


def test_44_the_registered_agent_opens_it_with_their_own_card(
    market: Stage, ready: uuid.UUID
) -> None:
    with_agent(market, ready)
    with market.acting("kiosk") as ctx:
        kiosk.pick_up(ctx, AGENT_ID, code_of(market, ready), market.case(ready).revision)
    [row] = handouts(market, ready)
    assert row.collector["relation"] == "registered"


def test_44_five_wrong_codes_leave_the_counter(market: Stage, ready: uuid.UUID) -> None:
    code = code_of(market, ready)
    assert entering(market, code, "990000198001010013") == kiosk.WRONG
    assert entering(market, code, "") == kiosk.WRONG
    assert market.case(ready).pickup_tries == 0  # nobody's card is counted for nobody
    for tries in range(1, TRIES + 2):
        assert entering(market, other_than(code)) == kiosk.WRONG
        assert market.case(ready).pickup_tries == min(tries, TRIES)
    assert entering(market, code) == kiosk.LOCKED
    with market.acting("kiosk") as ctx:
        refused = kiosk.pick_up(ctx, APPLICANT_ID, code, market.case(ready).revision)
        assert (refused.case, refused.refused) == (None, kiosk.LOCKED)
    with market.looking("applicant") as ctx:
        assert views.progress(ctx, ready).code is None
    inside, _ = told(market, ready)
    assert sum("连续5次输错" in text for text in inside) == 1
    with market.acting("window") as ctx:
        hand_out.hand_out(ctx, ready, SELF, "window", market.case(ready).revision)
    assert market.problems(ready) == []


def test_44_two_cases_of_one_person_have_a_code_each(market: Stage, ready: uuid.UUID) -> None:
    second = stall.decided(market)
    while code_of(market, second) == code_of(market, ready):  # one time in a million
        second = stall.decided(market)
    with market.acting("kiosk") as ctx:
        opened = kiosk.enter(ctx, APPLICANT_ID, code_of(market, second))
        assert opened.case is not None
        assert opened.case.id == second
    assert market.case(ready).pickup_tries == 0


def test_44_only_a_kiosk_is_a_kiosk(market: Stage, ready: uuid.UUID) -> None:
    for who in ("window", "applicant", "clerk"):
        with pytest.raises(Forbidden), market.acting(who) as ctx:
            kiosk.enter(ctx, APPLICANT_ID, code_of(market, ready))
    with pytest.raises(Forbidden), market.acting("kiosk") as ctx:
        hand_out.hand_out(ctx, ready, SELF, "window", market.case(ready).revision)


# ---- once ----------------------------------------------------------------------------------------


def test_44_every_way_at_the_same_second_hands_out_once(market: Stage) -> None:
    for _ in range(3):
        case_id = stall.decided(market)
        market.printed(case_id)
        revision, code = market.case(case_id).revision, code_of(market, case_id)

        def counter(case_id: uuid.UUID = case_id, revision: int = revision) -> None:
            with market.acting("window") as ctx:
                hand_out.hand_out(ctx, case_id, SELF, "window", revision)

        def parcel(case_id: uuid.UUID = case_id, revision: int = revision) -> None:
            with market.acting("window") as ctx:
                posting.post(ctx, case_id, PARCEL, revision)

        def terminal(code: str = code, revision: int = revision) -> None:
            with market.acting("kiosk") as ctx:
                if kiosk.pick_up(ctx, APPLICANT_ID, code, revision).case is None:
                    raise NotPossible("自助取件", "已办结", None)

        def download(case_id: uuid.UUID = case_id, revision: int = revision) -> None:
            with market.acting("applicant") as ctx:
                hand_out.collect(ctx, case_id, revision)

        acts: list[Callable[[], None]] = [counter, counter, terminal, terminal, parcel, download]
        raised = together(*acts)
        assert [error is None for error in raised].count(True) == 1
        assert all(error is None or isinstance(error, ERRORS) for error in raised), raised
        assert len(handouts(market, case_id)) == 1
        assert market.case(case_id).state == "concluded"
        assert market.problems(case_id) == []


def test_44_wrong_codes_at_the_same_second_are_all_counted(market: Stage, ready: uuid.UUID) -> None:
    wrong = other_than(code_of(market, ready))
    acts = [lambda: entering(market, wrong)] * (TRIES - 1)
    assert together(*acts) == [None] * (TRIES - 1)
    assert market.case(ready).pickup_tries == TRIES - 1
