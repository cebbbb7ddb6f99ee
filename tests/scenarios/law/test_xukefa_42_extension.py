"""许可法第二十六、四十二条: twenty days and ten more by the department's head; jointly forty-five
and fifteen more by the government's; once, with the reasons told."""

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlmodel import select

from onevisit.access import Forbidden, PostValue
from onevisit.cases.errors import Invalid, NotPossible, Stale
from onevisit.cases.turns import extend
from onevisit.cases.turns.stops import Asked
from onevisit.store.session import reading
from onevisit.store.work_tables import Message
from scenarios.law.officers import (
    accepted_on,
    asked_for,
    asked_whole,
    begin,
    dues,
    extensions,
    granted,
    granted_whole,
    morning,
    papers,
)
from scenarios.stage import Stage

MONDAY = date(2025, 9, 22)
"""National Day 2025: off from Wednesday 1 to Wednesday 8 October; Sunday 28 September and Saturday
11 October are worked. Working days after the 22nd: Sep 23 24 25 26 28 29 30, Oct 9 10 11 13 14 15
16 17 20 21 22 23 24 (20), 27 28 29 30 31, Nov 3 4 5 6 7 (30), 10-14, 17-21, 24-28 (45),
Dec 1-5, 8-12, 15-19 (60)."""


@pytest.fixture
def stage(kitchen: Stage) -> Stage:
    return kitchen


def told(stage: Stage, who: str) -> list[str]:
    """The bodies of what this person finds in the inbox."""
    with reading(stage.engine) as session:
        statement = select(Message).where(Message.account_id == stage.actors[who].id)
        return [f"{each.body} {each.link}" for each in session.exec(statement)]


def refused(stage: Stage, case_id: uuid.UUID, answer: str, region: str = "food") -> str:
    row = stage.approvals(case_id)[region]
    with stage.acting(f"{row.department}.head") as ctx:
        return extend.refuse(ctx, row.id, answer, row.revision)


