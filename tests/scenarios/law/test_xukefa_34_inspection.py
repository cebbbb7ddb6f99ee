"""许可法第三十四条第三款: what has to be verified on site is, by two officers or more, before the
item is approved."""

from datetime import date

import pytest

from onevisit.cases.errors import Invalid, NotPossible
from onevisit.cases.meetings import inspection
from onevisit.catalog.folder import load_folder
from onevisit.engine import select
from scenarios.law.arranged import (
    accepted_on,
    appointments_of,
    came,
    clock,
    findings_of,
    found,
    inspected_on,
    local,
    met_on,
    people,
)
from scenarios.stage import ROOT, Stage

DAY = date(2026, 3, 2)
TWO = ("market_regulation.handler", "market_regulation.reviewer")
CHECK = "site_check"


@pytest.fixture
def stage(hall: Stage) -> Stage:
    return hall


def test_34_what_was_not_inspected_cannot_be_approved(stage: Stage) -> None:
    case_id = accepted_on(stage, DAY)
    stage.approve(case_id, "licence")
    stage.bring(case_id, "food")
    with pytest.raises(NotPossible, match="还没有现场核查记录"):
        stage.act(case_id, "food", "approve")
    inspected_on(stage, case_id, "food", local(date(2026, 3, 3)))
    with pytest.raises(NotPossible, match="还没有现场核查记录"):
        stage.act(case_id, "food", "approve")
    clock(stage, date(2026, 3, 3), 10)
    found(stage, case_id, "food", TWO)
    with pytest.raises(NotPossible, match="负责人约谈"):  # its other duty
        stage.act(case_id, "food", "approve")
    met_on(stage, case_id, "food", "interview/review", local(date(2026, 3, 4)))
    clock(stage, date(2026, 3, 4), 10)
    came(stage, case_id, "food", "interview/review", "held")
    stage.act(case_id, "food", "approve")
    assert stage.problems(case_id) == []


def test_34_two_officers_of_the_department_and_no_fewer(stage: Stage) -> None:
    case_id = accepted_on(stage, DAY)
    inspected_on(stage, case_id, "food", local(date(2026, 3, 3)))
    clock(stage, date(2026, 3, 3), 10)
    for who, said in (
        (TWO[:1], "2名以上"),
        ((TWO[0], TWO[0]), "2名以上"),
        ((), "2名以上"),
        ((TWO[0], "tobacco.handler"), "本部门能参与本件"),
        ((TWO[0], "clerk"), "本部门能参与本件"),
    ):
        with pytest.raises(Invalid, match=said):
            found(stage, case_id, "food", who)
    with pytest.raises(Invalid, match="请选择核查结论"):
        found(stage, case_id, "food", TWO, None)
    found(stage, case_id, "food", TWO)
    [row] = findings_of(stage, case_id)
    assert row.officers == [str(each) for each in people(stage, *TWO)]
    with pytest.raises(NotPossible, match="没有等待记录"):
        found(stage, case_id, "food", TWO)
    assert stage.problems(case_id) == []


def test_34_nothing_is_recorded_before_it_was_seen(stage: Stage) -> None:
    case_id = accepted_on(stage, DAY)
    with pytest.raises(NotPossible, match="没有等待记录"):
        found(stage, case_id, "food", TWO)
    inspected_on(stage, case_id, "food", local(date(2026, 3, 3)))
    clock(stage, date(2026, 3, 3), 9, 20)
    with pytest.raises(NotPossible, match="2026年3月3日 09:30，到时间后才能记录"):
        found(stage, case_id, "food", TWO)


def test_34_what_failed_is_rejected_or_seen_again(stage: Stage) -> None:
    case_id = accepted_on(stage, DAY)
    stage.approve(case_id, "licence")
    stage.bring(case_id, "food")
    inspected_on(stage, case_id, "food", local(date(2026, 3, 3)))
    clock(stage, date(2026, 3, 3), 10)
    found(stage, case_id, "food", TWO, False)
    with pytest.raises(NotPossible, match="现场核查没有通过"):
        stage.act(case_id, "food", "approve")
    with pytest.raises(Invalid, match="理由"):
        stage.act(case_id, "food", "reject")
    inspected_on(stage, case_id, "food", local(date(2026, 3, 5)))
    clock(stage, date(2026, 3, 5), 10)
    found(stage, case_id, "food", TWO)
    assert [row.passed for row in findings_of(stage, case_id)] == [False, True]
    with pytest.raises(NotPossible, match="已经核查通过"):
        inspected_on(stage, case_id, "food", local(date(2026, 3, 6)))
    stage.act(case_id, "food", "reject", "消防通道被占用。")
    assert stage.problems(case_id) == []


@pytest.mark.parametrize(
    ("day", "hour", "said"),
    [
        (date(2026, 2, 14), 10, None),  # a Saturday that is worked before Spring Festival
        (date(2026, 2, 15), 10, "2026年2月15日不是工作日"),
        (date(2026, 2, 23), 10, "2026年2月23日不是工作日"),  # the holiday's last Monday
        (date(2026, 2, 13), 8, "工作时间09:00至17:30"),
        (date(2026, 2, 13), 18, "工作时间09:00至17:30"),
        (date(2026, 2, 9), 8, "已经过去"),
        # the law's 20 days: Feb 10-13 14, 24-28, Mar 2-6, 9-13
        (date(2026, 3, 13), 10, None),
        (date(2026, 3, 16), 10, "不能晚于法定时限2026年3月13日"),
    ],
)
def test_34_the_moment_is_a_working_hour_within_the_limit(
    stage: Stage, day: date, hour: int, said: str | None
) -> None:
    case_id = accepted_on(stage, date(2026, 2, 9))
    if said is None:
        inspected_on(stage, case_id, "food", local(day, hour))
        assert appointments_of(stage, case_id)[0].at == local(day, hour)
        return
    with pytest.raises(Invalid, match=said):
        inspected_on(stage, case_id, "food", local(day, hour))


def test_34_what_needs_no_inspection_gets_none(stage: Stage) -> None:
    case_id = accepted_on(stage, DAY)
    with pytest.raises(NotPossible, match="不用现场核查"):
        inspected_on(stage, case_id, "licence", local(date(2026, 3, 3)))


def test_34_a_pledge_is_checked_afterwards_not_before() -> None:
    """浙江规定第十四条: decided on the pledge, checked within sixty working days."""
    services = {each.definition.workflow.id: each.definition for each in load_folder(ROOT).services}
    restaurant = services["open_restaurant"]
    answers = {"area": 400, "cooking": True, "gathering": True, "signboard": False}
    for pledged in (True, False):
        parts = select(restaurant, {**answers, "fire_pledge": pledged, "want_tobacco": False}).parts
        [fire] = [part for part in parts if part.key == "fire"]
        assert inspection.is_needed(fire) is not pledged
    event = services["hold_event"]
    answers = {"crowd": 200, "street": False, "performance": False, "stalls": False}
    [safety] = select(event, {**answers, "stage": False, "banners": False}).parts
    assert safety.route.on_the_spot
    assert not inspection.is_needed(safety)
