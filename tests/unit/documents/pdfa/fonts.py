"""Type: every font is inside the file, as wide as it says, and every letter can be read."""

import re
from collections import defaultdict
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from fontTools.ttLib import TTFont
from pikepdf import Array, Dictionary, Name, Object, Pdf, String

from unit.documents.pdfa.content import drawings

BLANK = {"\x00", "\ufeff", "\ufffe"}
Used = dict[tuple[int, int], set[int]]
"""The codes shown in each font, by the number of its object."""


def embedded(pdf: Pdf, raw: bytes) -> Iterator[str]:
    del raw
    used = _used(pdf)
    for number, codes in used.items():
        font = pdf.get_object(number)
        name = str(font.get("/BaseFont"))
        if font.Subtype != Name.Type0 or font.Encoding != Name("/Identity-H"):
            yield f"{name} is a {font.Subtype} in {font.get('/Encoding')}"
            continue
        below = font.DescendantFonts[0]
        if below.BaseFont != font.BaseFont or not re.fullmatch(r"/[A-Z]{6}\+.+", name):
            yield f"{name} is no name of a subset"
        if below.Subtype == Name.CIDFontType2 and "/CIDToGIDMap" not in below:
            yield f"{name} does not say which code is which glyph"
        program = below.FontDescriptor.get("/FontFile3", below.FontDescriptor.get("/FontFile2"))
        if program is None:
            yield f"{name} is not embedded"
            continue
        if "/FontFile3" in below.FontDescriptor and program.Subtype != Name.OpenType:
            yield f"{name} is a {program.Subtype}"
        yield from _glyphs(name, TTFont(BytesIO(program.read_bytes()), lazy=True), below, codes)


def _glyphs(name: str, program: TTFont, below: Dictionary, codes: set[int]) -> Iterator[str]:
    """Each code that is shown has a glyph under its number, as wide as the file says (6.2.11.5)."""
    if "CFF " in program:
        charset = program["CFF "].cff.topDictIndex[0].charset
        order = {glyph: number for number, glyph in enumerate(charset)}
        glyphs = {code: order.get(f"cid{code:05d}") for code in codes}
    else:
        glyphs = {code: code if code < program["maxp"].numGlyphs else None for code in codes}
    widths = _widths(below)
    unit = 1000 / program["head"].unitsPerEm
    advances = list(program["hmtx"].metrics.values()) if "hmtx" in program else []
    for code, glyph in glyphs.items():
        if glyph is None or glyph >= len(advances):
            yield f"{name} has no glyph {code}"
        elif abs(widths.get(code, float(below.get("/DW", 1000))) - advances[glyph][0] * unit) > 1:
            yield f"{name} has glyph {code} in another width than the file says"


def _widths(below: Dictionary) -> dict[int, float]:
    """The /W array of a font: number, list of widths; or first, last, width."""
    found: dict[int, float] = {}
    entries: list[Any] = list(below.get("/W", Array([])))
    while entries:
        first, second, *entries = entries
        if isinstance(second, Array):
            found |= {int(first) + at: float(width) for at, width in enumerate(second)}
        else:
            width, *entries = entries
            found |= dict.fromkeys(range(int(first), int(second) + 1), float(width))
    return found


def characters(pdf: Pdf, raw: bytes) -> Iterator[str]:
    """Every code shown has its letters, and none is the glyph for what is missing (6.2.11.8)."""
    del raw
    for number, codes in _used(pdf).items():
        font = pdf.get_object(number)
        if "/ToUnicode" not in font:
            yield f"{font.BaseFont} cannot be read out"
            continue
        letters = _letters(font.ToUnicode.read_bytes().decode("latin-1"))
        for code in codes:
            if code == 0:
                yield f"{font.BaseFont} shows the glyph for what is missing"
            elif not letters.get(code) or set(letters[code]) & BLANK:
                yield f"{font.BaseFont} shows {code}, of which no letter is known"


def _letters(cmap: str) -> dict[int, str]:
    """What a ToUnicode map says (ISO 32000-1, 9.10.3)."""
    found = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for code, text in re.findall(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>", block):
            found[int(code, 16)] = bytes.fromhex(text).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", cmap, re.DOTALL):
        for line in re.findall(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>", block):
            first, last, start = (int(each, 16) for each in line)
            found |= {code: chr(start + code - first) for code in range(first, last + 1)}
    return found


def _used(pdf: Pdf) -> Used:
    used: Used = defaultdict(set)
    for drawing in drawings(pdf):
        fonts = drawing.resources.get("/Font", Dictionary())
        current: list[Object | None] = [None]
        for operands, operator in drawing.steps():
            if operator == "q":
                current.append(current[-1])
            elif operator == "Q":
                current.pop()
            elif operator == "Tf":
                current[-1] = fonts.get(str(operands[0]))
            elif operator in ("Tj", "TJ", "'", '"') and current[-1] is not None:
                used[current[-1].objgen] |= set(_codes(operands[-1]))
    return used


def _codes(shown: Object) -> Iterator[int]:
    for each in shown if isinstance(shown, Array) else [shown]:
        if isinstance(each, String):
            content = bytes(each)
            yield from (
                int.from_bytes(content[at : at + 2], "big") for at in range(0, len(content), 2)
            )
