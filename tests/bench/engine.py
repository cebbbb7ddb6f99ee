"""One case of nine durable acts: this engine beside SpiffWorkflow, django-viewflow and the floor,
which is the driver alone with two rows a transaction; on SQLite and on a real PostgreSQL."""

import importlib
import json
import sqlite3
import statistics
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from bench import fresh, postgres
from bench.fresh import Figures

ENGINES = {
    "floor": ("bench.nine.plain", "Floor", 150),
    "onevisit": ("bench.nine.own", "Centre", 40),
    "spiffworkflow": ("bench.nine.spiff", "Engine", 60),
    "viewflow": ("bench.nine.django_viewflow", "Engine", 25),
}
"""Where each is, and how many cases it is timed with."""
ROUNDS, WARM, CONNECTIONS, SHARED = 5, 8, (1, 2, 4, 8), 128
AIMS = {
    "sqlite": {"floor": 0.3, "spiffworkflow": 2.5, "viewflow": 7},
    "postgresql": {"floor": 0.45},
}
"""How many times as many cases as these it should finish."""
AIM_BYTES = 6000


def measure() -> Figures:
    """The figures of this part; some ten minutes. Each round of each engine in a fresh process,
    one engine after the other, so that what else the machine does meets them alike."""
    with postgres.server() as server:
        versions = _versions(server)
        rounds = [
            {f"{kind} {name}": _round(server, kind, name) for kind in AIMS for name in ENGINES}
            for _ in range(ROUNDS)
        ]
        together = {
            name: [_together(server, name, count) for count in CONNECTIONS]
            for name in ("floor", "onevisit")
        }
    found = {kind: _medians(rounds, kind) for kind in AIMS}
    return {"versions": versions, **found, "together": together}


def _versions(server: postgres.Server) -> Figures:
    names = ("spiffworkflow", "django-viewflow", "django", "sqlalchemy", "psycopg")
    found = {name: version(name) for name in names}
    kept = {"sqlite": sqlite3.sqlite_version, "postgresql": postgres.version(server.new("asked"))}
    return found | kept


def _round(server: postgres.Server, kind: str, name: str) -> Figures:
    url = server.new("nine") if kind == "postgresql" else ""
    return fresh.run(alone, name=name, url=url)


def _medians(rounds: list[Figures], kind: str) -> Figures:
    """The medians of each engine, and how many times its cases this one finishes in the same round
    (`ratio`, and `rounds` the ratios themselves)."""
    found = {name: fresh.medians([each[f"{kind} {name}"] for each in rounds]) for name in ENGINES}
    for name in ENGINES:
        ratios = [
            each[f"{kind} onevisit"]["rate"] / each[f"{kind} {name}"]["rate"] for each in rounds
        ]
        found[name]["ratio"] = round(statistics.median(ratios), 2)
        found[name]["rounds"] = [round(ratio, 2) for ratio in ratios]
    return found


def alone(name: str, url: str) -> Figures:
    """So many cases one after another over one connection; `url` is empty for a SQLite file."""
    with tempfile.TemporaryDirectory(prefix="onevisit-bench-") as folder:
        file = Path(folder) / "nine.db"
        made = _engine(name, url or f"sqlite:///{file}", Path(folder))
        empty = 0 if url else _size(file)
        cases = ENGINES[name][2]
        ways = [made.drafted() for _ in range(WARM + cases)]
        _go(ways[:WARM])
        wall, cpu = perf_counter(), process_time()
        taken = _go(ways[WARM:])
        wall, cpu = perf_counter() - wall, process_time() - cpu
        found = {
            "rate": cases / wall,
            "act_ms": statistics.median(taken) * 1000,
            "cpu_ms": cpu / cases * 1000,
            "bytes": 0 if url else (_size(file) - empty) / len(ways),
        }
        return found | _in_driver(made, cases)


