"""A server in a process of its own, which a test may kill in the middle of anything."""

import multiprocessing
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess

import httpx

from onevisit.cli.serving import Server
from onevisit.settings import Settings

PATIENCE = 60  # seconds for a process to say where it listens
_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(["onevisit.cli.serving"])


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
        ours, theirs = _forking.Pipe(duplex=False)
        self._process = _forking.Process(target=_serve, args=(self.settings, theirs), daemon=True)
        self._process.start()
        theirs.close()
        assert ours.poll(PATIENCE), "the server did not start"
        self.address = ours.recv()
        answers = httpx.Client(transport=httpx.HTTPTransport(retries=10))
        assert answers.get(f"{self.address}/healthz", timeout=PATIENCE).status_code == 200

    def kill(self) -> None:
        """SIGKILL, as a power cut does: nothing is finished, nothing is said."""
        assert self._process is not None
        self._process.kill()
        self._process.join()
