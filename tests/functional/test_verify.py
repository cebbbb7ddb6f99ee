"""Public verification as a stranger does it: the code on the paper, the number, or the file."""

import hashlib
import io
import subprocess
from contextlib import nullcontext
from pathlib import Path
from uuid import UUID

import pytest
import zxingcpp
from PIL import Image
from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from sqlmodel import col, select
from starlette.testclient import TestClient

from functional.city import ORIGIN, City
from functional.test_afterwards import granted, market, sent
from onevisit.cli import verifying
from onevisit.documents import Press, Seals
from onevisit.store.session import reading
from onevisit.store.tables import Document
from scenarios.law import stall
from scenarios.stage import Stage

__all__ = ["market"]


def paper(city: City, case_id: UUID, kind: str) -> tuple[Document, bytes]:
    """One paper of a case as its applicant downloads it."""
    with reading(city.engine) as session:
        statement = select(Document).where(Document.case_id == case_id, Document.kind == kind)
        row = session.exec(statement.order_by(col(Document.id))).first()
        assert row is not None
        session.expunge(row)
    answer = city.client("applicant").get(f"/documents/{row.id}")
    assert answer.status_code == 200
    return row, answer.content


def stranger(city: City) -> TestClient:
    """A browser in which nobody is signed in."""
    return TestClient(city.app, base_url=ORIGIN, headers={"origin": ORIGIN})


def dropped(city: City, pdf: bytes, status: int = 200) -> str:
    """The page after a stranger chose a file."""
    files = {"file": ("收到的文件.pdf", pdf, "application/pdf")}
    answer = stranger(city).post("/verify", files=files)
    assert answer.status_code == status, answer.text
    return str(answer.text)


def scanned(pdf: bytes, folder: Path) -> str:
    """What a telephone reads off the printed page."""
    (folder / "paper.pdf").write_bytes(pdf)
    command = ["pdftoppm", "-r", "150", "-gray", "-png", "-f", "1", "-l", "1", "paper.pdf", "page"]
    subprocess.run(command, cwd=folder, check=True)
    [page] = folder.glob("page*.png")
    [code] = zxingcpp.read_barcodes(Image.open(page))
    page.unlink()
    return str(code.text)


@pytest.fixture(scope="module")
def issued(market: tuple[Stage, City]) -> tuple[City, Document, bytes]:
    """A certificate that was handed out."""
    stage, city = market
    row, pdf = paper(city, granted(stage), "certificate")
    return city, row, pdf


def test_the_file_itself_says_by_whom_and_that_it_holds(
    issued: tuple[City, Document, bytes],
) -> None:
    city, row, pdf = issued
    page = dropped(city, pdf)
    assert "签章有效，盖章以后没有改动" in page and "逐字节一致" in page
    assert row.snapshot["authority"]["title"] in page and row.snapshot["authority"]["uscc"] in page
    assert row.number in page and ">有效<" in page.replace(" ", "").replace("\n", "")


def test_the_code_on_paper_leads_to_the_register(
    issued: tuple[City, Document, bytes], tmp_path: Path
) -> None:
    city, row, pdf = issued
    text = scanned(pdf, tmp_path)
    assert text.startswith(city.settings.press.address + "?p=")
    page = stranger(city).get("/verify" + text.partition("/verify")[2]).text
    assert "二维码是真的" in page and "请与手里的纸面逐项核对" in page
    assert row.number in page and "本中心的登记" in page


def test_a_code_of_somebody_elses_key_is_refused(
    issued: tuple[City, Document, bytes], tmp_path: Path
) -> None:
    city, row, _ = issued
    forged = Press(city.settings.templates, Seals(tmp_path / "forged"), "http://x.example/verify")
    text = scanned(forged.make(row.template, row.snapshot), tmp_path)
    answer = stranger(city).get("/verify?p=" + text.partition("?p=")[2])
    assert answer.status_code == 422
    assert "可能是伪造的，不要相信这份文书" in answer.text
    broken = stranger(city).get("/verify?p=" + text.partition("?p=")[2][:80])
    assert broken.status_code == 422 and "不完整或者被改动过" in broken.text


def test_number_and_check_code_as_somebody_types_them(
    issued: tuple[City, Document, bytes],
) -> None:
    city, row, pdf = issued
    passer_by, code = stranger(city), row.snapshot["check_code"]
    right = passer_by.get("/verify", params={"number": f" {row.number} ", "code": code.lower()})
    assert right.status_code == 200 and "本中心的登记" in right.text
    applicant = row.snapshot["applicant"]
    assert applicant["id_number"] not in right.text and applicant["phone"] not in right.text
    wrong = passer_by.get("/verify", params={"number": row.number, "code": "0" * 8})
    assert wrong.status_code == 422 and "没有查到这份文书" in wrong.text
    assert row.number in wrong.text, "what was typed stays"
    half = passer_by.get("/verify", params={"number": row.number})
    assert half.status_code == 422 and "请填写核验码" in half.text
    assert passer_by.get("/verify").status_code == 200
    plain = passer_by.get("/verify/status.json", params={"number": row.number, "code": code}).json()
    assert plain["status"]["code"] == "valid" and plain["sha256"] == hashlib.sha256(pdf).hexdigest()
    unknown = passer_by.get("/verify/status.json", params={"number": row.number, "code": "x"})
    assert unknown.status_code == 404


