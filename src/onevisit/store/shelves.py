"""Where files lie, whatever is in them: the small port that a folder and an S3-compatible store
(s3.py) both fulfil, and the folder."""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, Protocol

NAME: Final = re.compile(r"([0-9a-f]{2})/[0-9a-f]{30}\1(?:\.([0-9a-fA-F]{8}))?")
"""What a file is called: two digits by which folders stay small, a random name, and the key under
which it is sealed; without one it is from before there were keys."""


class Unreachable(Exception):
    """文件存储暂时用不了，没有保存也没有读出任何内容；请稍后再试。"""

    def __init__(self, why: str) -> None:
        super().__init__(f"文件存储暂时用不了（{why}）")
        self.why = why


class Shelf(Protocol):
    """Files by their names: each is there whole or not at all, and never changes.

    Every method raises ValueError for a name that no file has here, and Unreachable.
    """

    def put(self, name: str, pieces: Iterable[bytes]) -> None:
        """Keep these bytes, durable when this returns; whatever goes wrong leaves nothing."""

    def open(self, name: str) -> BinaryIO:
        """The bytes from their beginning; FileNotFoundError. `read(n)` may give fewer than n."""

    def size(self, name: str) -> int | None:
        """How many bytes there are; None when there is no such file."""

    def delete(self, name: str) -> None:
        """Remove a file; nothing happens when it is already gone."""

    def names(self) -> Iterator[str]:
        """Every file, for a backup: nothing that serves a request asks for it."""

    def settled(self, before: datetime) -> Iterator[str]:
        """Every file that was kept before that moment, in the order of their names; for tidying."""

    def discard_incoming(self, before: datetime) -> None:
        """Remove what was being received before that moment and never came to its end."""


def checked(name: str) -> str:
    """The name; ValueError for one that no store ever gave, so that none leads anywhere else."""
    if not NAME.fullmatch(name):
        raise ValueError(f"not a storage key: {name!r}")
    return name


class Folder:
    """A folder, on this machine's disk or one that several share and that honours fsync."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, name: str) -> Path:
        """Where a file is."""
        return self.root / checked(name)

    def put(self, name: str, pieces: Iterable[bytes]) -> None:
        """Under another name first, so that nobody ever sees a half."""
        target = self.path(name)
        incoming = self.root / "incoming" / target.name
        incoming.parent.mkdir(parents=True, exist_ok=True)
        try:
            with incoming.open("xb") as file:
                file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())
            _publish(incoming, target)
        finally:
            incoming.unlink(missing_ok=True)

    def open(self, name: str) -> BinaryIO:
        """The file itself."""
        return self.path(name).open("rb")

    def size(self, name: str) -> int | None:
        """As the file system has it."""
        with suppress(FileNotFoundError):
            return self.path(name).stat().st_size
        return None

    def delete(self, name: str) -> None:
        """Whoever reads it right now reads it to its end."""
        self.path(name).unlink(missing_ok=True)

    def settled(self, before: datetime) -> Iterator[str]:
        """By the time at which a file was put there, not that in its name: what came back out of an
        archive or a backup is new here."""
        for name in self.names():
            with suppress(FileNotFoundError):  # just removed
                if self.path(name).stat().st_mtime < before.timestamp():
                    yield name

    def names(self) -> Iterator[str]:
        """Folder by folder, in order."""
        for folder in sorted(self.root.glob("[0-9a-f][0-9a-f]")):
            for path in sorted(folder.iterdir()):
                if NAME.fullmatch(name := f"{folder.name}/{path.name}"):
                    yield name

    def discard_incoming(self, before: datetime) -> None:
        """Only a killed process leaves such files: a broken upload removes its own."""
        for path in (self.root / "incoming").glob("*"):
            with suppress(FileNotFoundError):  # just received, or removed by another node
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()


def _publish(incoming: Path, target: Path) -> None:
    """Move into place and make the move itself durable."""
    target.parent.mkdir(exist_ok=True)
    incoming.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
