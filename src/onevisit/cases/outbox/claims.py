"""Who does a piece of owed work: one attempt at a time holds its row, and only that one settles it.

Documents and dispatches are rows with the same columns for this. A claim runs out by itself, so
that the work of a process that died is taken over by any other, of whatever version, within
LEASE; an attempt that comes back after its claim ran out changes nothing.
"""

import random
import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, SQLColumnExpression, or_, update
from sqlmodel import Session, col, select

from onevisit.store.tables import Document
from onevisit.store.work_tables import Dispatch

LEASE = timedelta(seconds=45)
"""Longer than any piece of work takes; what is left of a minute is for the next look."""
FIRST, LONGEST = timedelta(seconds=5), timedelta(hours=1)
"""The pause after the first failure, doubled by each further one up to the longest."""
AHEAD = timedelta(days=2)
"""No claim and no pause reaches that far: one that does was written by a clock that was wrong, and
would hold its row until then."""
BROKEN_OFF = "处理程序{times}次中途退出，没有完成"
PERSONAL = re.compile(r"[\w.+-]+@[\w.-]+|\d{7,}[\dXx]?")
"""Addresses, telephone and identity numbers; what an operator reads shows none."""


@dataclass(frozen=True)
class Kind:
    """One kind of owed work: its table, the state in which a row waits for an attempt, how many
    attempts it gets before it is left to a person, and the state in which it is done."""

    name: Literal["document", "dispatch"]
    table: type[Document] | type[Dispatch]
    waiting: str
    tries: int
    done: str


DOCUMENTS = Kind("document", Document, "pending", 8, "made")
DISPATCHES = Kind("dispatch", Dispatch, "waiting", 14, "sent")
"""Half a day of a mail server that is down."""
KINDS = {kind.name: kind for kind in (DOCUMENTS, DISPATCHES)}


@dataclass(frozen=True)
class Claim:
    """The right to work on one row; `attempt` counts from 1."""

    row_id: uuid.UUID
    token: str
    attempt: int


def is_due(session: Session, kind: Kind, now: datetime) -> bool:
    """Whether some row waits for an attempt; a look that locks nothing."""
    return session.exec(select(kind.table.id).where(*_due(kind, now)).limit(1)).first() is not None


def claim_next(session: Session, kind: Kind, now: datetime, node: str) -> Claim | None:
    """Claim the oldest row that is due (ids sort by age); None when nothing is due.

    Rows that other nodes are just claiming are passed over (SKIP LOCKED on PostgreSQL; on SQLite
    only one transaction writes at a time). A row whose attempts all broke off is given up.
    """
    while True:
        row = session.exec(
            select(kind.table.id, kind.table.attempts)
            .where(*_due(kind, now))
            .order_by(col(kind.table.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if row is None:
            return None
        claim = Claim(row[0], f"{node}/{uuid.uuid4().hex[:12]}", row[1] + 1)
        if row[1] < kind.tries:
            until = now + LEASE
            _write(session, kind, row[0], attempts=claim.attempt, claim=claim.token, until=until)
            return claim
        error = BROKEN_OFF.format(times=row[1])
        _write(session, kind, row[0], state="failed", error=error, claim=None, until=None)


def settle(session: Session, kind: Kind, claim: Claim, **values: Any) -> bool:
    """Write what came of an attempt; False, and nothing written, when the claim is not ours now."""
    table = kind.table
    statement = (
        update(table)
        .where(col(table.id) == claim.row_id, col(table.claim) == claim.token)
        .values(claim=None, claimed_until=None, **values)
    )
    return bool(session.connection().execute(statement).rowcount)


def give_back(
    session: Session,
    kind: Kind,
    claim: Claim,
    now: datetime,
    error: str,
    *,
    permanent: bool = False,
    wait: timedelta | None = None,
) -> bool:
    """An attempt failed: the row waits longer each time, at least `wait`; after the last attempt,
    or where another would fail as well (`permanent`), it is failed until a person repeats it."""
    last = permanent or claim.attempt >= kind.tries
    pause = max(backoff(claim.attempt), wait or timedelta())
    return settle(
        session,
        kind,
        claim,
        state="failed" if last else kind.waiting,
        error=readable(error),
        next_at=now + pause,
    )


def repeat(session: Session, kind: Kind, now: datetime, row_id: uuid.UUID | None = None) -> int:
    """Let one row, or all failed ones, be tried again from the beginning; how many.

    A single row may also be one that waits for its next attempt, or whose way out was off.
    """
    table = kind.table
    which = [col(table.state) == "failed"]
    if row_id is not None:
        states = ("failed", "off", kind.waiting)
        free = _is_past(col(table.claimed_until), now)
        which = [col(table.id) == row_id, col(table.state).in_(states), free]
    statement = update(table).where(*which).values(state=kind.waiting, attempts=0, next_at=now)
    return session.connection().execute(statement).rowcount


def backoff(attempt: int) -> timedelta:
    """How long to wait after the attempt of this number; half of it by chance, so that rows which
    failed together do not all come back together."""
    seconds = min(LONGEST.total_seconds(), FIRST.total_seconds() * 2.0 ** min(attempt - 1, 20))
    return timedelta(seconds=seconds * random.uniform(0.5, 1))  # noqa: S311 -- no secret


def under_way(kind: Kind, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Rows that some attempt holds, which all wait: whoever settles one lets go of it. By an index
    over what is claimed, however much waits."""
    return (col(kind.table.claimed_until) > now,)


def readable(error: str) -> str:
    """An error as an operator may read it: one line, without anybody's address or number."""
    return PERSONAL.sub("…", " ".join(error.split()))[:500]


def _due(kind: Kind, now: datetime) -> tuple[ColumnElement[bool], ...]:
    table = kind.table
    return (
        col(table.state) == kind.waiting,
        _is_past(col(table.next_at), now),
        _is_past(col(table.claimed_until), now),
    )


def _is_past(moment: SQLColumnExpression[datetime | None], now: datetime) -> ColumnElement[bool]:
    """None, past, or so far ahead that the clock must have been wrong."""
    return or_(moment.is_(None), moment <= now, moment > now + AHEAD)


def _write(
    session: Session, kind: Kind, row_id: uuid.UUID, *, until: datetime | None, **values: Any
) -> None:
    table = kind.table
    statement = update(table).where(col(table.id) == row_id)
    session.connection().execute(statement.values(claimed_until=until, **values))
