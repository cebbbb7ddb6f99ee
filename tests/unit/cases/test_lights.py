"""Days left and lights: holidays, make-up days and pauses included; none needs a clock to run."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

import pytest

from onevisit.cases.lights import Due, days_between, due_on, left, light, pauses_of, period_light
from onevisit.definition.place import Calendar, Hours
from onevisit.store.tables import Approval, Case
from proof.mutated import parsed

CALENDAR = Calendar(
    id="demo",
    title="演示",
    first=date(2026, 1, 1),
    last=date(2026, 12, 31),
    holidays=(date(2026, 11, 25),),
    workdays=(date(2026, 11, 28),),  # a Saturday that is worked
    source="虚构",
)
MONDAY = date(2026, 11, 23)
HOURS = Hours(open="09:00", close="17:30", basis="虚构")
DEFINITION = parsed()


def at(day: date, hour: int = 10) -> datetime:
    """Some hour of a day, local time."""
    return datetime(day.year, day.month, day.day, hour)  # noqa: DTZ001 -- local time is meant


def approval(**values: Any) -> Approval:
    """A row as a list reads it."""
    return Approval(
        case_id=uuid4(), region="food", item_id="food", department="d", route="approval",
        state="handle", **values,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("end", "days"),
    [
        (date(2026, 11, 23), 0),
        (date(2026, 11, 24), 1),
        (date(2026, 11, 25), 1),  # a holiday
        (date(2026, 11, 27), 3),
        (date(2026, 11, 29), 4),  # the worked Saturday counts, the Sunday does not
        (date(2026, 11, 20), -1),
    ],
)
def test_days_between(end: date, days: int) -> None:
    assert days_between(CALENDAR, MONDAY, end) == days


def test_days_on_which_the_promise_stands_still_are_not_left() -> None:
    row = approval(promise_due=date(2026, 12, 2))
    assert left(CALENDAR, row, MONDAY) == 7  # 24, 26, 27, 28 (made up), 30, 1, 2
    pause = (date(2026, 11, 26), date(2026, 11, 30))
    assert left(CALENDAR, row, MONDAY, [pause]) == 4  # 24, 26, 1, 2
    assert left(CALENDAR, row, date(2026, 12, 4)) == -2
    assert left(CALENDAR, approval(promise_due=MONDAY, decided_at=at(MONDAY)), MONDAY) is None
    assert left(CALENDAR, approval(), MONDAY) is None


def test_light_turns_yellow_on_the_day_of_its_row_and_red_when_the_authority_closes() -> None:
    row = approval(promise_due=date(2026, 12, 7), yellow_on=date(2026, 12, 4))
    shown = [
        light(HOURS, row, moment)
        for moment in (
            at(MONDAY),
            at(date(2026, 12, 3), 23),
            at(date(2026, 12, 4), 0),
            at(date(2026, 12, 7), 17),
            at(date(2026, 12, 7), 18),
            at(date(2026, 12, 8)),
        )
    ]
    assert shown == ["ok", "ok", "soon", "soon", "late", "late"]
    assert light(None, row, at(date(2026, 12, 7), 18)) == "soon"  # to the end of the day


def test_no_due_date_or_a_decision_no_light() -> None:
    assert light(HOURS, approval(), at(MONDAY)) == "none"
    assert light(HOURS, approval(promise_due=MONDAY, decided_at=at(MONDAY)), at(MONDAY)) == "none"
    assert light(HOURS, approval(promise_due=date(2026, 11, 24)), at(MONDAY)) == "ok"


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (date(2026, 3, 2), "ok"),
        (date(2026, 3, 12), "ok"),  # eight of ten working days
        (date(2026, 3, 13), "soon"),  # nine
        (date(2026, 3, 16), "soon"),
        (date(2026, 3, 17), "late"),
    ],
)
def test_short_periods_warn_at_the_place_s_share_of_their_working_days(
    day: date, shown: str
) -> None:
    start, due = date(2026, 3, 2), date(2026, 3, 16)
    assert period_light(DEFINITION, start, due, at(day)) == shown
    assert period_light(DEFINITION, start, None, at(day)) == "none"


def test_a_pause_holds_up_its_own_item_and_the_whole_case() -> None:
    row = approval()
    case = Case(
        id=row.case_id, workflow_id="w", version_hash="h", state="reviewing",
        applicant_id=uuid4(), channel="online", created_at=at(MONDAY),
    )  # fmt: skip
    span = (MONDAY, date(2026, 11, 30))
    found = {(row.case_id, "sign"): [span], (uuid4(), "food"): [span]}
    assert pauses_of(found, row) == []
    assert pauses_of(found, case) == [span]
    assert pauses_of({(row.case_id, "food"): [span]}, row) == [span]


def test_a_due_date_past_the_announced_holidays_is_provisional() -> None:
    assert due_on(CALENDAR, date(2026, 12, 31)) == Due(date(2026, 12, 31), provisional=False)
    assert due_on(CALENDAR, date(2027, 1, 4)) == Due(date(2027, 1, 4), provisional=True)
    assert due_on(CALENDAR, None) is None
