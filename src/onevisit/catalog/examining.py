"""Asks a process of its own what is to be said of a text that somebody is writing.

Unfinished text can be anything, so the process gets little time and memory; it is kept for the next
question, and replaced when it was cut off.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Any

SECONDS = {False: 8, True: 30}
"""How long an examination may take; with the scenarios played."""
PATIENCE = 10
"""Seconds for which somebody waits for another's examination."""
PROCESS = "onevisit.catalog.examine_process"


class Busy(Exception):
    """正在检查另一份草稿，请稍后再试。"""


class CutOff(Exception):
    """The examination took too much time or memory; the text says which."""


class Examiner:
    """One process, one question at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def get_ready(self) -> None:
        """Starts the process when nobody needs it yet, so that the first answer comes soon."""
        if self._lock.acquire(blocking=False):
            try:
                self._running()
            finally:
                self._lock.release()

    def ask(
        self, texts: Mapping[str, str], path: str, before: Mapping[str, str], *, play: bool = False
    ) -> dict[str, Any]:
        """What `examine` says of these texts. Raises Busy and CutOff."""
        job = {"texts": dict(texts), "path": path, "before": dict(before), "play": play}
        line = json.dumps(job | {"seconds": SECONDS[play]}, ensure_ascii=False) + "\n"
        if not self._lock.acquire(timeout=PATIENCE):
            raise Busy(Busy.__doc__)
        try:
            told = self._answer(line)
        finally:
            self._lock.release()
        if not told:
            raise CutOff(f"检查超过 {SECONDS[play]} 秒或者内存上限，已经停止")
        found: dict[str, Any] = json.loads(told)
        if "cut" in found:
            raise CutOff(found["cut"])
        return found

    def _answer(self, line: str) -> str:
        """The answer; "" when the process was cut off. One that had ended before is replaced."""
        for _ in range(2):
            process = self._running()
            assert process.stdin and process.stdout
            try:
                process.stdin.write(line)
                process.stdin.flush()
            except OSError:  # it had just ended by itself
                self._end()
                continue
            told = process.stdout.readline()
            if not told.endswith("\n"):
                self._end()
                return ""
            return told
        return ""

    def _running(self) -> "subprocess.Popen[str]":
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(  # noqa: S603 -- our own module and interpreter
                [sys.executable, "-m", PROCESS],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                encoding="utf-8",
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


examiner = Examiner()
"""The one of this server."""
