"""What is handed in is what it seems and does nothing by itself, or is refused with what to do."""

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pikepdf
import pytest

import handed
from onevisit.documents import inspection
from onevisit.documents.inspection import WORDS, Unsafe, check_safe


def refusal(content: bytes) -> str | None:
    """The word of the refusal; None for a file that is taken."""
    try:
        check_safe(io.BytesIO(content))
    except Unsafe as unsafe:
        return next(word for word, said in WORDS.items() if said == str(unsafe))
    return None


def attached(data: bytes) -> bytes:
    """A PDF with another file in it."""
    names = b"/Names<</EmbeddedFiles<</Names[(a)4 0 R]>>>>"
    return handed.pdf(
        b"<</Type/Filespec/F(a)/EF<</F 5 0 R>>>>",
        handed.stream(b"/Type/EmbeddedFile/Filter/FlateDecode", zlib.compress(data)),
        root=names,
    )


def locked(password: str) -> bytes:
    """A PDF that opens with this password; with none, it only forbids changes."""
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(handed.PDF)) as pdf:
        pdf.save(made, encryption=pikepdf.Encryption(owner="演示", user=password))
    return made.getvalue()


def pages(count: int) -> bytes:
    """A PDF of that many empty pages."""
    made = io.BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(count):
            pdf.add_blank_page()
        pdf.save(made, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return made.getvalue()


def packed(*objects: bytes) -> bytes:
    """The same PDF with its objects in compressed streams, where no search for bytes finds them."""
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(handed.pdf(*objects, root=b"/OpenAction 4 0 R"))) as pdf:
        pdf.save(made, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return made.getvalue()


def lying(size: int) -> bytes:
    """An OFD whose directory says that an entry is small while it is not."""
    whole = handed.ofd([("Doc_0/big.dat", b"\0" * size)])
    at = whole.index(b"PK\x01\x02", whole.rindex(b"Doc_0/big.dat") - 60)
    return whole[: at + 24] + struct.pack("<I", 100) + whole[at + 28 :]


def changed() -> bytes:
    """An OFD with an entry that is not what its checksum says."""
    whole = handed.ofd()
    at = whole.index(b"PK\x01\x02") + 16
    return whole[:at] + bytes(4) + whole[at + 4 :]


SCRIPT = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
TAKEN = {
    "pdf": handed.PDF,
    "spaces after it": handed.PDF.ljust(1024 * 1024),
    "ofd": handed.ofd([("Doc_0/Res/image.png", b"\x89PNG\r\n\x1a\n demo")]),
    "forbids changes, opens without a password": locked(""),
    "data of an invoice": attached(b'<?xml version="1.0"?><invoice/>'),
    "data of our own papers": attached('{"number": "演示"}'.encode()),
    "goes to a page": handed.pdf(root=b"/OpenAction[3 0 R/Fit]"),
    "leads to a web page": handed.pdf(
        b"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://a.example/)>>>>"
    ),
    "many pages": pages(200),
    "another kind altogether": b"MZ a program: whoever keeps files says what is taken",
}
REFUSED = {
    "opens a script": ("active", handed.pdf(SCRIPT, root=b"/OpenAction 4 0 R")),
    "a script no table leads to": (
        "active",
        handed.PDF.replace(b"% fictional", b"% fictional\n9 0 obj\n" + SCRIPT + b"\nendobj"),
    ),
    "a script, its name escaped": (
        "active",
        handed.pdf(SCRIPT.replace(b"/JavaScript", b"/J#61vaScrip#74"), root=b"/OpenAction 4 0 R"),
    ),
    "a script in a packed object": ("active", packed(SCRIPT)),
    "a script in a page's actions": (
        "active",
        handed.pdf(b"<</O<</S/Named/N/NextPage/Next[<</S/JavaScript/JS(1)>>]>>>>"),
    ),
    "starts a program": ("active", handed.pdf(b"<</S/Launch/F(cmd.exe)>>", root=b"/AA 4 0 R")),
    "sends a form": ("active", handed.pdf(b"<</S/SubmitForm/F(https://a.example)>>")),
    "a form that programs itself": ("active", handed.pdf(root=b"/AcroForm<</XFA[]>>")),
    "plays something": ("active", handed.pdf(b"<</Type/Annot/Subtype/RichMedia>>")),
    "hides a program": ("attached", attached(b"MZ\x90\0")),
    "hides an archive": ("attached", attached(handed.ofd())),
    "hides a page": ("attached", attached(b"<html><script>1</script>")),
    "wants a password": ("locked", locked("秘密")),
    "is cut off": ("broken", handed.PDF[:60]),
    "is only called so": ("broken", b"%PDF-1.7\n% nothing\n"),
    "no page": ("broken", handed.pdf().replace(b"/Kids[3 0 R]/Count 1", b"/Kids[]/Count 0      ")),
    "too many pages": ("pages", pages(1001)),
    "an archive behind it": ("two_kinds", handed.PDF + handed.ofd()),
    "zip without OFD.xml": ("broken", handed.ofd().replace(b"OFD.xml", b"ODF.xml")),
    "a torn ofd": ("broken", handed.ofd()[:-30]),
    "a changed ofd": ("broken", changed()),
    "a bomb": ("bomb", handed.ofd([("Doc_0/a.dat", b"\0" * (8 * 1024 * 1024))])),
    "a bomb that lies": ("broken", lying(2 * 1024 * 1024)),
    "archive in the archive": ("attached", handed.ofd([("Doc_0/a.dat", handed.ofd())])),
    "archive by name": ("attached", handed.ofd([("Doc_0/a.zip", b"demo")])),
    "program in the archive": ("attached", handed.ofd([("Doc_0/a.dat", b"\x7fELF")])),
    "a page in the archive": ("attached", handed.ofd([("Doc_0/a.HTML", b"demo")])),
    "up and away": ("names", handed.ofd([("../../a.xml", b"<a/>")])),
    "from the root": ("names", handed.ofd([("/etc/a.xml", b"<a/>")])),
    "backslashes": ("names", handed.ofd([("..\\a.xml", b"<a/>")])),
    "an entity": ("active", handed.ofd([("Doc_0/a.xml", b'<!DOCTYPE a [<!ENTITY b "c">]>')])),
    "two of one name": ("broken", handed.ofd([("Doc_0/A.xml", b"1"), ("doc_0/a.xml", b"2")])),
    "very many entries": ("bomb", handed.ofd((f"{n}.dat", b"") for n in range(4001))),
}


@pytest.mark.parametrize("content", TAKEN.values(), ids=TAKEN)
def test_a_file_that_is_what_it_seems_is_taken(content: bytes) -> None:
    assert refusal(content) is None


@pytest.mark.parametrize(("word", "content"), REFUSED.values(), ids=REFUSED)
def test_any_other_is_refused_with_what_to_do(word: str, content: bytes) -> None:
    assert refusal(content) == word


def test_every_finding_is_put_into_words() -> None:
    assert {word for word, _ in REFUSED.values()} | {"heavy", "busy"} == WORDS.keys()
    assert all("请" in said and "；" in said for said in WORDS.values())


def test_a_file_that_takes_too_much_is_refused_and_the_next_one_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A stream of one object that unpacks to a gigabyte, and a process that dies of it."""
    bomb = zlib.compress(b" " * (64 * 1024 * 1024), 9)
    content = handed.pdf(
        b"<</Type/Filespec/F(a)/EF<</F 5 0 R>>>>",
        handed.stream(b"/Filter[/FlateDecode/FlateDecode]", zlib.compress(bomb, 9)),
    )
    assert refusal(content) in ("heavy", "broken", "attached")
    monkeypatch.setattr(inspection, "_apart", inspection.Apart("-c", "", patience=5))
    assert refusal(handed.PDF) == "heavy"
    monkeypatch.undo()
    assert refusal(handed.PDF) is None


def test_nothing_of_it_stays_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection.tempfile, "tempdir", str(tmp_path))
    assert refusal(handed.PDF) is None and refusal(handed.PDF[:60]) == "broken"
    assert list(tmp_path.iterdir()) == []


def test_the_archive_of_the_tests_is_one() -> None:
    assert zipfile.ZipFile(io.BytesIO(handed.ofd())).testzip() is None
