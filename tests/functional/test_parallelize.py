"""`onevisit parallelize` as an admin uses it: from today's process to a draft that is proven."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from onevisit.catalog.folder import load_folder
from onevisit.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs/guide/examples/restaurant_today.yaml"
GUIDE = ROOT / "docs/guide/parallelize.md"


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the service folder that a draft may be written into."""
    for name in ("workflows", "forms", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def test_the_example_becomes_a_draft_that_can_be_served_and_is_proven(folder: Path) -> None:
    answer = run("parallelize", str(EXAMPLE), "--out", str(folder), "--root", str(folder))
    assert answer.exit_code == 0, answer.stderr
    written = folder / "workflows/restaurant_draft.yaml"
    assert f"已写入 {written}\n" in answer.stdout
    services = {each.definition.workflow.id: each for each in load_folder(folder).services}
    workflow = services["restaurant_draft"].definition.workflow
    assert workflow.effective.from_ == date.today()  # noqa: DTZ011 - the admin's own day
    assert {each.id: each.needs for each in workflow.items} == {
        "licence": (), "signboard": ("licence",), "fire": (), "food": ("licence",),
        "tobacco": ("food",),
    }  # fmt: skip
    checked = run("check", str(written))
    assert (checked.exit_code, checked.stdout.count("✓")) == (0, 6)
    planned = run("plan", "restaurant_draft", "--root", str(folder))
    assert planned.exit_code == 0


def test_without_a_folder_everything_is_printed() -> None:
    answer = run("parallelize", str(EXAMPLE))
    assert answer.exit_code == 0
    assert (
        "\n──── workflows/restaurant_draft.yaml\n# 由 restaurant_today.yaml 换算" in answer.stdout
    )
    assert "\n──── forms/restaurant_draft.yaml\n" in answer.stdout
    for line in ("  今天   18  草案    4  材料（份）", "  今天   63  草案   37  时间（工作日）"):
        assert line in answer.stdout
    assert "      restaurant_today.yaml:20:9\n" in answer.stdout


def test_nobodys_work_is_overwritten(folder: Path) -> None:
    form = folder / "forms/restaurant_draft.yaml"
    form.write_text("mine")
    answer = run("parallelize", str(EXAMPLE), "--out", str(folder), "--root", str(folder))
    assert answer.exit_code == 2
    assert f"{form} 已经存在" in answer.stderr
    assert form.read_text() == "mine"
    assert not (folder / "workflows/restaurant_draft.yaml").exists()


def test_a_loop_is_refused_with_its_path(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace(
        "      - {title: 登记申请书}\n",
        "      - {title: 登记申请书}\n      - {title: 食品经营许可证}\n",
    )
    file = tmp_path / "loop.yaml"
    file.write_text(text, encoding="utf-8")
    answer = run("parallelize", str(file))
    assert answer.exit_code == 2
    line = text.splitlines().index("      - {title: 食品经营许可证}") + 1
    assert f"“个体工商户登记”要用“食品经营许可”的“食品经营许可证”（第 {line} 行）" in answer.stderr
    assert "“食品经营许可”要用“个体工商户登记”的“" in answer.stderr
    assert answer.stdout == ""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "找不到文件"),
        (b"\xff\xfe", "UTF-8"),
        (b"# " + b"x" * 1_000_001, "超过 1 MB"),
        (b"id: [", "YAML"),
        (b"id: x\n", "缺少“items”"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, content: bytes | None, message: str) -> None:
    file = tmp_path / "today.yaml"
    if content is not None:
        file.write_bytes(content)
    answer = run("parallelize", str(file))
    assert answer.exit_code == 2
    assert "today.yaml:1:" in answer.stderr
    assert message in answer.stderr


def test_what_the_guide_shows_is_what_the_command_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every line of the guide's `text` and `yaml` blocks is in the example, or in the answer."""
    monkeypatch.chdir(ROOT)
    answer = run("parallelize", EXAMPLE.relative_to(ROOT).as_posix())
    known = {
        line.strip() for line in (EXAMPLE.read_text(encoding="utf-8") + answer.stdout).splitlines()
    }
    inside, shown = False, 0
    for line in GUIDE.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            inside = line in ("```yaml", "```text")
        elif inside and line.strip():
            shown += 1
            assert line.strip() in known, line
    assert shown > 40
