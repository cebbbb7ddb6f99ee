"""Every paper can be kept for good: PDF/A-3u (ISO 19005-3), signed or not, and each rule can fail.

veraPDF itself is in none of the registries that this project installs from; the rules are our own
reading of the standard, on top of qpdf's.
"""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from onevisit.documents import Press, Seals, sample_snapshot
from unit.documents.pdfa import RULES, faults

TEMPLATES = Path(__file__).parents[3] / "templates"
ALL = sorted(
    f"{folder}/{path.stem}"
    for folder in ("notices", "certificates")
    for path in (TEMPLATES / folder).glob("[!_]*.html")
)
ADDRESS = "https://verify.example.gov.cn/verify"


@pytest.fixture(scope="module")
def press(tmp_path_factory) -> Press:
    return Press(TEMPLATES, Seals(tmp_path_factory.mktemp("seals")), ADDRESS)


@pytest.fixture(scope="module")
def signed(press) -> bytes:
    """A signed certificate."""
    return made(press, "certificates/standard")


def made(press: Press, template: str) -> bytes:
    folder, _, name = template.partition("/")
    kind = "certificate" if folder == "certificates" else name
    return press.make(template, sample_snapshot(kind, "演示文书"))


@pytest.mark.parametrize("template", ALL)
def test_every_paper_keeps_the_rules_before_and_after_it_is_signed(press, template):
    paper = made(press, template)
    end = paper.index(b"%%EOF") + 5
    assert len(paper) > end + 1000, "the signature is an increment of its own"
    assert faults(paper) == []
    assert faults(paper[:end]) == []
    with pikepdf.open(BytesIO(paper)) as pdf:
        assert pdf.pdf_version == "1.7"
        assert pdf.Root.AcroForm.Fields[0].V.SubFilter == Name("/ETSI.CAdES.detached")


def change(name: str) -> Callable[[Callable[[Pdf], None]], Callable[[Pdf], None]]:
    """Registers a way to spoil a file, under the clause that must notice."""

    def register(spoil: Callable[[Pdf], None]) -> Callable[[Pdf], None]:
        SPOILT.append((name, spoil))
        return spoil

    return register


SPOILT: list[tuple[str, Callable[[Pdf], None]]] = []


def fonts(pdf: Pdf) -> list[Dictionary]:
    return list(pdf.pages[0].obj.Resources.Font.values())


def drawn_on(pdf: Pdf, operators: bytes) -> None:
    pdf.pages[0].contents_add(pdf.make_stream(operators))


def seal(pdf: Pdf) -> Dictionary:
    return pdf.pages[0].obj.Annots[0]


@change("6.1")
def requirements(pdf):
    pdf.Root.Requirements = Array([])


@change("6.1")
def optional_content(pdf):
    pdf.Root.OCProperties = Dictionary(D=Dictionary())


@change("6.1.7")
def a_stream_elsewhere(pdf):
    pdf.Root.Metadata.F = String("elsewhere.xml")


@change("6.1.13")
def a_long_string(pdf):
    pdf.Root.Long = String("x" * 40000)


@change("6.1.13")
def a_large_number(pdf):
    pdf.Root.Large = 2**31


@change("6.1.13")
def a_huge_page(pdf):
    pdf.pages[0].obj.MediaBox = Array([0, 0, 20000, 800])


@change("6.2.3")
def no_intent(pdf):
    del pdf.Root.OutputIntents


@change("6.2.3")
def a_profile_that_is_none(pdf):
    pdf.Root.OutputIntents[0].DestOutputProfile.write(b"no profile" * 20)


@change("6.2.2")
def an_unknown_operator(pdf):
    drawn_on(pdf, b"1 0 magic")


@change("6.2.2")
def cmyk(pdf):
    drawn_on(pdf, b"0 0 0 1 k")


@change("6.2.2")
def deep_nesting(pdf):
    drawn_on(pdf, b"q " * 29 + b"Q " * 29)


@change("6.2.2")
def what_is_not_there(pdf):
    drawn_on(pdf, b"/Nothing Do")


@change("6.2")
def a_transfer_function(pdf):
    pdf.pages[0].obj.Resources.ExtGState.X = Dictionary(TR=Name.Identity)


@change("6.2")
def an_unknown_blend(pdf):
    pdf.pages[0].obj.Resources.ExtGState.X = Dictionary(BM=Name.Magic)


@change("6.2.8")
def a_smoothed_picture(pdf):
    image = next(each for each in pdf.objects if is_image(each))
    image.Interpolate = True


@change("6.2.8")
def a_picture_in_cmyk(pdf):
    next(each for each in pdf.objects if is_image(each)).ColorSpace = Name.DeviceCMYK


@change("6.2.11")
def a_font_outside(pdf):
    del fonts(pdf)[0].DescendantFonts[0].FontDescriptor.FontFile3


@change("6.2.11")
def other_widths(pdf):
    fonts(pdf)[0].DescendantFonts[0].W = Array([0, 65535, 300])


@change("6.2.11")
def a_whole_font(pdf):
    fonts(pdf)[0].BaseFont = Name("/Whole")


@change("6.2.11.7")
def letters_lost(pdf):
    del fonts(pdf)[0].ToUnicode


@change("6.2.11.7")
def some_letters_lost(pdf):
    cmap = fonts(pdf)[0].ToUnicode
    cmap.write(re.sub(rb"(<[0-9a-f]+>) <[0-9a-f]+>", rb"\1 <feff>", cmap.read_bytes(), count=5))


