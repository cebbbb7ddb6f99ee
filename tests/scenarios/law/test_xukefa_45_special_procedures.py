"""许可法第四十五条: only its special procedures stop the law's clock, and the applicant is told how
long they take. 第二十六条: the clock of the whole stands still while any item's does."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from onevisit.access import Forbidden
from onevisit.cases import views, withdraw
from onevisit.cases.errors import Invalid, NotPossible, Stale
from onevisit.cases.turns import special
from onevisit.cases.turns.stops import Asked
from scenarios.law.officers import (
    PANEL,
    TEST,
    accepted_on,
    begin,
    dues,
    end,
    morning,
    papers,
    pauses,
    resumed,
    services,
    suspended,
)
from scenarios.stage import Stage

SetUp = Callable[[Path], Stage]
MONDAY = date(2026, 2, 9)
"""Spring Festival 2026: off from Sunday 15 to Monday 23 February; the Saturdays 14 and 28 are
worked. Working days after the 9th: Feb 10 11 12 13 14 24 25 26 27 28, Mar 2 3 4 5 6 9 10 11 12 13.
So food (20, promised 5): 13 March and 14 February; the whole (45, promised 40; 6 April is a
holiday): 20 April and 13 April."""


@pytest.fixture
def stage(kitchen: Stage) -> Stage:
    return kitchen


def test_45_the_time_of_the_procedure_does_not_count_for_the_law(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    assert dues(stage, case_id, "food") == ("2026-03-13", "2026-02-14")
    assert dues(stage, case_id, "case") == ("2026-04-20", "2026-04-13")
    morning(stage, date(2026, 2, 11))
    said = begin(stage, case_id, 5)
    # not counted: Feb 12 13 14 24 25; so five working days more: Mar 16 17 18 19 20
    assert dues(stage, case_id, "food") == ("2026-03-20", "2026-02-14")
    # and Apr 21 22 23 24 27 for the whole; what was promised stays
    assert dues(stage, case_id, "case") == ("2026-04-27", "2026-04-13")
    assert dues(stage, case_id, "signboard")[0] == "2026-03-13", "another item's clock runs on"
    assert TEST in said and "2026年3月20日" in said
    (pause,) = pauses(stage, case_id)
    assert (pause.began, pause.planned) == (date(2026, 2, 11), date(2026, 2, 25))
    assert (pause.kind, pause.stops_legal, pause.stops_promise) == ("test", True, False)
    assert stage.problems(case_id) == []


def test_45_the_applicant_is_told_in_writing_how_long_it_takes(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    morning(stage, date(2026, 2, 11))
    begin(stage, case_id, 5)
    (told,) = papers(stage, case_id, "special")
    assert told["特别程序"] == f"{TEST}（检测）"
    assert told["所需时间"] == "5个工作日，自2026年2月12日至2026年2月25日"
    assert told["法定时限"] == "暂停计算，顺延至2026年3月20日"
    assert told["承诺时限"] == "照常计算，仍为2026年2月14日"
    assert told["整个办件"] == "法定2026年4月27日前办结，承诺2026年4月13日前办结"
    document = stage.documents(case_id)[-1]
    assert document.region == "food"
    assert "按规定需要检测" in document.snapshot["letter"]["paragraphs"][0]
    assert document.snapshot["basis"] == ["《行政许可法》第四十五条"]


def test_45_ended_earlier_the_clock_runs_again_the_next_day(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    morning(stage, date(2026, 2, 11))
    begin(stage, case_id, 5)
    morning(stage, date(2026, 2, 13))
    end(stage, case_id)
    # not counted: Feb 12 13 alone; two working days more: Mar 16 17, and Apr 21 22
    assert dues(stage, case_id, "food") == ("2026-03-17", "2026-02-14")
    assert dues(stage, case_id, "case") == ("2026-04-22", "2026-04-13")
    assert stage.problems(case_id) == []
    with pytest.raises(NotPossible, match="没有正在进行的特别程序"):
        end(stage, case_id)


def test_45_it_counts_to_its_planned_last_day_at_most(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    morning(stage, date(2026, 2, 11))
    begin(stage, case_id, 5)
    morning(stage, date(2026, 2, 25))  # its planned last day
    with pytest.raises(NotPossible, match="正在进行，最晚2026年2月25日结束"):
        stage.act(case_id, "food", "forward")
    morning(stage, date(2026, 2, 26))
    with pytest.raises(NotPossible, match="没有正在进行的特别程序"):
        end(stage, case_id)
    stage.act(case_id, "food", "forward")
    assert dues(stage, case_id, "food")[0] == "2026-03-20"
    assert stage.problems(case_id) == []


def test_45_nobody_goes_on_with_the_work_while_it_runs(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    stage.approve(case_id, "licence")
    stage.bring(case_id, "food")
    begin(stage, case_id, 2)
    for event in ("approve", "reject"):
        with pytest.raises(NotPossible, match="请先“结束特别程序”"):
            stage.act(case_id, "food", event, "不符合条件")
    end(stage, case_id)
    stage.act(case_id, "food", "approve")
    assert stage.states(case_id)["food"] == "approved"
    assert stage.problems(case_id) == []


def test_45_the_same_procedure_only_once_at_a_time_and_within_its_maximum(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    with pytest.raises(Invalid, match="请填写1到5之间的天数"):
        begin(stage, case_id, 6)
    begin(stage, case_id, 3)  # Feb 10 11 12
    with pytest.raises(NotPossible, match="正在进行，不能重复启动"):
        begin(stage, case_id, 1)
    morning(stage, date(2026, 2, 11))
    end(stage, case_id)  # Feb 10 11 used
    with pytest.raises(Invalid, match="还可以用3个工作日"):
        begin(stage, case_id, 4)
    begin(stage, case_id, 3)  # Feb 12 13 14
    morning(stage, date(2026, 2, 24))
    with pytest.raises(Invalid, match="天数已经用完"):
        begin(stage, case_id, 1)
    assert dues(stage, case_id, "food")[0] == "2026-03-20"  # five working days in all


def test_45_two_different_procedures_at_once_are_counted_once(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    begin(stage, case_id, 5)  # Feb 10 11 12 13 14
    begin(stage, case_id, 3, PANEL)  # Feb 10 11 12
    assert dues(stage, case_id, "food")[0] == "2026-03-20"
    with pytest.raises(Invalid, match="请选择要结束的特别程序"):
        end(stage, case_id)
    end(stage, case_id, TEST)  # on the day it began: Feb 10 11 12 of the panel remain
    assert dues(stage, case_id, "food")[0] == "2026-03-18"
    with pytest.raises(NotPossible, match=PANEL):
        stage.act(case_id, "food", "forward")
    assert stage.problems(case_id) == []


@pytest.mark.parametrize("choice", ["拍卖", "听证", "", "中止"])
def test_45_only_what_the_item_declares_for_this_case(stage: Stage, choice: str) -> None:
    """The closed list: an auction only where the area is larger, a hearing by its own turns."""
    case_id = accepted_on(stage, MONDAY)
    with pytest.raises(Invalid, match="请选择一种情形"):
        begin(stage, case_id, 1, choice)
    with pytest.raises(Invalid, match="请选择一种情形"):
        begin(stage, case_id, 1, TEST, region="signboard")
    assert pauses(stage, case_id) == []


def test_45_the_place_says_whether_the_promise_stands_still_too(
    set_up: SetUp, tmp_path: Path
) -> None:
    stage = set_up(services(tmp_path / "root", special_stops_promise=True))
    case_id = accepted_on(stage, MONDAY)
    begin(stage, case_id, 2)  # not counted: Feb 10 11
    # promise: Feb 12 13 14 24 25; the whole: two more after Apr 13
    assert dues(stage, case_id, "food") == ("2026-03-17", "2026-02-25")
    assert dues(stage, case_id, "case") == ("2026-04-22", "2026-04-15")
    assert papers(stage, case_id, "special")[0]["承诺时限"] == "暂停计算，顺延至2026年2月25日"


def test_45_a_suspension_never_lengthens_the_legal_clock(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    morning(stage, date(2026, 2, 10))
    said = suspended(stage, case_id, 10)
    # not counted for the promise: Feb 11 12 13 14 24 25 26 27 28 Mar 2; then Mar 3 4 5 6
    assert dues(stage, case_id, "food") == ("2026-03-13", "2026-03-06")
    # the whole: ten more after Apr 13: 14 15 16 17 20 21 22 23 24 27
    assert dues(stage, case_id, "case") == ("2026-04-20", "2026-04-27")
    assert "第1次" in said
    (told,) = papers(stage, case_id, "suspension")
    assert told["法定时限"] == "照常计算，仍为2026年3月13日"
    assert told["承诺时限"] == "暂停计算，顺延至2026年3月6日"
    morning(stage, date(2026, 2, 13))
    resumed(stage, case_id)  # Feb 11 12 13 were not counted: Feb 10 14 24 25 26
    assert dues(stage, case_id, "food") == ("2026-03-13", "2026-02-26")
    assert stage.problems(case_id) == []
    with pytest.raises(NotPossible, match="没有正在进行的中止"):
        resumed(stage, case_id)


def test_45_suspended_only_for_listed_reasons_within_their_days_and_counted(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    for why, days in (("holiday", 1), ("system_down", 4), ("system_down", 0), ("", 1)):
        with pytest.raises(Invalid):
            suspended(stage, case_id, days, why)
    suspended(stage, case_id, 2, "system_down")
    with pytest.raises(NotPossible, match="不能重复中止"):
        suspended(stage, case_id, 1, "applicant_asked")
    with pytest.raises(NotPossible, match="请先“恢复计时”"):
        stage.act(case_id, "food", "forward")
    morning(stage, date(2026, 2, 10))
    resumed(stage, case_id)
    assert "第2次" in suspended(stage, case_id, 2, "system_down")
    with stage.looking("market_regulation.handler") as ctx:
        shown = views.office_case(ctx, stage.approvals(case_id)["food"].id).standing
    assert [each.text.endswith("第2次中止") for each in shown] == [True]
    morning(stage, date(2026, 2, 24))
    with pytest.raises(Invalid, match="天数已经用完"):
        suspended(stage, case_id, 1, "system_down")
    assert "第3次" in suspended(stage, case_id, 1, "applicant_asked")
    times = [e.detail["times"] for e in stage.ledger(case_id, "food") if e.act == "suspend"]
    assert times == [1, 2, 3]
    assert dues(stage, case_id, "food")[0] == "2026-03-13"
    assert stage.problems(case_id) == []


def test_45_what_has_run_out_is_not_saved_by_a_pause(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    for day in (date(2026, 2, 14), date(2026, 3, 12)):  # the promise's last day, and long after
        morning(stage, day)
        with pytest.raises(NotPossible, match="承诺时限于2026年2月14日届满"):
            suspended(stage, case_id, 1)
    begin(stage, case_id, 2)  # Mar 13 and 16 are not counted: the last day is 17 March
    (told,) = papers(stage, case_id, "special")
    assert told["法定时限"] == "暂停计算，顺延至2026年3月17日"
    assert told["承诺时限"] == "已于2026年2月14日届满"
    morning(stage, date(2026, 3, 18))
    begin(stage, case_id, 1)
    assert papers(stage, case_id, "special")[1]["法定时限"] == "已于2026年3月17日届满"
    assert dues(stage, case_id, "food") == ("2026-03-17", "2026-02-14")


def test_45_a_pause_ends_with_its_item(stage: Stage) -> None:
    """When the applicant withdraws nothing stands still any more, and the ledger still agrees."""
    case_id = accepted_on(stage, MONDAY)
    begin(stage, case_id, 5)
    with stage.acting("applicant") as ctx:
        withdraw.withdraw(ctx, case_id, "不再开店", stage.case(case_id).revision)
    (pause,) = pauses(stage, case_id)
    assert pause.ended == MONDAY
    assert stage.problems(case_id) == []


def test_45_who_may_and_stale_pages(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    row = stage.approvals(case_id)["food"]
    asked = Asked(1, "按规定需要检测")
    for who in ("tobacco.handler", "clerk", "applicant", "market_regulation.decider",
                "market_regulation.head", "government"):  # fmt: skip
        with pytest.raises(Forbidden), stage.acting(who) as ctx:
            special.begin_special(ctx, row.id, TEST, asked, row.revision)
    with pytest.raises(Invalid, match="理由"), stage.acting("market_regulation.handler") as ctx:
        special.begin_special(ctx, row.id, TEST, Asked(1, "  "), row.revision)
    begin(stage, case_id, 1)
    with pytest.raises(Stale), stage.acting("market_regulation.handler") as ctx:
        special.begin_special(ctx, row.id, TEST, asked, row.revision)
    assert len(pauses(stage, case_id)) == 1
