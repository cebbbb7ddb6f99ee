"""How long a command and a server take to be there, each in a new process, bytecode in place."""

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from time import perf_counter

from bench import serving
from bench.fresh import Figures
from onevisit.cli.demonstration import prepare
from onevisit.settings import Settings

TIMES = 7
COMMANDS = {"check --help": ["check", "--help"], "--help": ["--help"]}


def measure() -> Figures:
    """The figures of this part; half a minute."""
    onevisit = Path(sys.executable).with_name("onevisit")
    plain = _timed(lambda: _run([sys.executable, "-c", "pass"]))
    found = {
        name: _timed(lambda: _run([str(onevisit), *words]))  # noqa: B023 -- called at once
        for name, words in COMMANDS.items()
    }
    with tempfile.TemporaryDirectory(prefix="onevisit-bench-") as folder:
        with Path("/dev/null").open("w") as nowhere, redirect_stdout(nowhere):
            settings = prepare(Settings(data=Path(folder), database_url="")).settings
        told = serving.environment(settings)
        found["serve, until /readyz"] = _timed(lambda: _serve(told))
    return {"an empty Python": plain, **found}


def lines(found: Figures) -> list[str]:
    """The figures, for people."""
    return [
        f"  {name:22} {each['median_s']:6.2f} s (least {each['least_s']:.2f})"
        for name, each in found.items()
    ]


def _timed(work: Callable[[], float]) -> Figures:
    work()  # the bytecode is written
    taken = [work() for _ in range(TIMES)]
    return {"median_s": round(statistics.median(taken), 2), "least_s": round(min(taken), 2)}


def _run(words: list[str]) -> float:
    began = perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - began


def _serve(told: dict[str, str]) -> float:
    began = perf_counter()
    with serving.server(told):
        return perf_counter() - began
