"""Days counted by hand around Spring Festival, National Day and make-up Saturdays."""

from datetime import date

import pytest

from onevisit.definition.values import Limit
from onevisit.engine.clocks import (
    add_working_days,
    due,
    is_provisional,
    is_working_day,
    next_working_day,
)
from proof.mutated import parsed

CALENDAR = parsed().calendar


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2025, 1, 26), True),  # Sunday, made up for the Spring Festival
        (date(2025, 1, 28), False),  # New Year's Eve, a Tuesday
        (date(2025, 2, 4), False),
        (date(2025, 2, 8), True),  # Saturday, made up
        (date(2025, 10, 8), False),
        (date(2025, 10, 11), True),  # Saturday, made up
        (date(2025, 10, 12), False),  # an ordinary Sunday
        (date(2026, 1, 2), False),
        (date(2026, 1, 4), True),  # Sunday, made up for New Year
        (date(2026, 2, 14), True),  # Saturday, made up
        (date(2026, 2, 23), False),
        (date(2026, 10, 7), False),
        (date(2026, 10, 10), True),  # Saturday, made up
    ],
)
def test_a_day_is_worked_as_the_state_council_says(day: date, worked: bool) -> None:
    assert is_working_day(CALENDAR, day) is worked


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        # 26 (made up), 27 | 28 January to 4 February off | 5, 6, 7
        (date(2025, 1, 24), 5, date(2025, 2, 7)),
        # 5, 6, 7, 8 (made up) | Sunday | 10
        (date(2025, 1, 27), 5, date(2025, 2, 10)),
        # 28 (made up), 29, 30 | 1 to 8 October off | 9, 10
        (date(2025, 9, 26), 5, date(2025, 10, 10)),
        # 9, 10, 11 (made up)
        (date(2025, 9, 30), 3, date(2025, 10, 11)),
        # 14 (made up) | 15 to 23 February off | 24, 25
        (date(2026, 2, 13), 3, date(2026, 2, 25)),
        # 25, 26, 27, 28 (made up) | Sunday | 2 March
        (date(2026, 2, 24), 5, date(2026, 3, 2)),
        # 20 (made up), 21, 22
        (date(2026, 9, 18), 3, date(2026, 9, 22)),
        # 1 to 7 October off | 8, 9, 10 (made up)
        (date(2026, 9, 30), 3, date(2026, 10, 10)),
        # an ordinary week: the first day does not count
        (date(2026, 3, 2), 5, date(2026, 3, 9)),
    ],
)
def test_working_days_skip_holidays_and_count_made_up_days(
    start: date, days: int, end: date
) -> None:
    assert add_working_days(CALENDAR, start, days) == end
    assert due(CALENDAR, start, Limit(days=days)) == end


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2026, 2, 5), 10, date(2026, 2, 24)),  # ends on the 15th, rolls over the festival
        (date(2025, 9, 24), 10, date(2025, 10, 9)),  # ends on 4 October
        (date(2026, 3, 2), 5, date(2026, 3, 9)),  # ends on a Saturday
        (date(2026, 2, 4), 10, date(2026, 2, 14)),  # ends on a made-up Saturday: no rolling
    ],
)
def test_natural_days_that_end_on_a_day_off_roll(start: date, days: int, end: date) -> None:
    assert due(CALENDAR, start, Limit(days=days, unit="natural")) == end


def test_no_days_end_at_once_or_on_the_next_working_day() -> None:
    assert add_working_days(CALENDAR, date(2026, 1, 1), 0) == date(2026, 1, 4)
    assert add_working_days(CALENDAR, date(2026, 3, 2), 0) == date(2026, 3, 2)
    assert next_working_day(CALENDAR, date(2026, 10, 1)) == date(2026, 10, 8)


def test_days_beyond_the_announced_calendar_are_provisional() -> None:
    assert not is_provisional(CALENDAR, CALENDAR.last)
    assert is_provisional(CALENDAR, date(CALENDAR.last.year + 1, 1, 1))
