"""What is different about a paper that was changed: in the words that stand on its pages."""

import io
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from pypdf import PdfReader

from onevisit.documents.format import cn_date

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # a stranger's bad file is no fault of ours
SHOWN = 12
"""So many differences are told; a wholly different paper would fill pages."""
CONTEXT = 6
"""Characters around a difference, so that it is found on the page."""
LONGEST = 200_000
"""Characters of one paper that are compared."""


def words(pdf: bytes) -> list[str]:
    """The text of each page without spaces; [] when the file cannot be read."""
    try:
        pages = PdfReader(io.BytesIO(pdf)).pages
        found = [re.sub(r"\s+", "", page.extract_text()) for page in pages]
    except Exception:  # a hostile file makes the library raise anything
        return []
    return found if sum(map(len, found)) <= LONGEST else []


def differences(before: bytes, after: bytes, *, reveal: bool = True) -> list[str]:
    """Sentences that say where the words of two versions of a paper differ; [] when they do not.

    Unless `reveal`, only what the second one says, for who may not see the first.
    """
    old, new = words(before), words(after)
    if len(old) != len(new):
        return [f"原件 {len(old)} 页，这份文件 {len(new)} 页"]
    found = []
    for number, (was, now) in enumerate(zip(old, new, strict=True), 1):
        found += [f"第 {number} 页：{each}" for each in _page(was, now, reveal)]
    return found[:SHOWN]


def not_shown(data: Mapping[str, Any], pdf: bytes) -> list[str]:
    """Which of the values that a paper carries as data cannot be read on its pages."""
    text = "".join(words(pdf))
    return [
        f"页面上没有找到{label}“{value}”"
        for label, value in _values(data)
        if re.sub(r"\s+", "", value) not in text
    ][:SHOWN]


def _page(was: str, now: str, reveal: bool) -> Iterator[str]:
    matcher = SequenceMatcher(None, was, now, autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal":
            continue
        before = now[max(0, j1 - CONTEXT) : j1]
        old, new = was[i1:i2] or "（无）", now[j1:j2] or "（无）"
        if reveal:
            yield f"“{before}”之后，原件为“{old}”，这份文件为“{new}”"
        elif j1 < j2:
            yield f"“{before}”之后的“{new}”与原件不同"
        else:
            yield f"“{before}”之后缺少原件上的内容"


def _values(data: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """Labels and values that certainly stand on the paper, since every template prints them."""
    certificate = data.get("certificate")
    if not isinstance(certificate, Mapping):
        named = (("标题", data.get("title")), ("编号", data.get("number")))
        return [(label, str(value)) for label, value in named if value]
    found = [
        ("证照名称", certificate.get("title")),
        ("证照编号", certificate.get("number")),
        ("持证主体", certificate.get("holder")),
    ]
    fields = certificate.get("fields") or []
    found += [(each.get("label"), each.get("value")) for each in fields]
    for label, name in (("起始日期", "valid_from"), ("截止日期", "valid_until")):
        day = certificate.get(name)
        found.append((label, cn_date(day) if day else None))
    return [(str(label), str(value)) for label, value in found if value]
