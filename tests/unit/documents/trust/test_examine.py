"""A paper in the hands of somebody who would like it to say something else."""

import io
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from asn1crypto import x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader, PdfWriter

from onevisit.documents import Press, Seals
from onevisit.documents.trust import changes
from onevisit.documents.trust.examine import LIMIT, WORDS, examine
from onevisit.documents.trust.finished import finished
from onevisit.documents.trust.signing import Signing, sign
from unit.documents.trust.authority import (
    ADDRESS,
    OFFICE,
    OTHER_OFFICE,
    OTHER_USCC,
    TEMPLATES,
    USCC,
)
from unit.documents.trust.conftest import MOMENT, certificate

Roots = list[x509.Certificate]
SEED = 20261121


def byte_range(pdf: bytes) -> tuple[int, int, int, int]:
    """What a signature says it covers."""
    found = re.search(rb"/ByteRange *\[ *(\d+) +(\d+) +(\d+) +(\d+) *\]", pdf)
    assert found is not None
    a, b, c, d = (int(each) for each in found.groups())
    return a, b, c, d


def flipped(pdf: bytes, place: int, bit: int = 0) -> bytes:
    """The file with one bit of one byte turned."""
    return pdf[:place] + bytes([pdf[place] ^ (1 << bit)]) + pdf[place + 1 :]


def added(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """The file with something added behind it, as any editor does."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf), strict=False)
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def overprinted(writer: IncrementalPdfFileWriter) -> None:
    """Other words over the page."""
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    stream = generic.StreamObject(stream_data=b"q 0 0 300 300 re f Q")
    contents = page.raw_get("/Contents")
    page["/Contents"] = generic.ArrayObject([contents, writer.add_object(stream)])
    writer.update_container(page)


def annotated(writer: IncrementalPdfFileWriter) -> None:
    """A note on the page."""
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    note = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/FreeText"),
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (50, 50, 300, 99))),
            pdf_name("/Contents"): generic.TextStringObject("有效期至2099年"),
        }
    )
    page.setdefault("/Annots", generic.ArrayObject()).append(writer.add_object(note))
    writer.update_container(page)


def other_data(writer: IncrementalPdfFileWriter) -> None:
    """Other data than what the page says."""
    names = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
    file = names[1]["/EF"].raw_get("/F").get_object()
    file._data = file.data.replace("示例市演示甲商店".encode(), "示例市演示乙商店".encode())
    file._encoded_data = None
    writer.update_container(file)


def without_signature(writer: IncrementalPdfFileWriter) -> None:
    """The field of the seal emptied."""
    field = writer.root["/AcroForm"]["/Fields"][0].get_object()
    del field["/V"]
    writer.update_container(field)


def test_a_genuine_paper_is_told_in_full(paper: bytes, roots: Roots) -> None:
    found = examine(paper, roots)
    assert (found.verdict, found.told, found.sealed_by, found.uscc) == ("genuine", (), OFFICE, USCC)
    assert (found.sealed_at, found.stamped_at) == (MOMENT, None)
    assert found.data is not None and found.data["certificate"]["holder"] == "示例市演示甲商店"
    assert found.word == "签章有效，盖章以后没有改动"


def test_others_agree_that_it_is_genuine(paper: bytes, roots: Roots) -> None:
    [signature] = PdfFileReader(io.BytesIO(paper)).embedded_signatures
    context = ValidationContext(trust_roots=roots, allow_fetching=False, moment=MOMENT)
    status = finished(async_validate_pdf_signature(signature, context))
    assert status.bottom_line and status.docmdp_ok and status.coverage.name == "ENTIRE_FILE"


@pytest.fixture
def wordless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only verdicts: comparing the words takes a process each time."""
    monkeypatch.setattr(changes, "not_shown", lambda *_: ["页面上没有找到"])
    monkeypatch.setattr(changes, "differences", lambda *_: [])


@pytest.mark.usefixtures("wordless")
def test_every_digit_of_the_signature_and_its_room_counts(paper: bytes, roots: Roots) -> None:
    _, end, start, _ = byte_range(paper)
    chance = random.Random(SEED)
    places = {end, start - 1, end + 1, start - 2, *chance.sample(range(end, start), 300)}
    missed = [
        (place, bit)
        for place in sorted(places)
        for bit in (chance.randrange(8),)
        if examine(flipped(paper, place, bit), roots).verdict == "genuine"
    ]
    assert missed == []


def test_lower_case_digits_are_no_other_spelling(paper: bytes, roots: Roots) -> None:
    _, end, start, _ = byte_range(paper)
    spelt = paper[:end] + paper[end:start].lower() + paper[start:]
    assert spelt != paper and examine(spelt, roots).verdict == "changed"


@pytest.mark.usefixtures("wordless")
def test_every_byte_of_the_file_counts(paper: bytes, roots: Roots) -> None:
    chance = random.Random(SEED)
    for place in chance.sample(range(len(paper)), 150):
        found = examine(flipped(paper, place, chance.randrange(8)), roots)
        assert found.verdict in ("changed", "unsigned", "unreadable"), place
        assert found.told, "and something is told of it"


def test_a_file_that_was_cut_short_is_never_genuine(paper: bytes, roots: Roots) -> None:
    for part in range(20):
        cut = paper[: len(paper) * part // 20]
        assert examine(cut, roots).verdict in ("unreadable", "unsigned", "changed")
    assert examine(paper[:-1], roots).verdict != "genuine"


@pytest.mark.parametrize("tail", [b"\n", b" ", b"\0", b"%EOF", b"%%EOF\n", b"\n%\xff" * 50])
def test_nothing_may_be_appended(paper: bytes, roots: Roots, tail: bytes) -> None:
    assert examine(paper + tail, roots).verdict in ("changed", "unreadable")


@pytest.mark.parametrize("change", [overprinted, annotated, other_data])
def test_what_is_added_behind_the_seal_is_a_change(
    paper: bytes, roots: Roots, change: Callable[[IncrementalPdfFileWriter], None]
) -> None:
    found = examine(added(paper, change), roots)
    assert found.verdict == "changed" and found.word == "盖章以后被改动过，不能作为凭证"
    assert found.told[0] == "盖章以后又添加了内容。" and len(found.told) > 1
    assert found.data is not None
    assert found.data["certificate"]["holder"] == "示例市演示甲商店", "as it was when sealed"


def test_without_its_seal_it_proves_nothing(paper: bytes, roots: Roots) -> None:
    for pdf in (added(paper, without_signature), rewritten(paper), PRINTED):
        found = examine(pdf, roots)
        assert found.verdict in ("unsigned", "changed")
    said = examine(PRINTED, roots)
    assert said.verdict == "unsigned" and "没有任何电子签章" in said.told[0]
    assert "二维码" in said.told[1]


def rewritten(pdf: bytes) -> bytes:
    """Opened and saved by another program."""
    writer, out = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf))), io.BytesIO()
    writer.write(out)
    return out.getvalue()


