"""`onevisit check`: all services of the folder proven, each time by a whole process as a person or
a build starts it; beside it a process that only starts."""

import os
import statistics
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.fresh import Figures

ROOT = Path(__file__).parents[2]
COMMAND = Path(sys.executable).with_name("onevisit")
ROUNDS = 7
ASKED = {"started": ["--help"], "all": ["check", str(ROOT)]}


def measure() -> Figures:
    """The figures of this part; half a minute. The files are read once before."""
    services = sorted(path.stem for path in (ROOT / "workflows").glob("*.yaml"))
    services.remove("directory")
    asked = ASKED | {name: ["check", str(ROOT / "workflows" / f"{name}.yaml")] for name in services}
    _process(asked["all"])
    rounds = [{name: _process(each) for name, each in asked.items()} for _ in range(ROUNDS)]
    found: dict[str, Any] = {
        name: {
            kind: round(statistics.median(each[name][kind] for each in rounds), 3)
            for kind in ("wall_s", "cpu_s", "memory_mb")
        }
        for name in asked
    }
    return {"services": len(services), "processes": found}


def _process(arguments: list[str]) -> Figures:
    """One process from start to end: seconds waited, seconds of a core, megabytes at most."""
    began = perf_counter()
    process = subprocess.Popen([str(COMMAND), *arguments], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, arguments
    return {
        "wall_s": perf_counter() - began,
        "cpu_s": used.ru_utime + used.ru_stime,
        "memory_mb": used.ru_maxrss / 1024,
    }


def lines(found: Figures) -> list[str]:
    """The figures, for people."""
    said = [f"onevisit check, whole processes (medians of {ROUNDS}); {found['services']} services"]
    for name, each in found["processes"].items():
        said.append(
            f"  {name:16} {each['wall_s']:6.2f} s waited, {each['cpu_s']:6.2f} s of a core,"
            f" {each['memory_mb']:5.0f} MB"
        )
    return said