def test_the_name_on_the_paper_is_compared_not_shown(
    issued: tuple[City, Document, bytes],
) -> None:
    city, row, _ = issued
    holder = row.snapshot["certificate"]["holder"]

    def asked(name: str) -> str:
        typed = {"number": row.number, "code": row.snapshot["check_code"], "name": name}
        return str(stranger(city).post("/verify/holder", data=typed).text)

    assert "与登记的一致" in asked(holder)
    assert "不一致，这张纸可能是伪造的" in asked(holder + "二")
    assert "请填写纸面上的姓名" in asked("")


def test_one_changed_byte_is_caught(issued: tuple[City, Document, bytes]) -> None:
    city, _, pdf = issued
    place = len(pdf) // 2
    page = dropped(city, pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :])
    assert "盖章以后被改动过，不能作为凭证" in page and "逐字节一致" not in page


def test_what_was_added_after_sealing_is_told(issued: tuple[City, Document, bytes]) -> None:
    city, _, pdf = issued
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0]
    added = StreamObject(stream_data=b"BT /F1 30 Tf 100 100 Td (9) Tj ET 0 0 300 300 re f")
    page["/Contents"] = writer.add_object(added)
    writer.update_container(page)
    changed = io.BytesIO()
    writer.write(changed)
    text = dropped(city, changed.getvalue())
    assert "盖章以后被改动过" in text and "盖章以后又添加了内容" in text
    assert "第 1 页" in text and "与原件不同的地方" in text


def test_sealed_again_with_another_key_is_caught(
    issued: tuple[City, Document, bytes], tmp_path: Path
) -> None:
    city, row, _ = issued
    forged = Press(city.settings.templates, Seals(tmp_path), city.settings.press.address)
    text = dropped(city, forged.make(row.template, row.snapshot))
    assert "不是可信机构盖的章" in text and "可能是伪造后重新盖的" in text
    assert "逐字节一致" not in text


def test_a_copied_code_on_another_paper_proves_nothing(
    issued: tuple[City, Document, bytes],
) -> None:
    city, row, _ = issued
    unsigned = Press(city.settings.templates, None, city.settings.press.address)
    text = dropped(city, unsigned.make(row.template, row.snapshot))
    assert "没有电子签章" in text and "不能说明就是这份文件" in text
    assert "本中心的登记" not in text


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff\xe0 a photograph", b"%PDF-1.7\n%broken"])
def test_what_is_no_paper_at_all_is_told(
    issued: tuple[City, Document, bytes], content: bytes
) -> None:
    assert "不是可以核验的文书文件" in dropped(issued[0], content)


def test_no_file_chosen_is_told(issued: tuple[City, Document, bytes]) -> None:
    files = {"file": ("", b"", "application/pdf")}
    answer = stranger(issued[0]).post("/verify", files=files)
    assert answer.status_code == 422 and "请先选择文件" in answer.text


def test_a_revoked_certificate_is_told_everywhere(
    market: tuple[Stage, City], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    stage, city = market
    case_id = granted(stage)
    row, pdf = paper(city, case_id, "certificate")
    before = stranger(city).get("/verify/trust.json").text
    certificate = stall.certificate(stage, case_id)
    address = f"/office/certificates/{certificate.id}/revoke_certificate"
    typed = {"ground": "fraud", "reasons": "伪造了场地证明。"}
    assert "已撤销" in sent(city, "market_regulation.decider", address, **typed).text
    page = dropped(city, pdf)
    assert "签章有效" in page and "已撤销" in page and "不能再作为凭证使用" in page
    after = stranger(city).get("/verify/trust.json").text
    file, old, new = tmp_path / "paper.pdf", tmp_path / "old.json", tmp_path / "new.json"
    file.write_bytes(pdf)
    old.write_text(before)
    new.write_text(after)

    def answers(verb: str, address: str, **options: object) -> object:
        path = "/verify" + address.partition("/verify")[2]
        return nullcontext(stranger(city).request(verb, path, params=options["params"]))

    monkeypatch.setattr(verifying.httpx, "stream", answers)
    assert verifying.verify(file, None, old, offline=True, as_json=False) == verifying.GOOD
    assert "没有联网查询" in capsys.readouterr().out
    assert verifying.verify(file, None, old, offline=False, as_json=False) == verifying.BAD
    assert "已撤销" in capsys.readouterr().out
    assert verifying.verify(file, None, new, offline=True, as_json=False) == verifying.BAD
    assert "已不再有效" in capsys.readouterr().out
    text = scanned(pdf, tmp_path)
    assert verifying.verify(None, text, new, offline=True, as_json=False) == verifying.BAD
    assert row.number in capsys.readouterr().out