def blank(**options: str) -> bytes:
    """A page of nobody's."""
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    if options:
        writer.encrypt(**options)
    writer.write(out)
    return out.getvalue()


PRINTED = blank()


def test_a_second_signature_is_an_addition(paper: bytes, roots: Roots) -> None:
    def signed_again(writer: IncrementalPdfFileWriter) -> None:
        fields = writer.root["/AcroForm"]["/Fields"]
        first = fields[0].get_object()
        entries = {name: first.raw_get(name) for name in ("/FT", "/V")}
        again = generic.DictionaryObject({**entries, "/T": generic.TextStringObject("Other")})
        fields.append(writer.add_object(again))
        writer.update_container(fields)

    found = examine(added(paper, signed_again), roots)
    assert found.verdict == "changed" and "盖章以后又添加了内容。" in found.told


def test_a_seal_of_the_same_name_from_elsewhere_is_foreign(
    made: Callable[[Seals], bytes], tmp_path: Path, roots: Roots
) -> None:
    forged = Seals(tmp_path / "forged")
    pdf = made(forged)
    assert examine(pdf, forged.roots()).verdict == "genuine", "to its own maker"
    found = examine(pdf, roots)
    assert (found.verdict, found.sealed_by, found.uscc) == ("foreign", OFFICE, USCC)
    assert f"自称“{OFFICE}”" in found.told[0] and "不在可信的签章名单里" in found.told[0]


def test_one_department_cannot_seal_for_another(
    unsigned: bytes, seals: Seals, roots: Roots
) -> None:
    signing = Signing(OTHER_OFFICE, "演示", "示例市", MOMENT)
    found = examine(sign(unsigned, seals.seal(OTHER_USCC, OTHER_OFFICE), signing, None), roots)
    assert found.verdict == "foreign" and found.told == ("盖章的部门与文书上的出具机关不一致。",)


