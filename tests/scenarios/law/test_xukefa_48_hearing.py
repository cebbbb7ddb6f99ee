"""许可法第四十五、四十六、四十八条: called seven days ahead, chaired by somebody who did not
examine the case, its time not counted, recorded, and decided by the record."""

from datetime import date

import pytest
from sqlalchemy import Engine

from onevisit.access import Forbidden
from onevisit.cases import decide
from onevisit.cases.errors import Invalid, NotPossible
from onevisit.cases.meetings import hearing_day
from onevisit.cases.meetings.hearing_day import Minutes
from onevisit.cases.views.heard import public_hearings
from onevisit.store.session import reading
from scenarios.law.arranged import (
    accepted_on,
    asked,
    clock,
    found,
    heard_on,
    hearing_of,
    hire,
    inspected_on,
    local,
    messages_to,
    paper,
    pauses_of,
    recorded,
    told,
    waived,
)
from scenarios.stage import Stage

HEAD = "market_regulation.head"


@pytest.fixture
def stage(hall: Stage) -> Stage:
    return hall


def dues(stage: Stage, case_id: object, region: str = "food") -> tuple[str, str]:
    row = stage.approvals(case_id)[region]  # type: ignore[arg-type]  # the case's id
    return str(row.legal_due), str(row.promise_due)


def test_45_the_laws_clock_stands_still_from_the_call_until_the_hearing(stage: Stage) -> None:
    # Spring Festival 2026: off 15 to 23 February, Saturdays 14 and 28 worked.
    case_id = accepted_on(stage, date(2026, 2, 2))
    # 20 days: Feb 3-6, 9-13, 14, 24-28, Mar 2-6; promised 5: Feb 3-6, 9
    assert dues(stage, case_id) == ("2026-03-06", "2026-02-09")
    told(stage, case_id)
    asked(stage, case_id)
    heard_on(stage, case_id, local(date(2026, 2, 26)))
    # not counted: Feb 3-6, 9-13, 14, 24 25 26, thirteen; so the 20 days are Feb 27 28, Mar 2-6,
    # 9-13, 16-20, 23 24 25. The promise goes on.
    assert dues(stage, case_id) == ("2026-03-25", "2026-02-09")
    notice = paper(stage, case_id, "hearing_notice")
    assert notice["听证时间"] == "2026年2月26日 09:30"
    assert notice["法定时限"] == "听证期间暂停计算，顺延至2026年3月25日"
    assert "所需时间不计算在法定办理期限内" in str(notice["text"])
    assert "申请回避" in str(notice["text"])
    assert "不收取任何费用" in str(notice["text"])
    clock(stage, date(2026, 2, 26), 10)
    recorded(stage, case_id)
    [pause] = pauses_of(stage, case_id)
    assert (pause.began, pause.planned, pause.ended) == (
        date(2026, 2, 2), date(2026, 2, 26), date(2026, 2, 26),
    )  # fmt: skip
    assert dues(stage, case_id) == ("2026-03-25", "2026-02-09")
    assert stage.problems(case_id) == []


def test_45_the_day_on_which_it_is_recorded_later_is_not_given_to_the_authority(
    stage: Stage,
) -> None:
    case_id = accepted_on(stage, date(2026, 3, 2))
    told(stage, case_id)
    asked(stage, case_id)
    heard_on(stage, case_id, local(date(2026, 3, 9)))
    # not counted: Mar 3-6, 9; then 10-13, 16-20, 23-27, 30 31, Apr 1 2 3, 7 (the 6th is a holiday)
    assert dues(stage, case_id)[0] == "2026-04-07"
    clock(stage, date(2026, 3, 12))
    recorded(stage, case_id)
    assert dues(stage, case_id)[0] == "2026-04-07"
    assert stage.problems(case_id) == []


CALLED = [
    # told and asked on 2 March 2026 (Monday): the seventh day after is Monday the 9th
    (date(2026, 3, 2), date(2026, 3, 6), "最早2026年3月9日"),
    (date(2026, 3, 2), date(2026, 3, 8), "不是工作日"),
    (date(2026, 3, 2), date(2026, 3, 9), None),
    # twenty working days: Mar 3-6, 9-13, 16-20, 23-27, 30
    (date(2026, 3, 2), date(2026, 3, 30), None),
    (date(2026, 3, 2), date(2026, 3, 31), "应当在2026年3月30日前举行"),
    # 9 February: the 16th and all days to the 23rd are off, so the 24th is the first
    (date(2026, 2, 9), date(2026, 2, 14), "最早2026年2月24日"),
    (date(2026, 2, 9), date(2026, 2, 24), None),
    # 24 September 2025 (Wednesday): from 1 to 8 October off, so the 9th is the first;
    # twenty: Sep 25 26 28 29 30, Oct 9 10 11, 13-17, 20-24, 27 28
    (date(2025, 9, 24), date(2025, 9, 30), "最早2025年10月9日"),
    (date(2025, 9, 24), date(2025, 10, 9), None),
    (date(2025, 9, 24), date(2025, 10, 28), None),
    (date(2025, 9, 24), date(2025, 10, 29), "应当在2025年10月28日前举行"),
]


