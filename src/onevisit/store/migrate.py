"""Bringing a database to today's tables, from the command line or at start, without alembic.ini."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from onevisit.store.secret import Keyring
from onevisit.store.session import engine_for

FOLDER = Path(__file__).parent / "migrations"
LOCK = 0x6F6E657669736974  # "onevisit" in ASCII: the advisory lock of whoever migrates


def upgrade(url: str, keyring: Keyring | None = None, revision: str = "head") -> None:
    """Bring the database at `url` to `revision`, making it when it does not exist; idempotent.

    `keyring` seals what was kept plain before; a database that holds nothing yet needs none.
    """
    engine = engine_for(url, keyring)
    try:
        with engine.connect() as connection, connection.begin():
            upgrade_on(connection, revision)
        if engine.dialect.name == "sqlite":
            with engine.connect() as connection:  # what was plain is not to stay in the log
                connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        engine.dispose()


def upgrade_on(connection: Connection, revision: str = "head") -> None:
    """As `upgrade`, inside a transaction that is already open; two at once take turns."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    command.upgrade(_config(connection), revision)


def is_current(engine: Engine) -> bool:
    """Whether the database has exactly the migrations that this program knows."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == _known()[0]


def may_go_on(engine: Engine) -> bool:
    """Whether a program that serves may go on: the database is as it knows it, or a newer release
    has brought it further, which says itself whether older nodes may serve beside it."""
    known = _known()
    with engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
    return revision == known[0] or (revision is not None and revision not in known)


def is_known(revision: str) -> bool:
    """Whether this program knows the migration, and so can bring a database forward from it."""
    return revision in _known()


@cache
def _known() -> tuple[str, ...]:
    """All migrations of this program, the newest first."""
    script = ScriptDirectory.from_config(_config())
    return tuple(each.revision for each in script.walk_revisions())


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config
