"""What every test may ask for: a fresh database of each kind, so that one run proves both."""

import gc
import getpass
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from coverage import Coverage
from psycopg import sql

from architecture.sizes import pytest_terminal_summary
from databases import IN_MEMORY, SPARE, STRATEGY, administrator
from once import install
from only_for_tests import KEYS_FILE

__all__ = ["pytest_terminal_summary"]  # here, as parallel runs read no deeper conftest

os.environ["ONEVISIT_KEYS_FILE"] = str(KEYS_FILE)  # here and in every process that tests start
if IN_MEMORY is not None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))
TESTS = Path(__file__).parent
SERVER_USER = "onevisit"
UNSAFE_BUT_FAST = "-c fsync=off -c synchronous_commit=off"
"""Only a machine that loses power would lose what was committed; tests kill processes, not it. A
server that is killed may leave half a page, so whole pages go into its log all the same."""
MISSING = (
    "PostgreSQL's server programs (initdb, pg_ctl) were not found in /usr/lib/postgresql/*/bin "
    "nor on PATH. Run scripts/bootstrap --with-tests, or: apt-get install postgresql"
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Coverage is counted on SQLite: on PostgreSQL the same lines run, and counting takes time.

    A table of dates or grounds runs whole on SQLite; PostgreSQL, where the same verbs write the
    same rows, plays its first line.
    """
    first: dict[str, str] = {}
    beyond = []
    for item in items:
        place, _, values = item.nodeid.rpartition("[")
        if not values.startswith("postgresql"):
            continue
        if not _only_the_core(config):
            item.add_marker(pytest.mark.no_cover)
        if "/scenarios/law/" in place and first.setdefault(place, item.nodeid) != item.nodeid:
            beyond.append(item)
    if beyond:
        left_out = set(beyond)
        config.hook.pytest_deselected(items=beyond)
        items[:] = [item for item in items if item not in left_out]


CORE = ("onevisit.definition", "onevisit.engine", "onevisit.access")
COUNTED = ("unit/definition/", "unit/engine/", "unit/access/", "unit/catalog/", "proof/")
"""Where every branch of the core is tested. All other tests run through it again; to count that
as well took as long as half of everything they do."""


PAUSED: list[Coverage] = []


def _only_the_core(config: pytest.Config) -> bool:
    """Whether this run counts the lines of the core and no others."""
    counted = set(getattr(config.option, "cov_source", None) or ())
    return bool(counted) and counted <= set(CORE)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Where only the core is held to a figure, its own tests are counted."""
    if _only_the_core(item.config):
        if item.path.relative_to(TESTS).as_posix().startswith(COUNTED):
            while PAUSED:
                PAUSED.pop().start()
        else:
            while (counting := Coverage.current()) is not None:  # one in another, in parallel runs
                counting.stop()
                PAUSED.append(counting)
    return (yield)


def pytest_collection_finish() -> None:
    """What has been imported stays, so the garbage collector need not walk it for every test; and
    it looks less often at what is new: it took a fifth of the time of tests through the web."""
    install()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@dataclass
class PostgresServer:
    """A private PostgreSQL on a Unix socket in its own directory; it listens on no network."""

    home: Path
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of a database on this server."""
        return f"postgresql+psycopg://{SERVER_USER}@/{database}?host={self.home}"

    @property
    def administrator(self) -> "psycopg.Connection[tuple[object, ...]]":
        """The connection that creates and drops the databases."""
        return administrator(str(self.home), SERVER_USER)

    def create_database(self) -> str:
        """Create an empty database, or take the spare one, and return its name."""
        name = f"test_{next(self._numbers)}"
        naming = {"name": sql.Identifier(name), "spare": sql.Identifier(SPARE)}
        try:
            self.administrator.execute(
                sql.SQL("ALTER DATABASE {spare} RENAME TO {name}").format(**naming)
            )
        except psycopg.errors.InvalidCatalogName:  # there is none
            self.administrator.execute(
                sql.SQL("CREATE DATABASE {name} STRATEGY " + STRATEGY).format(**naming)
            )
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, ending whatever connections a test left open on it."""
        self.administrator.execute(
            sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
        )


def _program(name: str) -> str:
    """Return the newest installed `name` of the PostgreSQL server; fail with what to install."""
    packaged = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"),
        key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0,
    )
    found = str(packaged[-1]) if packaged else shutil.which(name)
    if found is None:
        pytest.fail(MISSING, pytrace=False)
    return found


def _unprivileged_user() -> str | None:
    """Name the user to run the server as when we are root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _run(*command: str, home: Path) -> None:
    """Run a server program from `home`; fail with its own words and the server's log."""
    user = _unprivileged_user()
    with (home / "output").open("a") as output:
        done = subprocess.run(
            command,
            check=False,
            cwd=home,
            user=user,
            group=pwd.getpwnam(user).pw_gid if user else None,
            extra_groups=[] if user else None,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    if done.returncode != 0:
        said = "\n".join(log.read_text() for log in (home / "output", home / "log") if log.exists())
        pytest.fail(f"{' '.join(command)} failed as {user or getpass.getuser()}:\n{said}")


@contextmanager
def _stopped_afterwards(pg_ctl: str, home: Path) -> Iterator[None]:
    """Stop the server in `home` and remove it when the block ends, or when this process is killed.

    A shell of its own waits for the pipe from us to close, which our death does as well.
    """
    wait = 'cat; "$0" stop -w -m fast -D "$1/data"; rm -rf "$1"'
    with subprocess.Popen(
        ["sh", "-c", wait, pg_ctl, str(home)],
        cwd="/",
        user=_unprivileged_user(),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # so that Ctrl-C does not end it before its work
    ):
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Start a real PostgreSQL of our own for this test session and stop it at the end."""
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    home = Path(tempfile.mkdtemp(prefix="onevisit-pg-", dir=IN_MEMORY or "/tmp"))  # short, as
    # paths of sockets are
    user = _unprivileged_user()
    if user:
        shutil.chown(home, user)
    data = str(home / "data")
    with _stopped_afterwards(pg_ctl, home):
        trust = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        _run(initdb, "-D", data, "-U", SERVER_USER, *trust, home=home)
        options = f"-k {home} -c listen_addresses='' -c max_connections=200 {UNSAFE_BUT_FAST}"
        _run(pg_ctl, "start", "-w", "-D", data, "-l", str(home / "log"), "-o", options, home=home)
        server = PostgresServer(home)
        yield server
        server.administrator.close()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Return the URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'onevisit.db'}"


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """Yield the URL of an empty PostgreSQL database, dropped after the test."""
    name = postgres_server.create_database()
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Run the test twice: on a new SQLite file and on an empty PostgreSQL database."""
    kind = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(kind)
    return url
