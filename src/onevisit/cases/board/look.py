"""One look at the open work: counted in a transaction that only reads, so that nobody waits for it,
and what has changed since the last one written down in short ones.

A number cannot drift: it is never added to, it is counted anew. Of several nodes one counts; when
it is killed, another does so a little later.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, or_, update
from sqlalchemy import select as rows_of
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select

from onevisit.cases.board import counting, engaged
from onevisit.cases.context import Context
from onevisit.cases.deadlines.look import NOBODY, Transaction
from onevisit.catalog.catalog import Catalog
from onevisit.store.board_tables import BoardCount, BoardLight, BoardLook, Engagement
from onevisit.store.files import FileStore

EVERY = timedelta(seconds=20)
"""From one count to the next, while a count takes less than a second."""
SHARE = 20
"""A count may take one part in so many of a node's time, so a longer one comes more seldom."""
LEASE = timedelta(minutes=5)
"""When another node counts instead of one that began and was never heard of again."""
MOST = 50_000
"""Changes that one count writes down: the first of a large city finds everything new."""
SOME = 500
"""Rows that are written in one transaction."""
Values = tuple[Any, ...]


@dataclass(frozen=True)
class Changes:
    """What a table has to forget, and what it has to say instead."""

    gone: Sequence[Values]
    new: Sequence[Values]


@dataclass(frozen=True)
class Board:
    """Counts when it is time to. `read` opens a transaction that sees one moment, `write` one that
    commits; `stopwatch` tells seconds from any beginning."""

    read: Transaction
    write: Transaction
    catalog: Catalog
    files: FileStore
    stopwatch: Callable[[], float]

    def run_due(self, now: datetime) -> int:
        """Count if nobody has within the last while; how many counts there were, 0 or 1."""
        with self.read() as session:
            if not _is_due(session, now):
                return 0
        with self.write() as session:
            claim = now + LEASE
            if not _claimed(session, now, claim):
                return 0
        return self._count(now, claim)

    def _count(self, now: datetime, claim: datetime) -> int:
        began = self.stopwatch()
        with self.read() as session:
            ctx = Context(session, self.catalog, self.files, NOBODY, now)
            counts = counting.numbers(ctx)
            seen = counting.of_lights(counting.lights(ctx), counts)
            lights = changes(_kept(session, BoardLight), seen, MOST)
            places = changes(_kept(session, Engagement), engaged.places(ctx), MOST)
        seconds = self.stopwatch() - began
        self._keep(BoardLight, lights)
        self._keep(Engagement, places)
        following = now + max(EVERY, timedelta(seconds=seconds * SHARE))
        done = BoardLook(next_at=following, counted_at=now, seconds=round(seconds, 3))
        with self.write() as session:
            if not _ended(session, claim, done):
                return 0
            wanted = [(*key, number) for key, number in counts.items()]
            kept = sorted(_kept(session, BoardCount))
            apply(session, BoardCount, changes(kept, sorted(wanted)))
        return 1

    def _keep(self, table: type[SQLModel], found: Changes) -> None:
        """Write the changes, some at a time, so that officers' acts come in between."""
        for start in range(0, max(len(found.gone), len(found.new)), SOME):
            some = slice(start, start + SOME)
            with self.write() as session:
                apply(session, table, Changes(found.gone[some], found.new[some]))


def changes(kept: Iterable[Values], wanted: Iterable[Values], most: int | None = None) -> Changes:
    """Where two streams of rows, sorted by their first column, differ. No more than `most`
    differences of each kind are held in memory, the rest is left to the next count."""
    gone: list[Values] = []
    new: list[Values] = []
    sides = merge(((row, 0) for row in _sorted(kept)), ((row, 1) for row in _sorted(wanted)))
    for row, each in groupby(sides, key=lambda side: side[0]):
        found = {side for _, side in each}
        if found == {0} and (most is None or len(gone) < most):
            gone.append(row)
        elif found == {1} and (most is None or len(new) < most):
            new.append(row)
    return Changes(gone, new)


def apply(session: Session, table: type[SQLModel], found: Changes) -> None:
    """Bring a table to what was found; whatever somebody else wrote meanwhile stays."""
    connection, columns = session.connection(), _columns(table)
    if found.gone:
        same = (getattr(table, name) == bindparam(f"was_{name}") for name in columns)
        was = [{f"was_{name}": value for name, value in zip(columns, row, strict=True)}
               for row in found.gone]  # fmt: skip
        connection.execute(delete(table).where(*same), was)
    if found.new:
        rows = [dict(zip(columns, row, strict=True)) for row in found.new]
        connection.execute(_insert(connection, table).on_conflict_do_nothing(), rows)


def _insert(connection: Connection, table: type[SQLModel]) -> Any:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def _columns(table: type[SQLModel]) -> list[str]:
    return [each.name for each in table.__table__.columns]  # type: ignore[attr-defined]  # every table has one


def _kept(session: Session, table: type[SQLModel]) -> Iterator[Values]:
    """All rows of a table as values, by their first column, which is an id."""
    columns = [getattr(table, name) for name in _columns(table)]
    statement = rows_of(*columns).order_by(columns[0]).execution_options(yield_per=counting.SOME)
    return (tuple(row) for row in session.connection().execute(statement))


def _sorted(rows: Iterable[Values]) -> Iterator[Values]:
    """Rows that come by their first column, sorted whole: databases sort ids alike, names not."""
    for _, same in groupby(rows, key=itemgetter(0)):
        yield from sorted(same)


def _is_due(session: Session, now: datetime) -> bool:
    """Whether it is time; also when the clock was put back to before the last count."""
    look = session.exec(select(BoardLook)).first()
    if look is None or look.next_at <= now:
        return True
    return look.counted_at is not None and look.counted_at > now


def _claimed(session: Session, now: datetime, claim: datetime) -> bool:
    """Whether it is ours to count: nobody else has moved the next time on."""
    connection = session.connection()
    first = _insert(connection, BoardLook).values(id=1, next_at=now, counted_at=None, seconds=0)
    connection.execute(first.on_conflict_do_nothing())
    ahead = col(BoardLook.counted_at) > now
    mine = (
        update(BoardLook)
        .where(or_(col(BoardLook.next_at) <= now, ahead))
        .values(next_at=claim, counted_at=case((ahead, None), else_=col(BoardLook.counted_at)))
    )
    return bool(connection.execute(mine).rowcount)


def _ended(session: Session, claim: datetime, look: BoardLook) -> bool:
    """Write down when the count was; False when another node has begun one since."""
    ours = update(BoardLook).where(col(BoardLook.next_at) == claim)
    said = ours.values(next_at=look.next_at, counted_at=look.counted_at, seconds=look.seconds)
    return bool(session.connection().execute(said).rowcount)