@change("6.2.11.7")
def a_missing_glyph(pdf):
    name = next(iter(pdf.pages[0].obj.Resources.Font.keys()))
    drawn_on(pdf, f"BT {name} 12 Tf <0000> Tj ET".encode())


@change("6.3")
def not_printed(pdf):
    seal(pdf).F = 0


@change("6.3")
def hidden(pdf):
    seal(pdf).F = 6


@change("6.3")
def no_appearance(pdf):
    del seal(pdf).AP


@change("6.3")
def a_film(pdf):
    seal(pdf).Subtype = Name.Movie


@change("6.4")
def xfa(pdf):
    pdf.Root.AcroForm.XFA = String("")


@change("6.4")
def drawn_by_readers(pdf):
    pdf.Root.AcroForm.NeedAppearances = True


@change("6.4")
def a_digest_in_the_reference(pdf):
    pdf.Root.AcroForm.Fields[0].V.Reference[0].DigestMethod = Name.MD5


@change("6.5")
def a_script(pdf):
    pdf.Root.OpenAction = Dictionary(Type=Name.Action, S=Name.JavaScript, JS=String("app.beep()"))


@change("6.5")
def a_program(pdf):
    seal(pdf).A = Dictionary(S=Name.Launch, F=String("cmd.exe"))


@change("6.5")
def additional_actions(pdf):
    pdf.pages[0].obj.AA = Dictionary()


@change("6.6")
def no_metadata(pdf):
    del pdf.Root.Metadata


@change("6.6")
def another_part(pdf):
    rewrite(pdf, b'part="3"', b'part="2"')


@change("6.6")
def another_level(pdf):
    rewrite(pdf, b'conformance="U"', b'conformance="B"')


@change("6.6")
def another_title(pdf):
    pdf.docinfo.Title = String("另一份文书")


@change("6.6")
def a_property_of_nobody(pdf):
    rewrite(pdf, b"xmp:CreateDate", b"xyz:CreateDate")
    rewrite(pdf, b"xmlns:xmp=", b'xmlns:xyz="http://example.com/" xmlns:xmp=')


@change("6.8")
def no_relationship(pdf):
    del pdf.Root.AF[0].AFRelationship


@change("6.8")
def associated_with_nothing(pdf):
    del pdf.Root.AF


@change("6.8")
def no_media_type(pdf):
    del pdf.Root.AF[0].EF.F.Subtype


@change("6.8")
def another_content(pdf):
    pdf.Root.AF[0].EF.F.write(b"{}")


@change("6.8")
def no_moment(pdf):
    del pdf.Root.AF[0].EF.F.Params.ModDate


def is_image(each: object) -> bool:
    return isinstance(each, Stream) and each.get("/Subtype") == Name.Image


def rewrite(pdf: Pdf, old: bytes, new: bytes) -> None:
    content = pdf.Root.Metadata.read_bytes()
    assert old in content
    pdf.Root.Metadata.write(content.replace(old, new))


def clauses(pdf: bytes) -> set[str]:
    return {fault.partition(":")[0] for fault in faults(pdf)}


def saved(signed: bytes, spoil: Callable[[Pdf], None], **how) -> bytes:
    """The file written anew: its signature is gone to pieces, which is a fault of clause 6.4."""
    output = BytesIO()
    with pikepdf.open(BytesIO(signed)) as pdf:
        spoil(pdf)
        pdf.save(output, min_version="1.7", fix_metadata_version=False, **how)
    return output.getvalue()


def nothing(pdf: Pdf) -> None:
    """Spoils nothing."""


def forget_signature(pdf: Pdf) -> None:
    del pdf.Root.AcroForm.Fields[0].V


def test_a_file_written_anew_only_loses_its_signature(signed):
    assert clauses(saved(signed, nothing)) == {"6.4"}
    assert clauses(saved(signed, forget_signature)) == set()


@pytest.mark.parametrize(("clause", "spoil"), SPOILT, ids=[spoil.__name__ for _, spoil in SPOILT])
def test_what_is_spoilt_is_noticed(signed, clause, spoil):
    def both(pdf: Pdf) -> None:
        spoil(pdf)
        if clause != "6.4":
            forget_signature(pdf)

    found = faults(saved(signed, both))
    assert clause in {fault.partition(":")[0] for fault in found}
    if clause == "6.4":
        assert len(found) > len(faults(saved(signed, nothing)))


def test_every_rule_is_shown_to_fail():
    assert {clause for clause, _ in SPOILT} == set(RULES)


FRAMES = {
    "moved": ("6.1", lambda raw: b"\n" + raw),
    "version": ("6.1", lambda raw: raw.replace(b"%PDF-1.7", b"%PDF-2.0")),
    "binary": ("6.1", lambda raw: raw[:9] + b"%abcd" + raw[14:]),
    "more": ("6.1", lambda raw: raw + b"more"),
    "length": ("6.1", lambda raw: re.sub(rb"/Length 2(\d)", rb"/Length 1\1", raw, count=1)),
    "end": ("6.1.7", lambda raw: raw.replace(b"\nendstream", b" endstream", 1)),
    "begin": ("6.1.7", lambda raw: raw.replace(b">>\nstream\n", b">>\nstream\r", 1)),
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_spoilt_frame_is_noticed(signed, name):
    clause, spoil = FRAMES[name]
    assert spoil(signed) != signed
    assert clause in clauses(spoil(signed))


def test_an_encrypted_file_is_noticed(signed):
    lock = pikepdf.Encryption(owner="owner", user="")
    assert "6.1.3" in clauses(saved(signed, forget_signature, encryption=lock))
