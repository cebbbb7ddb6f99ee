"""The file as a whole: header, trailer, streams, limits, colours' meaning, actions, metadata."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

FILTERS = {
    "/ASCIIHexDecode", "/ASCII85Decode", "/FlateDecode", "/RunLengthDecode", "/CCITTFaxDecode",
    "/JBIG2Decode", "/DCTDecode", "/JPXDecode",
}  # fmt: skip
ACTIONS = {"/GoTo", "/GoToR", "/GoToE", "/Thread", "/URI", "/Named", "/SubmitForm"}
SPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
}


def everything(pdf: Pdf) -> Iterator[Object]:
    """All dictionaries, streams, arrays, strings … of the file, each indirect one once."""
    pending: list[Object] = [*pdf.objects, pdf.trailer]
    while pending:
        each = pending.pop()
        yield each
        if isinstance(each, (Dictionary, Stream)) and not isinstance(each, Array):
            pending += [value for _, value in each.items() if _is_direct(value)]
            yield from (Name(key) for key, _ in each.items())
        elif isinstance(each, Array):
            pending += [value for value in each if _is_direct(value)]


def _is_direct(value: object) -> bool:
    return not (isinstance(value, Object) and value.is_indirect)


def file_structure(pdf: Pdf, raw: bytes) -> Iterator[str]:
    if not re.match(rb"%PDF-1\.7\n%[\x80-\xff]{4}", raw):
        yield f"header {raw[:15]!r}"
    if not re.search(rb"%%EOF\r?\n?\Z", raw):
        yield "something follows the end of the file"
    identifier = pdf.trailer.get("/ID")
    if identifier is None or len(identifier) != 2 or not all(bytes(part) for part in identifier):
        yield "no identifier"
    for key in ("/Requirements", "/NeedsRendering"):
        if key in pdf.Root:
            yield f"{key} in the catalog"
    if pdf.Root.get("/Names") is not None and "/AlternatePresentations" in pdf.Root.Names:
        yield "alternate presentations"
    for page in pdf.pages:
        if "/PresSteps" in page.obj:
            yield "presentation steps"
    if "/OCProperties" in pdf.Root:
        yield "optional content, which no paper needs"


def streams(pdf: Pdf, raw: bytes) -> Iterator[str]:
    for each in pdf.objects:
        if isinstance(each, Stream):
            for key in ("/F", "/FFilter", "/FDecodeParms"):
                if key in each:
                    yield f"a stream kept elsewhere ({key})"
            filters = each.get("/Filter", Array([]))
            for name in filters if isinstance(filters, Array) else [filters]:
                if str(name) not in FILTERS:
                    yield f"filter {name}"
    if re.search(rb">>\s*stream(?!\r?\n)", raw):
        yield "a stream does not begin on a line of its own"
    if re.search(rb"[^\r\n]endstream\s+endobj", raw):
        yield "the end of a stream is not on a line of its own"


def limits(pdf: Pdf, raw: bytes) -> Iterator[str]:
    del raw
    for each in everything(pdf):
        if isinstance(each, int) and not -(2**31) <= each < 2**31:
            yield f"integer {each}"
        elif isinstance(each, pikepdf.String) and len(bytes(each)) > 32767:
            yield "a string of more than 32767 bytes"
        elif isinstance(each, Name) and len(str(each).encode()) > 128:  # with its stroke
            yield f"name {each}"
    if len(pdf.objects) > 8388607:
        yield "too many objects"
    for page in pdf.pages:
        left, bottom, right, top = (float(side) for side in page.mediabox)
        if not (3 <= right - left <= 14400 and 3 <= top - bottom <= 14400):
            yield f"page of {right - left} × {top - bottom}"


def output_intent(pdf: Pdf, raw: bytes) -> Iterator[str]:
    del raw
    intents = [each for each in pdf.Root.get("/OutputIntents", []) if each.S == Name.GTS_PDFA1]
    if len(intents) != 1:
        yield f"{len(intents)} output intents for PDF/A"
        return
    profile = intents[0].get("/DestOutputProfile")
    if profile is None:
        yield "no profile of colours"
        return
    content = profile.read_bytes()
    kind, space, version = content[12:16], content[16:20], content[8]
    if content[36:40] != b"acsp" or int.from_bytes(content[:4], "big") != len(content):
        yield "the profile is no ICC profile"
    if kind not in (b"prtr", b"mntr") or space != b"RGB " or version >= 5 or profile.N != 3:
        yield f"profile of kind {kind!r}, space {space!r}, version {version}"


def actions(pdf: Pdf, raw: bytes) -> Iterator[str]:
    del raw
    for each in everything(pdf):
        if isinstance(each, Dictionary):
            if "/AA" in each:
                yield "additional actions"
            kind = each.get("/S") if each.get("/Type") in (None, Name.Action) else None
            if "/JS" in each or ("/URI" not in each and str(kind) in ("/Launch", "/ImportData")):
                yield f"action {kind}"
            if each.get("/Type") == Name.Action and str(kind) not in ACTIONS:
                yield f"action {kind}"
    names = pdf.Root.get("/Names", Dictionary())
    if "/JavaScript" in names or isinstance(pdf.Root.get("/OpenAction"), Dictionary):
        yield "something runs when the file is opened"


def metadata(pdf: Pdf, raw: bytes) -> Iterator[str]:
    del raw
    stream = pdf.Root.get("/Metadata")
    if not isinstance(stream, Stream):
        yield "no metadata"
        return
    text = stream.read_bytes().decode("utf-8")
    head = text.split("?>")[0]
    if "W5M0MpCehiHzreSzNTczkc9d" not in head or "bytes=" in head or "encoding=" in head:
        yield f"packet header {head}"
    root = ElementTree.fromstring(text)
    said = dict(_said(root))
    for name, wanted in (("pdfaid:part", "3"), ("pdfaid:conformance", "U")):
        if said.pop(name, None) != wanted:
            yield f"{name} is not {wanted}"
    for name in said:
        if name.partition(":")[0] not in SPACES:
            yield f"{name} is in no schema that is predefined"
    yield from _unlike(pdf.docinfo, said)


def _said(root: ElementTree.Element) -> Iterator[tuple[str, str]]:
    """The properties of the packet, by prefixed names, and their texts."""
    prefixes = {uri: prefix for prefix, uri in SPACES.items()}
    for description in root.iter(f"{{{SPACES['rdf']}}}Description"):
        found = [*description.attrib.items()]
        found += [(child.tag, "".join(child.itertext()).strip()) for child in description]
        for name, text in found:
            uri, _, local = name[1:].partition("}")
            if uri != SPACES["rdf"]:
                yield f"{prefixes.get(uri, uri)}:{local}", text


def _unlike(info: Dictionary, said: dict[str, str]) -> Iterator[str]:
    """What the file's properties and its metadata say differently (6.6.3)."""
    pairs = {"/Title": "dc:title", "/Author": "dc:creator", "/Producer": "pdf:Producer"}
    for key, name in pairs.items():
        if str(info.get(key, "")) != said.get(name, ""):
            yield f"{key} and {name} differ"
    for key, name in {"/CreationDate": "xmp:CreateDate", "/ModDate": "xmp:ModifyDate"}.items():
        digits = re.sub(r"\D", "", str(info.get(key, "")))
        if not digits or digits != re.sub(r"\D", "", said.get(name, "")):
            yield f"{key} and {name} differ"
