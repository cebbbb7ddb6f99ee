"""The sweep: finds rows whose work is due and does it; the rows are the truth, this the muscle.

A killed sweep loses nothing: what it had not finished is still a pending row for the next one,
on this node or another.
"""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from onevisit.cases import documents, due
from onevisit.catalog.catalog import Catalog
from onevisit.store.files import FileStore
from onevisit.store.session import writing

log = structlog.get_logger()
PAUSE = 1.0  # seconds between two looks
ABANDONED = timedelta(hours=1)
"""No upload takes that long; what still lies half received was cut off with its server."""


@dataclass
class Sweeper:
    """Sweeps in a thread of its own from `start()` to `stop()`."""

    engine: Engine
    files: FileStore
    templates: Path
    pause: float = PAUSE
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __post_init__(self) -> None:
        self._catalog = Catalog(self.engine)

    def start(self) -> None:
        """Begins to sweep in the background."""
        self._thread = threading.Thread(target=self._run, name="sweep", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends after the piece of work in hand; returns when it is done."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def sweep(self, now: datetime) -> int:
        """One look: makes pending documents, fires timers that are over; how many it did.

        Half files that a killed server left behind are removed.
        """
        self.files.discard_incoming(now - ABANDONED)
        transaction = partial(writing, self.engine)
        made = documents.make_pending(transaction, self.files, self.templates)
        return made + due.run_all(transaction, self._catalog, self.files, now)

    def _run(self) -> None:
        while not self._stop.wait(self.pause):
            try:
                self.sweep(datetime.now(UTC))
            except (SQLAlchemyError, OSError) as error:
                log.warning("sweep_failed", error=str(error))
