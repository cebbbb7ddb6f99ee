"""Databases with today's tables, made once a run and then copied: a copy takes a tenth of the time
that all migrations take (tests/migrations runs those)."""

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from onevisit.store.migrate import upgrade

TABLES = "migrated_tables"
SPARE = "spare"
"""An empty database of the server, which somebody had and did not use."""
ROOM = 4 << 30


def _in_memory() -> Path | None:
    memory = Path("/dev/shm")
    if not memory.is_dir() or not os.access(memory, os.W_OK):
        return None
    return memory if shutil.disk_usage(memory).free > ROOM else None


IN_MEMORY = _in_memory()
"""A file system in memory with room for all that tests write, where nothing waits for a disk."""
STRATEGY = "FILE_COPY" if IN_MEMORY else "WAL_LOG"
"""How databases are copied: by file where no file has to reach a disk first."""


def migrate(url: str) -> None:
    """Today's tables in the empty database at `url`, as `upgrade` makes them."""
    place = make_url(url)
    if place.drivername.startswith("sqlite"):
        Path(str(place.database)).write_bytes(_sqlite_tables())
    else:
        _postgres_tables(place.set(database=TABLES))
        copy_postgres(TABLES, url)


def copy_postgres(prepared: str, url: str) -> None:
    """Replaces the empty database at `url` by a copy of the `prepared` one of the same server; the
    empty one is kept for the next who wants one."""
    place = make_url(url)
    names = {
        "name": sql.Identifier(str(place.database)),
        "prepared": sql.Identifier(prepared),
        "spare": sql.Identifier(SPARE),
    }
    server = _server(place)
    try:
        server.execute(sql.SQL("ALTER DATABASE {name} RENAME TO {spare}").format(**names))
    except psycopg.errors.DuplicateDatabase:  # one is enough
        server.execute(sql.SQL("DROP DATABASE {name}").format(**names))
    server.execute(
        sql.SQL("CREATE DATABASE {name} TEMPLATE {prepared} STRATEGY " + STRATEGY).format(**names)
    )


@cache
def _sqlite_tables() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tables.db"
        upgrade(f"sqlite:///{path}")
        return path.read_bytes()


@cache
def _postgres_tables(place: URL) -> None:
    """The database that is copied, on this server."""
    _server(place).execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TABLES)))
    upgrade(place.render_as_string(hide_password=False))


def _server(place: URL) -> "psycopg.Connection[tuple[object, ...]]":
    return administrator(str(place.query["host"]), str(place.username))


@cache
def administrator(host: str, user: str) -> "psycopg.Connection[tuple[object, ...]]":
    """The one connection of this process that creates and drops databases of a server: to connect
    for each took longer than what it did."""
    return psycopg.connect(host=host, user=user, dbname="postgres", autocommit=True)
