"""Files that are made to keep a reader busy: it stops, says so, and reads the next one."""

import os
import zlib
from collections.abc import Iterator

import pytest
from asn1crypto import x509

from onevisit.documents.trust import examiner
from onevisit.documents.trust.examine import examine
from onevisit.documents.trust.examiner import examine_apart

Roots = list[x509.Certificate]
TABLE = b"xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \n"
CATALOG = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n"


@pytest.fixture(scope="module", autouse=True)
def ended() -> Iterator[None]:
    """No process is left."""
    yield
    examiner._apart.close()


def listing(head: bytes, content: bytes = b"") -> bytes:
    """A file whose cross-reference stream says this."""
    start = b"2 0 obj\n<</Type/XRef/Root 1 0 R%s/Length %d>>\nstream\n" % (head, len(content))
    end = b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % len(CATALOG)
    return CATALOG + start + content + end


def nested(opening: bytes) -> bytes:
    """A catalogue that opens and opens."""
    body = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/X " + opening * 100_000 + b">>\nendobj\n"
    return body + TABLE + b"trailer\n<</Root 1 0 R/Size 2>>\nstartxref\n%d\n%%%%EOF" % len(body)


LOOP = b"trailer\n<</Root 1 0 R/Size 2/Prev %d>>\nstartxref\n%d\n%%%%EOF"
FILES = {
    "a table that leads to itself": CATALOG + TABLE + LOOP % (len(CATALOG), len(CATALOG)),
    "arrays in arrays": nested(b"["),
    "dictionaries in dictionaries": nested(b"<</A"),
    "entries from nowhere": listing(b"/Size 2000000000/Index[0 2000000000]/W[0 0 0]"),
    "a stream of 100 MB in 100 KB": listing(
        b"/Size 20000000/W[1 2 2]/Filter/FlateDecode", zlib.compress(bytes(100_000_000), 9)
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_made_to_keep_us_busy_is_unreadable(
    name: str, paper: bytes, roots: Roots, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert examine_apart(paper, roots).verdict == "genuine", "the libraries are there"
    used = os.times().children_user
    monkeypatch.setattr(examiner, "PATIENCE", 15)
    found = examine_apart(FILES[name], roots)
    assert found.verdict == "unreadable" and found.told
    examiner._apart.close()
    assert os.times().children_user - used < 60
    assert examine_apart(paper, roots).verdict == "genuine", "and the next one is read"


def test_it_says_the_same_as_without_a_process(paper: bytes, unsigned: bytes, roots: Roots) -> None:
    for pdf in (paper, unsigned, paper[:-9], paper + b" ", b"", paper.replace(b"0", b"1", 1)):
        assert examine_apart(pdf, roots) == examine(pdf, roots)


def test_a_process_that_was_killed_is_replaced(paper: bytes, roots: Roots) -> None:
    assert examine_apart(paper, roots).verdict == "genuine"
    examiner._apart._process.kill()
    examiner._apart._process.wait()
    assert examine_apart(paper, roots).verdict == "genuine"
