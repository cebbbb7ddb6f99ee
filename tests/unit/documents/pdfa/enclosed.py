"""The files inside the file: what each is, how it belongs to the paper, and from when."""

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime

from pikepdf import Array, Dictionary, Name, Pdf, String

from unit.documents.pdfa.outline import everything


def files(pdf: Pdf, raw: bytes) -> Iterator[str]:
    del raw
    named = pdf.Root.get("/Names", Dictionary()).get("/EmbeddedFiles", Dictionary())
    names = list(named.get("/Names", Array([])))
    listed = [each.objgen for each in names[1::2]]
    associated = {each.objgen for each in pdf.Root.get("/AF", Array([]))}
    specifications = [
        each for each in everything(pdf) if isinstance(each, Dictionary) and "/EF" in each
    ]
    for each in specifications:
        if each.objgen not in listed:
            yield "a file in no list of files"
        if each.objgen not in associated:
            yield "a file that is associated with nothing (/AF)"
        yield from _specification(each)
    if not specifications:
        yield "no file inside"


def _specification(each: Dictionary) -> Iterator[str]:
    if not isinstance(each.get("/F"), String) or not isinstance(each.get("/UF"), String):
        yield "a file without its name (/F and /UF)"
    if each.get("/AFRelationship") not in (Name.Data, Name.Source):
        yield "a file that does not say how it belongs to the paper"
    stream = each.EF.F
    if not re.fullmatch(r"/[-\w+.]+/[-\w+.]+", str(stream.get("/Subtype", ""))):
        yield "a file without its media type"
    params = stream.get("/Params", Dictionary())
    content = stream.read_bytes()
    if params.get("/Size") != len(content):
        yield "a file of another size than it says"
    if bytes(params.get("/CheckSum", String(""))) != hashlib.md5(content).digest():
        yield "a file of another checksum than it says"
    try:
        datetime.strptime(str(params.get("/ModDate", "")), "D:%Y%m%d%H%M%SZ")  # noqa: DTZ007
    except ValueError:
        yield "a file without the moment it is of"
