"""Stored files that no row names: what a process left that died between keeping a file and the
commit that would have named it. They may hold personal data, so they do not stay."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from heapq import merge
from typing import Any

from sqlalchemy import Column, collate, select
from sqlmodel import Session

from onevisit.store.discarded import DiscardedFile
from onevisit.store.file_rotation import NAMED
from onevisit.store.files import FileStore
from onevisit.store.tables import METADATA

SETTLED = timedelta(days=1)
"""How long after it was kept a file may still be waiting for its commit: far longer than any."""
AT_ONCE = 1000


def orphans(session: Session, files: FileStore, now: datetime) -> Iterator[str]:
    """The keys of all files that nothing names, in order.

    The names that rows hold and those that lie there are read side by side, both in order, so that
    it takes no more memory for a million. `session` reads one moment, begun before this is called.
    Raises Unreachable.
    """
    columns = [(*each,) for each in NAMED] + [(str(DiscardedFile.__tablename__), "key")]
    named = merge(*(_in_order(session, METADATA.tables[table].c[name]) for table, name in columns))
    known = next(named, None)
    for key in files.shelf.settled(now - SETTLED):
        while known is not None and known < key:
            known = next(named, None)
        if key != known:
            yield key


def _in_order(session: Session, column: "Column[Any]") -> Iterator[str]:
    connection = session.connection()
    order = collate(column, "C") if connection.dialect.name == "postgresql" else column
    said = select(column).where(column.is_not(None)).order_by(order)
    options = {"yield_per": AT_ONCE}
    yield from connection.execute(said, execution_options=options).scalars()
