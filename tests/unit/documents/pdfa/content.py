"""What is drawn: only defined operators, colours with a meaning, pictures that are not smoothed."""

from collections.abc import Iterator
from typing import NamedTuple

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

DEFINED = """
b B b* B* BDC BI BMC BT BX c cm CS cs d d0 d1 Do DP EI EMC ET EX f F f* G g gs h i ID j J K k
l m M MP n q Q re RG rg ri s S SC sc SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W
W* y ' " INLINE
"""
OPERATORS = set(DEFINED.split())
"""ISO 32000-1:2008, Annex A; INLINE stands for a whole picture in the stream."""
MODES = """
/Normal /Compatible /Multiply /Screen /Overlay /Darken /Lighten /ColorDodge /ColorBurn
/HardLight /SoftLight /Difference /Exclusion /Hue /Saturation /Color /Luminosity
"""
BLENDS = set(MODES.split())
INTENTS = {"/RelativeColorimetric", "/AbsoluteColorimetric", "/Perceptual", "/Saturation"}
NEEDED = {"gs": "/ExtGState", "Do": "/XObject", "Tf": "/Font", "sh": "/Shading"}
PLAIN = {"/DeviceGray", "/DeviceRGB", "/Pattern"}


class Drawing(NamedTuple):
    """A content stream with its own resources, as drawn on a page or inside another."""

    source: Object
    resources: Dictionary

    def steps(self) -> list[tuple[list[Object], str]]:
        """Each operator with what stands before it."""
        return [
            (list(step.operands), str(step.operator))
            if isinstance(step, pikepdf.ContentStreamInstruction)
            else ([], "INLINE")
            for step in pikepdf.parse_content_stream(self.source)
        ]


def drawings(pdf: Pdf) -> Iterator[Drawing]:
    """The pages, and all forms and patterns anywhere in the file."""
    for page in pdf.pages:
        yield Drawing(page.obj, page.obj.get("/Resources", Dictionary()))
    for each in pdf.objects:
        if isinstance(each, Stream) and (
            each.get("/Subtype") == Name.Form or each.get("/PatternType") == 1
        ):
            yield Drawing(each, each.get("/Resources", Dictionary()))


def operators(pdf: Pdf, raw: bytes) -> Iterator[str]:
    del raw
    for drawing in drawings(pdf):
        depth = deepest = 0
        for operands, operator in drawing.steps():
            if operator not in OPERATORS:
                yield f"operator {operator}"
            depth += {"q": 1, "Q": -1}.get(operator, 0)
            deepest = max(deepest, depth)
            if operator in NEEDED:
                found = drawing.resources.get(NEEDED[operator], Dictionary())
                if str(operands[0]) not in found:
                    yield f"{operands[0]} is not among the stream's own resources"
            if operator in ("k", "K"):
                yield "a colour of CMYK, for which the file has no profile"
            if operator in ("cs", "CS") and str(operands[0]) not in PLAIN:
                spaces = drawing.resources.get("/ColorSpace", Dictionary())
                if str(operands[0]) not in spaces:
                    yield f"colour space {operands[0]} is not among the stream's own resources"
            if operator == "ri" and str(operands[0]) not in INTENTS:
                yield f"rendering intent {operands[0]}"
        if deepest > 28 or depth:
            yield f"q and Q nested {deepest} deep, {depth} left open"


def graphics(pdf: Pdf, raw: bytes) -> Iterator[str]:
    del raw
    for each in pdf.objects:
        if isinstance(each, Stream) and each.get("/Subtype") == Name.Form:
            for key in ("/OPI", "/PS", "/Ref"):
                if key in each:
                    yield f"form with {key}"
        if isinstance(each, Stream) and each.get("/Subtype") == Name.PS:
            yield "PostScript"
    for drawing in drawings(pdf):
        for state in drawing.resources.get("/ExtGState", Dictionary()).values():
            yield from _state(state)
        for space in drawing.resources.get("/ColorSpace", Dictionary()).values():
            if isinstance(space, Array) and str(space[0]) not in ("/Lab", "/ICCBased", "/Indexed"):
                yield f"colour space {space[0]}"


def _state(state: Dictionary) -> Iterator[str]:
    for key in ("/TR", "/HTP"):
        if key in state:
            yield f"graphics state with {key}"
    if state.get("/TR2", Name.Default) != Name.Default:
        yield "graphics state with /TR2"
    blends = state.get("/BM", Name.Normal)
    for blend in blends if isinstance(blends, Array) else [blends]:
        if str(blend) not in BLENDS:
            yield f"blend mode {blend}"


def images(pdf: Pdf, raw: bytes) -> Iterator[str]:
    del raw
    for each in pdf.objects:
        if isinstance(each, Stream) and each.get("/Subtype") == Name.Image:
            for key in ("/Alternates", "/OPI"):
                if key in each:
                    yield f"picture with {key}"
            if each.get("/Interpolate", False):
                yield "a picture that readers would smooth"
            if each.get("/BitsPerComponent", 8) not in (1, 2, 4, 8, 16):
                yield f"picture of {each.BitsPerComponent} bits"
            space = each.get("/ColorSpace", Name.DeviceGray)
            if "CMYK" in str(space if isinstance(space, Name) else space[0]):
                yield "a picture in CMYK, for which the file has no profile"
