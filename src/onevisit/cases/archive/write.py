"""Puts an archive on disk, whole or not at all: a folder, or a ZIP file with the same in it."""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from onevisit.cases.archive import verify
from onevisit.cases.archive.collect import Record
from onevisit.cases.archive.contents import Contents, Paper, Papers, Sources, contents
from onevisit.cases.archive.names import safe_name
from onevisit.cases.archive.page import page
from onevisit.cases.archive.piece import Piece
from onevisit.cases.archive.titles import titles
from onevisit.store.files import Stored

__all__ = ["AlreadyThere", "Paper", "Papers", "Sources", "write"]

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file in a ZIP archive: what was exported twice is the same twice."""
CHUNK = 1 << 20
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600


class AlreadyThere(Exception):
    """There is an archive of that name already; it is never written over."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} 已经存在，没有改动它；请换一个目录，或者先移走它")
        self.path = path


class Sink(Protocol):
    """Where the files of an archive go."""

    def put(self, path: str, size: int, chunks: Iterator[bytes]) -> None:
        """Write one file, below the archive."""

    def close(self) -> None:
        """Nothing more comes."""


def write(
    record: Record,
    papers: Papers,
    sources: Sources,
    recipient: str,
    out: Path,
    *,
    zipped: bool = False,
) -> Path:
    """Write the archive below `out` and return its path; AlreadyThere rather than write over one.

    Only its owner may read it. The same record gives the same bytes.
    """
    name = safe_name("办件档案", record.number)
    target = out / (f"{name}.zip" if zipped else name)
    if target.exists():
        raise AlreadyThere(target)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".") as work:
        partial = Path(work) / target.name
        sink = _Zip(partial, name) if zipped else _Folder(partial)
        _fill(sink, record, contents(record, papers, sources), recipient, sources.templates)
        sink.close()
        partial.rename(target)
    return target


def _fill(sink: Sink, record: Record, found: Contents, recipient: str, templates: Path) -> None:
    listed: dict[str, Any] = {}
    for piece in found.pieces:
        listed[piece.path] = _put(sink, piece)
    read = page(record, found, listed, recipient, templates)
    listed["index.html"] = _put(sink, Piece("index.html", "卷内目录，供人阅读和打印", read))
    told = verify.written(_index(record, found, listed, recipient))
    _put(sink, Piece(verify.INDEX, "卷内目录，供程序核验", told))


def _index(
    record: Record, found: Contents, listed: dict[str, Any], recipient: str
) -> dict[str, Any]:
    case = record.dossier.case
    index = {
        "format": verify.FORMAT,
        "case": {
            "id": str(case.id),
            "number": case.number,
            "workflow": case.workflow_id,
            "service": record.dossier.definition.workflow.title,
            "state": case.state,
            "applicant": record.dossier.applicant.name,
        },
        "recipient": recipient,
        "personal_data": True,
        "chains": titles(record),
        "people": record.people,
        "definitions": found.definitions,
        "material": found.material,
        "documents": found.documents,
        "files": listed,
    }
    return {**index, "seal": verify.digest(index)}


def _put(sink: Sink, piece: Piece) -> dict[str, Any]:
    """Write a piece; what the index says of it."""
    content = piece.content
    size = _size(content)
    sha256, count = hashlib.sha256(), 0

    def watched() -> Iterator[bytes]:
        nonlocal count
        for chunk in _chunks(content):
            sha256.update(chunk)
            count += len(chunk)
            yield chunk

    sink.put(piece.path, size, watched())
    return {"sha256": sha256.hexdigest(), "size": count, "what": piece.what}


def _size(content: bytes | Path | Stored) -> int:
    if isinstance(content, bytes):
        return len(content)
    return content.size() if isinstance(content, Stored) else content.stat().st_size


def _chunks(content: bytes | Path | Stored) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    if isinstance(content, Stored):
        yield from content.chunks()
        return
    with content.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


class _Folder:
    """A folder that only its owner opens."""

    def __init__(self, root: Path) -> None:
        root.mkdir(mode=PRIVATE_FOLDER)
        self.root = root

    def put(self, path: str, _: int, chunks: Iterator[bytes]) -> None:
        target = self.root
        *folders, name = path.split("/")
        for folder in folders:
            target /= folder
            target.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        opened = os.open(target / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with open(opened, "wb") as file:  # noqa: PTH123 -- of a descriptor
            file.writelines(chunks)

    def close(self) -> None:
        """Every file is closed already."""


class _Zip:
    """A ZIP file with one folder in it, stored and not squeezed: same bytes on every machine."""

    def __init__(self, path: Path, folder: str) -> None:
        path.touch(mode=PRIVATE_FILE, exist_ok=False)
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_STORED)
        self._folder = folder

    def put(self, path: str, size: int, chunks: Iterator[bytes]) -> None:
        info = zipfile.ZipInfo(f"{self._folder}/{path}", EPOCH)
        info.create_system, info.external_attr = 3, (0o100000 | PRIVATE_FILE) << 16
        info.file_size = size
        with self._zip.open(info, "w") as file:
            for chunk in chunks:
                file.write(chunk)

    def close(self) -> None:
        self._zip.close()
