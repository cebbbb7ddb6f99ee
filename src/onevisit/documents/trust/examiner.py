"""Examines strangers' files in a process that limits itself: a small file can ask whoever reads it
for any amount of time and memory, and nobody else shall wait or go without for it.

The process is this file as a module; it starts with the first file, does one at a time, and ends
with whoever started it. Jobs and answers are lines of JSON.
"""

import atexit
import base64
import json
import resource
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import IO, Any

from asn1crypto import x509

from onevisit.documents.trust.examine import LIMIT, Examined, examine

MEMORY = 2 * 1024**3
"""Bytes of address space, of which the libraries take a quarter."""
SECONDS = 10
"""Of a processor for one file; our own papers take a twentieth of one."""
PATIENCE = 30
"""Seconds until a file is given up, however busy the machine is."""
TOO_MUCH = ("文件的结构过于复杂，已经停止读取。本系统的文书不会这样。",)

_one_at_a_time = threading.Lock()
_running: list["subprocess.Popen[bytes]"] = []


def examine_apart(
    pdf: bytes, roots: Sequence[x509.Certificate], stamps: Sequence[x509.Certificate] = ()
) -> Examined:
    """As `examine`, within limits of time and memory: a file that needs more is unreadable."""
    if len(pdf) > LIMIT:
        return examine(pdf, roots, stamps)
    ders = [[_text(each.dump()) for each in some] for some in (roots, stamps)]
    job = json.dumps([_text(pdf), *ders]).encode()
    with _one_at_a_time:
        answer = _answer(job)
    return _read(json.loads(answer)) if answer else Examined("unreadable", TOO_MUCH)


def close() -> None:
    """End the process; the next file starts another."""
    while _running:
        process = _running.pop()
        process.kill()
        process.communicate()


def _answer(job: bytes) -> bytes:
    """The line that the process answers; b"" when it was cut off."""
    if _running and _running[0].poll() is not None:  # somebody ended it meanwhile
        close()
    if not _running:
        command = [sys.executable, "-m", __name__]
        _running.append(
            subprocess.Popen(  # noqa: S603 -- this interpreter and this file
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        )
    process = _running[0]
    assert process.stdin is not None and process.stdout is not None
    watch = threading.Timer(PATIENCE, process.kill)
    watch.start()
    try:
        process.stdin.write(job + b"\n")
        process.stdin.flush()
        answer = process.stdout.readline()
    except OSError:
        answer = b""
    finally:
        watch.cancel()
    if not answer.endswith(b"\n"):
        close()
        return b""
    return answer


def main(jobs: IO[bytes], answers: IO[bytes]) -> None:
    """Examine whatever comes until nothing comes any more."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in jobs:
        _limit_time()
        pdf, roots, stamps = json.loads(line)
        found = examine(base64.b64decode(pdf), _certificates(roots), _certificates(stamps))
        answers.write(json.dumps(_plain(found)).encode() + b"\n")
        answers.flush()


def _limit_time() -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + SECONDS + 1
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


def _plain(found: Examined) -> dict[str, Any]:
    return {
        name: each.isoformat() if isinstance(each, datetime) else each
        for name, each in asdict(found).items()
    }


def _read(plain: dict[str, Any]) -> Examined:
    moments = {
        name: datetime.fromisoformat(plain[name])
        for name in ("sealed_at", "stamped_at")
        if plain[name]
    }
    return Examined(**{**plain, "told": tuple(plain["told"]), **moments})


def _certificates(texts: Sequence[str]) -> list[x509.Certificate]:
    return [x509.Certificate.load(base64.b64decode(each)) for each in texts]


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


atexit.register(close)

if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
