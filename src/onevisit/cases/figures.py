"""Counts each day once it is over, so that statistics are read from months and never from cases.

Only numbers leave a case here: days, visits, whether a promise was kept. Nothing in the figures
says whose case it was.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Select, func, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import load_only
from sqlmodel import col, select

from onevisit.cases.context import Context
from onevisit.cases.deadlines.look import Look, Transaction
from onevisit.cases.lights import Span, days_between
from onevisit.catalog.catalog import Catalog
from onevisit.documents.format import BEIJING
from onevisit.engine.clocks import ONE_DAY, is_past
from onevisit.store.citizen_tables import Rating
from onevisit.store.figure_tables import CountedDay, Figure
from onevisit.store.files import FileStore
from onevisit.store.tables import Case, LedgerEntry
from onevisit.store.turn_tables import Pause

SETTLED = timedelta(hours=1)
"""After midnight, so that no transaction of the day is still under way."""
AT_ONCE = 31
"""Days that one look counts at most: years of old cases must not hold up what falls due."""
COUNTED = (
    Case.workflow_id, Case.version_hash, Case.submitted_at, Case.accepted_at, Case.decided_at,
    Case.clock_from, Case.promise_due,
)  # fmt: skip
"""What is read of a case: its form stays sealed."""
Key = tuple[str, str, int]
"""A measure, a service and a value."""


@dataclass(frozen=True)
class Day:
    """A local day as the moments between which it lies."""

    day: date

    @property
    def begins(self) -> datetime:
        """Its first moment."""
        return datetime.combine(self.day, time(), BEIJING).astimezone(UTC)

    @property
    def ends(self) -> datetime:
        """The first moment of the day after."""
        return datetime.combine(self.day + ONE_DAY, time(), BEIJING).astimezone(UTC)

    def has(self, moment: datetime | None) -> bool:
        """Whether something happened on it."""
        return moment is not None and self.begins <= moment < self.ends


def run_due(transaction: Transaction, catalog: Catalog, files: FileStore, now: datetime) -> int:
    """Counts the days that are over by `now`, each in a transaction of its own; how many."""
    return Look(transaction, catalog, files, now).each(uncounted, count)


def uncounted(ctx: Context) -> list[date]:
    """The days that are over and not counted, from the first on which anything was handed in."""
    newest = select(col(CountedDay.day)).order_by(col(CountedDay.day).desc()).limit(1)
    last = ctx.session.exec(newest).first()
    if last is None:
        oldest = select(col(LedgerEntry.at)).order_by(col(LedgerEntry.at)).limit(1)
        began = ctx.session.exec(oldest).first()
        if began is None:
            return []
        last = began.astimezone(BEIJING).date() - ONE_DAY
    over = (ctx.local - SETTLED).date()
    days = min((over - last).days - 1, AT_ONCE)
    return [last + timedelta(days=number) for number in range(1, days + 1)]


def count(ctx: Context, day: date) -> int:
    """Add one day to the figures of its month: 1, or 0 when another node was first."""
    connection = ctx.session.connection()
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    mine = dialect.insert(CountedDay).values(day=day, counted_at=ctx.now, **_whole(Counter()))
    if not connection.execute(mine.on_conflict_do_nothing()).rowcount:
        return 0
    month, found = day.replace(day=1), measured(ctx, Day(day))
    connection.execute(update(CountedDay).where(col(CountedDay.day) == day).values(_whole(found)))
    for (measure, workflow_id, value), cases in sorted(found.items()):
        added = dialect.insert(Figure).values(
            month=month, measure=measure, workflow_id=workflow_id, value=value, cases=cases
        )
        connection.execute(
            added.on_conflict_do_update(
                index_elements=["month", "measure", "workflow_id", "value"],
                set_={"cases": col(Figure.cases) + cases},
            )
        )
    return 1


def _whole(found: Counter[Key]) -> dict[str, int]:
    """The day as one row for the supervisors' trend, all services together."""
    sums: Counter[str] = Counter()
    for (measure, _, value), cases in found.items():
        sums[measure] += cases
        sums["late"] += cases if (measure, value) == ("kept", 0) else 0
    return {
        "submitted": sums["submitted"],
        "accepted": sums["accepted"],
        "decided": sums["used"],
        "late": sums["late"],
    }


def measured(ctx: Context, day: Day) -> Counter[Key]:
    """What happened on a day: cases submitted, accepted and decided, those within the promise and
    beyond it, the working days that were used, the visits that were saved, and the ratings."""
    found: Counter[Key] = Counter()
    decided = []
    read = load_only(*COUNTED, raiseload=True)  # type: ignore[arg-type]  # SQLModel types a column as its value
    touched = select(Case).where(col(Case.id).in_(_touched(day))).options(read)
    for case in ctx.session.exec(touched):
        found["submitted", case.workflow_id, 0] += day.has(case.submitted_at)
        found["accepted", case.workflow_id, 0] += day.has(case.accepted_at)
        if day.has(case.decided_at):
            decided.append(case)
    pauses = _pauses(ctx, day) if decided else {}
    for case in decided:
        found.update(_outcome(ctx, case, pauses.get(case.id, ())))
    grades = (
        select(Case.workflow_id, Rating.grade, func.count())
        .join(Case, col(Case.id) == col(Rating.case_id))
        .where(col(Rating.rated_at) >= day.begins, col(Rating.rated_at) < day.ends)
        .group_by(col(Case.workflow_id), col(Rating.grade))
    )
    for workflow_id, grade, cases in ctx.session.exec(grades):
        found["grade", workflow_id, grade] += cases
    return +found  # without what nothing happened of


def _outcome(ctx: Context, case: Case, pauses: Sequence[Span]) -> Iterable[Key]:
    """The measures of one decided case. Days on which the promise stood still are not used; visits
    saved are those that the service promises to save, at the least."""
    definition = ctx.catalog.version(ctx.session, case.version_hash).definition
    if case.decided_at is None or case.clock_from is None or case.promise_due is None:
        return
    local = case.decided_at.astimezone(BEIJING)
    used = days_between(definition.calendar, case.clock_from, local.date(), pauses)
    kept = not is_past(definition.jurisdiction.hours, case.promise_due, local)
    workflow = definition.workflow
    yield "used", case.workflow_id, max(used, 0)
    yield "kept", case.workflow_id, int(kept)
    yield "saved", case.workflow_id, max(workflow.baseline.visits - workflow.promise.visits, 0)


def _touched(day: Day) -> Select[uuid.UUID]:
    """The cases in whose ledger something was written on a day: an indexed range."""
    return (
        select(LedgerEntry.case_id)
        .where(col(LedgerEntry.at) >= day.begins, col(LedgerEntry.at) < day.ends)
        .distinct()
    )


def _pauses(ctx: Context, day: Day) -> dict[uuid.UUID, list[Span]]:
    """The days on which the promises of that day's cases stood still."""
    statement = select(Pause).where(col(Pause.case_id).in_(_touched(day)), Pause.stops_promise)
    found: dict[uuid.UUID, list[Span]] = {}
    for row in ctx.session.exec(statement):
        last = row.planned if row.ended is None else min(row.ended, row.planned)
        found.setdefault(row.case_id, []).append((row.began, last))
    return found
