"""Engines and sessions: one place that knows how each database keeps its promises.

A write session takes SQLite's write lock when it begins (BEGIN IMMEDIATE), so that it never fails
half-way for want of it; a read session never takes it and cannot write on either database.
"""

import json
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.base import OptionEngine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, Pool, QueuePool
from sqlmodel import Session

from onevisit.store.kept import ATTRIBUTE
from onevisit.store.secret import Keyring

READERS = "onevisit_readers"  # where an engine keeps those for who only reads, by `one_moment`
BUSY_TIMEOUT = 15_000  # milliseconds that a writer waits for the writer before it


HALF_OPEN = {
    "connect_timeout": "5",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
"""How libpq finds out within half a minute that a PostgreSQL machine is gone without a word; what
the URL says counts before it (PostgreSQL documentation, 34.1.2)."""
LOCALLY = text(
    "SELECT set_config('statement_timeout', :statement_timeout, true),"
    " set_config('lock_timeout', :lock_timeout, true),"
    " set_config('idle_in_transaction_session_timeout',"
    " :idle_in_transaction_session_timeout, true)"
)
"""The timeouts of one transaction, which go with it (PostgreSQL documentation, 9.27.1)."""
KEPT_OPEN = 5
RENEWED = 30 * 60  # seconds after which a connection is opened anew, so that it finds new addresses


@dataclass(frozen=True)
class Limits:
    """How a process that serves for long uses a PostgreSQL that it shares with others; nothing of
    it holds on SQLite.

    `connections`: at most; `wait`: seconds for a free one. `statement`, `lock` and `idle`: seconds
    for one statement, for a lock, and between two statements of a transaction; 0 for no end.
    `pooler`: a pooler such as PgBouncer stands between, which gives each transaction whichever
    connection is free, so nothing may outlast a transaction.
    """

    connections: int = 15
    wait: float = 10
    statement: int = 60
    lock: int = 15
    idle: int = 60
    pooler: bool = False

    @property
    def timeouts(self) -> dict[str, str]:
        """The server's settings for these seconds, in milliseconds."""
        said = {
            "statement_timeout": self.statement,
            "lock_timeout": self.lock,
            "idle_in_transaction_session_timeout": self.idle,
        }
        return {name: str(seconds * 1000) for name, seconds in said.items()}


def engine_for(url: str, keyring: Keyring | None = None, limits: Limits | None = None) -> Engine:
    """The engine for a database URL, `sqlite:///FILE` or `postgresql+psycopg://…`.

    `keyring` seals and opens what is kept secret; without one, such columns can hold nothing and
    not be read. Sessions made directly on it write; use `reading()` for pages that only look.
    Errors never show the values of a statement. Without `limits` a statement may take as long as
    it takes, as migrations and commands need it.
    """
    options: dict[str, Any] = {"hide_parameters": True, "json_serializer": _compact}
    if url.startswith("sqlite"):
        engine = create_engine(url, **options)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin)
        readers: Engine = _Readers(engine)
        setattr(engine, READERS, {False: readers, True: readers})
    else:
        options |= {"isolation_level": "READ COMMITTED", "pool_pre_ping": True}
        engine = _postgres(url, limits, options)
        plain = engine.execution_options(postgresql_readonly=True)
        at_once = plain.execution_options(isolation_level="REPEATABLE READ")
        setattr(engine, READERS, {False: plain, True: at_once})
    setattr(engine.dialect, ATTRIBUTE, keyring)
    return engine


def _postgres(url: str, limits: Limits | None, options: dict[str, Any]) -> Engine:
    given = make_url(url).query
    connect: dict[str, Any] = {key: value for key, value in HALF_OPEN.items() if key not in given}
    if limits is None:
        return create_engine(url, connect_args=connect, **options)
    if limits.pooler:
        connect["prepare_threshold"] = None
    else:
        said = " ".join(f"-c {name}={value}" for name, value in limits.timeouts.items())
        connect["options"] = f"{said} {given.get('options', '')}".strip()
    kept = min(KEPT_OPEN, limits.connections)
    engine = create_engine(
        url,
        connect_args=connect,
        pool_size=kept,
        max_overflow=limits.connections - kept,
        pool_timeout=limits.wait,
        pool_recycle=RENEWED,
        **options,
    )
    if limits.pooler:
        words = dict(limits.timeouts)
        event.listen(engine, "begin", lambda at: at.execute(LOCALLY, words))
    return engine


def is_away(error: Exception) -> bool:
    """Whether PostgreSQL cannot be reached or is just ending or starting (no SQLSTATE, class 08 or
    57P), so that nothing else would go better now."""
    if not isinstance(error, OperationalError):
        return False
    state: str | None = getattr(error.orig, "sqlstate", "of SQLite")
    return state is None or state.startswith(("08", "57P"))


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
    readers: Mapping[bool, Engine] = getattr(engine, READERS)
    with Session(readers[one_moment], expire_on_commit=False) as session:
        yield session


class _Readers(OptionEngine):
    """An engine on SQLite for those who only read, with connections of its own.

    Turning one connection from writing to reading (`PRAGMA query_only`) would make SQLite compile
    every statement of the next transaction anew, which takes longer than most of them: such a
    PRAGMA expires whatever was prepared before it (SQLite's src/pragma.c, OP_Expire).
    """

    pool: Pool = None  # type: ignore[assignment]  # its own, where OptionEngine lends its parent's

    def __init__(self, writers: Engine) -> None:
        super().__init__(writers, {})
        self._renew(writers)
        event.listen(writers, "engine_disposed", self._renew)

    def _renew(self, writers: Engine) -> None:
        if self.pool is not None:
            self.pool.dispose()
        self.pool = writers.pool.recreate()
        event.listen(self.pool, "connect", _only_read)


def pools(engine: Engine) -> list[QueuePool]:
    """Where the engine's connections are, to write and to read."""
    readers: Mapping[bool, Engine] = getattr(engine, READERS)
    found = {id(each.pool): each.pool for each in (engine, *readers.values())}
    return [pool for pool in found.values() if isinstance(pool, QueuePool)]


def connections_in_use(engine: Engine) -> int:
    """How many connections somebody holds now, in this process."""
    return sum(pool.checkedout() for pool in pools(engine))


def is_alone(session: Session) -> bool:
    """Whether nobody else can change anything before this transaction ends: on SQLite, where who
    writes has begun with the one lock there is, and who reads sees one moment."""
    return session.get_bind().dialect.name == "sqlite"


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


def _only_read(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.cursor().execute("PRAGMA query_only = ON")


def _begin(connection: Connection) -> None:
    reads = isinstance(connection.engine, _Readers)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
