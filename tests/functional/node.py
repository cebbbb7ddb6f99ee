"""A server in a process of its own, which a test may kill in the middle of anything."""

import multiprocessing
import random
import threading
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess

import httpx

from onevisit.cli.serving import Server
from onevisit.settings import Settings

ONE_AT_A_TIME = threading.Lock()
"""Starting a process looks after all others, and two who look at once get wrong answers."""
PATIENCE = 60  # seconds for a process to say where it listens
FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(
    [
        "onevisit.cli.serving",
        "onevisit.documents.pdf",
        "apscheduler.executors.pool",
        "apscheduler.schedulers.background",
        "apscheduler.triggers.interval",
        "sqlalchemy.dialects.postgresql.psycopg",
        "sqlalchemy.dialects.sqlite.pysqlite",
        "psycopg",
        "weasyprint",
    ]
)
"""Imported once; every server and worker is a copy of that process."""


def _serve(settings: Settings, line: Connection) -> None:
    with Server(settings, "127.0.0.1", 0) as server:
        line.send(server.address)
        server.wait()


@dataclass
class Node:
    """One node of the city: started, killed, and started again on the same data."""

    settings: Settings
    address: str = ""
    _process: ForkServerProcess | None = field(default=None)

    def start(self) -> None:
        """Run until killed; returns when the first request is answered."""
        ours, theirs = FORKING.Pipe(duplex=False)
        self._process = FORKING.Process(target=_serve, args=(self.settings, theirs), daemon=True)
        with ONE_AT_A_TIME:
            self._process.start()
        theirs.close()
        assert ours.poll(PATIENCE), "the server did not start"
        self.address = ours.recv()
        answers = httpx.Client(transport=httpx.HTTPTransport(retries=10))
        assert answers.get(f"{self.address}/healthz", timeout=PATIENCE).status_code == 200

    @property
    def runs(self) -> bool:
        """Whether it has been started and not been killed."""
        with ONE_AT_A_TIME:
            return self._process is not None and self._process.is_alive()

    def kill(self) -> None:
        """SIGKILL, as a power cut does: nothing is finished, nothing is said."""
        assert self._process is not None
        with ONE_AT_A_TIME:
            self._process.kill()
            self._process.join()

    def ask_to_end(self) -> None:
        """SIGTERM, as an operator does."""
        assert self._process is not None
        self._process.terminate()

    def ended(self) -> int | None:
        """Its exit code, once it has ended by itself."""
        assert self._process is not None
        self._process.join(PATIENCE)
        return self._process.exitcode


@dataclass
class Nodes:
    """Several nodes of one city, any of which answers; one of them at a time is killed."""

    each: list[Node]
    rng: random.Random = field(default_factory=lambda: random.Random(4))

    @property
    def address(self) -> str:
        """Where one of them listens."""
        return self.rng.choice(self.each).address

    def start(self) -> None:
        """All that do not run."""
        for node in self.each:
            if not node.runs:
                node.start()

    def kill(self) -> None:
        """One of them."""
        self.rng.choice(self.each).kill()
