"""Background work as an operator sees it: what waits, what is under way, what failed and why.

Nothing in it says about whom or to whom: documents appear by their kind, dispatches by their way
out, both by the id of their row.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from onevisit.access import check_can_operate
from onevisit.cases import wording
from onevisit.cases.context import Context
from onevisit.cases.outbox import claims
from onevisit.cases.outbox.claims import DISPATCHES, DOCUMENTS, Kind
from onevisit.store.tables import Document
from onevisit.store.work_tables import Dispatch, Message

LIMIT = 200
"""Rows of one list; the figures above it count on."""
COUNTED = 10_000
"""How far the figures count; one more than this stands for any number beyond."""
CHANNELS = {"email": "电子邮件", "sms": "短信"}
KINDS = {"document": "文书", "dispatch": "通知发送"}


@dataclass(frozen=True)
class Figures:
    """How many pieces of one kind stand where, each at most COUNTED + 1; `off`: for a way out that
    the site does not have."""

    kind: str
    title: str
    waiting: int
    running: int
    failed: int
    done: int
    off: int


@dataclass(frozen=True)
class Job:
    """One piece of work that is not done. `state`: waiting, running or failed; `since` is when it
    was written, `next_at` when it is tried again; `node` is at it."""

    id: uuid.UUID
    kind: str
    title: str
    state: str
    attempts: int
    since: datetime
    next_at: datetime | None
    error: str | None
    node: str | None


@dataclass(frozen=True)
class Jobs:
    """All of it, the failed first, then the oldest first."""

    figures: tuple[Figures, ...]
    rows: tuple[Job, ...]


def jobs(ctx: Context, *, failed: bool = False) -> Jobs:
    """Background work for whoever operates the site; with `failed` only what failed."""
    check_can_operate(ctx.actor)
    return overview(ctx.session, ctx.now, failed=failed)


def repeat(ctx: Context, row_id: uuid.UUID | None = None) -> int:
    """Have one piece of work, or everything that failed, tried again; how many."""
    check_can_operate(ctx.actor)
    return repeated(ctx.session, ctx.now, row_id)


def repeated(session: Session, now: datetime, row_id: uuid.UUID | None = None) -> int:
    """As `repeat`, for whoever has the machine itself."""
    return sum(claims.repeat(session, kind, now, row_id) for kind in claims.KINDS.values())


def overview(session: Session, now: datetime, *, failed: bool = False) -> Jobs:
    """As `jobs`, for whoever has the machine itself."""
    rows = _documents(session, now, failed) + _dispatches(session, now, failed)
    rows.sort(key=lambda row: (row.state != "failed", row.since, row.id))
    figures = (_figures(session, DOCUMENTS, now), _figures(session, DISPATCHES, now))
    return Jobs(figures, tuple(rows[:LIMIT]))


def counted(number: int) -> str:
    """A figure for people: the number, or that there are more than were counted."""
    return str(number) if number <= COUNTED else f"超过{COUNTED}"


def _figures(session: Session, kind: Kind, now: datetime) -> Figures:
    """All figures of a kind in one question, each counted no further than COUNTED + 1."""
    rows = select(kind.table.id)
    which = [rows.where(*claims.under_way(kind, now))]
    which += [
        rows.where(kind.table.state == each) for each in (kind.waiting, "failed", kind.done, "off")
    ]
    counts = (
        sql_select(func.count()).select_from(each.limit(COUNTED + 1).subquery()).scalar_subquery()
        for each in which
    )
    running, waiting, failed, done, off = session.execute(sql_select(*counts)).one()
    left = max(waiting - running, 0)
    return Figures(kind.name, KINDS[kind.name], left, running, failed, done, off)


def _documents(session: Session, now: datetime, failed: bool) -> list[Job]:
    return [
        _job(DOCUMENTS, row, wording.TITLES.get(row.kind, row.title), row.created_at, now)
        for state in _states(DOCUMENTS, failed)
        for row in session.exec(
            select(Document)
            .where(col(Document.state) == state)
            .order_by(col(Document.id))
            .limit(LIMIT)
        )
    ]


def _dispatches(session: Session, now: datetime, failed: bool) -> list[Job]:
    return [
        _job(DISPATCHES, row, f"{CHANNELS[row.channel]}：{row.subject}", since, now)
        for state in _states(DISPATCHES, failed)
        for row, since in session.exec(
            select(Dispatch, Message.created_at)
            .join(Message, col(Message.id) == col(Dispatch.message_id))
            .where(col(Dispatch.state) == state)
            .order_by(col(Dispatch.id))
            .limit(LIMIT)
        )
    ]


def _states(kind: Kind, failed: bool) -> tuple[str, ...]:
    """Which states are listed; each asked for by itself, so that an index gives its oldest rows."""
    return ("failed",) if failed else ("failed", kind.waiting)


def _job(kind: Kind, row: Document | Dispatch, title: str, since: datetime, now: datetime) -> Job:
    running = row.claimed_until is not None and row.claimed_until > now
    state = "failed" if row.state == "failed" else "running" if running else "waiting"
    return Job(
        id=row.id,
        kind=kind.name,
        title=title,
        state=state,
        attempts=row.attempts,
        since=since,
        next_at=row.next_at if state == "waiting" else None,
        error=row.error,
        node=(row.claim or "").rpartition("/")[0] or None if running else None,
    )
