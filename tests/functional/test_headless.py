"""The demonstration that drives itself: every user over HTTP, to the certificates."""

from pathlib import Path

import pytest

from onevisit.cli.journey import drive


def test_the_headless_demo_concludes_and_leaves_its_papers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert drive("newborn", tmp_path / "out") == 0, capsys.readouterr().out
    assert "留痕校验通过" in capsys.readouterr().out
    papers = sorted(path.name for path in (tmp_path / "out").iterdir())
    for title in ("收件回执", "一次性补正告知书", "受理通知书", "送达回证", "出生医学证明"):
        assert any(title in name for name in papers), title
    assert all((tmp_path / "out" / name).read_bytes().startswith(b"%PDF-") for name in papers)


def test_the_headless_demo_of_an_unknown_service_says_which_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert drive("open_restorant", tmp_path) == 1
    assert "open_restaurant" in capsys.readouterr().out
