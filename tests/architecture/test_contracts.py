"""Every import contract in pyproject.toml is kept, and breaks when a room breaks it."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]["contracts"]
ROOMS = ["access", "cases", "catalog", "cli", "definition", "documents", "engine", "jobs"]
ROOMS += ["forecast", "store", "web"]

BREAKS = [
    ("rooms", "web/app.py", "import onevisit.cli"),
    ("rooms", "web/office.py", "import onevisit.jobs"),
    ("rooms", "engine/step.py", "import onevisit.access"),
    ("rooms", "definition/parse.py", "from onevisit.engine import machine"),
    ("rooms", "access/see.py", "from onevisit.cases import decide"),
    ("rooms", "store/tables.py", "import onevisit.documents"),
    ("rooms", "documents/render.py", "import onevisit.store"),
    ("rooms", "store/tables.py", "import onevisit.catalog"),
    ("rooms", "forecast/run.py", "import onevisit.store"),
    ("rooms", "cases/decide.py", "import onevisit.web.app"),
    ("rooms", "drawer/__init__.py", ""),  # a room the plan does not have
    ("core", "definition/parse.py", "import pathlib"),
    ("core", "engine/step.py", "import os.path"),
    ("core", "engine/step.py", "from time import monotonic"),
    ("core", "engine/step.py", "import random"),
    ("core", "access/see.py", "import socket"),
    ("core", "access/see.py", "from sqlalchemy import select"),
    ("core", "access/see.py", "import sqlmodel"),
    ("core", "definition/parse.py", "import fastapi"),
    ("machine", "engine/step.py", "from transitions import Machine"),
    ("machine", "cases/decide.py", "import transitions.extensions"),
    ("settings", "cases/decide.py", "from onevisit.settings import Settings"),
    ("settings", "web/office.py", "import onevisit.settings"),
]


def lint(where: Path) -> subprocess.CompletedProcess[str]:
    """Hold the package in `where` against the contracts of this repository."""
    return subprocess.run(
        [
            str(Path(sys.executable).with_name("lint-imports")),
            *("--no-cache", "--no-logo", "--config", str(ROOT / "pyproject.toml")),
        ],
        cwd=where,
        env=os.environ | {"PYTHONPATH": str(where), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def broken(done: subprocess.CompletedProcess[str]) -> set[str]:
    """Return the ids of the contracts a run found broken."""
    names = {contract["name"]: contract["id"] for contract in CONTRACTS}
    found = re.findall(r"^(.+?)\s+BROKEN", done.stdout, re.MULTILINE)
    return {names[name] for name in found}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Build an empty house: every room, the settings and the machine, with no import too many."""
    package = tmp_path / "onevisit"
    for room in ROOMS:
        (package / room).mkdir(parents=True)
        (package / room / "__init__.py").touch()
    (package / "__init__.py").touch()
    (package / "settings.py").touch()
    (package / "engine" / "machine.py").write_text("import transitions\n")
    (package / "engine" / "clock.py").write_text("import datetime\n")
    (package / "web" / "app.py").write_text("import onevisit.settings\nimport onevisit.cases\n")
    return tmp_path


def test_the_house_keeps_every_contract() -> None:
    done = lint(ROOT / "src")
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_empty_house_keeps_every_contract(house: Path) -> None:
    done = lint(house)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("contract", "path", "text"), BREAKS)
def test_a_contract_breaks(house: Path, contract: str, path: str, text: str) -> None:
    module = house / "onevisit" / path
    module.parent.mkdir(exist_ok=True)
    module.write_text(text + "\n")
    done = lint(house)
    assert broken(done) == {contract}, done.stdout + done.stderr


def test_every_contract_is_seen_to_break() -> None:
    assert {contract["id"] for contract in CONTRACTS} == {contract for contract, *_ in BREAKS}
