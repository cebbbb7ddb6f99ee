"""Fills a database with as many cases as asked, fast: copies of a few that really went their way.

Every row of a case is copied inside the database by one INSERT … SELECT a table, with ids of its
own, an applicant of its own and its days moved, so that lists have something to sort. What the
copies are not: their ledger chains do not verify, their files and papers are not on disk, and the
forms and numbers in them, sealed as they are, say what the first one's did.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Column, Connection, Engine, Table
from sqlmodel.sql.sqltypes import AutoString

import onevisit.web.app  # noqa: F401  # every table is registered
from onevisit.store.columns import UtcDateTime
from onevisit.store.kept import KeyedHash
from onevisit.store.tables import METADATA, Case

COPIED = ("cases", "approvals", "documents", "messages", "uploads", "appointments", "certificates")
"""Tables whose rows others refer to, which then refer to the copies."""
THROUGH = {"claims": "approvals", "dispatches": "messages", "scans": "uploads"}
"""Tables without a case of their own: whose rows they belong to."""
SLICE = 20_000
"""Copies of one case in one transaction."""
OPEN_DAYS, CLOSED_DAYS = 12, 700
"""Over how many days back the copies of cases under way, and of closed ones, are spread."""
CLONE = {
    "sqlite": "substr({0}, 1, 24) || printf('%08x', copies.n)",
    "postgresql": "(substr(replace({0}::text, '-', ''), 1, 24)"
    " || lpad(to_hex(copies.n), 8, '0'))::uuid",
}
EARLIER = {
    "sqlite": {
        "date": "date({0}, '-' || copies.days || ' days')",
        "moment": "strftime('%Y-%m-%d %H:%M:%f000', {0}, '-' || copies.days || ' days')",
    },
    "postgresql": {
        "date": "{0} - copies.days",
        "moment": "{0} - make_interval(days => copies.days)",
    },
}
PADDED = {"sqlite": "printf('%0{1}d', {0})", "postgresql": "lpad(({0})::text, {1}, '0')"}


@dataclass(frozen=True)
class Copied:
    """One case that is copied."""

    case_id: UUID
    applicant_id: UUID
    closed: bool


def fill(
    engine: Engine,
    shares: Mapping[UUID, int],
    first: int = 0,
    tell: Callable[[int], None] = lambda _: None,
) -> int:
    """Copy each of these cases so many times; how many cases there are more.

    first: the number of the first copy, for filling further what was filled before. tell: hears
    after each SLICE, which is a transaction of its own, how many there are by then.
    """
    number = first
    for case_id, times in shares.items():
        for done in range(0, times, SLICE):
            some = min(SLICE, times - done)
            _fill(engine, case_id, number, some)
            number += some
            tell(number - first)
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")
    return number - first


def _fill(engine: Engine, case_id: UUID, first: int, times: int) -> None:
    """One slice of copies of one case."""
    with engine.connect() as connection:
        _hurry(connection)
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            connection.exec_driver_sql(
                "CREATE TEMPORARY TABLE copies (n integer PRIMARY KEY, days integer)"
            )
            _number(connection, _copied(connection, case_id), first, times)
            connection.exec_driver_sql("DROP TABLE copies")


def _hurry(connection: Connection) -> None:
    """Wait for no disk: a database half filled is filled anew."""
    raw = connection.connection.dbapi_connection
    if isinstance(raw, sqlite3.Connection):
        for pragma in ("synchronous = OFF", "cache_size = -1000000", "temp_store = MEMORY"):
            raw.execute(f"PRAGMA {pragma}")


def _copied(connection: Connection, case_id: UUID) -> Copied:
    columns = sa.select(Case.id, Case.applicant_id, Case.awaits, Case.number)  # type: ignore[call-overload]  # SQLModel's columns
    row = connection.execute(columns.where(Case.id == case_id)).one()
    return Copied(row.id, row.applicant_id, row.awaits is None)


def _number(connection: Connection, case: Copied, first: int, times: int) -> None:
    """Copy one case under the numbers that follow `first`."""
    spread = CLOSED_DAYS if case.closed else OPEN_DAYS
    connection.exec_driver_sql("DELETE FROM copies")
    rows = [{"n": n, "days": n % spread} for n in range(first + 1, first + times + 1)]
    connection.execute(sa.text("INSERT INTO copies (n, days) VALUES (:n, :days)"), rows)
    for table in METADATA.sorted_tables:
        where = _belongs(table)
        if where:
            connection.execute(_statement(connection, table, where), _ids(table, case))


def _ids(table: Table, case: Copied) -> dict[str, UUID]:
    found = {"case": case.case_id, "applicant": case.applicant_id}
    return {name: each for name, each in found.items() if f":{name}" in _said(table)}


def _said(table: Table) -> str:
    refers = any(target(column) == "accounts" for column in table.columns)
    return _belongs(table) + (" :applicant" if refers else "")


def _belongs(table: Table) -> str:
    """Which rows of a table belong to the case; "" for tables that are not copied."""
    if table.name == "cases":
        return "t.id = :case"
    if table.name == "accounts":
        return "t.id = :applicant"
    if table.name == "posts":
        return "t.account_id = :applicant"
    if table.name in THROUGH:
        key = next(each.name for each in table.columns if target(each) == THROUGH[table.name])
        return f"t.{key} IN (SELECT id FROM {THROUGH[table.name]} WHERE case_id = :case)"
    return "t.case_id = :case" if target(table.columns.get("case_id")) == "cases" else ""


def _statement(connection: Connection, table: Table, where: str) -> sa.TextClause:
    kind = connection.dialect.name
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    values = ", ".join(_value(column, kind) for column in table.columns)
    into, source = f"INSERT INTO {table.name} ({names})", f"{table.name} t, copies"
    asked = f"{into} SELECT {values} FROM {source} WHERE {where}"
    given = [name for name in ("case", "applicant") if f":{name}" in asked]
    binds = [sa.bindparam(name, type_=sa.Uuid()) for name in given]
    return sa.text(asked).bindparams(*binds)


def _value(column: Column[object], kind: str) -> str:
    """The SQL of a column's value in the copy."""
    old, refers = f't."{column.name}"', target(column)
    clone = CLONE[kind].format(old)
    if refers == "accounts":
        return f"CASE WHEN {old} = :applicant THEN {clone} ELSE {old} END"
    if refers in COPIED or (isinstance(column.type, sa.Uuid) and column.primary_key):
        return clone
    if column.table.name == "accounts" and isinstance(column.type, KeyedHash):
        return PADDED[kind].format("copies.n", 64)  # nobody is found by it, but each has another
    if column.name == "name" and column.table.name == "accounts":
        return f"{old} || copies.n"
    if isinstance(column.type, sa.String | AutoString) and _alone(column):
        return f"{old} || '-' || copies.n"
    if isinstance(column.type, sa.Date):
        return EARLIER[kind]["date"].format(old)
    return EARLIER[kind]["moment"].format(old) if isinstance(column.type, UtcDateTime) else old


def target(column: Column[object] | None) -> str:
    """The table that a column refers to, "" for none."""
    keys = () if column is None else column.foreign_keys
    return next((key.column.table.name for key in keys), "")


def _alone(column: Column[object]) -> bool:
    """Whether no two rows may have the same value."""
    table = column.table
    assert isinstance(table, Table)
    unique = [each for each in table.constraints if isinstance(each, sa.UniqueConstraint)]
    indexed = [each for each in table.indexes if each.unique]
    found = [list(each.columns) for each in unique] + [list(each.columns) for each in indexed]
    return [column] in found
