"""Counts the open work, row by row: today's numbers, what each department has in hand, and which
lights are on. It takes as long as there is work, so no page does it.

What happened today is read off the ledger by its index on time; what is open by indexes over what
nobody has decided.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time

from sqlalchemy import func
from sqlalchemy import select as rows_of
from sqlmodel import col, select

from onevisit.access.actor import OFFICE_ROLES
from onevisit.cases.board.lights import lights_on, of_item
from onevisit.cases.context import Context
from onevisit.documents.format import BEIJING
from onevisit.engine import CASE
from onevisit.store.beginning import only_checked
from onevisit.store.citizen_tables import Rating
from onevisit.store.tables import Approval, Case, LedgerEntry
from onevisit.store.work_tables import Alert

ACTS: Mapping[str, tuple[str, ...]] = {
    "submitted": ("submit",),
    "accepted": ("accept", "deem_accepted"),
    "corrections": ("request_correction",),
    "declined": ("decline",),
    "rejected": ("reject", "forfeit"),
    "concluded": ("hand_out", "collect"),
}
"""Which acts of a day are counted together."""
IN_HAND = "in_hand"
BAD = 2
"""Grades up to 不满意 are bad ratings, which have to be followed up (好差评)."""
SOME = 1000
"""Rows that are in memory at once."""
Key = tuple[str, str, str]
"""A measure, a department and a service; the last two empty for a number of everything."""
Light = tuple[uuid.UUID, str, str, str]
"""An alert that is on, its kind, its department (CASE: of a whole case) and service."""


def numbers(ctx: Context) -> Counter[Key]:
    """How often each of ACTS happened today; cases (not items) `due` today and `overdue` their
    promise; `bad` ratings of today, and those `unanswered` whose day to be followed up has passed;
    what each department has in hand."""
    found: Counter[Key] = Counter()
    for name, number in (*_happened(ctx), *_dues(ctx), *_ratings(ctx)):
        found[name, "", ""] = number
    return found + _in_hand(ctx)


def lights(ctx: Context) -> Iterator[Light]:
    """Every light that is on, by the id of its alert."""
    statement = (
        rows_of(
            col(Alert.id),
            col(Alert.kind),
            func.coalesce(col(Approval.department), CASE),
            col(Case.workflow_id),
        )
        .select_from(Alert)
        .join(Case, col(Case.id) == col(Alert.case_id))
        .join(Approval, of_item(), isouter=True)
        .where(col(Alert.id).in_(lights_on()))
        .order_by(col(Alert.id))
        .execution_options(yield_per=SOME)
    )
    for row in ctx.session.connection().execute(statement):
        yield row[0], row[1], row[2], row[3]


def of_lights(some: Iterable[Light], counts: Counter[Key]) -> Iterator[Light]:
    """The same lights, each counted as it passes."""
    for light in some:
        counts[light[1:]] += 1
        yield light


def _happened(ctx: Context) -> Iterator[tuple[str, int]]:
    statement = (
        rows_of(col(LedgerEntry.act), func.count())
        .where(col(LedgerEntry.at) >= _midnight(ctx))
        .group_by(col(LedgerEntry.act))
    )
    done: Counter[str] = Counter()
    for act, number in ctx.session.connection().execute(statement):
        done[act] = number
    for name, together in ACTS.items():
        yield name, sum(done[act] for act in together)


def _dues(ctx: Context) -> Iterator[tuple[str, int]]:
    """Open cases by their last day, up to today."""
    statement = (
        rows_of(col(Case.promise_due), func.count())
        .where(col(Case.decided_at).is_(None), col(Case.promise_due) <= ctx.today)
        .group_by(col(Case.promise_due))
    )
    rows = ctx.session.connection().execute(statement)
    found: dict[date | None, int] = {row[0]: row[1] for row in rows}
    due = found.pop(ctx.today, 0)
    yield "due", due
    yield "overdue", sum(found.values())


def _ratings(ctx: Context) -> Iterator[tuple[str, int]]:
    late = (col(Rating.contact_due) < ctx.today, col(Rating.contacted_at).is_(None))
    yield "bad", _bad(ctx, col(Rating.rated_at) >= _midnight(ctx))
    yield "unanswered", _bad(ctx, *late)


def _bad(ctx: Context, *which: object) -> int:
    statement = select(func.count()).select_from(Rating).where(col(Rating.grade) <= BAD, *which)  # type: ignore[arg-type]  # conditions of our own
    return ctx.session.exec(statement).one()


def _in_hand(ctx: Context) -> Counter[Key]:
    statement = (
        rows_of(only_checked(Approval.department), col(Case.workflow_id), func.count())
        .select_from(Approval)
        .join(Case, col(Case.id) == col(Approval.case_id))
        .where(
            only_checked(Approval.awaits).in_(OFFICE_ROLES),
            col(Approval.decided_at).is_(None),
            col(Approval.yellow_on).is_not(None),
        )
        .group_by(only_checked(Approval.department), col(Case.workflow_id))
    )
    found: Counter[Key] = Counter()
    for department, service, number in ctx.session.connection().execute(statement):
        found[IN_HAND, department, service] = number
    return found


def _midnight(ctx: Context) -> datetime:
    return datetime.combine(ctx.today, time(), BEIJING)