def test_a_seal_on_something_that_is_no_paper_of_ours(seals: Seals, roots: Roots) -> None:
    signing = Signing(OFFICE, "演示", "示例市", MOMENT)
    found = examine(sign(PRINTED, seals.seal(USCC, OFFICE), signing, None), roots)
    assert found.verdict == "foreign" and "不是本系统出具的文书" in found.told[0]


def test_the_signature_of_another_paper_does_not_fit(
    paper: bytes, other_paper: bytes, roots: Roots
) -> None:
    _, end, start, _ = byte_range(paper)
    _, from_end, from_start, _ = byte_range(other_paper)
    taken = other_paper[from_end:from_start].strip(b"<>").ljust(start - end - 2, b"0")
    moved = paper[: end + 1] + taken[: start - end - 2] + paper[start - 1 :]
    assert len(moved) == len(paper)
    assert examine(moved, roots).verdict == "changed"


@pytest.mark.parametrize(
    ("first", "last"), [(0, -1), (0, 1), (1, 0), (-40, 0), (0, 40), (-1, -1), (5, 5)]
)
def test_what_is_covered_cannot_be_moved(paper: bytes, roots: Roots, first: int, last: int) -> None:
    a, b, c, d = byte_range(paper)
    for numbers in ((a, b + first, c + last, d - last), (a, b, c, d - abs(first + last) - 1)):
        spelt = b"/ByteRange [%d %d %d %d" % numbers
        found = re.search(rb"/ByteRange *\[[^\]]*", paper)
        assert found is not None
        size = len(found.group())
        moved = paper[: found.start()] + spelt.ljust(size)[:size] + paper[found.end() :]
        assert examine(moved, roots).verdict != "genuine"


def test_a_file_wrapped_around_a_genuine_one_is_a_change(paper: bytes, roots: Roots) -> None:
    """Wrapping: the covered bytes stay as they are, and other pages are shown."""
    whole = PdfFileReader(io.BytesIO(paper))
    body = b"9000 0 obj\n<</Type/Pages/Kids[9001 0 R]/Count 1>>\nendobj\n"
    place = len(paper) + 1
    root = whole.trailer["/Root"]
    form = root.raw_get("/AcroForm")
    where = f"{form.idnum} 0 R" if isinstance(form, generic.IndirectObject) else "<<>>"
    body += (
        f"9002 0 obj\n<</Type/Catalog/Pages 9000 0 R/AcroForm {where}>>\nendobj\n"
        "9001 0 obj\n<</Type/Page/Parent 9000 0 R/MediaBox[0 0 9 9]>>\nendobj\n"
    ).encode()
    offsets = [place + body.index(b"%d 0 obj" % number) for number in (9000, 9001, 9002)]
    table = b"xref\n9000 3\n" + b"".join(b"%010d 00000 n \n" % each for each in offsets)
    end = b"trailer\n<</Size 9003/Root 9002 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    wrapped = paper + b"\n" + body + table + end % (whole.last_startxref, place + len(body))
    assert examine(wrapped, roots).verdict in ("changed", "unsigned")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-",
        b"%PDF-1.7\n",
        b"GIF89a",
        b"\xff\xd8\xff\xe0" * 99,
        b"%PDF-1.7\n" + b"\0" * 999,
    ],
)
def test_what_is_no_pdf_is_said(roots: Roots, content: bytes) -> None:
    found = examine(content, roots)
    assert found.verdict == "unreadable" and found.word == "不是可以核验的文书文件"
    assert "照片" in found.told[0] or "没有下载完整" in found.told[0]


def test_an_encrypted_file_and_one_too_large_are_said(roots: Roots) -> None:
    secret = blank(user_password="x", algorithm="AES-256")
    assert examine(secret, roots).verdict in ("unreadable", "unsigned")
    assert "MB" in examine(b"%PDF-1.7\n" + bytes(LIMIT), roots).told[0]


def test_whoever_trusts_nobody_finds_nothing_genuine(paper: bytes) -> None:
    assert examine(paper, []).verdict == "foreign"


def test_each_verdict_has_its_words() -> None:
    assert all("不能" in word or "不是" in word or "有效" in word for word in WORDS.values())


def test_a_notice_is_told_apart_as_well(seals: Seals, roots: Roots) -> None:
    from onevisit.documents import sample_snapshot

    press = Press(TEMPLATES, seals, ADDRESS)
    pdf = press.make("notices/approval", sample_snapshot("approval", "准予行政许可决定书"))
    assert examine(pdf, roots).verdict == "genuine"
    found = examine(added(pdf, overprinted), roots)
    assert found.verdict == "changed" and certificate()["number"] in str(found.data)