@pytest.mark.parametrize(("today", "day", "refusal"), CALLED)
def test_48_it_is_called_seven_days_ahead_and_within_twenty_working_days(
    stage: Stage, today: date, day: date, refusal: str | None
) -> None:
    case_id = accepted_on(stage, today)
    told(stage, case_id)
    asked(stage, case_id)
    if refusal is None:
        heard_on(stage, case_id, local(day))
        assert hearing_of(stage, case_id).held_at == local(day)
        return
    with pytest.raises(Invalid, match=refusal):
        heard_on(stage, case_id, local(day))
    assert pauses_of(stage, case_id) == []


def test_48_a_hearing_is_not_left_out_because_its_days_are_over(stage: Stage) -> None:
    case_id = accepted_on(stage, date(2026, 3, 2))
    told(stage, case_id)
    asked(stage, case_id)
    clock(stage, date(2026, 3, 27))  # to be held by 30 March; the notice makes it 3 April
    with pytest.raises(Invalid, match="应当在2026年4月3日前举行"):
        heard_on(stage, case_id, local(date(2026, 4, 7)))
    heard_on(stage, case_id, local(date(2026, 4, 3)))
    assert stage.ledger(case_id, "food")[-1].detail["late"] is True


@pytest.mark.parametrize(
    ("day", "hour", "refusal"),
    [
        (date(2026, 3, 9), 8, "应当在工作时间09:00至17:30之内"),
        (date(2026, 3, 9), 18, "应当在工作时间09:00至17:30之内"),
        (date(2026, 3, 1), 10, "已经过去"),
        (date(2029, 3, 1), 10, "请核对年份"),
    ],
)
def test_48_nobody_is_called_to_a_closed_house(
    stage: Stage, day: date, hour: int, refusal: str
) -> None:
    case_id = accepted_on(stage, date(2026, 3, 2))
    told(stage, case_id)
    asked(stage, case_id)
    with pytest.raises(Invalid, match=refusal):
        heard_on(stage, case_id, local(day, hour))
    with pytest.raises(Invalid, match="请填写日期和时间"):
        heard_on(stage, case_id, None)


def test_48_the_chair_has_not_examined_the_case_and_examines_nothing_afterwards(
    stage: Stage,
) -> None:
    hire(stage, "market_regulation.second", "handler", "market_regulation")
    case_id = accepted_on(stage, date(2026, 3, 2))
    told(stage, case_id)
    asked(stage, case_id)
    barred = (
        "market_regulation.handler",  # told the applicant, and so examines
        "market_regulation.reviewer",  # the only one who can sign a step that is left
        "market_regulation.decider",
        "tobacco.head",  # another department
        "clerk",
        "applicant",
    )
    for chair in barred:
        with pytest.raises(Invalid, match="没有审查过本件"):
            heard_on(stage, case_id, local(date(2026, 3, 9)), chair)
    heard_on(stage, case_id, local(date(2026, 3, 9)), "market_regulation.second")
    [body] = messages_to(stage, "market_regulation.second", "请您主持听证")
    assert "2026年3月9日 09:30" in body
    row = stage.approvals(case_id)["food"]
    chairing, who = "market_regulation.second", pytest.raises(NotPossible, match="听证主持人")
    with who, stage.acting(chairing) as ctx:
        decide.act(ctx, row.id, "forward", "同意", "", row.revision)


def test_48_only_the_chair_holds_it_and_not_before_its_hour(stage: Stage) -> None:
    case_id = accepted_on(stage, date(2026, 3, 2))
    told(stage, case_id)
    asked(stage, case_id)
    heard_on(stage, case_id, local(date(2026, 3, 9), 14))
    with pytest.raises(Forbidden, match="不是本次听证的主持人"):
        recorded(stage, case_id, "market_regulation.decider")
    with pytest.raises(NotPossible, match="到时间后才能记录"):
        recorded(stage, case_id)
    clock(stage, date(2026, 3, 9), 14, 30)
    row = stage.approvals(case_id)["food"]
    with pytest.raises(Invalid) as refused, stage.acting(HEAD) as ctx:
        hearing_day.hold(ctx, row.id, Minutes("", " ", signed=False), row.revision)
    assert [error.path for error in refused.value.errors] == ["attended", "record", "signed"]
    recorded(stage, case_id)
    with pytest.raises(NotPossible, match="没有等待举行的听证"):
        recorded(stage, case_id)
    record = paper(stage, case_id, "hearing_record")
    assert "住户代表陈述申辩" in str(record["text"])
    assert record["主持人"] == f"演示{HEAD.replace('.', '')}"
    assert stage.problems(case_id) == []


