"""A clock as small month calendars: what each day was to it, week by week."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Literal

from onevisit.engine.clocks import ONE_DAY, Clock, Day, Why

Mark = Why | Literal["due"]


@dataclass(frozen=True)
class Cell:
    """One day: how it stands in the clock (None outside of it), and its number when counted."""

    day: date
    mark: Mark | None
    number: int | None
    today: bool


@dataclass(frozen=True)
class Month:
    """The weeks of a month that the clock touches, from Monday to Sunday; None where a day belongs
    to another month."""

    year: int
    month: int
    weeks: tuple[tuple[Cell | None, ...], ...]


def months(clock: Clock, today: date) -> tuple[Month, ...]:
    """Every month that the clock touches."""
    known = {each.day: each for each in clock.days}
    whole = _all_days(clock.start, clock.due)
    return tuple(
        Month(year, month, _weeks([_cell(day, known.get(day), clock.due, today) for day in days]))
        for (year, month), days in groupby(whole, key=lambda day: (day.year, day.month))
    )


def _all_days(start: date, end: date) -> Iterator[date]:
    """From the first of the month of `start` to the last of the month of `end`."""
    day = start.replace(day=1)
    while (day.year, day.month) <= (end.year, end.month):
        yield day
        day += ONE_DAY


def _cell(day: date, known: Day | None, due: date, today: date) -> Cell:
    mark: Mark | None = None if known is None else "due" if day == due else known.why
    return Cell(day, mark, known.number if known is not None else None, day == today)


def _weeks(cells: list[Cell]) -> tuple[tuple[Cell | None, ...], ...]:
    before = [None] * cells[0].day.weekday()
    after = [None] * (6 - cells[-1].day.weekday())
    row = [*before, *cells, *after]
    weeks = (tuple(row[at : at + 7]) for at in range(0, len(row), 7))
    return tuple(week for week in weeks if any(cell and cell.mark for cell in week))
