"""Files go over to another key as values do (rotation.py): each is sealed anew under another name,
its row follows, and only then the old one goes; so does what lay there before there were keys."""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Column, ColumnElement, Row, func, select
from sqlalchemy import update as update_of
from sqlmodel import Session

from onevisit.store.discarded import GRACE, DiscardedFile, later
from onevisit.store.files import FileStore
from onevisit.store.rotation import AT_ONCE, PASSES, Transaction
from onevisit.store.sealed_files import Altered
from onevisit.store.tables import METADATA

NAMED = (("uploads", "storage_key"), ("documents", "pdf_key"))
"""The columns that name files; the same row says what their content's SHA-256 is."""
BEFORE_KEY = len("ab/") + 32 + len(".")
Became = Literal["sealed", "overtaken", "missing", "altered"]


@dataclass(frozen=True)
class Moved:
    """What became of one file: sealed under the writing key; overtaken by somebody who changed its
    row meanwhile; not there (its time was over, or it is lost); or not what its row says, and then
    left as it lies."""

    key: str
    became: Became


def tally_files(session: Session) -> Counter[str]:
    """How many rows name a file under each key, by the key's id; "" for those from before."""
    found: Counter[str] = Counter()
    for table, name in NAMED:
        by = _key_id(_column(table, name))
        statement = select(by, func.count()).where(_column(table, name).is_not(None)).group_by(by)
        for key_id, count in session.connection().execute(statement):
            found[key_id] += count
    return found


def left_under(session: Session, files: FileStore, key_id: str) -> int:
    """How many files still need this key, those that wait to be removed among them; a row whose
    file is gone needs none."""
    connection, discarded = session.connection(), _column(DiscardedFile.__tablename__, "key")
    columns = [*(_column(*each) for each in NAMED), discarded]
    found = 0
    for column in columns:
        for (key,) in connection.execute(select(column).where(_key_id(column) == key_id)):
            found += files.stored(key).exists()
    return found


def reseal_files(
    reading: Transaction, writing: Transaction, files: FileStore, to: str, now: datetime
) -> Iterator[Moved]:
    """Bring every file that rows name under the key `to`, which writes; file by file, so that it
    may be interrupted and begun again. Raises KeysFault and shelves.Unreachable."""
    for _ in range(PASSES):
        again = False
        for table, name in NAMED:
            for row in _rows(reading, _column(table, name), to):
                moved = Moved(row[1], _one(writing, files, _column(table, name), row, now))
                again |= moved.became == "overtaken"
                yield moved
        if not again:
            return


def _rows(reading: Transaction, column: "Column[Any]", to: str) -> Iterator["Row[Any, Any, Any]"]:
    """(id, key, SHA-256) of each row with another key, page by page."""
    table = column.table
    statement = (
        select(table.c.id, column, table.c.sha256)
        .where(column.is_not(None), _key_id(column) != to)
        .order_by(table.c.id)
        .limit(AT_ONCE)
    )
    page = statement
    while True:
        with reading() as session:
            rows = session.connection().execute(page).all()
        yield from rows
        if len(rows) < AT_ONCE:
            return
        page = statement.where(table.c.id > rows[-1][0])


def _one(
    writing: Transaction,
    files: FileStore,
    column: "Column[Any]",
    row: "Row[Any, Any, Any]",
    now: datetime,
) -> Became:
    row_id, old, sha256 = row
    try:
        saved = files.save_stream(files.stored(old).chunks(), sys.maxsize)
    except FileNotFoundError:
        return "missing"
    except Altered:
        return "altered"
    if sha256 and saved.sha256 != sha256:  # what somebody put there is not made to look genuine
        files.delete(saved.key)
        return "altered"
    statement = update_of(column.table).where(column.table.c.id == row_id, column == old)
    with writing() as session:
        changed = session.connection().execute(statement.values({column: saved.key})).rowcount == 1
        later(session, [old] if changed else [saved.key], now + GRACE)
    return "sealed" if changed else "overtaken"


def _column(table: str, name: str) -> "Column[Any]":
    return METADATA.tables[table].columns[name]


def _key_id(column: "Column[Any]") -> ColumnElement[str]:
    return func.substr(column, BEFORE_KEY + 1)
