"""Going over to another key while people work: what older keys sealed is sealed anew, batch by
batch, and each value only if nobody changed it meanwhile."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, LargeBinary, Table, func, or_, select, type_coerce
from sqlalchemy import update as update_of
from sqlmodel import Session

from onevisit.store.kept import KeptValue
from onevisit.store.packed import pack, unpack
from onevisit.store.secret import HEAD, Keyring
from onevisit.store.tables import METADATA

AT_ONCE = 200
PASSES = 5
"""How often all tables are gone through when others keep changing rows."""
Transaction = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Resealed:
    """What became of one batch: how many values of a table are under the writing key now, and how
    many changed in that moment and are left for the next pass."""

    table: str
    done: int
    missed: int


def sealed_columns(table: Table) -> list["Column[Any]"]:
    """The columns of a table that are kept secret."""
    return [each for each in table.columns if isinstance(each.type, KeptValue)]


def tally(session: Session) -> Counter[str]:
    """How many values each key has sealed, by the key's id."""
    found: Counter[str] = Counter()
    for table in METADATA.sorted_tables:
        for column in sealed_columns(table):
            head = _head(column)
            statement = select(head, func.count()).where(column.is_not(None)).group_by(head)
            for value, count in session.connection().execute(statement):
                found[bytes(value)[1:].hex()] += count
    return found


def reseal(reading: Transaction, writing: Transaction, keyring: Keyring) -> Iterator[Resealed]:
    """Seal everything with the writing key, each batch in a transaction of its own; what is
    already is left alone, so that it may be interrupted and begun again."""
    for _ in range(PASSES):
        missed = 0
        for table in METADATA.sorted_tables:
            if sealed_columns(table):
                for batch in _table(reading, writing, keyring, table):
                    missed += batch.missed
                    yield batch
        if not missed:
            return


def _table(
    reading: Transaction, writing: Transaction, keyring: Keyring, table: Table
) -> Iterator[Resealed]:
    (key,) = table.primary_key
    columns = sealed_columns(table)
    head = keyring.ring.writer.head
    statement = (
        select(key, *(_raw(each) for each in columns))
        .where(or_(*(_head(each) != head for each in columns)))
        .order_by(key)
        .limit(AT_ONCE)
    )
    last: ColumnElement[bool] | None = None
    while True:
        with reading() as session:
            page = statement if last is None else statement.where(last)
            rows = session.connection().execute(page).all()
        if not rows:
            return
        with writing() as session:
            done = [_row(session, keyring, key, columns, row) for row in rows]
        yield Resealed(table.name, sum(each for each in done if each), done.count(None))
        last = key > rows[-1][0]


def _row(
    session: Session, keyring: Keyring, key: "Column[Any]", columns: list["Column[Any]"], row: Any
) -> int | None:
    """How many values of a row were sealed anew; None when it was changed meanwhile."""
    table, head = key.table, keyring.ring.writer.head
    values, same = {}, [key == row[0]]
    for column, old in zip(columns, row[1:], strict=True):
        if old is not None and bytes(old)[:HEAD] != head:
            place = f"{table}.{column.name}"
            packed = pack(unpack(keyring.open(bytes(old), place)))
            values[column.name] = type_coerce(keyring.seal(packed, place), LargeBinary)
            same.append(_raw(column) == bytes(old))
    statement = update_of(table).where(*same).values(values)
    return len(values) if session.connection().execute(statement).rowcount == 1 else None


def _raw(column: "Column[Any]") -> ColumnElement[bytes]:
    return type_coerce(column, LargeBinary)


def _head(column: "Column[Any]") -> ColumnElement[bytes]:
    return func.substr(_raw(column), 1, HEAD, type_=LargeBinary)
