"""The files of a backup and their sums: what is torn or altered is known before anything of it is
used.

`SHA256SUMS` has a line for each file, as sha256sum(1) checks them; `manifest.json` tells what the
backup is and holds the sum of that list; `COMPLETE`, written last of all, holds the sum of the
manifest. A backup without it was cut off.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO

from onevisit.store.shelves import Shelf

SUMS, MANIFEST, COMPLETE = "SHA256SUMS", "manifest.json", "COMPLETE"
FILES, CHECKPOINTS = "files", "checkpoints"
CHUNK = 1024 * 1024
FORMAT = 1


class Torn(Exception):
    """备份不完整或者被改动，没有用它恢复任何内容。"""


@dataclass(frozen=True)
class Manifest:
    """What a backup is: when it was made (ISO 8601), by which release, of which kind of database at
    which migration, how many files of how many bytes; the names of the keys without which it cannot
    be read; the number of its newest checkpoint; files that were missing already; and the sum of
    the list of sums."""

    made_at: str
    program: str
    database: str
    revision: str
    files: int
    bytes: int
    keys: tuple[str, ...]
    checkpoint: int
    missing: tuple[str, ...] = ()
    sums: str = ""
    format: int = FORMAT


@dataclass
class Writing:
    """A backup in the making, in the folder `target`."""

    target: Path
    files: int = 0
    bytes: int = 0
    _have: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """An empty folder that nobody else may read."""
        self.target.mkdir(parents=True, mode=0o700)

    def copy_store(self, shelf: Shelf) -> None:
        """All stored files that are not there yet, sealed as they lie; one that vanishes was
        removed with its row."""
        for name in shelf.names():
            with suppress(FileNotFoundError):
                self.copy(partial(shelf.open, name), f"{FILES}/{name}")

    def copy_file(self, source: Path, name: str) -> None:
        """Copy a file of this machine under this name, once."""
        self.copy(lambda: source.open("rb"), name)

    def copy(self, opened: Callable[[], BinaryIO], name: str) -> None:
        """Copy what `opened` opens under this name, once."""
        target = self.target / name
        if target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with opened() as file, target.open("xb") as copied:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                copied.write(chunk)
                size += len(chunk)
        self._sum(digest.hexdigest(), name, size)

    def add(self, name: str) -> None:
        """A file that is there already."""
        path = self.target / name
        self._sum(sha256_of(path), name, path.stat().st_size)

    def finish(self, manifest: Manifest) -> None:
        """Everything durable, and only then the word that it is complete."""
        said = asdict(manifest) | {"sums": sha256_of(self.target / SUMS)}
        path = self.target / MANIFEST
        path.write_text(json.dumps(said, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        os.sync()
        with (self.target / COMPLETE).open("x") as file:
            file.write(sha256_of(path) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _sum(self, sha256: str, name: str, size: int) -> None:
        with (self.target / SUMS).open("a", encoding="utf-8") as sums:
            sums.write(f"{sha256}  {name}\n")
        self.files += 1
        self.bytes += size


def opened(backup: Path) -> Manifest:
    """The manifest of a complete backup, after every file was compared with its sum. Raises Torn"""
    manifest = _manifest(backup)
    count = 0
    for sha256, name in sums(backup):
        path = backup / name
        if not path.is_file():
            raise Torn(f"备份里少了文件 {name}")
        if sha256_of(path) != sha256:
            raise Torn(f"备份里的文件 {name} 已损坏或者被改动")
        count += 1
    if count != manifest.files:
        raise Torn(f"备份应有 {manifest.files} 个文件，清单里有 {count} 个")
    return manifest


def _manifest(backup: Path) -> Manifest:
    try:
        whole = (backup / COMPLETE).read_text().strip()
    except OSError:
        raise Torn(
            f"{backup} 不是完整的备份：没有 {COMPLETE}（备份中途断了，或者不是备份）"
        ) from None
    path = backup / MANIFEST
    try:
        if sha256_of(path) != whole:
            raise Torn(f"备份的 {MANIFEST} 已损坏或者被改动")
        said = json.loads(path.read_text(encoding="utf-8"))
        if said.get("format") != FORMAT:
            raise Torn(
                f"备份的格式是 {said.get('format')}，这个版本只认识 {FORMAT}；请用较新的版本"
            )
        lists = {name: tuple(said[name]) for name in ("keys", "missing")}
        manifest = Manifest(**said | lists)
        if sha256_of(backup / SUMS) != manifest.sums:
            raise Torn(f"备份的 {SUMS} 已损坏或者被改动")
    except (OSError, ValueError, TypeError, KeyError, UnicodeDecodeError) as error:
        raise Torn(f"备份的说明不能读取：{error}") from error
    return manifest


def sums(backup: Path) -> Iterator[tuple[str, str]]:
    """(SHA-256, name) of each file of a backup; Torn for a name that leads out of it."""
    with (backup / SUMS).open(encoding="utf-8") as file:
        for line in file:
            sha256, _, name = line.rstrip("\n").partition("  ")
            if not name or name.startswith("/") or ".." in name.split("/"):
                raise Torn(f"备份的 {SUMS} 里有一行不能用")
            yield sha256, name


def put_stored(source: Path, shelf: Shelf, name: str) -> None:
    """Bring a stored file of a backup back to the shelf, as it lay."""
    with source.open("rb") as file:
        shelf.put(name, iter(partial(file.read, CHUNK), b""))


def put(source: Path, target: Path) -> None:
    """Copy a file of a backup to its place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def sha256_of(path: Path) -> str:
    """The SHA-256 (hex) of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
