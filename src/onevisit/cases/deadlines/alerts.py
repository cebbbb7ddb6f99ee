"""Lights that come on by themselves, once each: yellow, red, supervision, and late delivery.

The sweep finds rows by `alert_on`, the next day on which a light may come on; a page view never
lights one. Whoever has to act is told in the same transaction, and the ledger records it
(效能监察; 许可法第四十二条、第四十四条).
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Literal

from sqlalchemy import ColumnElement, exists, literal, or_, update
from sqlalchemy import select as rows_of
from sqlmodel import col, select

from onevisit.cases import clock
from onevisit.cases.context import Context
from onevisit.cases.deadlines.look import Batch, Last, Look, Transaction, found
from onevisit.cases.deadlines.warning import announce, order, sentence
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.turn import Turn
from onevisit.catalog.catalog import Catalog
from onevisit.engine import CASE
from onevisit.engine.clocks import is_closed, is_past
from onevisit.store import evidence
from onevisit.store.files import FileStore
from onevisit.store.tables import Approval, Case
from onevisit.store.work_tables import Alert

Kind = Literal["yellow", "red", "supervision", "delivery"]


@dataclass(frozen=True)
class Lit:
    """A light that is on now, and the last day that it warns of."""

    kind: Kind
    due: date


def run_due(transaction: Transaction, catalog: Catalog, files: FileStore, now: datetime) -> int:
    """Lights everything that has to come on by `now`, each row in a transaction of its own; how
    many lights came on. What somebody else moved meanwhile is reckoned as it stands then."""
    look = Look(transaction, catalog, files, now)
    return sum(
        look.all_of(find, lambda ctx, row: light_up(ctx, *row))
        for find in (waiting_cases, waiting_approvals)
    )


def light_up(ctx: Context, case_id: uuid.UUID, region: str) -> int:
    """Bring on the lights of one region that are due and have not been on; how many came on."""
    dossier = load(ctx, case_id, lock=True)
    row = dossier.row(region)
    if row.alert_on is None or row.alert_on > ctx.today:
        return 0
    known = _known(ctx, case_id, region)
    new = [each for each in lights(ctx, dossier, region) if each not in known]
    turn = Turn(ctx, dossier)
    for place, each in enumerate(new):
        alert = Alert(
            case_id=case_id, region=region, kind=each.kind, due=each.due, fired_at=ctx.now
        )
        ctx.session.add(alert)
        papers = order(ctx, dossier, region, each.due) if each.kind == "supervision" else []
        numbers = [paper.number for paper in papers]
        text = sentence(each.kind, each.due)
        turn.note("alert", "timer", region, kind=each.kind, text=text, documents=numbers)
        for paper in papers:
            turn.vouch(partial(evidence.of_document, paper), place)
        announce(ctx, dossier, region, each.kind, each.due)
    if new:
        turn.save()
    _look_next(ctx, row, next_look(ctx, dossier, region, {*known, *new}))
    return len(new)


def lights(ctx: Context, dossier: Dossier, region: str) -> Iterator[Lit]:
    """The lights that are on now, by the last days in the row.

    Periods of the authority end when it closes (民法典第二百零三条); none is on for what is
    decided, and no yellow one comes on while the promise stands still.
    """
    row, hours = dossier.row(region), dossier.definition.jurisdiction.hours
    if isinstance(row, Case) and row.decided_at is not None:
        due = row.delivery_due if row.concluded_at is None else None
        if due is not None and is_past(hours, due, ctx.local):
            yield Lit("delivery", due)
        return
    if row.decided_at is not None or row.promise_due is None or row.legal_due is None:
        return
    if is_past(hours, row.promise_due, ctx.local):
        yield Lit("red", row.promise_due)
    elif _is_nearly_used(ctx, row) and _stopped_until(ctx, dossier, region) is None:
        yield Lit("yellow", row.promise_due)
    if is_past(hours, row.legal_due, ctx.local):
        yield Lit("supervision", row.legal_due)


def next_look(ctx: Context, dossier: Dossier, region: str, known: set[Lit]) -> date | None:
    """The next day on which another light of the region may come on; None when none can."""
    row = dossier.row(region)
    if row.decided_at is not None:
        due = row.delivery_due if isinstance(row, Case) and row.concluded_at is None else None
        return None if due is None or Lit("delivery", due) in known else due
    if row.promise_due is None or row.legal_due is None or row.yellow_on is None:
        return None
    days = []
    if Lit("red", row.promise_due) not in known:
        days.append(row.promise_due)
        if Lit("yellow", row.promise_due) not in known:
            days.append(_stopped_until(ctx, dossier, region) or row.yellow_on)
    if Lit("supervision", row.legal_due) not in known:
        days.append(row.legal_due)
    return min(days, default=None)


def _is_nearly_used(ctx: Context, row: Case | Approval) -> bool:
    return row.yellow_on is not None and row.yellow_on <= ctx.today


def _stopped_until(ctx: Context, dossier: Dossier, region: str) -> date | None:
    """The day on which the promise will go on, None while it runs."""
    running = clock.clocks(ctx, dossier, region)
    if running is None or running.promise.stop_on(ctx.today) is None:
        return None
    return running.promise.next_counted(ctx.today)


def _look_next(ctx: Context, row: Case | Approval, day: date | None) -> None:
    """Write when to look again: no act of anybody's, so no revision and no ledger entry."""
    table = Case if isinstance(row, Case) else Approval
    statement = update(table).where(col(table.id) == row.id).values(alert_on=day)
    ctx.session.connection().execute(statement)


