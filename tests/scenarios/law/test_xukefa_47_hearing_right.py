"""许可法第三十六条、第四十七条: whoever's great interests are affected is told, may ask for a
hearing within five working days, and gets one within twenty; until then nothing is decided."""

from datetime import date

import pytest

from onevisit.access import Forbidden
from onevisit.cases import views
from onevisit.cases.errors import Invalid, NotPossible, Stale
from onevisit.cases.meetings import hearing
from onevisit.cases.meetings.hearing import Offer
from scenarios.law.arranged import (
    INTERESTS,
    accepted_on,
    asked,
    clock,
    entered,
    hearing_of,
    messages_to,
    officer,
    paper,
    told,
    waived,
)
from scenarios.stage import Stage

NEIGHBOUR = "楼上住户演示居民乙"


@pytest.fixture
def stage(hall: Stage) -> Stage:
    return hall


# Spring Festival 2026: off from Sunday 15 to Monday 23 February; Saturdays 14 and 28 are worked.
# National Day 2025: off from Wednesday 1 to Wednesday 8 October; Sunday 28 September and Saturday
# 11 October are worked.
ASKING = [
    # Feb 10 11 12 13, Saturday 14 (worked): five
    (date(2026, 2, 9), date(2026, 2, 14)),
    # Feb 13, 14, then 24 25 26
    (date(2026, 2, 12), date(2026, 2, 26)),
    # Sep 26, Sunday 28 (worked), 29, 30, Oct 9
    (date(2025, 9, 25), date(2025, 10, 9)),
    # Sep 30, Oct 9 10, Saturday 11 (worked), 13
    (date(2025, 9, 29), date(2025, 10, 13)),
]


@pytest.mark.parametrize(("day", "ask_by"), ASKING)
def test_47_the_right_lasts_five_working_days_after_it_was_told(
    stage: Stage, day: date, ask_by: date
) -> None:
    case_id = accepted_on(stage, day)
    told(stage, case_id)
    assert hearing_of(stage, case_id).ask_by == ask_by
    right = paper(stage, case_id, "hearing_right")
    assert right["涉及的重大利益"] == INTERESTS
    assert f"{ask_by.year}年{ask_by.month}月{ask_by.day}日前" in str(right["提出听证的期限"])
    assert "不收取任何费用" in str(right["text"])
    assert right["basis"] == ["《中华人民共和国行政许可法》第三十六条、第四十七条"]
    clock(stage, ask_by, 23, 30)  # the last day ends at midnight
    asked(stage, case_id)
    assert stage.problems(case_id) == []


HOLDING = [
    # asked on Saturday 14 February, a working day: Feb 24 25 26 27 28, Mar 2-6, 9-13, 16-20
    (date(2026, 2, 9), date(2026, 2, 14), 9, date(2026, 3, 20)),
    # after closing it is received on 24 February: Feb 25 26 27 28, Mar 2-6, 9-13, 16-20, 23
    (date(2026, 2, 9), date(2026, 2, 14), 18, date(2026, 3, 23)),
    # asked on 9 October 2025: Oct 10, Saturday 11, 13-17, 20-24, 27-31, Nov 3 4 5
    (date(2025, 9, 25), date(2025, 10, 9), 10, date(2025, 11, 5)),
    # asked on 30 September 2025: Oct 9 10 11, 13-17, 20-24, 27-31, Nov 3 4
    (date(2025, 9, 29), date(2025, 9, 30), 10, date(2025, 11, 4)),
]


@pytest.mark.parametrize(("day", "asking", "hour", "hold_by"), HOLDING)
def test_47_a_hearing_asked_for_is_held_within_twenty_working_days(
    stage: Stage, day: date, asking: date, hour: int, hold_by: date
) -> None:
    case_id = accepted_on(stage, day)
    told(stage, case_id)
    clock(stage, asking, hour)
    asked(stage, case_id)
    assert hearing_of(stage, case_id).hold_by == hold_by
    [body] = messages_to(stage, "market_regulation.handler", "收到听证申请")
    assert f"{hold_by.month}月{hold_by.day}日前举行" in body


def test_47_who_does_not_ask_in_time_has_lost_the_right_by_itself(stage: Stage) -> None:
    case_id = accepted_on(stage, date(2026, 2, 9))
    stage.bring(case_id, "licence")
    told(stage, case_id, region="licence")
    clock(stage, date(2026, 2, 15), 0, 5)  # five past midnight after the last day
    with pytest.raises(NotPossible, match="期限已于2026年2月14日届满"):
        asked(stage, case_id, "licence")
    clock(stage, date(2026, 2, 24))
    stage.act(case_id, "licence", "approve")
    assert hearing_of(stage, case_id, "licence").asked_at is None
    assert stage.problems(case_id) == []


def test_47_nothing_is_decided_while_somebody_may_still_ask(stage: Stage) -> None:
    case_id = accepted_on(stage, date(2026, 2, 9))
    told(stage, case_id, region="licence")
    stage.act(case_id, "licence", "forward")  # examining goes on
    clock(stage, date(2026, 2, 14), 17)
    for event in ("approve", "reject"):
        with pytest.raises(NotPossible, match="2026年2月14日前可以提出听证"):
            stage.act(case_id, "licence", event, "理由")
    waived(stage, case_id, "licence")
    stage.act(case_id, "licence", "approve")
    assert stage.problems(case_id) == []


