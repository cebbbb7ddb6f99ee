"""浙江规定第十八条第二款: departments that have to look at the same place come together, once."""

from datetime import date
from functools import partial

import pytest

from onevisit.access import Forbidden
from onevisit.cases import views
from onevisit.cases.dossier import load
from onevisit.cases.errors import NotPossible
from onevisit.cases.views.calendar import calendar
from onevisit.engine.presence import duties
from scenarios.law.arranged import (
    PLACE,
    accepted_on,
    appointments_of,
    clock,
    findings_of,
    found,
    inspected_on,
    local,
    messages_to,
    paper,
)
from scenarios.stage import Stage
from scenarios.test_at_once import together

DAY = date(2026, 3, 2)
FOOD = ("market_regulation.handler", "market_regulation.reviewer")
TOBACCO = ("tobacco.handler", "tobacco.decider")


@pytest.fixture
def stage(hall: Stage) -> Stage:
    return hall


def test_18_one_appointment_one_notice_for_all_departments(stage: Stage) -> None:
    case_id = accepted_on(stage, DAY)
    stage.approve(case_id, "licence")
    inspected_on(stage, case_id, "food", local(date(2026, 3, 3)))
    [row] = appointments_of(stage, case_id)
    assert (row.kind, row.joint, row.title) == ("inspection", "site_check", "联合勘验")
    assert row.regions == ["food", "tobacco"]
    notice = paper(stage, case_id, "inspection")
    assert notice["核查时间"] == "2026年3月3日 09:30"
    assert notice["核查地点"] == PLACE
    assert notice["核查部门和事项"] == (
        "示例市市场监督管理局：食品经营许可（新办）；示例市烟草专卖局：烟草专卖零售许可"
    )
    assert "2名以上" in str(notice["核查人员"])
    assert "只需接待一次" in str(notice["text"])
    assert notice["basis"] == ["《行政许可法》第三十四条"]
    for who in ("market_regulation.handler", "tobacco.handler", "tobacco.decider"):
        [body] = messages_to(stage, who, "现场核查安排")
        assert "2026年3月3日 09:30" in body
    assert messages_to(stage, "urban_management.handler", "现场核查安排") == []
    with pytest.raises(NotPossible, match="已经约定在2026年3月3日 09:30"):
        inspected_on(stage, case_id, "tobacco", local(date(2026, 3, 4)))
    assert [each.kind for each in stage.documents(case_id)].count("inspection") == 1
    assert stage.problems(case_id) == []


def test_18_what_runs_is_what_the_proof_counts(stage: Stage) -> None:
    case_id = accepted_on(stage, DAY)
    inspected_on(stage, case_id, "food", local(date(2026, 3, 3)))
    with stage.looking("clerk") as ctx:
        dossier = load(ctx, case_id)
        [counted] = duties(dossier.definition, dossier.selection).inspections
    [row] = appointments_of(stage, case_id)
    assert (row.joint, tuple(row.regions)) == (counted.key, counted.parts)


def test_18_each_department_records_for_itself(stage: Stage) -> None:
    case_id = accepted_on(stage, DAY)
    stage.approve(case_id, "licence")
    inspected_on(stage, case_id, "food", local(date(2026, 3, 3)))
    clock(stage, date(2026, 3, 3), 10)
    found(stage, case_id, "food", FOOD)
    found(stage, case_id, "tobacco", TOBACCO, False)
    [row] = appointments_of(stage, case_id)
    assert row.state == "held"
    assert {each.region: each.passed for each in findings_of(stage, case_id)} == {
        "food": True, "tobacco": False,
    }  # fmt: skip
    inspected_on(stage, case_id, "tobacco", local(date(2026, 3, 5)))
    again = appointments_of(stage, case_id)[-1]
    assert (again.title, again.regions) == ("现场核查", ["tobacco"])  # the other has passed
    assert stage.problems(case_id) == []


