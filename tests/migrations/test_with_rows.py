"""A database with something in every table goes forward through every migration and loses nothing;
and back again as far as its first tables."""

import re
import uuid
from datetime import UTC, date, datetime
from typing import Any

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Connection,
    Engine,
    MetaData,
    Table,
    insert,
    inspect,
    select,
)

from onevisit.store import migrate
from onevisit.store.session import engine_for
from onevisit.store.tables import METADATA
from only_for_tests import KEYRING

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
VALUES: dict[str, Any] = {
    "JSON": {"一": [1, "二"]}, "DATETIME": AT, "TIMESTAMP": AT, "DATE": date(2026, 11, 21),
    "BOOLEAN": True, "INTEGER": 1, "BIGINT": 1, "FLOAT": 1.0, "DOUBLE_PRECISION": 1.0,
    "BLOB": b"\0", "BYTEA": b"\0",
}  # fmt: skip
ROWS = {"accounts": 2}
"""How many rows, where it is not one: people deal with each other."""


def revisions() -> list[str]:
    """All migrations, the first one first."""
    script = ScriptDirectory.from_config(migrate._config())
    return [each.revision for each in reversed(list(script.walk_revisions()))]


def test_every_row_of_every_table_is_still_there(database_url: str) -> None:
    engine = engine_for(database_url, KEYRING)
    filled: set[str] = set()
    for revision in revisions():
        with engine.connect() as connection, connection.begin():
            migrate.upgrade_on(connection, revision)
        with engine.connect() as connection, connection.begin():
            filled |= fill(connection, filled)
    assert filled >= set(METADATA.tables), "every table of today was tried"
    assert counts(engine, set(METADATA.tables)) == expected(set(METADATA.tables))
    with engine.connect() as connection, connection.begin():
        command.downgrade(migrate._config(connection), revisions()[0])
    first = set(inspect(engine).get_table_names()) - {"alembic_version"}
    assert counts(engine, first) == expected(first), "and on the way back"
    engine.dispose()


def expected(tables: set[str]) -> dict[str, int]:
    """One row each; the ledger that was there already waits for a checkpoint, as does our own."""
    found = {name: ROWS.get(name, 1) for name in tables}
    return found | ({"uncovered": 2} if "uncovered" in tables else {})


def counts(engine: Engine, tables: set[str]) -> dict[str, int]:
    found = MetaData()
    with engine.connect() as connection:
        found.reflect(connection, only=sorted(tables))
        return {name: len(connection.execute(select(found.tables[name])).all()) for name in tables}


def fill(connection: Connection, before: set[str]) -> set[str]:
    """One row in each table that this migration made; their names."""
    found = MetaData()
    found.reflect(connection)
    new = [each for each in found.sorted_tables if each.name not in before | {"alembic_version"}]
    for table in new:
        for number in range(ROWS.get(table.name, 1)):
            connection.execute(insert(table), row(connection, table, number))
    return {table.name for table in new}


def row(connection: Connection, table: Table, number: int) -> dict[str, Any]:
    """A value for every column: what it refers to, what its checks allow, or one of its type."""
    allowed = dict[str, str]()
    for check in inspect(connection).get_check_constraints(table.name):
        text = str(check["sqltext"])
        one = re.search(r"\(?(\w+)\)?(?:::text)? (?:IN|= ANY) [^']*'([^']*)'", text)
        if one:
            allowed[one[1]] = one[2]
    values, used = dict[str, Any](), dict[str, int]()
    for column in table.columns:
        reference = next(iter(column.foreign_keys), None)
        if column.name in allowed:
            values[column.name] = allowed[column.name]
        elif reference is not None and reference.column.table is not table:
            target = reference.column
            rows = connection.execute(select(target)).scalars().all()
            at = used[target.table.name] = used.get(target.table.name, -1) + 1
            values[column.name] = rows[at % len(rows)]
        elif not (reference is not None and column.nullable):
            values[column.name] = value(connection, column, number)
    return values


def value(connection: Connection, column: Any, number: int) -> Any:
    kind = column.type.__visit_name__.upper()
    sqlite = connection.dialect.name == "sqlite"
    if kind in ("DATETIME", "TIMESTAMP") and sqlite:
        return AT.replace(tzinfo=None)
    if kind in ("UUID", "CHAR") or (kind == "NUMERIC" and sqlite):
        made = uuid.uuid5(uuid.NAMESPACE_URL, f"{column}{number}")
        return made if kind == "UUID" else made.hex
    if kind in VALUES:
        return VALUES[kind]
    return f"{number}{column}"[: column.type.length or 40]
