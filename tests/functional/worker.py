"""A node's background work in a process of its own, which is killed in the middle of anything."""

import os
import signal
import sys
import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from types import FrameType
from typing import Any

from functional.node import FORKING, ONE_AT_A_TIME, PATIENCE
from onevisit.cases.outbox import claims
from onevisit.jobs import Sweeper
from onevisit.jobs.ways_out import ways_out
from onevisit.settings import Settings
from onevisit.store.files import FileStore
from onevisit.store.session import engine_for


@dataclass(frozen=True)
class Plan:
    """How one worker lives: `ahead` is how far its clock runs before the real one, in seconds;
    it kills itself after so many calls of Python functions (None: it is killed from outside).
    `newer`: of a later release, whose claims last less and whose attempts are more."""

    settings: Settings
    name: str
    newer: bool
    ahead: float
    calls: int | None


class _Fuse:
    """Counts calls in all threads, and ends the process at the last of them as a power cut does."""

    def __init__(self, calls: int) -> None:
        self._left = calls

    def __call__(self, frame: FrameType, event: str, arg: Any) -> None:
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _work(plan: Plan, line: Connection) -> None:
    if plan.newer:
        claims.LEASE /= 2
        claims.DOCUMENTS = replace(claims.DOCUMENTS, tries=claims.DOCUMENTS.tries + 2)
    engine = engine_for(plan.settings.database_url, plan.settings.keyring)
    files = FileStore(plan.settings.files)
    ways = ways_out(plan.settings)
    ahead = timedelta(seconds=plan.ahead)
    sweeper = Sweeper(engine, files, plan.settings.press.make, ways)
    sweeper.clock, sweeper.pause = lambda: datetime.now(UTC) + ahead, 0.02
    sweeper.node = plan.name
    if plan.calls is not None:
        fuse = _Fuse(plan.calls)
        threading.setprofile(fuse)
        sys.setprofile(fuse)
    sweeper.start()
    line.send(True)
    threading.Event().wait(30)


@dataclass
class Worker:
    """One life of a worker."""

    plan: Plan
    process: ForkServerProcess = field(init=False)

    def __post_init__(self) -> None:
        self._line, theirs = FORKING.Pipe(duplex=False)
        self.process = FORKING.Process(target=_work, args=(self.plan, theirs), daemon=True)
        with ONE_AT_A_TIME:
            self.process.start()
        theirs.close()

    def end(self, within: float) -> None:
        """Wait for it to kill itself, else kill it so many seconds after it began to sweep."""
        self._line.poll(PATIENCE)
        wait([self.process.sentinel], within)
        with ONE_AT_A_TIME:
            self.process.kill()
            self.process.join()
            code = self.process.exitcode
        assert code == -signal.SIGKILL, f"it ended with {code} before it was killed"
