"""The clocks of a case and of its items: legal and promised limits run by what the rows say.

Legal limits stand still only for the procedures of 许可法第四十五条, promises also for what the
place lists and for public notices. The clock of the whole case stands still while any of its
items' does, since that time is not counted for the joint handling either.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import col, select

from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.definition.place import Jurisdiction
from onevisit.definition.values import Limit
from onevisit.engine import CASE
from onevisit.engine.clocks import Clock, Extra, Stop, run
from onevisit.store.turn_tables import Extension, Pause

WARNED_AT = 0.9
"""Where a place has not said when the light turns yellow (效能监察)."""
RUNNING = select(Pause).where(
    Pause.case_id == bindparam("case"),
    Pause.region == bindparam("region"),
    col(Pause.ended).is_(None),
    col(Pause.planned) > bindparam("today"),
)


@dataclass(frozen=True)
class Clocks:
    """Both clocks of a region: what the law allows and what was promised."""

    legal: Clock
    promise: Clock


def clocks(ctx: Context, dossier: Dossier, region: str = CASE) -> Clocks | None:
    """The clocks of the case or of one item with every pause and extension; None before start."""
    start = dossier.row(region).clock_from
    if start is None:
        return None
    return both(
        dossier, region, start, _pauses(ctx, dossier, region), _granted(ctx, dossier, region)
    )


def first_dues(dossier: Dossier, region: str, start: date) -> dict[str, Any]:
    """The columns of a region whose clocks start on `start` (not counted) and are not stopped."""
    return {"clock_from": start, **dues(dossier, both(dossier, region, start, (), ()))}


def dues(dossier: Dossier, running: Clocks) -> dict[str, Any]:
    """The columns that repeat, for lists and the sweep, what the clocks say."""
    yellow = yellow_on(running.promise, share(dossier.definition.jurisdiction))
    return {
        "promise_due": running.promise.due,
        "legal_due": running.legal.due,
        "yellow_on": yellow,
        "alert_on": yellow,
    }


def share(place: Jurisdiction) -> float:
    """The share of a promise after which the place warns."""
    return WARNED_AT if place.supervision is None else place.supervision.yellow


def yellow_on(clock: Clock, share: float) -> date:
    """The first day on which `share` of the clock's days have been used."""
    needed = math.ceil(round(clock.whole * share, 6))
    return next(
        (day.day for day in clock.days if day.number is not None and day.number >= needed),
        clock.due,
    )


def legal_limit(dossier: Dossier, region: str) -> Limit:
    """An item's own limit; of several handled jointly, that of 许可法第四十二条第二款."""
    parts = dossier.selection.parts
    if region == CASE and len(parts) > 1:
        joint = dossier.definition.jurisdiction.joint_limit
        return Limit(days=joint.days, basis=joint.basis)
    part = parts[0] if region == CASE else dossier.selection.part(region)
    return part.item.limit


def promised_limit(dossier: Dossier, region: str) -> Limit:
    """What was promised for the whole or for an item on its route."""
    if region == CASE:
        promise = dossier.definition.workflow.promise
        return Limit(days=promise.days, basis=promise.basis)
    part = dossier.selection.part(region)
    return part.route.promise or part.item.promise


def both(
    dossier: Dossier,
    region: str,
    start: date,
    pauses: Sequence[Pause],
    granted: Sequence[Extension],
) -> Clocks:
    """Both clocks of a region from `start` (not counted): each stands still for those pauses alone
    that stop it, and an extension lengthens the law's (许可法第四十二条、第四十五条)."""
    calendar = dossier.definition.calendar
    extras = tuple(Extra(each.days, each.reasons, each.basis) for each in granted)
    legal = _stops(each for each in pauses if each.stops_legal)
    promise = _stops(each for each in pauses if each.stops_promise)
    return Clocks(
        run(calendar, start, legal_limit(dossier, region), legal, extras),
        run(calendar, start, promised_limit(dossier, region), promise),
    )


def _stops(pauses: Iterable[Pause]) -> tuple[Stop, ...]:
    """A pause ends when it was ended, and no later than it was said to take."""
    return tuple(
        Stop(
            each.title,
            each.began,
            each.planned if each.ended is None else min(each.ended, each.planned),
            each.reasons,
            each.basis,
        )
        for each in pauses
    )


def _pauses(ctx: Context, dossier: Dossier, region: str) -> Sequence[Pause]:
    statement = select(Pause).where(Pause.case_id == dossier.case.id)
    if region != CASE:
        statement = statement.where(Pause.region == region)
    return ctx.session.exec(statement.order_by(col(Pause.began), col(Pause.id))).all()


def running(ctx: Context, dossier: Dossier, region: str) -> Sequence[Pause]:
    """The pauses of an item that would go on beyond today."""
    asked = {"case": dossier.case.id, "region": region, "today": ctx.today}
    return ctx.session.exec(RUNNING, params=asked).all()


def _granted(ctx: Context, dossier: Dossier, region: str) -> Sequence[Extension]:
    statement = select(Extension).where(
        Extension.case_id == dossier.case.id,
        Extension.region == region,
        Extension.state == "granted",
    )
    return ctx.session.exec(statement).all()


def columns(ctx: Context, dossier: Dossier, region: str) -> Mapping[str, Any]:
    """The columns of a region after a pause or an extension; nothing before its clocks start or
    once it is decided. A period that has ended stays so, and none is moved into the past, also
    where other rules have come into force since it began."""
    row = dossier.row(region)
    running = clocks(ctx, dossier, region) if row.decided_at is None else None
    if running is None:
        return {}
    values = dues(dossier, running)
    for name in ("promise_due", "legal_due"):
        old: date | None = getattr(row, name)
        if old is not None:
            values[name] = old if old < ctx.today else max(values[name], ctx.today)
    return values
