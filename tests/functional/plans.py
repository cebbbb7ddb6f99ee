"""How a database means to find what is asked: questions are heard, and their plans looked at."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, event

GROWING = ("cases", "approvals", "documents", "ledger_entries", "messages", "dispatches", "alerts",
           "uploads", "checks", "certificates", "accounts", "posts", "handouts", "sign_ins",
           "pauses", "owed", "hearings", "appointments", "findings", "pledge_checks", "ratings",
           "corrections", "reads", "claims", "holdings", "board_lights", "engagements")  # fmt: skip
"""Tables with so many rows that no page and no look of a sweep may read them whole."""
SCAN = r"SCAN (\w+)$"
SCAN_AT_ALL = r"SCAN (\w+)(?: USING (?:COVERING )?INDEX \S+)?$"
"""Without a limit, an index from end to end is no better than the table."""


@dataclass
class Asked:
    """What was asked: SQL and its values."""

    statements: list[tuple[str, object]] = field(default_factory=list)


@contextmanager
def listening(engine: Engine) -> Iterator[Asked]:
    found = Asked()

    def hear(
        connection: Connection, cursor: object, statement: str, values: object, *_: object
    ) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            found.statements.append((statement, values))

    event.listen(engine, "before_cursor_execute", hear)
    yield found
    event.remove(engine, "before_cursor_execute", hear)


def whole_tables(engine: Engine, asked: list[tuple[str, object]]) -> list[tuple[str, str]]:
    """Growing tables that one of the questions reads from end to end, with the question."""
    found: list[tuple[str, str]] = []
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET enable_seqscan = off")
            connection.exec_driver_sql("SET plan_cache_mode = force_custom_plan")
        for statement, values in asked:
            if statement.lstrip().upper().startswith(("SELECT", "WITH")):
                told = " ".join(statement.split())[:300]
                found += [(each, told) for each in _read_whole(connection, statement, values)]
        connection.rollback()
    return list(dict.fromkeys(found))


def sqlite_plans(engine: Engine, asked: list[tuple[str, object]]) -> list[str]:
    """Every line of how SQLite means to find what these questions ask."""
    with engine.connect() as connection:
        return [str(row[-1]) for each in asked for row in _explained(connection, *each)]


def _explained(connection: Connection, statement: str, values: object) -> CursorResult[Any]:
    return connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)  # type: ignore[arg-type]  # as the driver got them


def _read_whole(connection: Connection, statement: str, values: object) -> list[str]:
    if connection.dialect.name == "sqlite":
        told = [str(row[-1]) for row in _explained(connection, statement, values)]
        scanned = [re.match(SCAN if "LIMIT" in statement else SCAN_AT_ALL, each) for each in told]
    else:
        plan = connection.exec_driver_sql(f"EXPLAIN {statement}", values)  # type: ignore[arg-type]  # as the driver got them
        told = [str(row[0]) for row in plan]
        scanned = [re.search(r"Seq Scan on (\w+)", each) for each in told]
    names = [str(each[1]) for each in scanned if each]
    aliases = dict(re.findall(r"\b(\w+) AS (\w+)\b", statement))
    real = {alias: table for table, alias in aliases.items()}
    tables = [str(real.get(name, name)) for name in names]
    return [each for each in tables if each in GROWING]
