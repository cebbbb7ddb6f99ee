"""Rows read and written past the object layer, where an act does it every time: the same columns,
the same transaction and the same types, for a third of the time."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Executable, Insert, insert
from sqlalchemy.orm import make_transient_to_detached
from sqlmodel import Session

from onevisit.store.kept import KeyedHash
from onevisit.store.tables import METADATA, Row


def columns(kind: type[Row]) -> Any:
    """The columns of a table by name, as statements name them that make no objects."""
    return METADATA.tables[str(kind.__tablename__)].c


def ask(session: Session, statement: Executable, **values: Any) -> Sequence[Any]:
    """The rows that a statement of columns finds (`columns`, not attributes of a class); whatever
    waits in the session is written first, as objects would have it."""
    session.flush()
    return session.connection().execute(statement, values).all()


def write_new(session: Session, rows: Sequence[Row]) -> None:
    """Insert new objects of one table in one statement; they belong to the session afterwards, as
    if it had read them. TypeError for a table with a keyed hash, which only a flush fills."""
    if not rows:
        return
    session.flush()
    statement, names = _insert_of(type(rows[0]))
    values = [{name: getattr(row, name) for name in names} for row in rows]
    session.connection().execute(statement, values if len(values) > 1 else values[0])
    for row in rows:
        make_transient_to_detached(row)
        session.add(row)


@cache
def _insert_of(kind: type[Row]) -> tuple[Insert, tuple[str, ...]]:
    table = METADATA.tables[str(kind.__tablename__)]
    if any(isinstance(column.type, KeyedHash) for column in table.columns):
        raise TypeError(f"{table.name} has a keyed hash: add its rows to the session")
    return insert(table), tuple(table.columns.keys())