def _in_driver(made: Any, cases: int) -> Figures:
    """Milliseconds a case that the database and its driver take of this engine's acts: what would
    be left if everything above them took no time."""
    if not hasattr(made, "in_driver"):
        return {}
    ways = [made.drafted() for _ in range(cases)]
    with made.in_driver() as seconds:
        _go(ways)
        return {"driver_ms": seconds() / cases * 1000}


def _engine(name: str, url: str, place: Path, **options: Any) -> Any:
    module, kind, _ = ENGINES[name]
    return getattr(importlib.import_module(module), kind)(url, place, **options)


def _go(ways: list[Any]) -> list[float]:
    """Seconds of each act."""
    taken = []
    for way in ways:
        for act in way.acts():
            began = perf_counter()
            act()
            taken.append(perf_counter() - began)
    return taken


def _size(file: Path) -> int:
    """Bytes of a database file with all that was written to it."""
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return file.stat().st_size


def _together(server: postgres.Server, name: str, connections: int) -> Figures:
    """Cases a second of so many processes at once, each with a connection of its own."""
    url = server.new("nine")
    fresh.run(opened, name=name, url=url)
    each = SHARED * (8 if name == "floor" else 1) // connections
    started = [fresh.start(beside, name=name, url=url, cases=each) for _ in range(connections)]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == READY, "it could not begin"
    began = perf_counter()
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    ended = [json.loads(process.communicate()[0].splitlines()[-1])["ended"] for process in started]
    assert [process.returncode for process in started] == [0] * connections
    return {
        "connections": connections,
        "rate": round(each * connections / (max(ended) - began), 2),
    }


READY = "ready\n"


def opened(name: str, url: str) -> Figures:
    """Everything is there that a case needs."""
    with tempfile.TemporaryDirectory(prefix="onevisit-bench-") as folder:
        _engine(name, url, Path(folder))
    return {}


def beside(name: str, url: str, cases: int) -> Figures:
    """So many cases, begun when a line comes in."""
    with tempfile.TemporaryDirectory(prefix="onevisit-bench-") as folder:
        made = _engine(name, url, Path(folder), new=False)
        ways = [made.drafted() for _ in range(2 + cases)]
        _go(ways[:2])
        sys.stdout.write(READY)
        sys.stdout.flush()
        sys.stdin.readline()
        _go(ways[2:])
        return {"ended": perf_counter()}  # the same clock in all processes of a machine


def lines(found: Figures) -> list[str]:
    """The figures, for people."""
    said = ["  ".join(f"{name} {value}" for name, value in found["versions"].items())]
    for kind, aims in AIMS.items():
        said.append(f"{kind}, one connection (medians of {ROUNDS} rounds)")
        for name, each in found[kind].items():
            size = f", {each['bytes']:6.0f} bytes a case" if each["bytes"] else ""
            said.append(
                f"  {name:14} {each['rate']:7.1f} cases a second, {each['act_ms']:6.2f} ms an act,"
                f" {each['cpu_ms']:6.1f} ms of a core a case{size}"
            )
        driver, floor = found[kind]["onevisit"]["driver_ms"], 1000 / found[kind]["floor"]["rate"]
        said.append(
            f"  of a case of onevisit, statements and commits take {driver:.1f} ms in the driver:"
            f" with nothing above them, no more than {floor / driver:.2f} times floor"
        )
        for name, aim in aims.items():
            each = found[kind][name]
            said.append(f"  {each['ratio']:.2f} times {name} (aim {aim}); rounds {each['rounds']}")
    room = found["sqlite"]["onevisit"]["bytes"]
    said.append(f"a finished case takes {room:.0f} bytes on SQLite (aim {AIM_BYTES})")
    said.append("postgresql, cases a second with so many connections")
    for name, rates in found["together"].items():
        told = "  ".join(f"{each['connections']}: {each['rate']:.1f}" for each in rates)
        said.append(f"  {name:14} {told}")
    return said
