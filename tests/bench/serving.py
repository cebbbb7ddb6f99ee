"""Servers over a city as an operator starts them: `onevisit serve`, several on one database."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from onevisit.settings import Settings

PATIENCE = 120.0
"""Seconds that a server may take until it is ready."""
SAID = "服务地址："


def environment(settings: Settings) -> dict[str, str]:
    """What a process is told so that it serves with these settings."""
    found = {
        "HOME": str(settings.home),
        "DATA": str(settings.data),
        "DATABASE_URL": settings.database_url,
        "DEMO_PASSWORD": settings.demo_password,
        "SECOND_FACTOR": settings.second_factor,
        "CHECKPOINT_MINUTES": "0",
        "LOG_REQUESTS": "false",
    }
    return os.environ | {f"ONEVISIT_{name}": value for name, value in found.items()}


@contextmanager
def servers(settings: Settings, number: int) -> Iterator[list[str]]:
    """So many servers on one database; their addresses, each ready."""
    with ExitStack() as stack:
        yield [stack.enter_context(server(environment(settings))) for _ in range(number)]


@contextmanager
def server(told: Mapping[str, str]) -> Iterator[str]:
    """One server on a free port; its address once it is ready."""
    with Path(told["ONEVISIT_DATA"], "server.log").open("ab") as log:
        process = started(told, log.fileno())
        try:
            yield ready(process)
        finally:
            process.terminate()
            process.wait()


def started(told: Mapping[str, str], log: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
    """A server that has just been started; what goes wrong goes to the open file `log`."""
    return subprocess.Popen(
        [Path(sys.executable).with_name("onevisit"), "serve", "--port", "0"],
        stdout=subprocess.PIPE, stderr=log, text=True, env=dict(told),
    )  # fmt: skip


def ready(process: subprocess.Popen[str]) -> str:
    """The address of a server, once it answers that it is ready."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(SAID):
            address = line.removeprefix(SAID).strip()
            break
    else:
        raise AssertionError("the server ended before it began; see server.log")
    give_up = time.monotonic() + PATIENCE
    while not _is_ready(address):
        assert time.monotonic() < give_up, f"{address} does not get ready"
        time.sleep(0.02)
    return address


def _is_ready(address: str) -> bool:
    """It says its address as soon as that is its own, a moment before it listens there."""
    try:
        return httpx.get(f"{address}/readyz", timeout=PATIENCE).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
