"""Going over to another search key while people work: each keyed hash is made anew from what its
row holds, batch by batch, and only if nobody changed it meanwhile."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, LargeBinary, String, Table, select, type_coerce
from sqlalchemy import update as update_of
from sqlmodel import Session

from onevisit.store.kept import KeyedHash, sought
from onevisit.store.packed import unpack
from onevisit.store.rotation import AT_ONCE, Resealed, Transaction
from onevisit.store.secret import Keyring
from onevisit.store.tables import METADATA

PASSES = 5


def hashed_columns(table: Table) -> list["Column[Any]"]:
    """The keyed hashes of a table."""
    return [each for each in table.columns if isinstance(each.type, KeyedHash)]


def rehash(reading: Transaction, writing: Transaction, keyring: Keyring) -> Iterator[Resealed]:
    """Bring every keyed hash under the search key that writes, each batch in a transaction of its
    own; what is already is left alone, so that it may be interrupted and begun again."""
    for _ in range(PASSES):
        missed = 0
        for table in _tables():
            for rows in _pages(reading, table):
                wrong = [row for row in rows if _new(keyring, table, row)]
                if wrong:
                    with writing() as session:
                        done = [_row(session, keyring, table, row) for row in wrong]
                    missed += done.count(0)
                    yield Resealed(table.name, sum(done), done.count(0))
        if not missed:
            return


def left(reading: Transaction, keyring: Keyring) -> int:
    """How many rows are not found by the search key that writes alone."""
    return sum(
        bool(_new(keyring, table, row))
        for table in _tables()
        for rows in _pages(reading, table)
        for row in rows
    )


def _tables() -> list[Table]:
    return [table for table in METADATA.sorted_tables if hashed_columns(table)]


def _pages(reading: Transaction, table: Table) -> Iterator[list[Any]]:
    """All rows of a table, some at a time: the key, then each hash with what it is of, both as the
    database has them."""
    (key,) = table.primary_key
    pairs = [each for column in hashed_columns(table) for each in _pair(table, column)]
    statement, last = select(key, *pairs).order_by(key).limit(AT_ONCE), None
    while True:
        with reading() as session:
            page = statement if last is None else statement.where(key > last)
            rows = list(session.connection().execute(page))
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def _pair(table: Table, column: "Column[Any]") -> tuple[Any, Any]:
    assert isinstance(column.type, KeyedHash)
    of = table.columns[column.type.of]
    return (
        type_coerce(column, String).label(column.name),
        type_coerce(of, LargeBinary).label(of.name),
    )


def _new(keyring: Keyring, table: Table, row: Any) -> dict[str, str]:
    """The hashes of a row that are to be others."""
    found = {}
    for place, column in enumerate(hashed_columns(table)):
        assert isinstance(column.type, KeyedHash)
        old, sealed = row[1 + 2 * place], row[2 + 2 * place]
        if sealed is None:
            continue
        plain = unpack(keyring.open(bytes(sealed), f"{table.name}.{column.type.of}")).decode()
        new = keyring.digest(sought(plain))
        if old is not None and old != new:
            found[column.name] = new
    return found


def _row(session: Session, keyring: Keyring, table: Table, row: Any) -> int:
    """1 when the row has its new hashes, 0 when it was changed meanwhile."""
    (key,) = table.primary_key
    same = [key == row[0]]
    for place, column in enumerate(hashed_columns(table)):
        pair = _pair(table, column)
        same += [
            each.element.is_(None) if value is None else each.element == value
            for each, value in zip(pair, row[1 + 2 * place : 3 + 2 * place], strict=True)
        ]
    values = {name: type_coerce(value, String) for name, value in _new(keyring, table, row).items()}
    changed = update_of(table).where(*same).values(values)
    return session.connection().execute(changed).rowcount
