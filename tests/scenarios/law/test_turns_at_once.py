"""The office's turns pressed at the same instant: each happens once, and the clocks agree."""

import uuid
from collections.abc import Callable
from datetime import date

import pytest

from onevisit.cases import decide
from onevisit.cases.errors import CaseError
from onevisit.cases.turns import extend, special, suspend, transfer
from onevisit.cases.turns.stops import Asked
from scenarios.law.officers import (
    TEST,
    accepted_on,
    asked_for,
    asked_whole,
    begin,
    dues,
    extensions,
    papers,
    pauses,
)
from scenarios.stage import Stage
from scenarios.test_at_once import together

MONDAY = date(2026, 2, 9)
ROUNDS = 3


@pytest.fixture
def stage(kitchen: Stage) -> Stage:
    return kitchen


def happened(raised: list[BaseException | None]) -> int:
    """How many of the acts were done; what stopped the others is one of our own sentences."""
    assert all(each is None or isinstance(each, CaseError) for each in raised), raised
    return raised.count(None)


def acting(
    stage: Stage, who: str, verb: Callable[..., object], *given: object
) -> Callable[[], object]:
    """One press of a button by this person, on the page as it is now."""

    def press() -> object:
        with stage.acting(who) as ctx:
            return verb(ctx, *given)

    return press


def food(stage: Stage, case_id: uuid.UUID) -> tuple[uuid.UUID, int]:
    """The approval and its revision, as an open page has them."""
    row = stage.approvals(case_id)["food"]
    return row.id, row.revision


def test_a_procedure_is_begun_once(stage: Stage) -> None:
    for _ in range(ROUNDS):
        case_id = accepted_on(stage, MONDAY)
        approval, revision = food(stage, case_id)
        asked = Asked(2, "需要检测")
        press = acting(
            stage,
            "market_regulation.handler",
            special.begin_special,
            approval,
            TEST,
            asked,
            revision,
        )
        assert happened(together(press, press)) == 1
        assert len(pauses(stage, case_id)) == 1
        assert len(papers(stage, case_id, "special")) == 1
        assert dues(stage, case_id, "food")[0] == "2026-03-17"
        assert stage.problems(case_id) == []


def test_either_the_work_goes_on_or_the_clock_stops(stage: Stage) -> None:
    """Never both: nothing is forwarded beside a procedure that has just begun."""
    for _ in range(ROUNDS):
        case_id = accepted_on(stage, MONDAY)
        approval, revision = food(stage, case_id)
        who, asked = "market_regulation.handler", Asked(2, "需要检测")
        stop = acting(stage, who, special.begin_special, approval, TEST, asked, revision)
        go_on = acting(stage, who, decide.act, approval, "forward", "同意", "", revision)
        assert happened(together(stop, go_on)) == 1
        begun = len(pauses(stage, case_id)) == 1
        assert stage.states(case_id)["food"] == ("handle" if begun else "review")
        assert stage.problems(case_id) == []


def test_granted_or_refused_once(stage: Stage) -> None:
    for _ in range(ROUNDS):
        case_id = accepted_on(stage, MONDAY)
        asked_for(stage, case_id, 10)
        approval, revision = food(stage, case_id)
        head = "market_regulation.head"
        grant = acting(stage, head, extend.grant, approval, revision)
        refuse = acting(stage, head, extend.refuse, approval, "不同意", revision)
        assert happened(together(grant, grant, refuse)) == 1
        (row,) = extensions(stage, case_id)
        assert len(papers(stage, case_id, "extension")) == (row.state == "granted")
        assert stage.problems(case_id) == []


def test_the_items_extension_and_the_wholes_do_not_wait_for_each_other(stage: Stage) -> None:
    for _ in range(ROUNDS):
        case_id = accepted_on(stage, MONDAY)
        asked_for(stage, case_id, 10)
        asked_whole(stage, case_id, 15)
        approval, revision = food(stage, case_id)
        whole = stage.case(case_id).revision
        raised = together(
            acting(stage, "market_regulation.head", extend.grant, approval, revision),
            acting(stage, "government", extend.grant_whole, case_id, whole),
        )
        if happened(raised) == 1:  # the case's row changed meanwhile: the page is drawn anew
            assert raised[0] is None
            acting(stage, "government", extend.grant_whole, case_id, stage.case(case_id).revision)()
        assert [each.state for each in extensions(stage, case_id)] == ["granted", "granted"]
        assert dues(stage, case_id, "food")[0] == "2026-03-27"  # Mar 16-20, 23-27
        assert (
            dues(stage, case_id, "case")[0] == "2026-05-13"
        )  # fifteen after 20 April: 21-24, 27-30, May 6 7 8, Saturday 9, 11 12 13
        assert stage.problems(case_id) == []


def test_two_items_stop_the_clock_of_the_whole_together(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    begin(stage, case_id, 2)
    sign = stage.approvals(case_id)["signboard"]
    press = acting(
        stage, "urban_management.handler", suspend.suspend, sign.id, "system_down",
        Asked(3, "共享系统维护"), sign.revision,
    )  # fmt: skip
    approval, revision = food(stage, case_id)
    finish = acting(
        stage, "market_regulation.handler", special.end_special, approval, TEST, revision
    )
    assert happened(together(press, finish)) == 2
    assert dues(stage, case_id, "case") == ("2026-04-20", "2026-04-16")
    assert stage.problems(case_id) == []


def test_moved_once(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    approval, revision = food(stage, case_id)
    presses = [
        acting(
            stage, "market_regulation.handler", transfer.transfer, approval, to, "属于对方职权",
            revision,
        )
        for to in ("urban_management", "tobacco")
    ]  # fmt: skip
    raised = together(*presses)
    assert raised.count(None) == 1
    assert len(papers(stage, case_id, "transfer")) == 1
    assert stage.problems(case_id) == []