@pytest.mark.parametrize("event", ["approve", "reject"])
def test_48_the_decision_rests_on_the_record(stage: Stage, event: str) -> None:
    case_id = accepted_on(stage, date(2026, 3, 2))
    told(stage, case_id, region="licence")
    asked(stage, case_id, "licence")
    stage.bring(case_id, "licence")
    heard_on(stage, case_id, local(date(2026, 3, 9)), region="licence")
    with pytest.raises(NotPossible, match="听证定于2026年3月9日 09:30举行"):
        stage.act(case_id, "licence", event, "理由")
    clock(stage, date(2026, 3, 9), 11)
    recorded(stage, case_id, region="licence")
    stage.act(case_id, "licence", event, "理由")
    number = paper(stage, case_id, "hearing_record")["number"]
    kind = {"approve": "approval", "reject": "rejection"}[event]
    [decision] = [each for each in stage.documents(case_id) if each.kind == kind]
    assert decision.snapshot["decision"]["basis"][-1] == f"听证笔录（{number}）"
    assert stage.problems(case_id) == []


def test_48_a_new_chair_or_day_needs_a_reason_and_a_new_notice(stage: Stage) -> None:
    case_id = accepted_on(stage, date(2026, 3, 2))
    told(stage, case_id)
    asked(stage, case_id)
    heard_on(stage, case_id, local(date(2026, 3, 9)))
    clock(stage, date(2026, 3, 4))
    with pytest.raises(Invalid, match="改期或者更换主持人的，请写明原因"):
        heard_on(stage, case_id, local(date(2026, 3, 11)))
    with pytest.raises(Invalid, match="最早2026年3月11日"):
        heard_on(stage, case_id, local(date(2026, 3, 10)), reasons="主持人回避")
    heard_on(stage, case_id, local(date(2026, 3, 11)), reasons="主持人回避")
    first, second = pauses_of(stage, case_id)
    assert (first.ended, second.began, second.planned) == (
        date(2026, 3, 4), date(2026, 3, 4), date(2026, 3, 11),
    )  # fmt: skip
    # not counted: Mar 3-6, 9 10 11; then 12 13, 16-20, 23-27, 30 31, Apr 1 2 3, 7 8 9
    assert dues(stage, case_id)[0] == "2026-04-09"
    assert "主持人回避" in str(paper(stage, case_id, "hearing_notice")["text"])
    assert stage.problems(case_id) == []


def test_46_the_authority_holds_one_of_its_own_motion_where_law_calls_for_it(
    stage: Stage,
) -> None:
    case_id = accepted_on(stage, date(2026, 3, 2))
    with pytest.raises(Invalid, match="第四十六条"):
        heard_on(stage, case_id, local(date(2026, 3, 9)))
    heard_on(stage, case_id, local(date(2026, 3, 9)), reasons="涉及公共利益的重大许可")
    row = hearing_of(stage, case_id)
    assert (row.on_own, row.asked_at, row.hold_by) == (True, None, None)
    basis = paper(stage, case_id, "hearing_notice")["basis"]
    assert basis == ["《中华人民共和国行政许可法》第四十五条、第四十六条、第四十八条"]
    clock(stage, date(2026, 3, 9), 11)
    recorded(stage, case_id)
    assert stage.problems(case_id) == []


def test_46_also_after_the_applicant_gave_up(stage: Stage) -> None:
    case_id = accepted_on(stage, date(2026, 3, 2))
    told(stage, case_id)
    with pytest.raises(NotPossible, match="期限还没有届满"):
        heard_on(stage, case_id, local(date(2026, 3, 9)), reasons="涉及公共利益")
    waived(stage, case_id)
    heard_on(stage, case_id, local(date(2026, 3, 9)), reasons="涉及公共利益")
    assert hearing_of(stage, case_id).on_own
    assert stage.problems(case_id) == []


def coming(stage: Stage) -> list[tuple[str, str]]:
    engine: Engine = stage.engine
    with reading(engine) as session:
        return [(each.item, each.place) for each in public_hearings(session, stage.catalog)]


def test_48_hearings_are_public_until_they_are_held(stage: Stage) -> None:
    case_id = accepted_on(stage, date(2026, 3, 2))
    told(stage, case_id)
    asked(stage, case_id)
    assert coming(stage) == []
    heard_on(stage, case_id, local(date(2026, 3, 9)))
    assert coming(stage) == [("食品经营许可（新办）", "示例市政务服务中心三楼听证室")]
    clock(stage, date(2026, 3, 9), 11)
    recorded(stage, case_id)
    assert coming(stage) == []


def test_48_who_inspected_does_not_chair(stage: Stage) -> None:
    case_id = accepted_on(stage, date(2026, 3, 2))
    told(stage, case_id)
    asked(stage, case_id)
    inspected_on(stage, case_id, "food", local(date(2026, 3, 3)))
    clock(stage, date(2026, 3, 3), 10)
    found(stage, case_id, "food", ["market_regulation.handler", HEAD])
    with pytest.raises(Invalid, match="没有审查过本件"):
        heard_on(stage, case_id, local(date(2026, 3, 10)))