def test_47_nothing_is_decided_nor_published_while_a_hearing_is_due(stage: Stage) -> None:
    case_id = accepted_on(stage, date(2026, 2, 9))
    told(stage, case_id, region="licence")
    asked(stage, case_id, "licence")
    stage.bring(case_id, "licence")
    clock(stage, date(2026, 3, 2))
    for event in ("approve", "reject"):
        with pytest.raises(NotPossible, match="应当先举行听证（2026年3月13日前）"):
            stage.act(case_id, "licence", event, "理由")
    told(stage, case_id, region="signboard")
    with pytest.raises(NotPossible, match="前可以提出听证"):  # the notice announces the decision
        stage.act(case_id, "signboard", "forward")


def test_47_the_applicant_may_take_back_what_they_asked(stage: Stage) -> None:
    case_id = accepted_on(stage, date(2026, 2, 9))
    told(stage, case_id)
    asked(stage, case_id)
    with pytest.raises(NotPossible, match="听证申请已经提出"):
        asked(stage, case_id)
    waived(stage, case_id)
    assert hearing.stage(hearing_of(stage, case_id), date(2026, 2, 9)) == "waived"
    assert hearing_of(stage, case_id).hold_by is None
    for act in (asked, waived):
        with pytest.raises(NotPossible, match="已经放弃听证"):
            act(stage, case_id)
    assert stage.problems(case_id) == []


def test_36_interested_persons_keep_their_right_when_the_applicant_gives_up(stage: Stage) -> None:
    case_id = accepted_on(stage, date(2026, 2, 9))
    told(stage, case_id, NEIGHBOUR)
    assert paper(stage, case_id, "hearing_right")["利害关系人"] == NEIGHBOUR
    assert "有权进行陈述和申辩" in str(paper(stage, case_id, "hearing_right")["text"])
    waived(stage, case_id)
    assert hearing.stage(hearing_of(stage, case_id), date(2026, 2, 14)) == "open"
    clock(stage, date(2026, 2, 13))
    with pytest.raises(Invalid, match="哪位利害关系人"):
        entered(stage, case_id, " ")
    entered(stage, case_id, f"{NEIGHBOUR}，2月13日当面提出")
    row = hearing_of(stage, case_id)
    # received on 13 February: Feb 14 24 25 26 27 28, Mar 2-6, 9-13, 16-19
    assert (row.hold_by, hearing.stage(row, date(2026, 3, 1))) == (date(2026, 3, 19), "asked")
    with pytest.raises(NotPossible):  # it is not the applicant's to take back
        waived(stage, case_id)
    assert stage.problems(case_id) == []


def test_36_when_nobody_named_asks_their_right_lapses_too(stage: Stage) -> None:
    case_id = accepted_on(stage, date(2026, 2, 9))
    told(stage, case_id, NEIGHBOUR)
    waived(stage, case_id)
    clock(stage, date(2026, 2, 24))
    with pytest.raises(NotPossible, match="届满"):
        entered(stage, case_id, NEIGHBOUR)
    assert hearing.stage(hearing_of(stage, case_id), date(2026, 2, 24)) == "lapsed"


def test_47_the_right_is_told_once_with_whose_interests_and_by_whose_step_it_is(
    stage: Stage,
) -> None:
    case_id = accepted_on(stage, date(2026, 2, 9))
    row = stage.approvals(case_id)["food"]
    for who, told_to in (("tobacco.handler", "其他部门"), ("market_regulation.head", "其他岗位")):
        with pytest.raises(Forbidden, match=told_to), stage.acting(who) as ctx:
            hearing.offer(ctx, row.id, Offer(INTERESTS, ""), row.revision)
    with stage.acting(officer(stage, case_id, "food")) as ctx:
        with pytest.raises(Invalid, match="什么重大利益"):
            hearing.offer(ctx, row.id, Offer(" ", ""), row.revision)
        with pytest.raises(Stale):
            hearing.offer(ctx, row.id, Offer(INTERESTS, ""), row.revision - 1)
    told(stage, case_id)
    with pytest.raises(NotPossible, match="已经告知过"):
        told(stage, case_id)
    with pytest.raises(NotPossible, match="没有告知听证权利"):
        asked(stage, case_id, "signboard")
    with pytest.raises(Forbidden), stage.acting("stranger") as ctx:
        hearing.ask(ctx, case_id, "food", stage.approvals(case_id)["food"].revision)


def test_47_the_applicant_sees_the_right_and_its_last_day(stage: Stage) -> None:
    case_id = accepted_on(stage, date(2026, 2, 9))
    with stage.looking("applicant") as ctx:
        assert views.progress(ctx, case_id).turns == ()  # nothing to ask for before it is told
    told(stage, case_id)
    with stage.looking("applicant") as ctx:
        seen = views.progress(ctx, case_id)
    assert [(each.region, each.event) for each in seen.turns] == [
        ("food", "ask_hearing"), ("food", "waive_hearing"),
    ]  # fmt: skip
    assert "2026年2月14日前要求听证" in "".join(line.text for line in seen.standing)