def test_18_it_may_be_moved_once_with_a_reason_by_any_of_them(stage: Stage) -> None:
    case_id = accepted_on(stage, DAY)
    stage.approve(case_id, "licence")
    inspected_on(stage, case_id, "food", local(date(2026, 3, 3)))
    inspected_on(stage, case_id, "tobacco", local(date(2026, 3, 4)), moved="当天有重大活动")
    before, row = appointments_of(stage, case_id)
    assert (before.state, before.note, row.state) == ("cancelled", "当天有重大活动", "called")
    notice = paper(stage, case_id, "inspection")
    assert notice["核查时间"] == "2026年3月4日 09:30"
    assert "当天有重大活动" in str(notice["text"])
    told = messages_to(stage, "market_regulation.reviewer", "现场核查安排")
    assert "原定2026年3月3日 09:30" in told[-1]
    with pytest.raises(NotPossible, match="已经改过一次，不能再改"):
        inspected_on(stage, case_id, "food", local(date(2026, 3, 5)), moved="再改")
    assert stage.problems(case_id) == []


def test_18_the_calendar_shows_others_by_name_only(stage: Stage) -> None:
    case_id = accepted_on(stage, DAY)
    stage.approve(case_id, "licence")
    inspected_on(stage, case_id, "food", local(date(2026, 3, 3)))
    with stage.looking("market_regulation.handler") as ctx:
        [day] = calendar(ctx)
    [entry] = day.entries
    assert (day.day, entry.kind, entry.place) == (date(2026, 3, 3), "inspection", PLACE)
    assert [title for _, title in entry.items] == ["食品经营许可（新办）"]
    assert entry.others == ("烟草",)
    with stage.looking("urban_management.handler") as ctx:
        assert calendar(ctx) == ()
    with pytest.raises(Forbidden), stage.looking("clerk") as ctx:
        calendar(ctx)
    with stage.looking("applicant") as ctx:
        lines = [line for line in views.progress(ctx, case_id).standing if line.title == "联合勘验"]
    assert len(lines) == 1  # once for all of them
    assert "2026年3月3日 09:30" in lines[0].text
    clock(stage, date(2026, 3, 3), 10)
    found(stage, case_id, "food", FOOD)
    with stage.looking("market_regulation.handler") as ctx:
        assert calendar(ctx) == ()


def test_18_who_is_decided_already_is_not_visited(stage: Stage) -> None:
    case_id = accepted_on(stage, DAY)
    stage.approve(case_id, "licence")
    stage.bring(case_id, "food")
    stage.act(case_id, "food", "reject", "不符合条件。")
    inspected_on(stage, case_id, "tobacco", local(date(2026, 3, 3)))
    [row] = appointments_of(stage, case_id)
    assert (row.regions, row.title) == (["tobacco"], "现场核查")


def test_18_two_departments_at_the_same_instant_make_one_appointment(stage: Stage) -> None:
    case_id = accepted_on(stage, DAY)
    stage.approve(case_id, "licence")
    at = local(date(2026, 3, 3))
    acts = [partial(inspected_on, stage, case_id, region, at) for region in ("food", "tobacco")]
    raised = together(*acts)
    assert sorted(type(each).__name__ for each in raised) == ["NoneType", "NotPossible"]
    assert [row.state for row in appointments_of(stage, case_id)] == ["called"]
    assert [each.kind for each in stage.documents(case_id)].count("inspection") == 1
    assert stage.problems(case_id) == []


def test_18_who_has_come_records_that_day_though_another_has_to_come_again(stage: Stage) -> None:
    case_id = accepted_on(stage, DAY)
    stage.approve(case_id, "licence")
    inspected_on(stage, case_id, "food", local(date(2026, 3, 3)))
    clock(stage, date(2026, 3, 3), 10)
    found(stage, case_id, "food", FOOD, False)
    inspected_on(stage, case_id, "food", local(date(2026, 3, 5)))
    with stage.looking("tobacco.handler") as ctx:
        assert [day.day for day in calendar(ctx)] == [date(2026, 3, 3), date(2026, 3, 5)]
    found(stage, case_id, "tobacco", TOBACCO)
    first, second = appointments_of(stage, case_id)
    assert [row.appointment_id for row in findings_of(stage, case_id)] == [first.id, first.id]
    clock(stage, date(2026, 3, 5), 10)
    with pytest.raises(NotPossible, match="没有等待记录"):  # it has passed
        found(stage, case_id, "tobacco", TOBACCO)
    found(stage, case_id, "food", FOOD)
    assert findings_of(stage, case_id)[-1].appointment_id == second.id
    assert stage.problems(case_id) == []
