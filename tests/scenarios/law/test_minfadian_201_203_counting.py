"""民法典第二百零一条、第二百零三条 and 行政许可法第八十二条: from which day limits count, which
days they count, and when their last day is over; counted by hand from the announcements."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from onevisit.cases.dossier import load
from onevisit.cases.views.clock import ClockLine, explain
from scenarios.stage import Stage
from scenarios.test_timers import NOTICE, services

AT_NINE = 1
"""Nine o'clock in the city is one o'clock UTC."""

# Accepted on | licence by law: 3 | food promised: 5 | food by law: 20 | whole promised: 40 | 45
XUKEFA_82 = [
    # 26 (Sunday, made up), 27 Jan | 28 to 4 off | 5, 6, 7, 8 (Saturday, made up) Feb | 10 to 14 |
    # 17 to 21 | 24 to 27 is the twentieth | 28 | 3 to 7, 10 to 14, 17 to 21, 24 to 27 March is the
    # fortieth | 28 | 31, 1, 2, 3 April is the forty-fifth
    (date(2025, 1, 24), "2025-02-05", "2025-02-07", "2025-02-27", "2025-03-27", "2025-04-03"),
    # 28 (Sunday, made up), 29, 30 Sept | 1 to 8 Oct off | 9, 10, 11 (Saturday, made up) |
    # 13 to 17 | 20 to 24 | 27 to 30 is the twentieth | 31 | 3 to 7, 10 to 14, 17 to 21,
    # 24 to 27 Nov is the fortieth | 28 | 1 to 4 Dec
    (date(2025, 9, 26), "2025-09-30", "2025-10-10", "2025-10-30", "2025-11-27", "2025-12-04"),
    # 14 (Saturday, made up) Feb | 15 to 23 off | 24 to 27, 28 (Saturday, made up) | 2 to 6 March |
    # 9 to 13 | 16 to 19 is the twentieth | 20 | 23 to 27, 30 to 3 April | 4 to 6 off | 7 to 10 |
    # 13 to 17 is the fortieth | 20 to 24 April
    (date(2026, 2, 13), "2026-02-25", "2026-02-27", "2026-03-19", "2026-04-17", "2026-04-24"),
    # 1 to 7 Oct off | 8, 9, 10 (Saturday, made up) | 12 to 16 | 19 to 23 | 26 to 30 | 2, 3 Nov is
    # the twentieth | 4 to 6 | 9 to 13, 16 to 20, 23 to 27 | 30, 1 Dec is the fortieth | 2 to 8
    (date(2026, 9, 30), "2026-10-10", "2026-10-13", "2026-11-03", "2026-12-01", "2026-12-08"),
    # an ordinary Monday: 24 to 27 Nov | 30 to 4 Dec | 7 to 11 | 14 to 18 | 21 is the twentieth |
    # 22 to 25 | 28 to 1 (nothing is announced for 2027: the first of January counts as a Friday
    # until it is) | 4 to 8 | 11 to 15 | 18 is the fortieth | 19 to 22, 25 January
    (date(2026, 11, 23), "2026-11-26", "2026-11-30", "2026-12-21", "2027-01-18", "2027-01-25"),
]


def accepted(stage: Stage, day: date, hour: int = AT_NINE) -> tuple[ClockLine, ...]:
    """The clocks of a case accepted then: the licence's legal, food's promise and legal, and the
    whole case's promise and legal; each row of a list says the same day as the explanation."""
    stage.now = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    case_id = stage.accepted()
    with stage.looking("clerk") as ctx:
        found = {each.region: each for each in explain(ctx, load(ctx, case_id)).regions}
    case, rows = stage.case(case_id), stage.approvals(case_id)
    lines = [
        (found["licence"].legal, rows["licence"].legal_due),
        (found["food"].promise, rows["food"].promise_due),
        (found["food"].legal, rows["food"].legal_due),
        (found["case"].promise, case.promise_due),
        (found["case"].legal, case.legal_due),
    ]
    for line, due in lines:
        assert line is not None
        assert line.due == line.lines[-1].day == due
        assert line.recorded is None
    return tuple(line for line, _ in lines if line is not None)


@pytest.mark.parametrize(("day", "licence", "food", "food_law", "whole", "law"), XUKEFA_82)
def test_xukefa_82_limits_are_working_days(
    kitchen: Stage, day: date, licence: str, food: str, food_law: str, whole: str, law: str
) -> None:
    """行政许可法第八十二条: days are working days: no statutory holidays, but made-up days."""
    lines = accepted(kitchen, day)
    assert [each.due.isoformat() for each in lines] == [licence, food, food_law, whole, law]


