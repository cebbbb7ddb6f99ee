"""`onevisit test` as an admin meets it: what passed, what differs and where, what is unreadable."""

import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from onevisit.cli.main import app

ROOT = Path(__file__).resolve().parents[3]
SERVICES = sorted(path.stem for path in (ROOT / "workflows" / "scenarios").glob("*.yaml"))
SCENARIOS = "workflows/scenarios/open_restaurant.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the service folder that a test may spoil."""
    for name in ("workflows", "forms"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["test", *words])


def rewritten(folder: Path, old: str, new: str, path: str = SCENARIOS) -> None:
    """One passage of a file replaced."""
    text = (folder / path).read_text("utf-8")
    assert text.count(old) == 1
    (folder / path).write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize("service", SERVICES)
def test_the_shipped_scenarios_pass_within_a_second(service: str) -> None:
    began = time.process_time()
    answer = run(service)
    assert time.process_time() - began < 1
    assert answer.exit_code == 0, answer.stdout
    assert "✗" not in answer.stdout
    assert "全部通过" in answer.stdout


def test_what_differs_is_told_with_file_and_line(folder: Path) -> None:
    rewritten(folder, "      routes: {food: filing}\n", "      routes: {food: pledge}\n")
    answer = run("open_restaurant", "--root", str(folder))
    assert answer.exit_code == 1
    text = (folder / SCENARIOS).read_text("utf-8")
    line = text[: text.index("food: pledge")].count("\n") + 1
    shown = f"{SCENARIOS}:{line}:22: “food”的办理方式应为 pledge，实际是 filing\n"
    assert shown in answer.stdout
    assert f"{line:>6} |       routes: {{food: pledge}}\n{' ' * 30}^\n" in answer.stdout
    assert "  ✗ 小店只要备案" in answer.stdout
    assert "1 个没有通过" in answer.stdout


def test_a_workflow_changed_for_the_worse_is_noticed(folder: Path) -> None:
    """What the scenarios are for: the food permit no longer waits for the licence."""
    text = (folder / "workflows/open_restaurant.yaml").read_text("utf-8")
    head, _, tail = text.partition("  - id: food\n")
    tail = tail.replace("    needs: [licence]\n    needs_for: decision\n", "", 1)
    (folder / "workflows/open_restaurant.yaml").write_text(head + "  - id: food\n" + tail, "utf-8")
    answer = run("open_restaurant", "--root", str(folder), "--json")
    assert answer.exit_code == 1
    failures = [each for one in json.loads(answer.stdout)["scenarios"] for each in one["failures"]]
    assert "这时应当做不到“approve food”，实际做得到" in [each["message"] for each in failures]


def test_json_holds_every_scenario(folder: Path) -> None:
    rewritten(folder, "      days: 4\n", "      days: 5\n")
    answer = run("open_restaurant", "--root", str(folder), "--json")
    assert answer.exit_code == 1
    found: dict[str, Any] = json.loads(answer.stdout)
    assert (found["workflow"], found["path"]) == ("open_restaurant", SCENARIOS)
    assert found["failed"] == 1
    assert found["passed"] == len(found["scenarios"]) - 1
    first = found["scenarios"][0]
    assert (first["passed"], len(first["failures"])) == (False, 1)
    failure = first["failures"][0]
    assert (failure["path"], failure["expected"], failure["found"]) == (SCENARIOS, "5", "4")
    assert failure["message"] == "承诺的工作日应为 5，实际是 4"
    assert failure["message_en"] == "the working days promised: expected 5, found 4"
    assert failure["line"] > first["line"]
    assert all(each["passed"] for each in found["scenarios"][1:])


def test_what_cannot_be_read_ends_with_2(folder: Path) -> None:
    answer = run("open_restauran", "--root", str(folder))
    assert answer.exit_code == 2
    assert "没有名为“open_restauran”的一件事；是否想写“open_restaurant”？" in answer.stderr
    rewritten(folder, "      - approve licence, food\n", "      - approve licence, fod\n")
    answer = run("open_restaurant", "--root", str(folder))
    assert answer.exit_code == 2
    assert "没有名为“fod”的事项；是否想写“food”？" in answer.stderr
    assert "      - approve licence, fod\n" in answer.stderr
    answer = run("open_restaurant", "--root", str(folder), "--json")
    assert answer.exit_code == 2
    problem = json.loads(answer.stdout)["problems"][0]
    assert (problem["code"], problem["path"]) == ("unknown_name", SCENARIOS)


def test_a_service_or_a_file_that_is_broken_ends_with_2(folder: Path) -> None:
    rewritten(
        folder, "form: open_restaurant\n", "form: restaurant\n", "workflows/open_restaurant.yaml"
    )
    assert "forms/restaurant.yaml" in run("open_restaurant", "--root", str(folder)).stderr
    (folder / "workflows/scenarios/newborn.yaml").write_bytes(b"\xff\xfe\x00")
    answer = run("newborn", "--root", str(folder))
    assert (answer.exit_code, "UTF-8" in answer.stderr) == (2, True)
    (folder / "workflows/scenarios/newborn.yaml").unlink()
    answer = run("newborn", "--root", str(folder))
    assert answer.exit_code == 2
    assert "找不到文件 workflows/scenarios/newborn.yaml" in answer.stderr
