"""The process that examines what somebody is writing: it limits itself, so that no text can hang
the server or use up its memory. Started by examining.py with `python -m`; jobs and answers are
lines of JSON on standard input and output."""

import json
import resource
import select
import signal
import sys

from onevisit.catalog.examine import examine

MEMORY = 1024 * 1024 * 1024
"""Bytes of address space; the largest service takes a quarter of it."""
IDLE = 900
"""Seconds without a job after which it ends."""
JOBS = 200
"""Jobs after which a fresh process takes over."""


def main() -> None:
    """Answers one job after the other until nobody asks any more."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    for _ in range(JOBS):
        if not select.select([sys.stdin], [], [], IDLE)[0]:
            return
        line = sys.stdin.readline()
        if not line:
            return
        sys.stdout.write(_answered(line) + "\n")
        sys.stdout.flush()


def _answered(line: str) -> str:
    job = json.loads(line)
    signal.alarm(job["seconds"])  # nobody handles it: the process ends, whatever it is doing
    try:
        found = examine(job["texts"], job["path"], job["before"], play=job["play"])
    except (MemoryError, RecursionError):
        return json.dumps({"cut": "内容太大或者太复杂，检查用的内存超出上限，已经停止"})
    finally:
        signal.alarm(0)
    return json.dumps(found, ensure_ascii=False)


if __name__ == "__main__":
    main()
