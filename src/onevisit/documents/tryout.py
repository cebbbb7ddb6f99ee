"""Tries templates that somebody is editing in a process of its own, which may be cut off.

What is typed there can be anything, so it gets little time, little memory and nobody's way: one
try-out at a time, and no request waits for it but the one that asked.
"""

import base64
import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

SECONDS = {"preview": 20, "check": 120}
"""How long a try-out may take: a preview, or the check of all papers before saving."""
PATIENCE = 10
"""Seconds for which somebody waits for another's try-out."""
PAGES = 6
"""Pages of a preview that are shown."""
PROCESS = "onevisit.documents.tryout_process"

_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Trial:
    """One document to try: what it is, on which snapshot, and whether its pages are laid out
    (slow) or it is only filled in."""

    title: str
    template: str
    snapshot: Mapping[str, Any]
    laid_out: bool = False


@dataclass(frozen=True)
class Fault:
    """What is wrong, with which trial, and where: template (without suffix) and line, if known;
    `missing` is the dotted path of a value that is not there."""

    trial: str
    template: str
    line: int | None
    message: str
    missing: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of the trials: faults, and the first pages of the last as PNG images."""

    faults: tuple[Fault, ...] = ()
    pages: tuple[bytes, ...] = ()
    count: int = 0


class Busy(Exception):
    """正在试作另一份文书，请稍后再试。"""


def preview(templates: Path, drafts: Mapping[str, str], trial: Trial) -> Outcome:
    """The pages of one document as pictures, or why there are none. Raises Busy."""
    return _run(templates, drafts, [trial], "preview")


def check(templates: Path, drafts: Mapping[str, str], trials: Sequence[Trial]) -> Outcome:
    """Everything that is wrong with these documents, at most one fault a trial. Raises Busy."""
    return _run(templates, drafts, trials, "check")


def _run(
    templates: Path, drafts: Mapping[str, str], trials: Sequence[Trial], purpose: str
) -> Outcome:
    job = json.dumps(
        {
            "templates": str(templates),
            "drafts": dict(drafts),
            "trials": [asdict(each) for each in trials],
            "pages": PAGES if purpose == "preview" else 0,
            "seconds": SECONDS[purpose],
        }
    )
    if not _one_at_a_time.acquire(timeout=PATIENCE):
        raise Busy(Busy.__doc__)
    try:
        process = _waiting.take()
        told, _ = process.communicate(job.encode(), timeout=SECONDS[purpose] + PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return _cut_off(trials, f"超过{SECONDS[purpose]}秒还没有做完，已经停止")
    finally:
        _one_at_a_time.release()
        _waiting.start()
    if process.returncode != 0:
        return _cut_off(trials, "用的内存或者时间太多，已经停止")
    return _outcome(json.loads(told))


class _Waiting:
    """The process for the next try-out, which has read its libraries already. Each does one job;
    it ends by itself when nobody wants it for a while, or when this process is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Have one ready."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._process = self._new()

    def take(self) -> "subprocess.Popen[bytes]":
        """The one that is ready, or another."""
        with self._lock:
            process, self._process = self._process, None
        return process if process is not None and process.poll() is None else self._new()

    def _new(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603 -- our own module under our own interpreter
            [sys.executable, "-m", PROCESS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )


_waiting = _Waiting()


def get_ready() -> None:
    """Called when somebody opens a template, so that the first preview comes at once too."""
    _waiting.start()


def _cut_off(trials: Sequence[Trial], message: str) -> Outcome:
    template = trials[0].template if trials else ""
    return Outcome((Fault(trials[0].title if trials else "", template, None, message),))


def _outcome(told: Mapping[str, Any]) -> Outcome:
    return Outcome(
        faults=tuple(Fault(**each) for each in told["faults"]),
        pages=tuple(base64.b64decode(each) for each in told["pages"]),
        count=told["count"],
    )
