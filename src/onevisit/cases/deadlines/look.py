"""One look at rows that are due: found in one transaction, and each done in one of its own, so that
a row that somebody else has just moved, or that cannot be done, holds up no other."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, tuple_
from sqlmodel import Session, col

from onevisit.access import Actor
from onevisit.cases.context import Context
from onevisit.cases.errors import CaseError
from onevisit.catalog.catalog import Catalog
from onevisit.store.files import FileStore

NOBODY = Actor(uuid.UUID(int=0), "系统", ())
Transaction = Callable[[], AbstractContextManager[Session]]
"""Opens a session that commits at its end."""
Row = TypeVar("Row")
Last = tuple[date, uuid.UUID]
"""The day and the id of the last row that was found, after which to go on."""
BATCH = 500
"""Rows that are due and in memory at once, however many a node finds that was away for weeks."""


@dataclass(frozen=True)
class Batch(Generic[Row]):
    """Some rows that are due, and where to go on; `last` is None when there are no more."""

    rows: Sequence[Row]
    last: Last | None


Find = Callable[[Context, Last | None], Batch[Row]]


def found(
    ctx: Context, statement: Select[*tuple[Any, ...]], day: Any, key: Any, after: Last | None
) -> tuple[Sequence[Any], Last | None]:
    """The next BATCH rows of a statement whose first two columns are `day` and `key`, by which an
    index sorts them; and where to go on. Both are compared at once, so that the index is entered
    there, however many rows have the same day."""
    if after is not None:
        statement = statement.where(tuple_(col(day), col(key)) > after)
    statement = statement.order_by(col(day), col(key)).limit(BATCH)
    rows = ctx.session.connection().execute(statement).all()
    return rows, (rows[-1][0], rows[-1][1]) if len(rows) == BATCH else None


@dataclass(frozen=True)
class Look:
    """What one look of the sweep works with, at one moment."""

    transaction: Transaction
    catalog: Catalog
    files: FileStore
    now: datetime

    def each(
        self, find: Callable[[Context], Iterable[Row]], do: Callable[[Context, Row], int]
    ) -> int:
        """Do every row that is found; the sum of what `do` says it did."""
        with self.transaction() as session:
            rows = list(find(self._context(session)))
        return self._do(rows, do)

    def all_of(self, find: Find[Row], do: Callable[[Context, Row], int]) -> int:
        """The same for rows of which there may be any number: found and done batch by batch.

        What could not be done stays due and is passed by, so that it holds up nothing behind it.
        """
        return sum(self._do(rows, do) for rows in self._batches(find))

    def _batches(self, find: Find[Row]) -> Iterator[Sequence[Row]]:
        last: Last | None = None
        while True:
            with self.transaction() as session:
                batch = find(self._context(session), last)
            yield batch.rows
            if batch.last is None:
                return
            last = batch.last

    def _do(self, rows: Iterable[Row], do: Callable[[Context, Row], int]) -> int:
        done = 0
        for row in rows:
            try:
                with self.transaction() as session:
                    done += do(self._context(session), row)
            except CaseError:
                continue
        return done

    def _context(self, session: Session) -> Context:
        return Context(session, self.catalog, self.files, NOBODY, self.now)
