"""`onevisit export` as an operator meets it: what it says, what it refuses, what it remembers."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select
from typer.testing import CliRunner, Result

from onevisit.cli.main import app
from onevisit.store.tables import Upload
from scenarios.archived import concluded, mode, run
from scenarios.stage import Stage

Export = Callable[..., Result]


@pytest.fixture
def export(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Export:
    """The command on the stage's own database and files; archives go below `out`."""
    monkeypatch.setenv("ONEVISIT_DATABASE_URL", stage.engine.url.render_as_string(False))
    monkeypatch.setenv("ONEVISIT_DATA", str(tmp_path))

    def command(*words: str) -> Result:
        return CliRunner().invoke(app, ["export", *words, "--out", str(tmp_path / "out")])

    return command


def test_a_folder_for_a_court(stage: Stage, export: Export, tmp_path: Path) -> None:
    case = stage.case(stage.submitted())
    number = case.number or ""
    answer = export(number, "--for", "示例市演示区人民法院")
    assert answer.exit_code == 0, answer.output
    folder = tmp_path / "out" / f"办件档案-{number}"
    assert f"已写出：{folder}" in answer.stdout
    fingerprint = answer.stdout.partition("目录指纹：")[2][:64]
    assert run(folder / "verify.py", "--fingerprint", fingerprint).returncode == 0
    assert "供示例市演示区人民法院使用" in (folder / "index.html").read_text("utf-8")
    assert list((folder / "documents").glob("*收件回执*.pdf"))
    assert (folder / "signatures" / "root.pem").exists()

    [said] = (tmp_path / "exports.log").read_text("utf-8").splitlines()
    remembered = json.loads(said)
    assert remembered["case"] == number
    assert remembered["recipient"] == "示例市演示区人民法院"
    assert (remembered["fingerprint"], remembered["to"]) == (fingerprint, str(folder))
    assert remembered["by"]
    assert remembered["timestamp"]
    assert mode(tmp_path / "exports.log") == 0o600
    assert stage.case(case.id).ledger_seq == case.ledger_seq  # nothing was done in the case


def test_a_zip_file_by_id(stage: Stage, export: Export, tmp_path: Path) -> None:
    case_id = concluded(stage)
    answer = export(str(case_id), "--zip")
    assert answer.exit_code == 0, answer.output
    [packed] = (tmp_path / "out").iterdir()
    assert packed.suffix == ".zip"
    assert (
        run(
            Path(__file__).parents[2] / "src/onevisit/cases/archive/verify.py", str(packed)
        ).returncode
        == 0
    )
    again = export(str(case_id), "--zip")
    assert again.exit_code == 2
    assert "已经存在，没有改动它" in again.stderr


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("990000-20261123-000009-9", "编号的校验位不对，请核对有没有抄错"),
        ("990000-20261123-000009-1", "没有找到"),
        ("00000000-0000-0000-0000-000000000000", "没有找到"),
        ("演示", "没有找到编号或者标识为“演示”的办件"),
        ("", "没有找到"),
    ],
)
def test_a_case_that_is_not_there(export: Export, tmp_path: Path, case: str, words: str) -> None:
    answer = export(case)
    assert answer.exit_code == 2
    assert words in answer.stderr
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "exports.log").exists()


def test_where_nothing_can_be_written(stage: Stage, export: Export, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file where the folder should be")
    answer = export(str(stage.submitted()))
    assert answer.exit_code == 2
    assert "写不出来，没有留下文件" in answer.stderr


def test_a_draft_has_no_archive(stage: Stage, export: Export) -> None:
    answer = export(str(stage.drafted()))
    assert answer.exit_code == 2
    assert "还没有提交" in answer.stderr


def test_what_is_wrong_is_said_and_written_all_the_same(
    stage: Stage, export: Export, tmp_path: Path
) -> None:
    case_id = stage.submitted()
    with stage.looking("clerk") as ctx:
        upload = ctx.session.exec(select(Upload).where(Upload.case_id == case_id)).first()
        assert upload is not None
        (tmp_path / "files" / upload.storage_key).write_bytes(b"%PDF-1.7 other")
    with stage.engine.connect() as connection, connection.begin():
        connection.execute(text("UPDATE documents SET template = 'notices/nowhere'"))
    answer = export(str(case_id))
    assert answer.exit_code == 1
    assert "不是当时提交的那个文件" in answer.stderr
    assert "的内容与留痕不符" in answer.stderr
    assert "《收件回执》" in answer.stderr
    [folder] = (tmp_path / "out").iterdir()
    page = (folder / "index.html").read_text("utf-8")
    assert "PDF 没有生成" in page
    assert "notices/nowhere" in page
