"""Counts days by law: working days by calendar, natural days that roll over a holiday.

The first day does not count (民法典第二百零一条); days of 行政许可法 are working days (第八十二条).
"""

from datetime import date, timedelta
from functools import lru_cache

from onevisit.definition.place import Calendar
from onevisit.definition.values import Limit

ONE_DAY = timedelta(days=1)
SATURDAY = 5


@lru_cache(maxsize=32)
def _exceptions(calendar: Calendar) -> tuple[frozenset[date], frozenset[date]]:
    return frozenset(calendar.holidays), frozenset(calendar.workdays)


def is_working_day(calendar: Calendar, day: date) -> bool:
    """Whether `day` is worked: Monday to Friday less holidays, plus make-up days (调休)."""
    holidays, workdays = _exceptions(calendar)
    return day in workdays or (day.weekday() < SATURDAY and day not in holidays)


def is_provisional(calendar: Calendar, day: date) -> bool:
    """Whether a date rests on days for which no holidays are announced yet."""
    return day > calendar.last


def add_working_days(calendar: Calendar, start: date, days: int) -> date:
    """The last of `days` working days after `start`; `start` itself is not counted.

    With 0 days, `start` itself, or the next working day when it is not worked.
    """
    if days == 0:
        return next_working_day(calendar, start)
    day = start
    while days:
        day += ONE_DAY
        days -= is_working_day(calendar, day)
    return day


def next_working_day(calendar: Calendar, day: date) -> date:
    """`day` itself when it is worked, else the next working day."""
    while not is_working_day(calendar, day):
        day += ONE_DAY
    return day


def due(calendar: Calendar, start: date, limit: Limit) -> date:
    """The last day of a limit that starts to run on `start`.

    Natural days that end on a day off roll to the next working day (民法典第二百零三条).
    """
    if limit.unit == "working":
        return add_working_days(calendar, start, limit.days)
    return next_working_day(calendar, start + timedelta(days=limit.days))
