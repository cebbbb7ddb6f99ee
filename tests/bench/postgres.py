"""A real PostgreSQL for a while, as durable as it comes: on a socket of its own, on no network."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import psycopg

USER = "onevisit"


@dataclass(frozen=True)
class Server:
    """A running server; `home` holds its socket."""

    home: Path

    def new(self, name: str) -> str:
        """The SQLAlchemy URL of an empty database; there may have been one of that name."""
        with psycopg.connect(
            host=str(self.home), user=USER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}"'.encode())
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return self.url(name)

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of a database that is there."""
        return f"postgresql+psycopg://{USER}@/{name}?host={self.home}"


@contextmanager
def server(kept: Path | None = None) -> Iterator[Server]:
    """A server with the settings that it ships with: every commit is on the disk before it is told
    (fsync and synchronous_commit are on). Its databases are in the folder `kept`, which everybody
    must be able to reach and whose name must be short, or gone afterwards."""
    with ExitStack() as stack:
        home = kept
        if home is None:  # short: sockets
            folder = tempfile.TemporaryDirectory(prefix="onevisit-pg-", dir="/tmp")
            home = Path(stack.enter_context(folder))
        home.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:  # which PostgreSQL refuses
            shutil.chown(home, _user())
        data = str(home / "data")
        if not (home / "data" / "PG_VERSION").exists():
            trust = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
            _run("initdb", "-D", data, "-U", USER, *trust, home=home)
        options = f"-k {home} -c listen_addresses="
        log = str(home / "log")
        _run("pg_ctl", "start", "-w", "-D", data, "-l", log, "-o", options, home=home)
        try:
            yield Server(home)
        finally:
            _run("pg_ctl", "stop", "-w", "-m", "fast", "-D", data, home=home)


def version(url: str) -> str:
    """What the server says it is."""
    return str(_asked(url, "SHOW server_version"))


def size(url: str) -> int:
    """Bytes of a database."""
    return int(str(_asked(url, "SELECT pg_database_size(current_database())")))


def settled(url: str) -> None:
    """The planner knows what is there and which pages everybody sees, as where autovacuum has been
    at work."""
    with _connected(url) as connection:
        connection.autocommit = True
        connection.execute("VACUUM (ANALYZE)")


def _asked(url: str, question: LiteralString) -> object:
    with _connected(url) as connection:
        found = connection.execute(question).fetchone()
    assert found is not None
    return found[0]


def _connected(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url.replace("postgresql+psycopg", "postgresql"))


def _user() -> str:
    return "postgres" if "postgres" in {each.pw_name for each in pwd.getpwall()} else "nobody"


def _run(program: str, *arguments: str, home: Path) -> None:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    command = str(found[-1]) if found else program
    user = _user() if os.geteuid() == 0 else None
    subprocess.run(
        [command, *arguments], check=True, cwd=home, user=user, stdout=subprocess.DEVNULL,
        group=pwd.getpwnam(user).pw_gid if user else None, extra_groups=[] if user else None,
        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
