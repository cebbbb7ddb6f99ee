"""`scripts/bench [--json] [NAMES]`: runs the named parts, or all, and prints the figures."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import check, documents, engine, growth, memory, pages, startup, sweep, web

Figures = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """One thing to measure: `measure` takes its time, `lines` says for people what came out."""

    measure: Callable[[], Figures]
    lines: Callable[[Figures], list[str]]


PARTS = {
    "check": Part(check.measure, check.lines),
    "documents": Part(documents.measure, documents.lines),
    "engine": Part(engine.measure, engine.lines),
    "memory": Part(memory.measure, memory.lines),
    "pages": Part(pages.measure, pages.lines),
    "startup": Part(startup.measure, startup.lines),
    "sweep": Part(sweep.measure, sweep.lines),
    "web": Part(web.measure, web.lines),
}
ASKED_FOR = {"growth": Part(growth.measure, growth.lines)}
"""What takes an hour and ten gigabytes is measured only where it is named."""


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
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="一个 JSON 对象 one JSON object")
    known = PARTS | ASKED_FOR
    parser.add_argument(
        "--entries", type=int, default=growth.entries, help="growth：多少条留痕 how many entries"
    )
    parser.add_argument(
        "--cases", default="10000,50000", help="web：几座城，各多少件 cities of so many cases"
    )
    parser.add_argument("--folder", default="", help="web：城留在这里，下次再用 kept for later")
    parser.add_argument("names", nargs="*", metavar="NAMES", help="、".join(known))
    asked = parser.parse_args()
    growth.entries = asked.entries
    web.cases, web.folder = [int(each) for each in asked.cases.split(",")], asked.folder
    unknown = set(asked.names) - set(known)
    if unknown:
        parser.error(f"没有 {'、'.join(sorted(unknown))}，有的是 {'、'.join(known)}")
    found: Figures = {"machine": machine()}
    if not asked.json:
        print("  ".join(f"{name} {value}" for name, value in found["machine"].items()))
    for name in asked.names or PARTS:
        found[name] = known[name].measure()
        if not asked.json:
            print(f"\n== {name}", *known[name].lines(found[name]), sep="\n", flush=True)
    if asked.json:
        json.dump(found, sys.stdout, ensure_ascii=False, indent=2)
        print()


if __name__ == "__main__":
    main()
