"""The archive of a case: whole, readable, the same twice, and checked by anybody with Python."""

import json
import shutil
import subprocess
import uuid
import zipfile
from pathlib import Path

import pytest

from onevisit.cases.archive import AlreadyThere, verify
from onevisit.cases.errors import NotFound
from onevisit.documents import Press, Seals
from onevisit.documents.trust.seals import ROOT
from scenarios.archived import FOR, TEMPLATES, archive, concluded, mode, papers, run
from scenarios.stage import Stage


def test_a_concluded_case_is_whole_and_holds(stage: Stage, tmp_path: Path) -> None:
    press = Press(TEMPLATES, Seals(tmp_path / "seals"))
    case_id = concluded(stage, press.make)
    folder = archive(stage, case_id, tmp_path, press.make)
    assert folder.name == f"办件档案-{stage.case(case_id).number}"
    answer = run(folder / "verify.py")
    assert (answer.returncode, answer.stderr) == (0, ""), answer.stdout
    assert answer.stdout.count("【相符】") == len(verify.CHECKS)
    assert "结论：全部相符。" in answer.stdout

    index = json.loads((folder / "index.json").read_bytes())
    assert len(index["documents"]) == len(stage.documents(case_id)) > 8
    assert all((folder / each["pdf"]).read_bytes()[:5] == b"%PDF-" for each in index["documents"])
    removed = [each for each in index["material"] if each["removed_at"]]
    assert [(each["filename"], each["path"]) for each in removed] == [("误传 <b>?.pdf", None)]
    assert [each["path"] for each in index["material"] if "补正" in each["filename"]] == [
        "material/06-场所平面图-平面图（补正）.pdf"
    ]
    assert mode(folder) == 0o700
    assert {mode(each) for each in folder.rglob("*") if each.is_file()} == {0o600}


def test_the_signatures_hold_for_another_program(stage: Stage, tmp_path: Path) -> None:
    """OpenSSL knows nothing of PDF files: it is given the signed bytes and the signature alone."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl on this machine")
    seals = Seals(tmp_path / "seals")
    case_id = stage.submitted()
    press = Press(TEMPLATES, seals)
    papers(stage, case_id, press.make)
    folder = archive(stage, case_id, tmp_path, roots=(seals.folder / ROOT).read_bytes())
    told = json.loads((folder / "signatures" / "signatures.json").read_bytes())
    assert len(told) == len(stage.documents(case_id)) > 1
    for each in told:
        paper = (folder / each["paper"]).read_bytes()
        begin, first, second, end = each["covers"]
        assert (begin, end) == (0, len(paper))
        signed = tmp_path / "signed"
        signed.write_bytes(paper[begin:first] + paper[second:end])
        check = [
            openssl, "cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any",
            "-in", str(folder / each["signature"]), "-content", str(signed),
            "-CAfile", str(folder / "signatures" / "root.pem"), "-out", str(tmp_path / "out"),
        ]  # fmt: skip
        assert subprocess.run(check, capture_output=True, check=False).returncode == 0
        signed.write_bytes(signed.read_bytes().replace(b"PDF-1.7", b"PDF-1.6", 1))
        assert subprocess.run(check, capture_output=True, check=False).returncode != 0
        assert each["signer"]["organization_identifier"].startswith("11990000")
        assert all((folder / path).exists() for path in each["certificates"])


def test_the_index_tells_the_case_in_words(stage: Stage, tmp_path: Path) -> None:
    folder = archive(stage, concluded(stage), tmp_path)
    page = (folder / "index.html").read_text("utf-8")
    for words in (
        "本卷含个人信息", FOR, "演示申请人甲", "开办餐饮店", "一次性告知补正", "已办结",
        "误传 &lt;b&gt;?.pdf", "示例市演示小馆", "准予", "平面图（补正）.pdf", "食品经营许可证",
        "python3 verify.py",
    ):  # fmt: skip
        assert words in page, words
    for unwanted in ("<script", "http://", "https://", "<b>?", "None"):
        assert unwanted not in page, unwanted


def test_written_twice_it_is_the_same_to_the_byte(stage: Stage, tmp_path: Path) -> None:
    case_id = concluded(stage)
    first = archive(stage, case_id, tmp_path / "1", zipped=True)
    second = archive(stage, case_id, tmp_path / "2", zipped=True)
    assert first.read_bytes() == second.read_bytes()
    assert mode(first) == 0o600
    folder = archive(stage, case_id, tmp_path / "3")
    with zipfile.ZipFile(first) as packed:
        assert packed.testzip() is None
        for name in packed.namelist():
            assert packed.read(name) == (folder.parent / name).read_bytes()
    assert run(folder / "verify.py", str(first)).returncode == 0
    with pytest.raises(AlreadyThere):
        archive(stage, case_id, tmp_path / "3")
    assert [each.name for each in (tmp_path / "3").iterdir()] == [folder.name]


@pytest.mark.parametrize("step", ["submitted", "accepted"])
def test_a_case_on_its_way_has_an_archive_too(stage: Stage, tmp_path: Path, step: str) -> None:
    case_id = getattr(stage, step)()
    folder = archive(stage, case_id, tmp_path)
    assert verify.examined(folder).faults == []


def test_the_fingerprint_tells_the_original(stage: Stage, tmp_path: Path) -> None:
    folder = archive(stage, stage.submitted(), tmp_path)
    fingerprint = verify.examined(folder).fingerprint
    right = run(folder / "verify.py", "--fingerprint", fingerprint.upper())
    assert (right.returncode, "比对" in right.stdout) == (0, False)
    wrong = run(folder / "verify.py", "--fingerprint", "0" * 64)
    assert wrong.returncode == 1
    assert "这不是出具单位所指的那一份" in wrong.stdout


def test_a_file_that_the_store_lost_is_named(stage: Stage, tmp_path: Path) -> None:
    case_id = stage.submitted()
    for path in list((tmp_path / "files").glob("??/*"))[:1]:
        path.unlink()
    folder = archive(stage, case_id, tmp_path / "out")
    [fault] = verify.examined(folder).faults
    assert "提交过的材料文件不在卷内" in fault.text
    assert "文件已不在存储中" in (folder / "index.html").read_text("utf-8")


def test_a_case_that_is_not_there_is_said_so(stage: Stage, tmp_path: Path) -> None:
    case_id = stage.drafted()
    with pytest.raises(NotFound, match="还没有提交"):
        archive(stage, case_id, tmp_path)
    with pytest.raises(NotFound, match="没有找到"):
        archive(stage, uuid.uuid4(), tmp_path)