def test_minfadian_201_the_day_of_acceptance_does_not_count(stage: Stage) -> None:
    """民法典第二百零一条第一款: early or late on the same day, the first counted is the next."""
    morning = accepted(stage, date(2026, 3, 2), AT_NINE)
    evening = accepted(stage, date(2026, 3, 2), 9)  # five o'clock
    for line in (*morning, *evening):
        assert (line.lines[0].day, line.lines[0].why) == (date(2026, 3, 2), "first")
        assert (line.lines[1].day, line.lines[1].number) == (date(2026, 3, 3), 1)


@pytest.mark.parametrize(
    ("submitted", "last"),
    [
        # before closing on Friday: 14 (made up), 24, 25, 26, 27 February
        (datetime(2026, 2, 13, 9, 0, tzinfo=UTC), date(2026, 2, 27)),
        # at 17:40 on Friday, received on the made-up Saturday: 24, 25, 26, 27, 28 (made up)
        (datetime(2026, 2, 13, 9, 40, tzinfo=UTC), date(2026, 2, 28)),
        # within the festival, received on Tuesday the 24th: 25, 26, 27, 28 (made up), 2 March
        (datetime(2026, 2, 18, 3, 0, tzinfo=UTC), date(2026, 3, 2)),
    ],
)
def test_minfadian_203_what_comes_after_closing_is_received_on_the_next_working_day(
    stage: Stage, submitted: datetime, last: date
) -> None:
    """民法典第二百零三条第二款, for the five working days of 许可法第三十二条."""
    stage.now = submitted
    case_id = stage.submitted()
    assert stage.case(case_id).timer_due == last
    with stage.looking("clerk") as ctx:
        deadlines = explain(ctx, load(ctx, case_id)).deadlines
    assert [(each.title, each.due) for each in deadlines] == [("受理或者一次告知补正", last)]


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (date(2026, 2, 9), date(2026, 2, 24)),  # seven days to Monday the 16th, off: rolls to 24
        (date(2026, 2, 7), date(2026, 2, 14)),  # to the made-up Saturday: worked, stays
        (date(2026, 9, 24), date(2026, 10, 8)),  # to 1 October: rolls over National Day
        (date(2026, 10, 3), date(2026, 10, 10)),  # to the made-up Saturday
    ],
)
def test_minfadian_203_a_notice_in_natural_days_rolls_to_a_working_day(
    set_up: Callable[[Path], Stage], tmp_path: Path, day: date, last: date
) -> None:
    """民法典第二百零三条第一款: only the last day moves; 公示 is in natural days and does not count
    towards the promise (滨州并联审批规定)."""
    stage = set_up(services(tmp_path / "root", "signboard", NOTICE))
    stage.now = datetime(day.year, day.month, day.day, AT_NINE, tzinfo=UTC)
    case_id = stage.accepted()
    stage.approve(case_id, "licence")
    stage.act(case_id, "signboard", "forward")
    assert stage.approvals(case_id)["signboard"].timer_due == last
    with stage.looking("clerk") as ctx:
        found = explain(ctx, load(ctx, case_id), ("signboard",))
    promise, legal = found.regions[0].promise, found.regions[0].legal
    assert promise is not None and legal is not None
    assert {each.day for each in promise.lines if each.why == "paused"}
    assert not [each for each in legal.lines if each.why == "paused"]
    assert [each.due for each in found.deadlines] == [last]


def test_a_day_beyond_what_is_announced_is_provisional(stage: Stage) -> None:
    """A date that rests on a year without announced holidays says so (ADR 0005)."""
    licence, _, _, whole, law = accepted(stage, date(2026, 11, 23))
    assert not licence.provisional
    assert not whole.provisional
    assert law.provisional
    assert next(each.day for each in law.lines if each.provisional) == date(2027, 1, 1)


def test_zhejiang_12_both_limits_are_told_and_shown(stage: Stage) -> None:
    """浙江规定第十二条: the notice of acceptance and the page name the limit of the law and the
    promise, each with its basis."""
    stage.now = datetime(2026, 3, 2, AT_NINE, tzinfo=UTC)
    case_id = stage.accepted()
    paper = next(each for each in stage.documents(case_id) if each.kind == "acceptance")
    food = next(each for each in paper.snapshot["items"] if each["id"] == "food")
    assert (food["promise"], food["legal"]) == ("5个工作日", "20个工作日")
    # 3 to 6, 9 March; four weeks to 27, and 30 March is the twentieth
    assert (food["promise_due"], food["legal_due"]) == ("2026-03-09", "2026-03-30")
    with stage.looking("applicant") as ctx:
        found = explain(ctx, load(ctx, case_id))
    for region in found.regions:
        if region.lines:
            assert [each.kind for each in region.lines] == ["promise", "legal"]
            assert all(each.basis for each in region.lines)
            promise, legal = region.lines
            assert promise.due <= legal.due
