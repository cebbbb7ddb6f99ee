"""How long a light page takes while papers are made, in their own process or the server's."""

import statistics
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import httpx

from bench import fresh
from bench.fresh import Figures
from onevisit.cli.serving import Server
from onevisit.documents import Workshop, sample_snapshot
from onevisit.documents.render import Printing
from onevisit.settings import Settings
from onevisit.store.migrate import upgrade

PAGE, CERTIFICATE = "/sign-in", "certificates/standard"
WARM, TIMES = 20, 200
WAYS = {"none": 1, "own process": 1, "same process": 0}
"""Whether papers are made meanwhile, and in how many processes of their own (0: the server's)."""


def answers(printing: str) -> Figures:
    """What `asking` finds, and how many papers were made in the meantime."""
    with _server() as server, _press(server.settings, WAYS[printing]) as make:
        snapshot = sample_snapshot("certificate", "演示经营许可证")

        def one() -> None:
            make(CERTIFICATE, snapshot)

        one()  # the process of its own has started, its fonts are read
        with _again(one, printing != "none") as made:
            found = fresh.run(asking, address=server.address)
            return found | {"papers": len(made)}


def asking(address: str) -> Figures:
    """Milliseconds from asking to the whole page, one request after another over one connection."""
    with httpx.Client(base_url=address, timeout=60) as client:
        for _ in range(WARM):
            client.get(PAGE).raise_for_status()
        taken = [_taken(client) for _ in range(TIMES)]
    return {
        "p50_ms": round(statistics.median(taken), 2),
        "p95_ms": round(statistics.quantiles(taken, n=20)[-1], 2),
        "max_ms": round(max(taken), 2),
    }


def _taken(client: httpx.Client) -> float:
    began = perf_counter()
    client.get(PAGE).raise_for_status()
    return (perf_counter() - began) * 1000


@contextmanager
def _again(work: Callable[[], None], really: bool) -> Iterator[list[None]]:
    """Over and over in a thread until the block ends; the list grows with each time."""
    done: list[None] = []
    end = threading.Event()

    def loop() -> None:
        while not end.is_set():
            work()
            done.append(None)

    thread = threading.Thread(target=loop)
    if really:
        thread.start()
    yield done
    end.set()
    if really:
        thread.join()


@contextmanager
def _press(settings: Settings, processes: int) -> Iterator[Printing]:
    """Makes papers as the server does: in `processes` of their own, or right here."""
    if not processes:
        yield settings.press.make
        return
    workshop = Workshop(settings.press, processes)
    yield workshop.make
    workshop.close()


@contextmanager
def _server() -> Iterator[Server]:
    """The whole server in this process, on a database of its own and a free port."""
    with tempfile.TemporaryDirectory() as data:
        settings = Settings(data=Path(data)).prepared()
        upgrade(settings.database_url, settings.keyring)
        with Server(settings, "127.0.0.1", 0) as server:
            thread = threading.Thread(target=server.wait)
            thread.start()
            try:
                yield server
            finally:
                server.stop()
                thread.join()
