"""Copies of a whole database as of one moment, taken while people work, and putting one back."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import make_url

from onevisit.store.session import engine_for

NAMES = {"sqlite": "database.sqlite", "postgresql": "database.pgdump"}
"""The file of a backup that holds the database, by its kind."""
PACKAGED = Path("/usr/lib/postgresql")
ONE_MOMENT = "REPEATABLE READ"
STORED = (
    "SELECT storage_key, sha256 FROM uploads"
    " UNION ALL SELECT pdf_key, sha256 FROM documents WHERE pdf_key IS NOT NULL"
)
CHUNK = 1024 * 1024


class NotCopied(Exception):
    """数据库不能备份或者恢复。"""


def kind_of(url: str) -> str:
    """sqlite or postgresql."""
    return make_url(url).get_backend_name()


def copy(url: str, target: Path, seen: Callable[[Connection], None]) -> None:
    """Copy the database at `url` to the file `target`; whoever writes meanwhile is not held up.

    `seen` is called with a connection that sees the very moment of the copy. Raises NotCopied.
    """
    if kind_of(url) == "sqlite":
        _copy_sqlite(sqlite_file(url), target)
        engine = engine_for(f"sqlite:///{target}")
        with closing(_Disposing(engine)), engine.connect() as connection:
            seen(connection)
        _close_log(target)
    else:
        _copy_postgresql(url, target, seen)


def put_back(url: str, source: Path) -> None:
    """Bring a copy into the empty database at `url`, whole or not at all. Raises NotCopied."""
    if kind_of(url) == "sqlite":
        target = sqlite_file(url)
        target.parent.mkdir(parents=True, exist_ok=True)
        made = target.with_name(target.name + ".restoring")
        shutil.copyfile(source, made)
        _sync(made)
        made.replace(target)
        _sync(target.parent)
    else:
        words = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
        _run("pg_restore", url, *words, str(source))


def is_empty(url: str) -> bool:
    """Whether there is no table in the database, or no database file at all."""
    if kind_of(url) == "sqlite" and not sqlite_file(url).exists():
        return True
    engine = engine_for(url)
    try:
        return not inspect(engine).get_table_names()
    finally:
        engine.dispose()


def revision_of(connection: Connection) -> str:
    """The migration that a database is at; empty for none."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def stored_files(connection: Connection) -> Iterator[tuple[str, str]]:
    """(key, SHA-256 of what is in it) of each file that some row names."""
    for key, sha256 in connection.execute(text(STORED)).yield_per(1000):
        yield key, sha256 or ""


def sqlite_file(url: str) -> Path:
    """The file of a SQLite database; NotCopied where it is only in memory."""
    name = make_url(url).database
    if not name or name == ":memory:":
        raise NotCopied("内存里的数据库不能备份")
    return Path(name)


def _copy_sqlite(source: Path, target: Path) -> None:
    """In one step, so that it is one moment however many write meanwhile (SQLite's backup API)."""
    if not source.exists():
        raise NotCopied(f"没有数据库 {source}")
    try:
        with closing(sqlite3.connect(source)) as ours, closing(sqlite3.connect(target)) as theirs:
            ours.backup(theirs, pages=-1)
            theirs.execute("PRAGMA journal_mode = DELETE")
            [(said,)] = theirs.execute("PRAGMA integrity_check(1)")
    except sqlite3.Error as error:
        raise NotCopied(f"数据库不能备份：{error}") from error
    if said != "ok":
        raise NotCopied(f"数据库文件已经损坏：{said}")


def _close_log(target: Path) -> None:
    """One file holds all of it, and nothing lies beside it."""
    with closing(sqlite3.connect(target)) as copied:
        copied.execute("PRAGMA journal_mode = DELETE")


def _copy_postgresql(url: str, target: Path, seen: Callable[[Connection], None]) -> None:
    engine = engine_for(url)
    options: dict[str, Any] = {"isolation_level": ONE_MOMENT, "postgresql_readonly": True}
    try:
        with engine.connect().execution_options(**options) as connection:
            moment = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            words = ("--format=custom", f"--snapshot={moment}", f"--file={target}")
            _run("pg_dump", url, *words)
            seen(connection)
    finally:
        engine.dispose()


def _run(program: str, url: str, *words: str) -> None:
    """Run a program of PostgreSQL's on the database; NotCopied, with its own words."""
    server, environment = _server(url)
    command = [_found(program), "--no-password", f"--dbname={server}", *words]
    done = subprocess.run(  # noqa: S603 -- a program of PostgreSQL's, and words of ours
        command, check=False, capture_output=True, text=True, env={**os.environ, **environment}
    )
    if done.returncode:
        raise NotCopied(f"{program} 没有成功：{done.stderr.strip()}")


def _server(url: str) -> tuple[str, Mapping[str, str]]:
    """How to reach the server; the password apart, which no list of processes is to show."""
    engine = engine_for(url)
    _, given = engine.dialect.create_connect_args(engine.url)
    options = dict(given)
    engine.dispose()
    password = options.pop("password", None)
    options.pop("context", None)
    return make_conninfo(**options), {"PGPASSWORD": str(password)} if password else {}


def _found(program: str) -> str:
    """The newest that is installed: an older one refuses a newer server."""
    packaged = sorted(
        PACKAGED.glob(f"*/bin/{program}"),
        key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0,
    )
    found = str(packaged[-1]) if packaged else shutil.which(program)
    if found is None:
        raise NotCopied(f"没有找到 {program}，请安装 PostgreSQL 的客户端程序（postgresql-client）")
    return found


class _Disposing:
    """Closes an engine's connections."""

    def __init__(self, engine: Engine) -> None:
        self.close = engine.dispose


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
