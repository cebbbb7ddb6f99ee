"""The process that reads the pages of strangers' files and compares their words; it limits itself,
since a small file can ask for any amount of time and memory.

Started by changes.py as a script, so that it needs no more than pypdf: a line of JSON and the files
on standard input, sentences as JSON on standard output, nothing when the pages cannot be read.
"""

import io
import json
import logging
import re
import resource
import sys
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

MEMORY = 1024 * 1024 * 1024
"""Bytes of address space."""
SECONDS = 5
"""Of a processor; our own papers take a tenth of one."""
SHOWN = 12
"""So many differences are told; a wholly different paper would fill pages."""
CONTEXT = 6
"""Characters around a difference, so that it is found on the page."""


def main() -> None:
    """Do the one job on standard input."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    logging.disable()
    job = json.loads(sys.stdin.buffer.readline())
    files = [sys.stdin.buffer.read(size) for size in job["sizes"]]
    if len(files) == 2:
        told = differences(words(files[0]), words(files[1]), reveal=job["reveal"])
    else:
        told = not_shown(job["values"], words(files[0]))
    json.dump(told, sys.stdout)


def words(pdf: bytes) -> list[str]:
    """The text of each page without spaces."""
    from pypdf import PdfReader  # noqa: PLC0415 -- within the limit of memory

    return [re.sub(r"\s+", "", page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]


def differences(old: Sequence[str], new: Sequence[str], *, reveal: bool) -> list[str]:
    """Where two papers' pages differ, in sentences."""
    if len(old) != len(new):
        return [f"原件 {len(old)} 页，这份文件 {len(new)} 页"]
    found = []
    for number, (was, now) in enumerate(zip(old, new, strict=True), 1):
        found += [f"第 {number} 页：{each}" for each in _page(was, now, reveal)]
    return found[:SHOWN]


def not_shown(values: Sequence[tuple[str, str]], pages: Sequence[str]) -> list[str]:
    """Which labelled values cannot be read on the pages."""
    text = "".join(pages)
    return [
        f"页面上没有找到{label}“{value}”"
        for label, value in values
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


if __name__ == "__main__":
    main()