def _known(ctx: Context, case_id: uuid.UUID, region: str) -> set[Lit]:
    """The lights of a region that have been on."""
    statement = select(Alert).where(Alert.case_id == case_id, Alert.region == region)
    return {Lit(row.kind, row.due) for row in ctx.session.exec(statement)}  # type: ignore[arg-type]  # the table's own check holds the kinds


Waiting = tuple[uuid.UUID, str]
"""A case and the region of it that is to be looked at."""


def waiting_cases(ctx: Context, after: Last | None = None) -> Batch[Waiting]:
    """The whole cases to look at now, those that have waited longest first."""
    day = col(Case.alert_on)
    statement = rows_of(
        day, col(Case.id), col(Case.id), literal(CASE), col(Case.version_hash), _quiet(Case)
    )
    return _waiting(ctx, found(ctx, statement.where(day <= ctx.today), day, Case.id, after))


def waiting_approvals(ctx: Context, after: Last | None = None) -> Batch[Waiting]:
    """The approvals to look at now, those that have waited longest first."""
    day = col(Approval.alert_on)
    statement = rows_of(
        day,
        col(Approval.id),
        col(Approval.case_id),
        col(Approval.region),
        col(Case.version_hash),
        _quiet(Approval),
    ).join(Case, col(Case.id) == col(Approval.case_id))
    return _waiting(ctx, found(ctx, statement.where(day <= ctx.today), day, Approval.id, after))


def _waiting(ctx: Context, some: tuple[Sequence[Any], Last | None]) -> Batch[Waiting]:
    """Without those that only the authority closing for the day can light, before it does."""
    rows, last = some
    wanted = [
        (case_id, region)
        for day, _, case_id, region, version, quiet in rows
        if not (quiet and day == ctx.today and _is_open(ctx, version))
    ]
    return Batch(wanted, last)


def _quiet(table: type[Case] | type[Approval]) -> ColumnElement[bool]:
    """Whether nothing but the authority closing for the day can light it on its last day."""
    case_id = col(Case.id) if table is Case else col(Approval.case_id)
    region = literal(CASE) if table is Case else col(Approval.region)
    warned = exists().where(
        col(Alert.case_id) == case_id,
        col(Alert.region) == region,
        col(Alert.kind) == "yellow",
        col(Alert.due) == col(table.promise_due),
    )
    return or_(col(table.decided_at).is_not(None), warned)


def _is_open(ctx: Context, version: str) -> bool:
    """Whether the authority has not closed for today."""
    hours = ctx.catalog.version(ctx.session, version).definition.jurisdiction.hours
    return not is_closed(hours, ctx.local)
