"""Time as the offices live it: minutes of office hours, so that nobody waits for the night."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice

from onevisit.definition.place import Calendar, Hours
from onevisit.engine.clocks import next_working_day

LONGEST_DAY, BREAK = 8 * 60, 60
"""Minutes that somebody works in a day, and the break when the office is open for longer."""


def minutes_a_day(hours: Hours | None) -> int:
    """Minutes that one person works on a working day of this place."""
    if hours is None or hours.open is None:
        return LONGEST_DAY
    open_for = _minute(hours.close) - _minute(hours.open)
    return min(open_for - BREAK if open_for > LONGEST_DAY else open_for, LONGEST_DAY)


def _minute(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


class OfficeTime:
    """Working days from `start` on, counted by the calendar; one of them has `length` minutes."""

    def __init__(self, calendar: Calendar, start: date, length: int) -> None:
        self.calendar, self.length = calendar, length
        self._days: list[date] = []
        self._coming = self._working(start)

    def day(self, moment: float) -> int:
        """The number of the working day (0 is the first) on which a moment lies."""
        return int(moment // self.length)

    def after_natural_days(self, moment: float, days: int) -> float:
        """When work can go on after a public notice of so many natural days: at opening of the
        first working day after the last of them."""
        last = self._date(self.day(moment)) + timedelta(days=days)
        number = self.day(moment)
        while self._date(number) <= last:
            number += 1
        return float(number * self.length)

    def _date(self, number: int) -> date:
        missing = number + 1 - len(self._days)
        self._days.extend(islice(self._coming, max(missing, 0)))
        return self._days[number]

    def _working(self, start: date) -> Iterator[date]:
        day = start
        while True:
            day = next_working_day(self.calendar, day)
            yield day
            day += timedelta(days=1)
