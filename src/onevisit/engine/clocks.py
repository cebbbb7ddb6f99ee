"""Counts days by law: working days by calendar, natural days that roll over a holiday.

The first day does not count (民法典第二百零一条); days of 行政许可法 are working days (第八十二条).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from onevisit.definition.place import Calendar, Hours
from onevisit.definition.values import Limit

ONE_DAY = timedelta(days=1)
SATURDAY = 5


Why = Literal["first", "counted", "make_up", "weekend", "holiday", "paused", "rolled"]


@dataclass(frozen=True)
class Stop:
    """A pause of a clock: the days after `began` up to and including `last` do not count.

    Counted like every period: the day on which it begins is not part of it (民法典第二百零一条).
    """

    title: str
    began: date
    last: date
    reasons: str
    basis: str


@dataclass(frozen=True)
class Extra:
    """Days added by an extension, why, and on which article."""

    days: int
    reasons: str
    basis: str


@dataclass(frozen=True)
class Day:
    """One day of a clock: `number` is how many days have been counted with it, None when it is
    not counted; `why` says how the day is treated, `stop` which pause it falls into."""

    day: date
    number: int | None
    why: Why
    stop: Stop | None = None


@dataclass(frozen=True)
class Clock:
    """A limit that runs: every day from `start` to `due`, the last day."""

    start: date
    limit: Limit
    stops: tuple[Stop, ...]
    extras: tuple[Extra, ...]
    days: tuple[Day, ...]

    @property
    def due(self) -> date:
        """The last day, on which it is still in time."""
        return self.days[-1].day

    @property
    def whole(self) -> int:
        """The days of the limit with everything that was added."""
        return self.limit.days + sum(extra.days for extra in self.extras)

    def used(self, today: date) -> int:
        """How many of its days have been counted up to and including `today`."""
        numbers = (day.number for day in self.days if day.number is not None and day.day <= today)
        return max(numbers, default=0)

    def left(self, today: date) -> int:
        """How many of its days are still to come after `today`; never negative."""
        return self.whole - self.used(today)

    def stop_on(self, today: date) -> Stop | None:
        """The pause in which the clock stands still on `today`, if it does."""
        return next((day.stop for day in self.days if day.day == today), None)

    def next_counted(self, today: date) -> date:
        """The first day after `today` that counts; the last day when none does."""
        later = (day.day for day in self.days if day.number is not None and day.day > today)
        return next(later, self.due)


def run(
    calendar: Calendar,
    start: date,
    limit: Limit,
    stops: Sequence[Stop] = (),
    extras: Sequence[Extra] = (),
) -> Clock:
    """Runs a limit day by day from `start` (not counted), past pauses, through extensions.

    Working days count when they are worked (许可法第八十二条); natural days all count, and a last
    day that is not worked rolls to the next that is (民法典第二百零三条).
    """
    whole = limit.days + sum(extra.days for extra in extras)
    days = tuple(_days(calendar, start, limit, stops, whole))
    return Clock(start, limit, tuple(stops), tuple(extras), days)


def _days(
    calendar: Calendar, start: date, limit: Limit, stops: Sequence[Stop], whole: int
) -> Iterator[Day]:
    yield Day(start, None, "first")
    day, counted = start, 0
    while counted < whole:
        day += ONE_DAY
        stop = next((each for each in stops if each.began < day <= each.last), None)
        why = "paused" if stop is not None else _kind(calendar, day)
        counts = stop is None and (limit.unit == "natural" or is_working_day(calendar, day))
        counted += counts
        yield Day(day, counted if counts else None, why, stop)
    while not is_working_day(calendar, day):
        day += ONE_DAY
        yield Day(day, None, "rolled")


def _kind(calendar: Calendar, day: date) -> Why:
    """How a day stands in the calendar."""
    if is_working_day(calendar, day):
        return "make_up" if day.weekday() >= SATURDAY else "counted"
    return "weekend" if day.weekday() >= SATURDAY else "holiday"


def received_on(calendar: Calendar, hours: Hours | None, moment: datetime) -> date:
    """The day on which something counts as received; `moment` is local time.

    What comes in after closing, or on a day off, is received on the next working day
    (民法典第二百零三条第二款); without published hours, on its own day.
    """
    day = moment.date()
    if hours is None:
        return day
    if is_closed(hours, moment):
        day += ONE_DAY
    return next_working_day(calendar, day)


def is_past(hours: Hours | None, last: date, moment: datetime) -> bool:
    """Whether a period of the authority that ends on `last` is over; `moment` is local time.

    It ends when the authority closes on the last day; without published hours, at midnight
    (民法典第二百零三条第二款).
    """
    return moment.date() > last or (moment.date() == last and is_closed(hours, moment))


def is_closed(hours: Hours | None, moment: datetime) -> bool:
    """Whether the authority has closed for the day; `moment` is local time."""
    return hours is not None and f"{moment:%H:%M}" >= hours.close


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
