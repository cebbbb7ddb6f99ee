"""Days left and lights count working days: holidays and make-up days included."""

from datetime import date

import pytest

from onevisit.cases.lights import Due, days_between, due_on, light
from onevisit.definition.place import Calendar

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


def test_light_turns_yellow_at_nine_tenths_and_red_past_the_day() -> None:
    due = date(2026, 12, 7)  # ten working days after MONDAY in this calendar
    assert days_between(CALENDAR, MONDAY, due) == 10
    shown = {
        day: light(CALENDAR, MONDAY, due, day)
        for day in (MONDAY, date(2026, 12, 3), date(2026, 12, 4), due, date(2026, 12, 8))
    }
    assert list(shown.values()) == ["ok", "ok", "soon", "soon", "late"]


def test_no_due_date_no_light_and_no_start_only_on_the_day() -> None:
    assert light(CALENDAR, MONDAY, None, MONDAY) == "none"
    assert light(CALENDAR, None, date(2026, 11, 24), MONDAY) == "ok"
    assert light(CALENDAR, None, MONDAY, MONDAY) == "soon"


def test_a_due_date_past_the_announced_holidays_is_provisional() -> None:
    assert due_on(CALENDAR, date(2026, 12, 31)) == Due(date(2026, 12, 31), provisional=False)
    assert due_on(CALENDAR, date(2027, 1, 4)) == Due(date(2027, 1, 4), provisional=True)
    assert due_on(CALENDAR, None) is None
