"""`onevisit serve` as a province runs it: several of them by the command itself, on one PostgreSQL
that can be stopped like a machine that fails."""

import os
import random
import shlex
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from functional.node import Node
from only_for_tests import KEYS_FILE

PATIENCE = 120
"""Seconds for what only has to happen at all, on a machine that has much else to do."""
COMMAND = Path(sys.executable).parent / "onevisit"


@dataclass
class Served:
    """One node: the command, with nothing but its environment."""

    environment: dict[str, str]
    address: str = ""
    said: list[str] = field(default_factory=list)
    _process: "subprocess.Popen[str] | None" = None

    def start(self) -> None:
        """Begin; `ready` waits for it."""
        self._process = subprocess.Popen(
            [COMMAND, "serve", "--port", "0"],
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ready(self) -> None:
        """Returns when it says where it listens, and that it can do its work."""
        assert self._process is not None and self._process.stdout is not None
        for line in self._process.stdout:
            self.said.append(line)
            if "http://" in line:
                break
        assert "http://" in self.said[-1], f"the node did not start: {self.said}"
        self.address = self.said[-1].partition("：")[2].strip()
        assert httpx.get(f"{self.address}/readyz", timeout=PATIENCE).status_code == 200

    def kill(self) -> None:
        """SIGKILL: nothing is finished, nothing is said."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(PATIENCE)

    def ask_to_end(self) -> None:
        """SIGTERM, as an upgrade does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)

    def ended(self) -> int | None:
        """Its exit code, once it has ended by itself."""
        assert self._process is not None
        return self._process.wait(PATIENCE)

    @property
    def runs(self) -> bool:
        """Whether it was begun and has not ended."""
        return self._process is not None and self._process.poll() is None


@dataclass
class Balancer:
    """Hands every request to one of the nodes, whichever; no browser sticks to one. A node that
    died is still asked, as nobody knows yet."""

    nodes: list[Node | Served]
    rng: random.Random = field(default_factory=lambda: random.Random(8))
    clear: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, client: httpx.Client, method: str, path: str, **sent: object) -> httpx.Response:
        """The answer of one node; TransportError when that one is not there."""
        with self.lock:
            address = self.rng.choice([each.address for each in self.nodes if each.address])
        cookie = str(sent.pop("cookie"))
        headers = {"origin": address, "cookie": cookie, "referer": f"{address}/"}
        answer = client.request(method, address + path, headers=headers, **sent)  # type: ignore[arg-type]  # as httpx takes them
        if answer.status_code == 503:
            assert answer.headers["retry-after"], f"{path}: no word when to try again"
            assert "系统暂时不能办理" in answer.text, answer.text
            with self.lock:
                self.clear += 1
        return answer


def environment(data: Path, database_url: str, **more: str) -> dict[str, str]:
    """What all nodes are told alike: where the database is, and the folder that they share."""
    return {
        "ONEVISIT_DATABASE_URL": database_url,
        "ONEVISIT_DATA": str(data),
        "ONEVISIT_KEYS_FILE": str(KEYS_FILE),
        "ONEVISIT_SECOND_FACTOR": "off",
        "ONEVISIT_PUBLIC_URL": "https://centre.example.test",
        **{f"ONEVISIT_{name.upper()}": value for name, value in more.items()},
    }


@dataclass(frozen=True)
class Postgres:
    """The server of this test run, as it is stopped and started from outside."""

    home: Path

    def crash(self) -> None:
        """Ended in the midst of everything: it recovers from its log at the next start."""
        self._control("stop", "-m", "immediate")

    def start(self) -> None:
        """Started again as it was; returns when it takes connections."""
        words = shlex.split((self.home / "data" / "postmaster.opts").read_text())[1:]
        place = words.index("-D")
        options = shlex.join(words[:place] + words[place + 2 :])
        self._control("start", "-l", str(self.home / "log"), "-o", options)

    def _control(self, *words: str) -> None:
        owner = (self.home / "data").stat()
        [program] = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))[-1:]
        subprocess.run(
            [program, *words, "-w", "-t", str(PATIENCE), "-D", str(self.home / "data")],
            check=True,
            cwd=self.home,
            user=owner.st_uid if os.geteuid() == 0 else None,
            group=owner.st_gid if os.geteuid() == 0 else None,
            extra_groups=[] if os.geteuid() == 0 else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
