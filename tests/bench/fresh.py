"""Runs a function of this package in a process of its own and hands back what it found."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter, process_time
from typing import Any

Figures = dict[str, Any]

RUN = """
import importlib, json, sys
module, name, options = sys.argv[1:]
found = getattr(importlib.import_module(module), name)(**json.loads(options))
print(json.dumps(found))
"""


def run(function: Callable[..., Figures], **options: Any) -> Figures:
    """What `function(**options)` finds in a process that has done nothing else; options and
    findings are JSON values."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, function.__module__, function.__name__, json.dumps(options)],
        stdout=subprocess.PIPE, check=True, text=True, env=os.environ | {"PYTHONPATH": "tests"},
    )  # fmt: skip
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    return found


def start(function: Callable[..., Figures], **options: Any) -> subprocess.Popen[str]:
    """The same, but not waited for: what it says can be read and it can be told something."""
    return subprocess.Popen(
        [sys.executable, "-c", RUN, function.__module__, function.__name__, json.dumps(options)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": "tests"},
    )  # fmt: skip


def on_one_core() -> None:
    """Keep this process, its threads too, on one core."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def timed(works: Mapping[str, Callable[[], object]], times: int, warm: int = 5) -> Figures:
    """Milliseconds of a core and of waiting that each of `works` takes: the medians of so many
    runs in turn, so that what else the machine does meets them alike, and the fastest."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for count in range(warm + times):
        for name, work in works.items():
            with _watch(taken[name] if count >= warm else []):
                work()
    return {
        name: {
            "cpu_ms": statistics.median(cpu for cpu, _ in each) * 1000,
            "wall_ms": statistics.median(wall for _, wall in each) * 1000,
            "least_cpu_ms": min(cpu for cpu, _ in each) * 1000,
        }
        for name, each in taken.items()
    }


@contextmanager
def _watch(taken: list[tuple[float, float]]) -> Iterator[None]:
    cpu, wall = process_time(), perf_counter()
    yield
    taken.append((process_time() - cpu, perf_counter() - wall))


def medians(rounds: list[Figures]) -> Figures:
    """The median of each figure over several rounds of the same shape."""
    first = rounds[0]
    return {
        name: medians([each[name] for each in rounds])
        if isinstance(value, dict)
        else round(statistics.median(each[name] for each in rounds), 2)
        for name, value in first.items()
    }
