"""Due dates as people see them, their lights and days left.

A list tells a light from its own row: `promise_due` and `yellow_on` say what the clock with all its
pauses came to, so that no list has to run clocks. Only the days left need the pauses ahead, which
are read once for a whole page.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlmodel import col, select

from onevisit.cases.clock import share
from onevisit.cases.context import Context
from onevisit.definition.place import Calendar, Hours
from onevisit.definition.service import Definition
from onevisit.engine import CASE
from onevisit.engine.clocks import ONE_DAY, is_past, is_provisional, is_working_day
from onevisit.store.tables import Approval, Case
from onevisit.store.turn_tables import Pause

Light = Literal["ok", "soon", "late", "none"]
Span = tuple[date, date]
"""A pause: the days after the first through the second do not count."""
Ahead = dict[tuple[uuid.UUID, str], list[Span]]
"""Pauses that still stand, by case and region."""


@dataclass(frozen=True, order=True)
class Due:
    """A last day; provisional while the holidays before it are not all announced (暂定)."""

    day: date
    provisional: bool


def due_on(calendar: Calendar, day: date | None) -> Due | None:
    """The due date as it is shown; None when there is none."""
    return None if day is None else Due(day, is_provisional(calendar, day))


def days_between(calendar: Calendar, start: date, end: date, pauses: Collection[Span] = ()) -> int:
    """Working days after `start` up to and including `end` on which no pause stands; negative
    when `end` is earlier."""
    if end < start:
        return -days_between(calendar, end, start)
    count, day = 0, start
    while day < end:
        day += ONE_DAY
        paused = any(first < day <= last for first, last in pauses)
        count += not paused and is_working_day(calendar, day)
    return count


def light(hours: Hours | None, row: Case | Approval, moment: datetime) -> Light:
    """The light of a promise by what its row says at `moment` (local time).

    none without a due date or once decided; late when the authority has closed on the last day;
    soon from the day on which the place's share of the promise has been used.
    """
    if row.promise_due is None or row.decided_at is not None:
        return "none"
    if is_past(hours, row.promise_due, moment):
        return "late"
    return "soon" if row.yellow_on is not None and row.yellow_on <= moment.date() else "ok"


def period_light(definition: Definition, start: date, due: date | None, moment: datetime) -> Light:
    """The light of a short period of the authority that never stands still (acceptance, delivery):
    soon once the place's share of its working days since `start` has been used."""
    rules, calendar = definition.jurisdiction, definition.calendar
    if due is None:
        return "none"
    if is_past(rules.hours, due, moment):
        return "late"
    used = days_between(calendar, start, moment.date())
    whole = days_between(calendar, start, due)
    return "soon" if moment.date() == due or (used and used >= whole * share(rules)) else "ok"


def left(
    calendar: Calendar, row: Case | Approval, today: date, pauses: Collection[Span] = ()
) -> int | None:
    """Working days left of the promise of what is not decided; negative when late."""
    if row.promise_due is None or row.decided_at is not None:
        return None
    return days_between(calendar, today, row.promise_due, pauses)


def pauses_of(
    found: Mapping[tuple[uuid.UUID, str], Sequence[Span]], row: Case | Approval
) -> list[Span]:
    """The pauses in `found` that hold a row up: its own, or for a whole case those of all items."""
    region = CASE if isinstance(row, Case) else row.region
    return [
        span
        for (case_id, place), spans in found.items()
        if case_id == row.case_id and region in (CASE, place)
        for span in spans
    ]


def pauses_ahead(ctx: Context, case_ids: Sequence[uuid.UUID]) -> Ahead:
    """The pauses of promises that still stand, by case and region: one query for a page."""
    statement = select(Pause).where(
        col(Pause.case_id).in_(set(case_ids)),
        col(Pause.stops_promise),
        col(Pause.ended).is_(None),
        col(Pause.planned) >= ctx.today,
    )
    found: Ahead = {}
    for row in ctx.session.exec(statement):
        found.setdefault((row.case_id, row.region), []).append((row.began, row.planned))
    return found
