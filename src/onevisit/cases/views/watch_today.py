"""Today's numbers for supervisors, the work in hand by department and service, and the last weeks.

What happened today is read off the ledger by its index on time; what is open by indexes over what
nobody has decided; the days before from their counts. So a day costs what a day holds.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func
from sqlalchemy import select as rows_of
from sqlmodel import col, select

from onevisit.access import check_can_supervise
from onevisit.access.actor import OFFICE_ROLES
from onevisit.cases.context import Context
from onevisit.documents.format import BEIJING
from onevisit.store.beginning import only_checked
from onevisit.store.citizen_tables import Rating
from onevisit.store.figure_tables import CountedDay
from onevisit.store.tables import Approval, Case, LedgerEntry

ACTS: Mapping[str, tuple[str, ...]] = {
    "submitted": ("submit",),
    "accepted": ("accept", "deem_accepted"),
    "corrections": ("request_correction",),
    "declined": ("decline",),
    "rejected": ("reject", "forfeit"),
    "concluded": ("hand_out", "collect"),
}
"""Which acts of a day are counted together."""
BAD = 2
"""Grades up to 不满意 are bad ratings, which have to be followed up (好差评)."""
TREND = 30
"""Days of the picture of the last weeks."""


@dataclass(frozen=True)
class Today:
    """How often each of ACTS happened today; cases (not items) due today and past their promise;
    bad ratings of today, and those whose day to be followed up has passed."""

    happened: Mapping[str, int]
    due: int
    overdue: int
    bad_ratings: int
    not_followed_up: int


@dataclass(frozen=True)
class TrendDay:
    """One day that is over, all services together."""

    day: date
    submitted: int
    accepted: int
    decided: int
    late: int


def today(ctx: Context) -> Today:
    """The numbers of the present day, as far as it has gone."""
    check_can_supervise(ctx.actor)
    begins = datetime.combine(ctx.today, time(), BEIJING)
    acts = (
        rows_of(col(LedgerEntry.act), func.count())
        .where(col(LedgerEntry.at) >= begins)
        .group_by(col(LedgerEntry.act))
    )
    done: Counter[str] = Counter()
    for act, number in ctx.session.connection().execute(acts):
        done[act] = number
    dues = _dues(ctx)
    return Today(
        happened={name: sum(done[act] for act in together) for name, together in ACTS.items()},
        due=dues[ctx.today],
        overdue=sum(number for day, number in dues.items() if day < ctx.today),
        bad_ratings=_bad(ctx, col(Rating.rated_at) >= begins),
        not_followed_up=_bad(
            ctx, col(Rating.contact_due) < ctx.today, col(Rating.contacted_at).is_(None)
        ),
    )


def _dues(ctx: Context) -> Counter[date]:
    """How many open cases have each last day up to today."""
    statement = (
        rows_of(col(Case.promise_due), func.count())
        .where(col(Case.decided_at).is_(None), col(Case.promise_due) <= ctx.today)
        .group_by(col(Case.promise_due))
    )
    found: Counter[date] = Counter()
    for day, number in ctx.session.connection().execute(statement):
        found[day or ctx.today] = number
    return found


def _bad(ctx: Context, *which: object) -> int:
    statement = select(func.count()).select_from(Rating).where(col(Rating.grade) <= BAD, *which)  # type: ignore[arg-type]  # conditions of our own
    return ctx.session.exec(statement).one()


def in_hand(ctx: Context) -> dict[tuple[str, str], int]:
    """How many items each department has in work, by (department, service)."""
    check_can_supervise(ctx.actor)
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
    rows = ctx.session.connection().execute(statement)
    return {(department, service): number for department, service, number in rows}


def trend(ctx: Context) -> tuple[TrendDay, ...]:
    """The last weeks day by day, the oldest first; only days that are over."""
    check_can_supervise(ctx.actor)
    statement = (
        select(CountedDay)
        .where(col(CountedDay.day) >= ctx.today - timedelta(days=TREND))
        .order_by(col(CountedDay.day))
    )
    return tuple(
        TrendDay(row.day, row.submitted, row.accepted, row.decided, row.late)
        for row in ctx.session.exec(statement)
    )
