"""The rows of one case as JSON lines, and back into rows of either database, value for value."""

import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Column, Date, Select, Table, Uuid, or_, select
from sqlmodel import Session

from onevisit.cases.moved_out.parts import IN_FILE, NAMED, OF_APPROVALS, OF_UPLOADS
from onevisit.store.columns import UtcDateTime
from onevisit.store.kept import Digest, KeyedHash, sought
from onevisit.store.tables import METADATA

Json = dict[str, Any]
OF_A_PERSON = ("id", "username", "name", "id_number", "staff")
"""What is told of an account that rows name: who it is, and nothing that opens it."""


def table(name: str) -> Table:
    """A table by its name."""
    return METADATA.tables[name]


def rows_of(session: Session, name: str, case_id: uuid.UUID) -> Iterator[Json]:
    """The rows of a table that are of a case, in the order of their keys, with plain values."""
    (key,) = table(name).primary_key
    statement = _of_case(name, case_id).order_by(key)
    for row in session.connection().execute(statement).mappings():
        yield dict(row)


def all_rows(session: Session, case_id: uuid.UUID) -> Iterator[tuple[str, Json]]:
    """(table, row) of everything that goes into the file; what is referred to comes before."""
    named: dict[str, set[Any]] = {name: set() for name in NAMED}
    for each in METADATA.sorted_tables:
        if each.name in IN_FILE:
            for row in rows_of(session, each.name, case_id):
                _note_named(each, row, named)
                yield each.name, row
    for name, ids in named.items():
        for row in _by_id(session, name, ids):
            yield name, row


def _of_case(name: str, case_id: uuid.UUID) -> Select[Any]:
    own = table(name)
    if name == "cases":
        return select(own).where(own.c.id == case_id)
    if name in (OF_APPROVALS, OF_UPLOADS):
        parent = table("approvals" if name == OF_APPROVALS else "uploads")
        (key,) = own.primary_key
        return select(own).where(key.in_(select(parent.c.id).where(parent.c.case_id == case_id)))
    return select(own).where(own.c.case_id == case_id)


def _note_named(own: Table, row: Mapping[str, Any], named: Mapping[str, set[Any]]) -> None:
    for column in own.columns:
        for key in column.foreign_keys:
            ids = named.get(key.column.table.name)
            if ids is not None and row[column.name] is not None:
                ids.add(row[column.name])


def _by_id(session: Session, name: str, ids: set[Any]) -> Iterator[Json]:
    own = table(name)
    columns = [own.c[each] for each in OF_A_PERSON] if name == "accounts" else [*own.columns]
    statement = select(*columns).where(own.c.id.in_(ids)).order_by(own.c.id)
    for row in session.connection().execute(statement).mappings():
        yield dict(row)


def written(row: Mapping[str, Any]) -> Json:
    """A row with JSON values alone."""
    return {name: _written(value) for name, value in row.items()}


def _written(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else value


def read(name: str, said: Mapping[str, Any]) -> Json:
    """The row of a table that JSON values say; columns that came later keep what they begin with.
    KeyError for a column that the table no longer has."""
    columns = table(name).columns
    found = {each: _read(columns[each], value) for each, value in said.items()}
    for each in said:  # hashed anew: the search key may have changed since
        kind = columns[each].type
        if isinstance(kind, KeyedHash) and isinstance(said.get(kind.of), str):
            found[each] = sought(said[kind.of])
    return found


def _read(column: "Column[Any]", value: Any) -> Any:
    if value is None:
        return None
    kind = column.type
    if isinstance(kind, Uuid):
        return uuid.UUID(value)
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    return Digest(value) if isinstance(kind, KeyedHash) else value


def existing(session: Session, name: str, ids: set[Any]) -> set[Any]:
    """Those of some keys that a table has already."""
    (key,) = table(name).primary_key
    found = session.connection().execute(select(key).where(or_(key.in_(ids)))).scalars()
    return set(found)
