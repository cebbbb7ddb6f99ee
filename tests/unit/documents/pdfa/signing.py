"""Annotations, form fields and signatures: what a reader shows on top of the pages."""

import re
from collections.abc import Iterator

from asn1crypto import cms
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from unit.documents.pdfa.outline import everything

SHOWN = {"/Link", "/Widget", "/Text", "/FreeText", "/Stamp", "/Popup"}
"""Those of the permitted ones that a paper could have a use for."""
INVISIBLE, HIDDEN, PRINT, NO_VIEW, TOGGLE = 1, 2, 4, 32, 256


def annotations(pdf: Pdf, raw: bytes) -> Iterator[str]:
    del raw
    for page in pdf.pages:
        for each in page.obj.get("/Annots", Array([])):
            kind = str(each.get("/Subtype"))
            if kind not in SHOWN:
                yield f"annotation {kind}"
            flags = int(each.get("/F", 0))
            if not flags & PRINT or flags & (INVISIBLE | HIDDEN | NO_VIEW | TOGGLE):
                yield f"annotation {kind} with flags {flags} does not print as shown"
            left, bottom, right, top = (float(side) for side in each.Rect)
            if (right - left or top - bottom) and kind not in ("/Link", "/Popup"):
                yield from _appearance(each)


def _appearance(annotation: Dictionary) -> Iterator[str]:
    appearance = annotation.get("/AP")
    if appearance is None:
        yield "an annotation without an appearance"
    elif set(appearance.keys()) != {"/N"} or not isinstance(appearance.N, Stream):
        yield "an annotation with other than one appearance"


def forms(pdf: Pdf, raw: bytes) -> Iterator[str]:
    form = pdf.Root.get("/AcroForm")
    if form is None:
        return
    if form.get("/NeedAppearances", False):
        yield "readers have to draw the fields"
    if "/XFA" in form:
        yield "XFA"
    for field in form.get("/Fields", Array([])):
        if "/A" in field or "/AA" in field:
            yield "a field with an action"
        if field.get("/FT") == Name.Sig and "/V" in field:
            yield from _signature(field.V, raw)
    yield from _permissions(pdf)


def _signature(signature: Dictionary, raw: bytes) -> Iterator[str]:
    begin, length, resume, rest = (int(each) for each in signature.ByteRange)
    if begin != 0 or resume + rest != len(raw):
        yield "the signature does not cover the whole file"
    if not re.fullmatch(rb"<[0-9A-Fa-f]*>", raw[length:resume]):
        yield "the signature leaves out more than itself"
    content = cms.ContentInfo.load(bytes(signature.Contents))["content"]
    if len(content["signer_infos"]) != 1 or not content["certificates"]:
        yield "not one signer with its certificate"


def _permissions(pdf: Pdf) -> Iterator[str]:
    permissions = pdf.Root.get("/Perms", Dictionary())
    if set(permissions.keys()) - {"/UR3", "/DocMDP"}:
        yield "permissions of an unknown kind"
    for each in everything(pdf):
        if _is_reference(each) and "/DocMDP" in permissions:
            for key in ("/DigestLocation", "/DigestMethod", "/DigestValue"):
                if key in each:
                    yield f"{key} in the reference of a signature"


def _is_reference(each: Object) -> bool:
    return isinstance(each, Dictionary) and each.get("/Type") == Name.SigRef
