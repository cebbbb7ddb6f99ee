"""Databases with today's tables, made once a run and then copied: a copy takes a tenth of the time
that all migrations take (tests/migrations runs those)."""

import tempfile
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from onevisit.store.migrate import upgrade

TABLES = "migrated_tables"


def migrate(url: str) -> None:
    """Today's tables in the empty database at `url`, as `upgrade` makes them."""
    place = make_url(url)
    if place.drivername.startswith("sqlite"):
        Path(str(place.database)).write_bytes(_sqlite_tables())
    else:
        _postgres_tables(place.set(database=TABLES))
        copy_postgres(TABLES, url)


def copy_postgres(prepared: str, url: str) -> None:
    """Replaces the empty database at `url` by a copy of the `prepared` one of the same server."""
    place = make_url(url)
    names = {"name": sql.Identifier(str(place.database)), "prepared": sql.Identifier(prepared)}
    with _server(place) as connection:
        connection.execute(sql.SQL("DROP DATABASE {name}").format(**names))
        connection.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {prepared}").format(**names))


@cache
def _sqlite_tables() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tables.db"
        upgrade(f"sqlite:///{path}")
        return path.read_bytes()


@cache
def _postgres_tables(place: URL) -> None:
    """The database that is copied, on this server."""
    with _server(place) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TABLES)))
    upgrade(place.render_as_string(hide_password=False))


def _server(place: URL) -> "psycopg.Connection[tuple[object, ...]]":
    host = str(place.query["host"])
    return psycopg.connect(host=host, user=place.username, dbname="postgres", autocommit=True)
