"""The command line as an admin uses it: drawings that don't drift, plans, faults with places."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from onevisit.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
SERVICES = sorted(
    path.stem for path in (ROOT / "workflows").glob("*.yaml") if path.stem != "directory"
)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the service folder that a test may spoil."""
    for name in ("workflows", "forms", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("service", SERVICES)
def test_the_committed_diagram_is_what_the_engine_runs(service: str) -> None:
    drawn = run("diagram", service)
    assert drawn.exit_code == 0
    committed = ROOT / "docs/diagrams" / f"{service}.mmd"
    hint = f"run: .venv/bin/onevisit diagram {service} > docs/diagrams/{service}.mmd"
    assert committed.exists() and committed.read_text() == drawn.stdout, hint


def test_an_unknown_service_is_named_with_the_nearest_one() -> None:
    answer = run("diagram", "open_restorant")
    assert answer.exit_code == 2
    assert "是否想写“open_restaurant”" in answer.stderr


def test_a_plan_is_computed_for_the_answers_given() -> None:
    words = ["area=40", "cooking=false", "gathering=false", "signboard=false", "want_tobacco=false"]
    options = [part for word in words for part in ("--answers", word)]
    small = json.loads(run("plan", "open_restaurant", "--json", *options).stdout)
    large = json.loads(run("plan", "open_restaurant", "--json").stdout)
    assert [row["key"] for row in small["rows"]] == ["licence", "food"]
    assert small["days"] < large["days"] < large["days_serial"]
    assert small["before_after"]["days"] == {"before": 60, "after": small["days"]}


def test_a_plan_can_be_drawn() -> None:
    drawing = run("plan", "open_restaurant", "--svg").stdout
    assert drawing.count("<rect") == 7 * 2 * 2
    text = run("plan", "open_restaurant").stdout
    assert "关键路径" in text and "█" in text


def test_answers_that_cannot_be_used_are_each_told() -> None:
    answer = run("plan", "open_restaurant", "--answers", "area=big", "--answers", "size=3")
    assert answer.exit_code == 2
    assert "size：没有这个情形问题" in answer.stderr
    assert "area：" in answer.stderr and "请填写整数" in answer.stderr


def test_publishing_refuses_a_broken_file_by_line_and_serves_the_rest(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONEVISIT_DATA", str(tmp_path / "data"))
    broken = folder / "workflows/newborn.yaml"
    broken.write_text(broken.read_text().replace("department: health", "department: helth", 1))
    assert run("migrate").exit_code == 0
    answer = run("publish", "--root", str(folder))
    assert answer.exit_code == 1
    assert "已发布：开办餐饮店" in answer.stdout
    assert "workflows/newborn.yaml:" in answer.stderr
    assert "是否想写“health”" in answer.stderr


def test_a_server_refuses_a_database_that_is_not_migrated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONEVISIT_DATA", str(tmp_path / "data"))
    answer = run("serve", "--port", "0")
    assert answer.exit_code == 1
    assert "onevisit migrate" in answer.stdout


def test_every_kind_of_file_has_a_schema_and_a_wrong_kind_is_told() -> None:
    for kind in ("workflow", "form", "jurisdiction", "calendar", "lifecycle"):
        found = json.loads(run("schema", kind).stdout)
        assert found["$schema"].endswith("2020-12/schema")
        assert found["properties"]
    answer = run("schema", "workflo")
    assert answer.exit_code == 2
    assert "是否想写“workflow”" in answer.stderr


def test_check_proves_the_shipped_services() -> None:
    answer = run("check", "--json")
    assert answer.exit_code == 0
    for report in json.loads(answer.stdout)["workflows"]:
        assert report["proven"]
        assert report["figures"]["visits"] <= 1
        assert report["figures"]["days_worst"] <= report["figures"]["days_promised"]


def test_check_shows_the_line_that_breaks_the_promise_and_the_path(folder: Path) -> None:
    file = folder / "workflows/open_restaurant.yaml"
    file.write_text(
        file.read_text().replace("promise: {visits: 1, days: 12", "promise: {visits: 1, days: 11")
    )
    answer = run("check", str(file))
    assert answer.exit_code == 1
    assert "workflows/open_restaurant.yaml:" in answer.stdout
    assert "超过承诺的 11 个工作日" in answer.stdout
    assert "1. 受理：1 个工作日" in answer.stdout
    english = run("check", str(file), "--lang", "en").stdout
    assert "promised" in english


def test_check_says_what_a_new_version_asks_more_than_the_last(folder: Path) -> None:
    file = folder / "workflows/open_restaurant.yaml"
    file.write_text(
        file.read_text().replace(
            "issue: {pickup: [download, window, post]", "issue: {pickup: [window]"
        )
    )
    assert run("check", str(file)).exit_code == 0
    answer = run("check", str(file), "--against", str(ROOT))
    assert answer.exit_code == 1
    assert "跑动次数从 0 增加到 1" in answer.stdout


def test_check_of_something_unreadable_exits_with_two(folder: Path) -> None:
    (folder / "workflows/newborn.yaml").write_text("id: newborn\nitems: [\n")
    answer = run("check", str(folder))
    assert answer.exit_code == 2
    assert "newborn.yaml:" in answer.stdout
    assert "✓ 跑动" in answer.stdout  # the other service is still told
    assert run("check", str(folder / "none.yaml")).exit_code == 2
