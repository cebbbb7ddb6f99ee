"""The counter on both databases: call numbers that nobody gets twice, and cases changing hands."""

import uuid
from datetime import timedelta

import pytest
from sqlmodel import select

from onevisit.access import Actor, Forbidden, PostValue
from onevisit.cases import accept, hand_over, tickets, walk_in, walk_in_end, walk_in_person
from onevisit.cases.errors import Invalid, NotFound, NotPossible, Stale
from onevisit.cases.views import desk_case, desk_queue
from onevisit.cases.views.tickets import board, calls, drawn
from onevisit.cases.views.walk_in import unfinished, walk_in_view
from onevisit.store.desk_tables import Ticket
from onevisit.store.kept import sought
from onevisit.store.tables import Account, Post
from onevisit.store.work_tables import Message
from scenarios.stage import ANSWERS, FILES, FORM, OPENING, PDF, WORKFLOW, Stage, findings
from scenarios.test_at_once import meeting, together

NEW = "990000195001010019"


@pytest.fixture
def desks(stage: Stage) -> Stage:
    """The stage with a second clerk; both have said where they sit."""
    with stage.acting("clerk") as ctx:
        account = Account(username="clerk2", name="演示综窗员乙", password_hash="-")
        ctx.session.add(account)
        ctx.session.flush()
        ctx.session.add(Post(account_id=account.id, role="clerk"))
        tickets.sit(ctx, "3")
    stage.actors["clerk2"] = Actor(account.id, account.name, (PostValue("clerk"),))
    with stage.acting("clerk2") as ctx:
        tickets.sit(ctx, "4号")
    return stage


def drew(stage: Stage, queue: str = "general") -> str:
    """A number from the terminal."""
    with stage.acting("kiosk") as ctx:
        return tickets.draw(ctx, queue, priority=queue == "priority").label


def called(stage: Stage, who: str = "clerk", how: str = "done") -> str | None:
    """What this clerk's button calls, from a page that is up to date."""
    with stage.acting(who) as ctx:
        present = tickets.current(ctx)
        row = tickets.call_next(ctx, present.id if present else None, how)
        return row.label if row else None


def test_numbers_begin_anew_each_day(desks: Stage) -> None:
    assert [drew(desks), drew(desks), drew(desks, "person")] == ["A001", "A002", "B001"]
    desks.later(1)
    assert drew(desks) == "A001"
    with desks.looking("clerk") as ctx:
        assert tickets.counter_of(ctx) is None, "asked once a day"


def test_priority_comes_first_then_whoever_came_first(desks: Stage) -> None:
    for queue in ("general", "enterprise", "priority", "general"):
        drew(desks, queue)
    assert [called(desks) for _ in range(5)] == ["V001", "A001", "C001", "A002", None]


