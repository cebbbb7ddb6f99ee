"""Asks a process of its own, which limits itself: what strangers send, or somebody is still
writing, can ask for any amount of time and memory, and nobody else shall wait or go without for it.
"""

import atexit
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Apart:
    """One process, kept for the next job and replaced when it was cut off; one job at a time.

    It reads jobs and writes answers as lines, and ends with whoever started it.
    """

    def __init__(self, *arguments: str, patience: float) -> None:
        """`arguments` of our own interpreter start it; after `patience` seconds it is killed."""
        self._command = [sys.executable, *arguments]
        self._patience = patience
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    def ask(self, job: bytes, wait: float = -1) -> bytes:
        """The line that it answers; b"" when it was cut off.

        Raises TimeoutError after `wait` seconds in which it was busy with others' jobs.
        """
        if not self._lock.acquire(timeout=wait):
            raise TimeoutError
        try:
            for _ in range(2):  # one that had ended by itself is replaced
                process = self._running()
                if self._sent(process, job):
                    return self._answer(process)
                self.close()
            return b""
        finally:
            self._lock.release()

    def get_ready(self) -> None:
        """Start it before anybody needs it, so that the first answer comes soon."""
        if self._lock.acquire(blocking=False):
            try:
                self._running()
            finally:
                self._lock.release()

    def close(self) -> None:
        """End it; the next job starts another."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _sent(self, process: "subprocess.Popen[bytes]", job: bytes) -> bool:
        assert process.stdin is not None
        with self._watched(process):
            try:
                process.stdin.write(job + b"\n")
                process.stdin.flush()
            except OSError:
                return False
        return True

    def _answer(self, process: "subprocess.Popen[bytes]") -> bytes:
        assert process.stdout is not None
        with self._watched(process):
            answer = process.stdout.readline()
        if answer.endswith(b"\n"):
            return answer
        self.close()
        return b""

    @contextmanager
    def _watched(self, process: "subprocess.Popen[bytes]") -> Iterator[None]:
        watch = threading.Timer(self._patience, process.kill)
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(  # noqa: S603 -- our own interpreter and files
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process
