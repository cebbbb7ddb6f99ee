"""`scripts/bench [--json] [NAMES]`: runs the named parts, or all, and prints the figures."""

import argparse
import json
import os
import platform
import signal
import sys
from pathlib import Path
from time import perf_counter
from types import ModuleType
from typing import Any

from bench import check, cities, documents, engine, growth, memory, pages, startup, sweep, web

Figures = dict[str, Any]
HOW_LONG = (
    "忙碌的两核机器上，--quick 用了 37 分钟；全部更久 "
    "on two busy cores --quick took 37 minutes; everything takes longer"
)


PARTS: dict[str, ModuleType] = {
    "check": check,
    "documents": documents,
    "engine": engine,
    "memory": memory,
    "pages": pages,
    "startup": startup,
    "sweep": sweep,
    "web": web,
}
"""Each takes its time to `measure()`, and says for people in `lines(found)` what came out."""
ASKED_FOR = {"growth": growth}
"""What takes an hour and ten gigabytes is measured only where it is named."""
QUICK: dict[str, dict[str, Any]] = {
    "check": {"ROUNDS": 2},
    "documents": {"ROUNDS": 1, "BATCH": 100, "PAGE_ROUNDS": 1},
    "engine": {"ROUNDS": 1, "CONNECTIONS": (1, 2)},
    "memory": {"REQUESTS": 100, "PAPERS": 20},
    "pages": {"CASES": 1_000},
    "startup": {"TIMES": 3},
    "sweep": {"DEADLINES": 100_000},
    "web": {"times": 10, "journeys": 1},
    "growth": {"entries": growth.LEAST},
}
"""With --quick: fewer rounds and smaller sizes. It shows that all runs; the figures are rough."""
QUICK_CASES = "1000,5000"


def machine() -> Figures:
    """What the figures were taken on."""
    return {
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "processor": _processor(),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended, too
    asked = _asked()
    found: Figures = {"machine": machine(), "quick": asked.quick, "took_s": {}}
    if not asked.json:
        print("  ".join(f"{name} {value}" for name, value in found["machine"].items()))
    known = PARTS | ASKED_FOR
    for name in asked.names or PARTS:
        began = perf_counter()
        found[name] = known[name].measure()
        took = found["took_s"][name] = round(perf_counter() - began)
        if not asked.json:
            title = f"\n== {name} ({took} s)"
            print(title, *known[name].lines(found[name]), sep="\n", flush=True)
    if asked.json:
        json.dump(found, sys.stdout, ensure_ascii=False, indent=2)
        print()


def _asked() -> argparse.Namespace:
    """What the command line says; the parts are told how large."""
    known = PARTS | ASKED_FOR
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__, epilog=HOW_LONG)
    parser.add_argument("--json", action="store_true", help="一个 JSON 对象 one JSON object")
    parser.add_argument(
        "--quick", action="store_true", help="少几轮、小一些，数只作参考 fewer rounds, smaller"
    )
    parser.add_argument(
        "--database", default="sqlite", choices=cities.DATABASES,
        help="web、growth：在哪种数据库上 on which database",
    )  # fmt: skip
    parser.add_argument("--entries", type=int, help="growth：多少条留痕 how many entries")
    parser.add_argument("--cases", help="web：几座城，各多少件 cities of so many cases")
    parser.add_argument("--folder", default="", help="web：城留在这里，下次再用 kept for later")
    parser.add_argument("names", nargs="*", metavar="NAMES", help="、".join(known))
    asked = parser.parse_args()
    unknown = set(asked.names) - set(known)
    if unknown:
        parser.error(f"没有 {'、'.join(sorted(unknown))}，有的是 {'、'.join(known)}")
    if asked.entries is not None and asked.entries < growth.LEAST:
        parser.error(f"growth：至少 {growth.LEAST} 条 at least so many entries")
    if asked.quick:
        for name, sizes in QUICK.items():
            vars(known[name]).update(sizes)
    growth.entries, growth.database = asked.entries or growth.entries, asked.database
    said = asked.cases or (QUICK_CASES if asked.quick else "10000,50000")
    cases = tuple(int(each) for each in said.split(","))
    web.wanted = cities.Wanted(cases, asked.database, asked.folder)
    return asked


if __name__ == "__main__":
    main()
