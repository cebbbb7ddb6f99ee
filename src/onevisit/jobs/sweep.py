"""The sweep: finds rows whose work is due and does it; the rows are the truth, this the muscle.

APScheduler runs each look on time in threads of its own, so that a mail server that does not
answer holds up no document and no deadline. A killed sweep loses nothing: what it had not finished
is still a waiting row for the next one, on this node or another.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from onevisit.cases.board.look import Board
from onevisit.cases.deadlines import due
from onevisit.cases.errors import CaseError
from onevisit.cases.outbox import claims, documents, sending
from onevisit.cases.outbox.sending import WayOut
from onevisit.cases.signing_in import sweep as signing_in
from onevisit.catalog.catalog import Catalog
from onevisit.documents import Printing
from onevisit.store.files import FileStore
from onevisit.store.session import is_away, reading, writing

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler

log = structlog.get_logger()
PAUSE = 1.0  # seconds between two looks
ABANDONED = timedelta(hours=1)
"""No upload takes that long; what still lies half received was cut off with its server."""
Clock = Callable[[], datetime]
COUNTS = "board"
"""The look that nobody is owed anything by."""
THREADS = {"deadlines": 1, "documents": 2, "dispatches": 4, "checkpoints": 1, COUNTS: 1}
"""The looks, and how many threads each may have at work at once."""
REFUSED = 60.0
"""Seconds until a checkpoint that could not be made is tried again: a person has to look first."""


class Stopping(BaseException):
    """后台正在停止，没有开始新的工作。

    No fault, so nothing that deals with faults holds it up.
    """


class Faulty(CaseError):
    """这一件到期的工作没有做成，原因已经记录。"""


def now_utc() -> datetime:
    """The present moment, for whoever is handed no other clock."""
    return datetime.now(UTC)


@dataclass
class Sweeper:
    """Sweeps in threads of its own from `start()` to `stop()`; `sweep(now)` is one look by hand.

    `ways`: how to send, by channel; what waits for another channel is switched off. `node` names
    this process in the claims that it makes. `checkpoint` makes the checkpoints that are due.
    """

    engine: Engine
    files: FileStore
    printing: Printing
    ways: Mapping[str, WayOut] = field(default_factory=dict)
    clock: Clock = now_utc
    checkpoint: Callable[[datetime], int] | None = None
    pause: float = PAUSE
    abandoned: timedelta = ABANDONED
    node: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}"[:40])
    _stop: threading.Event = field(default_factory=threading.Event)
    _scheduler: "BackgroundScheduler | None" = None
    _looked: dict[str, float] = field(default_factory=dict)
    _refused: float | None = None

    def __post_init__(self) -> None:
        self._catalog = Catalog(self.engine)

    def start(self) -> None:
        """Begins to sweep in the background."""
        from apscheduler.executors.pool import ThreadPoolExecutor  # noqa: PLC0415 -- a server's
        from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415

        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # busy looks are no news
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={name: ThreadPoolExecutor(threads) for name, threads in THREADS.items()},
            job_defaults={"coalesce": True, "misfire_grace_time": None},
        )
        self._looked = dict.fromkeys(THREADS, time.monotonic())
        for name, threads in THREADS.items():
            self._scheduler.add_job(
                self._run,
                "interval",
                args=[name],
                seconds=self.pause,
                executor=name,
                max_instances=threads,
            )
        self._scheduler.start()

    def stop(self) -> None:
        """Ends after the pieces of work in hand; returns when they are done."""
        self._stop.set()
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=True)
            self._scheduler = None

    def last_look(self) -> float | None:
        """Seconds since the look that is longest ago came to its end; None while nothing runs. Not
        the count of what is open, which may take its time and says itself how old it is."""
        if self._scheduler is None:
            return None
        return time.monotonic() - min(at for name, at in self._looked.items() if name != COUNTS)

    def sweep(self, now: datetime) -> int:
        """One look at everything as of `now`; how many pieces of work it did."""
        return sum(self._look(name, lambda: now) for name in ("documents", *THREADS))

    def _run(self, name: str) -> None:
        """One look by the scheduler; a fault is logged and the next look comes all the same."""
        try:
            self._look(name, self.clock)
        except Stopping:
            return
        except Exception as error:
            said = error.orig if isinstance(error, DBAPIError) else error
            log.warning("sweep_failed", look=name, error=f"{type(error).__name__}: {said}")
        self._looked[name] = time.monotonic()

    def _look(self, name: str, clock: Clock) -> int:
        looks: Mapping[str, Callable[[Clock], int]] = {
            "deadlines": self._deadlines,
            "documents": self._documents,
            "dispatches": self._dispatches,
            "checkpoints": self._checkpoints,
            COUNTS: self._board,
        }
        return looks[name](clock)

    def _deadlines(self, clock: Clock) -> int:
        """What falls due by itself; half files that a killed server left behind and old sessions
        are removed, by the clock that stamps them, whatever the time is here."""
        self.files.discard_incoming(now_utc() - self.abandoned)
        with reading(self.engine) as session:
            old = signing_in.is_due(session, now_utc())
        if old:
            with self._transaction() as session:
                signing_in.run(session, now_utc())
        return due.run_all(self._transaction, self._catalog, self.files, clock())

    def _checkpoints(self, clock: Clock) -> int:
        """What was written is put under a signature; where that is refused, not at each look."""
        waits = self._refused is not None and time.monotonic() - self._refused < REFUSED
        if self.checkpoint is None or waits:
            return 0
        try:
            made = self.checkpoint(clock())
        except Exception:
            self._refused = time.monotonic()
            raise
        self._refused = None
        return made

    def _board(self, clock: Clock) -> int:
        """The open work is counted; nobody is owed that, so it is no piece of work."""
        reads = partial(reading, self.engine, one_moment=True)
        board = Board(reads, self._writing, self._catalog, self.files, time.monotonic)
        board.run_due(clock())
        return 0

    def _documents(self, clock: Clock) -> int:
        piece = partial(documents.make_next, self._writing, self.files, self.printing)
        return self._all(claims.DOCUMENTS, partial(piece, clock, self.node), clock)

    def _dispatches(self, clock: Clock) -> int:
        with reading(self.engine) as session:
            if not claims.is_due(session, claims.DISPATCHES, clock()):
                return 0
        with self._transaction() as session:
            sending.switch_off(session, self.ways)
        piece = partial(sending.send_next, self._writing, self.ways, clock, self.node)
        return self._all(claims.DISPATCHES, piece, clock)

    def _all(self, kind: claims.Kind, piece: Callable[[], bool], clock: Clock) -> int:
        """Do one piece after the other until none is due or we are asked to stop."""
        done = 0
        with reading(self.engine) as session:
            waits = claims.is_due(session, kind, clock())
        while waits and not self._stop.is_set():
            waits = piece()
            done += waits
        return done

    def _writing(self) -> AbstractContextManager[Session]:
        """A transaction of a piece of work in hand."""
        return writing(self.engine)

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        """A transaction that begins a piece of work; Stopping when none is to be begun.

        A fault of ours in one piece is logged and raised as an error of that case, so that one row
        that cannot be done holds up no other.
        """
        if self._stop.is_set():
            raise Stopping
        try:
            with writing(self.engine) as session:
                yield session
        except CaseError:
            raise
        except Exception as error:
            if is_away(error):  # it ends the whole look, in one line of the log
                raise
            log.exception("due_work_failed")
            raise Faulty(str(Faulty.__doc__)) from error
