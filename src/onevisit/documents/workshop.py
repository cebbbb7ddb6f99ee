"""Makes papers in processes of their own: laying out a page takes a tenth of a second of Python,
in which a web server would answer nobody else.
"""

import multiprocessing
import os
import threading
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from onevisit.documents.errors import DocumentError
from onevisit.documents.render import Press

RENEWED_AFTER = 500
"""Papers; then a process makes room for a fresh one, so that what a library keeps stays bounded."""


class PressFailed(DocumentError):
    """制作文书的进程意外中断，请稍后重试。"""


class Workshop:
    """A press in `processes` of its own, started with the first paper; `close()` ends them.

    Whoever asks waits for the paper, without keeping anybody else from working.
    """

    def __init__(self, press: Press, processes: int = 1) -> None:
        self.press, self.processes = press, processes
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def make(self, template: str, snapshot: Mapping[str, Any]) -> bytes:
        """As `Press.make`; PressFailed when the process died (killed, out of memory)."""
        pool = self._running()
        try:
            return pool.submit(_make, self.press, template, dict(snapshot)).result()
        except BrokenProcessPool as error:
            self._drop(pool)
            raise PressFailed(PressFailed.__doc__) from error

    def close(self) -> None:
        """Ends the processes after the papers in hand."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True)

    def _running(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    self.processes,
                    mp_context=multiprocessing.get_context("spawn"),
                    initializer=_end_with_parent,
                    max_tasks_per_child=RENEWED_AFTER,
                )
            return self._pool

    def _drop(self, pool: ProcessPoolExecutor) -> None:
        """Forget a pool that broke; the next paper starts another."""
        with self._lock:
            if self._pool is pool:
                self._pool = None
        pool.shutdown(wait=False)


def _make(press: Press, template: str, snapshot: Mapping[str, Any]) -> bytes:
    return press.make(template, snapshot)


def _end_with_parent() -> None:
    """A killed server leaves no process behind that waits for it."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