def test_two_windows_at_once_never_call_the_same_number(
    desks: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(6):
        drew(desks)
    meeting(monkeypatch, desks, tickets, "_first_waiting", 2)
    got: list[str | None] = []
    for _ in range(3):
        raised = together(
            lambda: got.append(called(desks)), lambda: got.append(called(desks, "clerk2"))
        )
        assert raised == [None, None]
        monkeypatch.undo()
    assert sorted(str(each) for each in got) == [f"A00{n}" for n in range(1, 7)]


def test_a_second_press_of_the_same_button_calls_nobody_else(desks: Stage) -> None:
    for _ in range(3):
        drew(desks)
    got: list[str] = []

    def press() -> None:
        with desks.acting("clerk") as ctx:
            row = tickets.call_next(ctx, None)
            got.append(row.label if row else "")

    assert together(press, press) == [None, None]
    assert got == ["A001", "A001"]


def test_missed_is_called_again_and_served(desks: Stage) -> None:
    drew(desks)
    called(desks)
    with desks.acting("clerk") as ctx:
        row = tickets.current(ctx)
        assert row is not None
        first = row.called_at
        assert tickets.recall(ctx, row.id).calls == 2
        assert row.called_at != first
        tickets.end(ctx, row.id, "missed")
        assert calls(ctx).mine is None
        missed = calls(ctx).missed
        assert missed is not None
    with desks.acting("clerk") as ctx:
        assert tickets.recall(ctx, missed.id).state == "called"
        assert tickets.serve(ctx, missed.id).state == "serving"
        assert tickets.end(ctx, missed.id, "done").state == "done"
    with desks.acting("clerk2") as ctx, pytest.raises(NotFound):
        tickets.recall(ctx, missed.id)


def test_the_board_shows_a_number_and_its_window_and_no_more(desks: Stage) -> None:
    drew(desks)
    drew(desks)
    called(desks, "clerk2")
    with desks.looking("clerk") as ctx:
        shown = board(ctx.session, ctx.today)
    assert [(each.label, each.counter) for each in shown.called] == [("A001", "4")]
    assert shown.waiting == 1


def test_whoever_drew_sees_how_many_are_before(desks: Stage) -> None:
    drew(desks)
    drew(desks, "priority")
    with desks.acting("kiosk") as ctx:
        own = tickets.draw(ctx, "general")
        assert drawn(ctx, own.id).ahead == 2
        first = tickets.draw(ctx, "priority", priority=True)
        assert drawn(ctx, first.id).ahead == 1


def test_who_may_not(desks: Stage) -> None:
    with desks.acting("applicant") as ctx:
        with pytest.raises(Forbidden):
            tickets.draw(ctx, "general")
        with pytest.raises(Forbidden):
            tickets.call_next(ctx, None)
    with desks.acting("clerk") as ctx:
        for wrong in ("", "三号", "12345"):
            with pytest.raises(Invalid):
                tickets.sit(ctx, wrong)
        with pytest.raises(Invalid):
            tickets.draw(ctx, "nonsense")
    desks.later(1)
    with desks.acting("clerk") as ctx, pytest.raises(Invalid, match="窗口号"):
        tickets.call_next(ctx, None)


def begun(stage: Stage, who: str = "clerk", ticket: uuid.UUID | None = None) -> uuid.UUID:
    """An intake with everything in it but the confirmation."""
    with stage.acting(who) as ctx:
        account = walk_in_person.enrol(ctx, NEW, "演示老人甲", "19912345678")
        case_id = walk_in.start(ctx, account, WORKFLOW, ANSWERS, ticket).id
    kept(stage, case_id, None)
    for name in FILES:
        with stage.acting(who) as ctx:
            walk_in.attach(ctx, case_id, name, f"{name}.pdf", [PDF], 10**6)
    return case_id


def kept(stage: Stage, case_id: uuid.UUID, confirmed: str | None) -> None:
    """Everything on the screen kept as it is."""
    revision = stage.case(case_id).revision
    typed = walk_in.Typed(
        answers=ANSWERS, form=FORM, findings=findings(), pickup="window",
        confirmed=confirmed, pledged=confirmed is not None,
    )  # fmt: skip
    with stage.acting("clerk") as ctx:
        assert walk_in.keep(ctx, case_id, typed, revision) == []


def test_an_intake_with_its_call_number_from_beginning_to_acceptance(desks: Stage) -> None:
    drew(desks)
    called(desks)
    with desks.acting("clerk") as ctx:
        row = tickets.current(ctx)
        assert row is not None
        tickets.serve(ctx, row.id)
    case_id = begun(desks, ticket=row.id)
    with desks.looking("clerk") as ctx:
        view = walk_in_view(ctx, case_id)
        assert view.ticket == "A001"
        assert [each.path for each in view.outstanding] == ["pledged", "confirmed"]
        assert [each.id for each in unfinished(ctx)] == [case_id]
    kept(desks, case_id, "signed")
    with desks.acting("clerk") as ctx:
        walk_in_end.take_in(ctx, case_id, desks.case(case_id).revision)
    assert desks.case(case_id).state == "reviewing"
    assert desks.problems(case_id) == []
    with desks.looking("clerk") as ctx:
        assert unfinished(ctx) == ()
    with desks.acting("clerk") as ctx, pytest.raises(NotPossible):
        walk_in_end.take_in(ctx, case_id, desks.case(case_id).revision)


def test_a_draft_begun_at_the_counter_has_a_sound_ledger_too(desks: Stage) -> None:
    assert desks.problems(begun(desks)) == []


def test_a_clerk_takes_in_nothing_of_their_own(desks: Stage) -> None:
    with desks.acting("clerk") as ctx:
        own = ctx.session.get_one(Account, ctx.actor.id)
        with pytest.raises(Forbidden, match="回避"):
            walk_in.start(ctx, own, WORKFLOW, ANSWERS)


def test_two_clerks_open_one_account_for_one_person(
    desks: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting(monkeypatch, desks, walk_in_person, "hash_password", 2)

    def enrol() -> None:
        with desks.acting("clerk") as ctx:
            walk_in_person.enrol(ctx, NEW, "演示老人甲", "19912345678")

    assert together(enrol, enrol) == [None, None]
    with desks.looking("clerk") as ctx:
        found = ctx.session.exec(select(Account).where(Account.id_number_hash == sought(NEW))).all()
    assert len(found) == 1


def test_a_case_changes_hands_with_a_note_and_blocks_nobody(desks: Stage) -> None:
    case_id = desks.submitted()
    with desks.acting("clerk") as ctx:
        hand_over.hold(ctx, case_id, desks.case(case_id).revision)
    revision = desks.case(case_id).revision
    colleague = desks.actors["clerk2"]
    with desks.acting("clerk") as ctx:
        with pytest.raises(Invalid) as missing:
            hand_over.hand_over(ctx, case_id, None, " ", revision)
        assert [each.path for each in missing.value.errors] == ["colleague", "note"]
    with desks.acting("clerk") as ctx:
        hand_over.hand_over(ctx, case_id, colleague.id, "差一份平面图", revision)
    with desks.looking("clerk2") as ctx:
        statement = select(Message).where(Message.account_id == colleague.id)
        (message,) = ctx.session.exec(statement.where(Message.case_id == case_id)).all()
        assert "差一份平面图" in message.body
        assert "平面图" not in message.title, "titles leave the house"
        held = desk_case(ctx, case_id).held
        assert held is not None
        assert held.mine
        (row,) = desk_queue(ctx).rows
        assert row.held == held
    acts = [each.act for each in desks.ledger(case_id)]
    assert acts[-2:] == ["hold", "hand_over"]
    with desks.acting("clerk") as ctx, pytest.raises(Stale):
        hand_over.hold(ctx, case_id, revision)
    with desks.acting("clerk") as ctx:  # whoever does not have it may go on
        accept.accept(ctx, case_id, findings(), desks.case(case_id).revision)
    with desks.acting("clerk2") as ctx:
        hand_over.put_down(ctx, case_id, desks.case(case_id).revision)
        assert hand_over.held(ctx, [case_id]) == {}
    assert desks.problems(case_id) == []


def test_nobody_takes_a_draft_that_is_filled_in_at_home(desks: Stage) -> None:
    case_id = desks.drafted()
    with desks.acting("clerk") as ctx, pytest.raises(NotFound):
        hand_over.hold(ctx, case_id, desks.case(case_id).revision)


def test_call_numbers_of_yesterday_are_called_no_more(desks: Stage) -> None:
    drew(desks)
    desks.now = OPENING + timedelta(days=1)
    with desks.acting("clerk") as ctx:
        tickets.sit(ctx, "3")
        assert tickets.call_next(ctx, None) is None
        assert ctx.session.exec(select(Ticket)).one().state == "waiting"
