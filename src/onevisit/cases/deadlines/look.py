"""One look at rows that are due: found in one transaction, and each done in one of its own, so that
a row that somebody else has just moved, or that cannot be done, holds up no other."""

import uuid
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlmodel import Session

from onevisit.access import Actor
from onevisit.cases.context import Context
from onevisit.cases.errors import CaseError
from onevisit.catalog.catalog import Catalog
from onevisit.store.files import FileStore

NOBODY = Actor(uuid.UUID(int=0), "系统", ())
Transaction = Callable[[], AbstractContextManager[Session]]
"""Opens a session that commits at its end."""
Row = TypeVar("Row")


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
            found = list(find(self._context(session)))
        done = 0
        for row in found:
            try:
                with self.transaction() as session:
                    done += do(self._context(session), row)
            except CaseError:
                continue
        return done

    def _context(self, session: Session) -> Context:
        return Context(session, self.catalog, self.files, NOBODY, self.now)
