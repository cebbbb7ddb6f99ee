"""Engines and sessions: one place that knows how each database keeps its promises.

A write session takes SQLite's write lock when it begins (BEGIN IMMEDIATE), so that it never fails
half-way for want of it; a read session never takes it and cannot write on either database.
"""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

from onevisit.store.kept import ATTRIBUTE
from onevisit.store.secret import Keyring

READ_ONLY = "onevisit_read_only"
BUSY_TIMEOUT = 15_000  # milliseconds that a writer waits for the writer before it


def engine_for(url: str, keyring: Keyring | None = None) -> Engine:
    """The engine for a database URL, `sqlite:///FILE` or `postgresql+psycopg://…`.

    `keyring` seals and opens what is kept secret; without one, such columns can hold nothing and
    not be read. Sessions made directly on it write; use `reading()` for pages that only look.
    Errors never show the values of a statement.
    """
    options: dict[str, Any] = {"hide_parameters": True, "json_serializer": _compact}
    if url.startswith("sqlite"):
        engine = create_engine(url, **options)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        options |= {"isolation_level": "READ COMMITTED", "pool_pre_ping": True}
        engine = create_engine(url, **options)
    setattr(engine.dialect, ATTRIBUTE, keyring)
    return engine


def _compact(value: object) -> str:
    """A JSON value as text: no blanks, and a Chinese character as itself."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session for one request that writes: commits at the end, rolls back on any error."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def undone(engine: Engine) -> Iterator[Session]:
    """A session in which something is tried: whatever it writes is taken back at the end."""
    with Session(engine, expire_on_commit=False) as session:
        try:
            yield session
        finally:
            session.rollback()


@contextmanager
def reading(engine: Engine, *, one_moment: bool = False) -> Iterator[Session]:
    """A session that only reads, all of it from one consistent moment on SQLite; on PostgreSQL
    where `one_moment` asks for it.

    It takes no write lock; a write in it is refused by the database.
    """
    options: dict[str, Any] = {READ_ONLY: True}
    if engine.dialect.name == "postgresql":
        options = {"postgresql_readonly": True}
        if one_moment:
            options["isolation_level"] = "REPEATABLE READ"
    with Session(engine.execution_options(**options), expire_on_commit=False) as session:
        yield session


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Durable commits, readers beside the writer, honoured foreign keys."""
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # the driver must not begin transactions by itself
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT}",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
    _use_wal(connection)


def _use_wal(connection: sqlite3.Connection) -> None:
    """Turn the write-ahead log on, which is remembered in the file.

    The very first time it needs the file alone, and SQLite does not wait for that by itself.
    """
    give_up = time.monotonic() + BUSY_TIMEOUT / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    reads = bool(connection.get_execution_options().get(READ_ONLY))
    connection.exec_driver_sql(f"PRAGMA query_only = {int(reads)}")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
