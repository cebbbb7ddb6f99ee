"""Examines strangers' files in a process that limits itself (apart.py), which is this file as a
module; jobs and answers are lines of JSON."""

import base64
import json
import resource
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import IO, Any

from asn1crypto import x509

from onevisit.documents.apart import Apart
from onevisit.documents.trust.examine import LIMIT, Examined, examine

MEMORY = 2 * 1024**3
"""Bytes of address space, of which the libraries take a quarter."""
SECONDS = 10
"""Of a processor for one file; our own papers take a twentieth of one."""
PATIENCE = 30
"""Seconds until a file is given up, however busy the machine is."""
TOO_MUCH = ("文件的结构过于复杂，已经停止读取。本系统的文书不会这样。",)

_apart = Apart("-m", __name__, patience=PATIENCE)


def examine_apart(
    pdf: bytes, roots: Sequence[x509.Certificate], stamps: Sequence[x509.Certificate] = ()
) -> Examined:
    """As `examine`, within limits of time and memory: a file that needs more is unreadable."""
    if len(pdf) > LIMIT:
        return examine(pdf, roots, stamps)
    ders = [[_text(each.dump()) for each in some] for some in (roots, stamps)]
    job = json.dumps([_text(pdf), *ders]).encode()
    answer = _apart.ask(job)
    return _read(json.loads(answer)) if answer else Examined("unreadable", TOO_MUCH)


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


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
