"""Programs that know nothing of this one: what they say of a seal, and what they find in a file."""

import io
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader
from pypdf.generic import IndirectObject, StreamObject

from onevisit.documents import Press, Seals, sample_snapshot
from onevisit.documents.trust.data import FILE_NAME, canonical, carried
from unit.documents.trust.authority import ADDRESS, TEMPLATES

PRIVATE = ("990000199001010017", "990000198807150022", "19900000000")
"""Numbers of the sample's persons."""
PAPERS = sorted(
    str(path.relative_to(TEMPLATES)).removesuffix(".html")
    for folder in ("notices", "certificates")
    for path in (TEMPLATES / folder).glob("*.html")
    if not path.name.startswith("_")
)


def test_poppler_finds_the_seal_valid_and_trusted(
    paper: bytes, seals: Seals, tmp_path: Path
) -> None:
    (tmp_path / "paper.pdf").write_bytes(paper)
    store = f"sql:{tmp_path / 'nss'}"
    (tmp_path / "nss").mkdir()
    root = str(seals.folder / "root.pem")
    for words in (["-N", "--empty-password"], ["-A", "-n", "root", "-t", "CT,C,C", "-i", root]):
        subprocess.run(["certutil", "-d", store, *words], check=True, capture_output=True)
    command = ["pdfsig", "-nssdir", store, "paper.pdf"]
    said = subprocess.run(
        command, cwd=tmp_path, capture_output=True, env={**os.environ, "TZ": "UTC"}, check=False
    ).stdout.decode()
    assert "Signature is Valid." in said and "Certificate is Trusted." in said
    assert "Total document signed" in said and "示例市第一演示局" in said
    assert "Signing Time: Nov 21 2026 02:00:00" in said and "ETSI.CAdES.detached" in said


def streams(pdf: bytes) -> Iterator[bytes]:
    """Everything in a file, unpacked."""
    yield pdf
    reader = PdfReader(io.BytesIO(pdf))
    for number in range(1, int(reader.trailer["/Size"])):
        found = reader.get_object(IndirectObject(number, 0, reader))
        if isinstance(found, StreamObject):
            yield found.get_data()


@pytest.mark.parametrize("template", PAPERS)
def test_no_number_of_a_person_hides_in_the_file(template: str, seals: Seals) -> None:
    folder, _, name = template.partition("/")
    kind = "certificate" if folder == "certificates" else name
    pdf = Press(TEMPLATES, seals, ADDRESS).make(template, sample_snapshot(kind, "演示文书"))
    printed = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    raw = b"\n".join(streams(pdf)).decode("latin-1")
    for number in PRIVATE:
        spelt = (number, number.encode().hex(), number.encode("utf-16-be").hex())
        hidden = any(each in raw.lower() for each in spelt)
        assert not hidden or number in re.sub(r"\s", "", printed), number
    data = canonical(carried(sample_snapshot(kind, "演示文书"), ADDRESS)).decode()
    assert PdfReader(io.BytesIO(pdf)).attachments[FILE_NAME][0].decode() == data
    assert not [number for number in PRIVATE if number in data]
