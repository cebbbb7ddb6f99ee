"""The process that opens what strangers hand in and says what is in it: it limits itself, and
needs no more than the libraries that read the file. Started by inspection.py as a script.

A job is the path and the kind of a file; the answer is one word for what is wrong with it (a key of
`inspection.WORDS`), or null.
"""

import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO, Any

MEMORY = 1024 * 1024**2
"""Bytes of address space."""
SECONDS = 10
"""Of a processor for one file."""
PAGES = 1000
OBJECTS = 400_000
ENTRIES = 4000
UNPACKED = 300 * 1024**2
"""Bytes of everything in an archive together."""
RATIO = 200
"""Times that an entry may be larger than what is stored of it; text packs about tenfold."""
SMALL = 1024**2
"""Bytes of an entry below which its ratio says nothing."""
CHUNK = 1024**2
ATTACHED = 16 * 1024**2

ACTIONS = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/Rendition", "/Movie"}
)
"""Action types (ISO 32000-1, 12.6.4) that run, send, start or play something."""
LOUD = re.compile(rb"/(?:JavaScript|Launch|RichMedia)(?![A-Za-z0-9])")
"""Names that stand in the bytes even where no table of the file leads to them."""
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")
ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\xd0\xcf\x11\xe0")
NOT_IN_OFD = frozenset(
    {
        ".7z", ".bat", ".class", ".cmd", ".com", ".dll", ".docm", ".exe", ".gz", ".hta", ".htm",
        ".html", ".jar", ".js", ".jse", ".lnk", ".msi", ".ofd", ".ps1", ".rar", ".scr", ".sh",
        ".svg", ".swf", ".tar", ".vbs", ".wsf", ".xhtml", ".xlsm", ".zip",
    }
)  # fmt: skip


class Found(Exception):
    """What is wrong with the file, in one word."""


def main(jobs: IO[bytes], answers: IO[bytes]) -> None:
    """Look into whatever comes until nothing comes any more."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    for line in jobs:
        used = resource.getrusage(resource.RUSAGE_SELF)
        until = int(used.ru_utime + used.ru_stime) + SECONDS + 1
        resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
        path, kind = json.loads(line)
        answers.write(json.dumps(wrong(path, kind)).encode() + b"\n")
        answers.flush()


def wrong(path: str, kind: str) -> str | None:
    """One word for what is wrong with a file of this kind; None when nothing is."""
    try:
        (_look_into_pdf if kind == "application/pdf" else _look_into_ofd)(path)
    except Found as found:
        return str(found)
    except (MemoryError, RecursionError):
        return "heavy"
    except Exception:  # whatever a stranger's file brings about: it cannot be opened
        return "broken"
    return None


def _look_into_pdf(path: str) -> None:
    from pypdf import PdfReader  # noqa: PLC0415 -- within the limit of memory

    if zipfile.is_zipfile(path):
        raise Found("two_kinds")
    reader = PdfReader(path, strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise Found("locked")
    count = len(reader.pages)
    if not 1 <= count <= PAGES:
        raise Found("pages" if count else "broken")
    _ = reader.pages[0].mediabox  # a page that is none
    for each in _objects(reader):
        _look_at(each)
    _listen(Path(path).read_bytes())


def _listen(data: bytes) -> None:
    """Raises Found where a name of what acts stands in the bytes, however it is written."""
    if LOUD.search(ESCAPED.sub(lambda hexed: bytes([int(hexed[1], 16)]), data)):
        raise Found("active")


def _objects(reader: Any) -> Iterator[Any]:
    """Every object of the file, reachable or not. One that cannot be read is passed over where it
    stands in the open, as its names are looked for there; packed with others it hides something."""
    from pypdf.generic import IndirectObject  # noqa: PLC0415

    numbers = {(number, generation) for generation, some in reader.xref.items() for number in some}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    if len(numbers) > OBJECTS:
        raise Found("heavy")
    yield reader.trailer
    for number, generation in sorted(numbers):
        try:
            yield IndirectObject(number, generation, reader).get_object()
        except (MemoryError, RecursionError):
            raise
        except Exception as error:
            if number in reader.xref_objStm:
                raise Found("broken") from error


def _look_at(thing: Any) -> None:
    """Raises Found for what acts by itself or hides another file, in this object."""
    waiting = [thing]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Mapping):
            _check(each)
            waiting.extend(each.values() if not hasattr(each, "raw_get") else _raw(each))
        elif isinstance(each, list):
            waiting.extend(list.__iter__(each))


def _raw(each: Any) -> Iterator[Any]:
    """The values as they stand: what is referred to is an object of its own."""
    return (each.raw_get(key) for key in each)


def _check(each: Any) -> None:
    if "/JS" in each or "/XFA" in each or each.get("/S") in ACTIONS:
        raise Found("active")
    if each.get("/Subtype") in ("/RichMedia", "/3D", "/Movie", "/Screen", "/Sound"):
        raise Found("active")
    if each.get("/Type") == "/ObjStm":
        _listen(each.get_data())  # also what no table of the file leads to, or nobody can read
    if "/EF" in each:
        for stream in each["/EF"].values():
            _check_attached(stream.get_object().get_data()[:ATTACHED])


def _check_attached(data: bytes) -> None:
    """Data beside an invoice or one of our own papers is text; anything else hides in there."""
    try:
        text = data.decode("utf-8-sig").lstrip().lower()
    except UnicodeDecodeError:
        raise Found("attached") from None
    if "\0" in text or not text.startswith(("{", "[", "<")) or _is_page(text):
        raise Found("attached")


def _is_page(text: str) -> bool:
    return any(mark in text for mark in ("<html", "<script", "<svg", "<!doctype", "<!entity"))


def _look_into_ofd(path: str) -> None:
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        if len(entries) > ENTRIES or sum(each.file_size for each in entries) > UNPACKED:
            raise Found("bomb")
        if len({each.filename.lower() for each in entries}) < len(entries):
            raise Found("broken")
        for each in entries:
            _check_name(each.filename)
            if each.flag_bits & 1:
                raise Found("locked")
            if each.file_size > max(SMALL, RATIO * each.compress_size):
                raise Found("bomb")
        left = UNPACKED
        for each in entries:
            left -= _check_content(archive, each, left)
        _check_root(archive)


def _check_name(name: str) -> None:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in name or "\0" in name:
        raise Found("names")
    if path.suffix.lower() in NOT_IN_OFD:
        raise Found("attached")


def _check_content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> int:
    """Read it whole, which also holds it against its checksum; how many bytes it has."""
    size, head = 0, b""
    text = entry.filename.lower().endswith(".xml")
    with archive.open(entry) as stream:
        while chunk := stream.read(CHUNK):
            head = head or chunk[:CHUNK]
            size += len(chunk)
            if size > left:
                raise Found("bomb")
            if text and (b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk):
                raise Found("active")
    if head.startswith(PROGRAMS) or head.startswith(ARCHIVES):
        raise Found("attached")
    return size


def _check_root(archive: zipfile.ZipFile) -> None:
    """GB/T 33190-2016 section 7.2: OFD.xml at the top is the entrance."""
    if b"OFD" not in archive.read("OFD.xml")[:CHUNK]:
        raise Found("broken")


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
