"""Days counted by hand around Spring Festival, National Day and make-up Saturdays."""

from datetime import date, datetime

import pytest

from onevisit.definition.place import Hours
from onevisit.definition.values import Limit
from onevisit.documents.format import BEIJING
from onevisit.engine.clocks import (
    Extra,
    Stop,
    add_working_days,
    due,
    is_past,
    is_provisional,
    is_working_day,
    next_working_day,
    received_on,
    run,
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


def at(*moment: int) -> datetime:
    """Local time in the city: year, month, day, hour and perhaps minute."""
    year, month, day, hour, minute = (*moment, 0)[:5]
    return datetime(year, month, day, hour, minute, tzinfo=BEIJING)


HOURS = Hours(open="09:00", close="17:30", basis="虚构")


@pytest.mark.parametrize(
    ("hours", "moment", "day"),
    [
        (None, at(2026, 2, 14, 23), date(2026, 2, 14)),  # without hours, its own day
        (HOURS, at(2026, 2, 13, 17, 29), date(2026, 2, 13)),
        (HOURS, at(2026, 2, 13, 17, 30), date(2026, 2, 14)),  # a made-up Saturday
        (HOURS, at(2026, 2, 14, 18), date(2026, 2, 24)),  # 15 to 23 February off
        (HOURS, at(2026, 2, 15, 10), date(2026, 2, 24)),  # on a day off
    ],
)
def test_what_comes_in_after_closing_is_received_on_the_next_working_day(
    hours: Hours | None, moment: datetime, day: date
) -> None:
    """民法典第二百零三条第二款."""
    assert received_on(CALENDAR, hours, moment) == day


@pytest.mark.parametrize(
    ("hours", "moment", "past"),
    [
        (HOURS, at(2026, 3, 9, 17, 29), False),
        (HOURS, at(2026, 3, 9, 17, 30), True),
        (None, at(2026, 3, 9, 23, 59), False),
        (None, at(2026, 3, 10, 0, 0), True),
        (HOURS, at(2026, 3, 8, 18), False),
    ],
)
def test_a_period_of_the_authority_ends_when_it_closes(
    hours: Hours | None, moment: datetime, past: bool
) -> None:
    """民法典第二百零三条第二款."""
    assert is_past(hours, date(2026, 3, 9), moment) is past


def test_pauses_and_extensions_day_by_day_around_spring_festival() -> None:
    """Five working days from Tuesday 10 February 2026: 11, 12 | stopped after the 12th through the
    24th (the festival included) | 25, 26, 27; two more by extension: 28 (made up), 2 March."""
    stop = Stop("检验、检测", date(2026, 2, 12), date(2026, 2, 24), "送检", "许可法第四十五条")
    clock = run(CALENDAR, date(2026, 2, 10), Limit(days=5), [stop])
    assert clock.due == date(2026, 2, 27)
    assert [each.day.day for each in clock.days if each.number] == [11, 12, 25, 26, 27]
    assert {each.stop for each in clock.days if each.why == "paused"} == {stop}
    longer = run(
        CALENDAR, date(2026, 2, 10), Limit(days=5), [stop], [Extra(2, "复杂", "许可法第四十二条")]
    )
    assert longer.due == date(2026, 3, 2)
    assert [each.why for each in longer.days if each.day == date(2026, 2, 28)] == ["make_up"]
    assert longer.next_counted(date(2026, 2, 12)) == date(2026, 2, 25)
    assert longer.next_counted(date(2026, 3, 2)) == date(2026, 3, 2)
    assert longer.stop_on(date(2026, 2, 13)) == stop
    assert longer.stop_on(date(2026, 2, 25)) is None


def test_natural_days_tell_weekends_that_count_and_the_days_over_which_they_roll() -> None:
    """Ten natural days from 5 February 2026 end on Sunday the 15th, within the festival."""
    clock = run(CALENDAR, date(2026, 2, 5), Limit(days=10, unit="natural"))
    assert clock.due == date(2026, 2, 24)
    why = {each.day.day: each.why for each in clock.days}
    assert (why[7], why[14], why[15]) == ("weekend", "make_up", "weekend")
    assert {why[day] for day in range(16, 25)} == {"rolled"}
