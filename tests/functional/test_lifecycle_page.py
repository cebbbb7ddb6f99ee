"""The page about the kinds of service life is what the command draws today."""

from pathlib import Path

from typer.testing import CliRunner

from onevisit.cli.main import app

ROOT = Path(__file__).resolve().parents[2]


def test_the_committed_page_is_what_the_file_says() -> None:
    drawn = CliRunner().invoke(app, ["lifecycle"])
    assert drawn.exit_code == 0
    page = ROOT / "docs/lifecycle.md"
    assert page.read_text() == drawn.stdout, "run: .venv/bin/onevisit lifecycle > docs/lifecycle.md"
    assert drawn.stdout.count("```mermaid") == 3
    assert "视为受理 `deem_accepted`" in drawn.stdout


def test_an_unknown_lifecycle_is_named_with_the_nearest_one() -> None:
    answer = CliRunner().invoke(app, ["lifecycle", "standart"])
    assert answer.exit_code == 2
    assert "standard" in answer.stderr


def test_a_lifecycle_that_cannot_be_read_says_where(tmp_path: Path) -> None:
    folder = tmp_path / "workflows/lifecycles"
    folder.mkdir(parents=True)
    (folder / "short.yaml").write_text("id: short\ntitle: 短\n")
    answer = CliRunner().invoke(app, ["lifecycle", "short", "--root", str(tmp_path)])
    assert answer.exit_code == 2
    assert "workflows/lifecycles/short.yaml:1:1" in answer.stderr
