"""Stored files that nothing names any more: written down in the transaction that lets go of them,
so that each is removed in the end, whatever dies or is out of reach at that moment."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import datetime, timedelta

from sqlalchemy import delete, event
from sqlmodel import Field, Session, col, select

from onevisit.store.columns import UtcDateTime
from onevisit.store.files import FileStore
from onevisit.store.shelves import Unreachable
from onevisit.store.tables import Row

AT_ONCE = 100
GRACE = timedelta(minutes=10)
"""How long somebody who has just read the row may still want to open the file."""


class DiscardedFile(Row, table=True):
    """A file to be removed, by its key in the store, as soon as it is `due_at`."""

    __tablename__ = "discarded_files"
    key: str = Field(primary_key=True, max_length=100)
    due_at: datetime = Field(sa_type=UtcDateTime, index=True)


def discard(session: Session, files: FileStore, keys: Sequence[str], now: datetime) -> None:
    """Remove these files once the rows that named them are really gone: right then, or with the
    next look if that fails."""
    later(session, keys, now)

    def gone(_: Session) -> None:
        with suppress(Unreachable, OSError):
            for key in keys:
                files.delete(key)

    event.listen(session, "after_commit", gone, once=True)


def later(session: Session, keys: Sequence[str], due_at: datetime) -> None:
    """Have the sweep remove these files when it is time."""
    session.add_all(DiscardedFile(key=key, due_at=due_at) for key in keys)
    session.flush()


def remove_due(
    transaction: Callable[[], AbstractContextManager[Session]], files: FileStore, now: datetime
) -> int:
    """Remove what is due, some of it; how many files. Raises Unreachable: then they stay due."""
    due = select(DiscardedFile.key).where(DiscardedFile.due_at <= now)
    with transaction() as session:
        keys = session.exec(due.order_by(col(DiscardedFile.due_at)).limit(AT_ONCE)).all()
    for key in keys:
        files.delete(key)
    if keys:
        with transaction() as session:
            gone = delete(DiscardedFile).where(col(DiscardedFile.key).in_(keys))
            session.connection().execute(gone)
    return len(keys)
