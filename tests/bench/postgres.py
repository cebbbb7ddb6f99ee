"""A real PostgreSQL for a while, as durable as it comes: on a socket of its own, on no network."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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
        return f"postgresql+psycopg://{USER}@/{name}?host={self.home}"


@contextmanager
def server() -> Iterator[Server]:
    """A server with the settings that it ships with: every commit is on the disk before it is told
    (fsync and synchronous_commit are on)."""
    with tempfile.TemporaryDirectory(prefix="onevisit-pg-", dir="/tmp") as folder:  # short: sockets
        home = Path(folder)
        if os.geteuid() == 0:  # which PostgreSQL refuses
            shutil.chown(home, _user())
        data = str(home / "data")
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
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
        found = connection.execute("SHOW server_version").fetchone()
    return str(found[0]) if found else ""


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
