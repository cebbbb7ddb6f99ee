"""Due dates as people see them, their lights and days left, in working days."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from onevisit.definition.place import Calendar
from onevisit.engine.clocks import ONE_DAY, is_provisional, is_working_day

Light = Literal["ok", "soon", "late", "none"]
WARNED_AT = 0.9
"""The share of the promised time after which the light is yellow (efficiency supervision)."""


@dataclass(frozen=True, order=True)
class Due:
    """A last day; provisional while the holidays before it are not all announced (暂定)."""

    day: date
    provisional: bool


def due_on(calendar: Calendar, day: date | None) -> Due | None:
    """The due date as it is shown; None when there is none."""
    return None if day is None else Due(day, is_provisional(calendar, day))


def days_between(calendar: Calendar, start: date, end: date) -> int:
    """Working days after `start` up to and including `end`; negative when `end` is earlier."""
    if end < start:
        return -days_between(calendar, end, start)
    count, day = 0, start
    while day < end:
        day += ONE_DAY
        count += is_working_day(calendar, day)
    return count


def light(calendar: Calendar, start: date | None, due: date | None, today: date) -> Light:
    """none without a due date; late past it; soon from nine tenths of the time on."""
    if due is None:
        return "none"
    if today > due:
        return "late"
    if start is None or today == due:
        return "soon" if today == due else "ok"
    whole = days_between(calendar, start, due)
    used = days_between(calendar, start, today)
    return "soon" if used and used >= whole * WARNED_AT else "ok"