def test_42_1_ten_more_days_by_the_head_of_the_department(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    assert dues(stage, case_id, "food") == ("2025-10-24", "2025-09-28")
    asked_for(stage, case_id, 10)
    assert dues(stage, case_id, "food")[0] == "2025-10-24", "asking changes nothing"
    granted(stage, case_id)
    # Oct 27 28 29 30 31 Nov 3 4 5 6 7; what was promised stays promised
    assert dues(stage, case_id, "food") == ("2025-11-07", "2025-09-28")
    assert dues(stage, case_id, "case")[0] == "2025-11-28", "the whole is not extended by it"
    (row,) = extensions(stage, case_id)
    assert (row.state, row.days, row.region) == ("granted", 10, "food")
    assert row.decided_by == stage.actors["market_regulation.head"].id
    assert stage.problems(case_id) == []


def test_42_the_reasons_are_told_to_the_applicant(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    asked_for(stage, case_id, 10)
    assert papers(stage, case_id, "extension") == []
    granted(stage, case_id)
    (facts,) = papers(stage, case_id, "extension")
    assert facts["原法定期限"] == "2025年10月24日届满"
    assert facts["延长"] == "10个工作日，至2025年11月7日届满"
    assert facts["承诺时限"] == "不延长，仍为2025年9月28日"
    assert facts["批准"] == "本行政机关负责人"
    snapshot = stage.documents(case_id)[-1].snapshot
    assert snapshot["letter"]["paragraphs"] == ["延长期限的理由：需要核实历史档案"]
    assert snapshot["authority"]["title"] == "示例市市场监督管理局"
    assert any("延长办理期限告知书" in each for each in told(stage, "applicant"))


def test_42_2_fifteen_more_days_for_the_whole_by_the_government(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    assert dues(stage, case_id, "case")[0] == "2025-11-28"
    promised = dues(stage, case_id, "case")[1]
    asked_whole(stage, case_id, 15)
    assert any(f"/government/{case_id}/extend" in each for each in told(stage, "government"))
    granted_whole(stage, case_id)
    # Dec 1-5, 8-12, 15-19
    assert dues(stage, case_id, "case") == ("2025-12-19", promised)
    assert dues(stage, case_id, "food")[0] == "2025-10-24", "the items' own limits stay"
    assert papers(stage, case_id, "extension")[0]["批准"] == "本级政府负责人"
    assert any("已批准延长15个工作日" in each for each in told(stage, "clerk"))
    assert stage.problems(case_id) == []


@pytest.mark.parametrize("days", [0, -1, 11, None])
def test_42_1_no_more_than_ten(stage: Stage, days: int) -> None:
    case_id = accepted_on(stage, MONDAY)
    with pytest.raises(Invalid, match="1到10之间"):
        asked_for(stage, case_id, days)


def test_42_2_no_more_than_fifteen(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    with pytest.raises(Invalid, match="1到15之间"):
        asked_whole(stage, case_id, 16)


def test_42_once_only(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    asked_for(stage, case_id, 3)
    with pytest.raises(NotPossible, match="正在等待批准"):
        asked_for(stage, case_id, 3)
    granted(stage, case_id)
    with pytest.raises(NotPossible, match="已经延长过一次"):
        asked_for(stage, case_id, 3)
    with pytest.raises(NotPossible, match="没有等待批准"):
        granted(stage, case_id)
    asked_whole(stage, case_id, 1)
    granted_whole(stage, case_id)
    with pytest.raises(NotPossible, match="已经延长过一次"):
        asked_whole(stage, case_id, 1)


def test_42_refused_with_reasons_it_may_be_asked_for_better(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    asked_for(stage, case_id, 3)
    with pytest.raises(Invalid, match="理由"):
        refused(stage, case_id, "  ")
    refused(stage, case_id, "理由不充分")
    assert dues(stage, case_id, "food")[0] == "2025-10-24"
    assert any("理由不充分" in each for each in told(stage, "market_regulation.handler"))
    assert papers(stage, case_id, "extension") == []
    asked_for(stage, case_id, 3)
    granted(stage, case_id)
    assert [each.state for each in extensions(stage, case_id)] == ["refused", "granted"]
    assert dues(stage, case_id, "food")[0] == "2025-10-29"
    assert stage.problems(case_id) == []


def test_42_2_the_government_may_refuse(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    asked_whole(stage, case_id, 15)
    with stage.acting("government") as ctx:
        extend.refuse_whole(ctx, case_id, "可以按期办结", stage.case(case_id).revision)
    assert dues(stage, case_id, "case")[0] == "2025-11-28"
    assert any("可以按期办结" in each for each in told(stage, "clerk"))
    assert stage.problems(case_id) == []


@pytest.mark.parametrize(
    ("day", "moment", "possible"),
    [
        (date(2025, 10, 24), (1, 0), True),  # the last day, nine in the morning
        (date(2025, 10, 24), (9, 28), True),  # two minutes before closing at 17:30
        (date(2025, 10, 24), (9, 31), False),  # closed (民法典第二百零三条)
        (date(2025, 10, 25), (1, 0), False),
    ],
)
def test_42_granted_only_before_the_limit_has_run_out(
    stage: Stage, day: date, moment: tuple[int, int], *, possible: bool
) -> None:
    case_id = accepted_on(stage, MONDAY)
    asked_for(stage, case_id, 10)
    stage.now = datetime(day.year, day.month, day.day, *moment, tzinfo=UTC)
    if possible:
        granted(stage, case_id)
        assert dues(stage, case_id, "food")[0] == "2025-11-07"
        return
    with pytest.raises(NotPossible, match="法定期限已于2025年10月24日届满，不能再延长"):
        granted(stage, case_id)
    assert extensions(stage, case_id)[0].state == "asked"


def test_42_nor_asked_for_afterwards(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    morning(stage, date(2025, 10, 27))
    with pytest.raises(NotPossible, match="请“说明超期理由”"):
        asked_for(stage, case_id, 1)


def test_26_42_an_item_stays_within_the_last_day_of_the_whole(stage: Stage) -> None:
    """Tobacco begins with the licence, on 20 October: twenty days end on 17 November, nine working
    days (Nov 18 19 20 21 24 25 26 27 28) before the whole does."""
    case_id = accepted_on(stage, MONDAY)
    morning(stage, date(2025, 10, 20))
    stage.approve(case_id, "licence")
    assert dues(stage, case_id, "tobacco")[0] == "2025-11-17"
    with pytest.raises(Invalid, match="1到9之间"):
        asked_for(stage, case_id, 10, "tobacco")
    asked_for(stage, case_id, 9, "tobacco")
    granted(stage, case_id, "tobacco")
    assert dues(stage, case_id, "tobacco")[0] == "2025-11-28"


def test_26_42_no_room_is_left_for_an_item_that_began_late(stage: Stage) -> None:
    """Begun on 31 October, twenty days end with the whole on 28 November."""
    case_id = accepted_on(stage, MONDAY)
    morning(stage, date(2025, 10, 31))
    stage.approve(case_id, "licence")
    assert dues(stage, case_id, "tobacco")[0] == "2025-11-28"
    with pytest.raises(NotPossible, match="不能延长到整个办件的法定办结日（2025年11月28日）之后"):
        asked_for(stage, case_id, 1, "tobacco")
    asked_whole(stage, case_id, 15)
    granted_whole(stage, case_id)  # then there is: until 19 December
    asked_for(stage, case_id, 10, "tobacco")
    granted(stage, case_id, "tobacco")
    assert dues(stage, case_id, "tobacco")[0] == "2025-12-12"


def test_42_an_extension_and_a_special_procedure_add_up(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    asked_for(stage, case_id, 10)
    granted(stage, case_id)
    begin(stage, case_id, 5)  # not counted: Sep 23 24 25 26 28
    assert dues(stage, case_id, "food")[0] == "2025-11-14"
    assert dues(stage, case_id, "case")[0] == "2025-12-05"
    assert stage.problems(case_id) == []


@pytest.mark.parametrize(("region", "why"), [("licence", "只有行政许可")])
def test_42_only_a_permit_under_this_article(stage: Stage, region: str, why: str) -> None:
    """但是，法律、法规另有规定的，依照其规定: what has limits of its own is not extended by it."""
    case_id = accepted_on(stage, MONDAY)
    with pytest.raises(NotPossible, match=why):
        asked_for(stage, case_id, 1, region)


def test_42_1_only_the_head_of_that_department_and_not_who_asked(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    asked_for(stage, case_id, 10)
    row = stage.approvals(case_id)["food"]
    for who in ("tobacco.head", "market_regulation.decider", "market_regulation.handler",
                "clerk", "government", "applicant"):  # fmt: skip
        for event in (extend.grant, lambda *args: extend.refuse(*args[:2], "不同意", args[2])):
            with pytest.raises(Forbidden), stage.acting(who) as ctx:
                event(ctx, row.id, row.revision)
    both = (PostValue("handler", "market_regulation"), PostValue("head", "market_regulation"))
    asker = replace(stage.actors["market_regulation.handler"], posts=both)
    with pytest.raises(Forbidden, match="不能自己批准"), stage.acting("clerk") as ctx:
        extend.grant(replace(ctx, actor=asker), row.id, row.revision)


def test_42_2_only_the_government_and_nobody_involved(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    asked_whole(stage, case_id, 15)
    revision = stage.case(case_id).revision
    for who in ("market_regulation.head", "clerk", "applicant", "tobacco.decider"):
        with pytest.raises(Forbidden), stage.acting(who) as ctx:
            extend.grant_whole(ctx, case_id, revision)
    for who, why in (("clerk", "不能自己批准"), ("applicant", "同一办件的延期")):
        official = replace(stage.actors[who], posts=(PostValue("government"),))
        with pytest.raises(Forbidden, match=why), stage.acting(who) as ctx:
            extend.grant_whole(replace(ctx, actor=official), case_id, revision)
    with pytest.raises(Forbidden), stage.acting("tobacco.handler") as ctx:
        extend.ask_whole(ctx, case_id, Asked(1, "会商"), revision)


def test_42_a_stale_page_or_a_second_press_does_nothing(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    before = stage.approvals(case_id)["food"].revision
    asked_for(stage, case_id, 10)
    row = stage.approvals(case_id)["food"]
    with pytest.raises(Stale), stage.acting("market_regulation.handler") as ctx:
        extend.ask(ctx, row.id, Asked(10, "再报一次"), before)
    granted(stage, case_id)
    with pytest.raises(Stale), stage.acting("market_regulation.head") as ctx:
        extend.grant(ctx, row.id, row.revision)
    assert len(papers(stage, case_id, "extension")) == 1


def test_42_who_is_asked_is_told_where(stage: Stage) -> None:
    case_id = accepted_on(stage, MONDAY)
    asked_for(stage, case_id, 10)
    approval = stage.approvals(case_id)["food"].id
    (message,) = told(stage, "market_regulation.head")
    assert f"/office/{approval}/extend" in message
    assert "2025年10月24日" in message
    assert told(stage, "tobacco.head") == []
