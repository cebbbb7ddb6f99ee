"""Uploaded and generated files on disk: complete or not there at all."""

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from onevisit.store.columns import new_id


class TooLarge(Exception):
    """The file is larger than what may be handed in; nothing of it was kept."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"文件超过 {limit // (1024 * 1024)} MB，未保存")
        self.limit = limit


@dataclass(frozen=True)
class Saved:
    """A stored file: its `key` in the store, its `size` in bytes and its SHA-256 (hex)."""

    key: str
    size: int
    sha256: str


class FileStore:
    """A folder of files named by random keys, so that no name typed by a person meets the disk."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "incoming").mkdir(parents=True, exist_ok=True)

    def save_stream(self, chunks: Iterable[bytes], limit: int) -> Saved:
        """Write the chunks to disk and make them durable; at most `limit` bytes, else TooLarge.

        Whatever goes wrong (too large, a broken connection, a full disk), nothing is left behind.
        """
        name = new_id().hex
        key = f"{name[-2:]}/{name}"
        incoming = self.root / "incoming" / name
        digest, size = hashlib.sha256(), 0
        try:
            with incoming.open("xb") as file:
                for chunk in chunks:
                    size += len(chunk)
                    if size > limit:
                        raise TooLarge(limit)
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            self._publish(incoming, self.path(key))
        finally:
            incoming.unlink(missing_ok=True)
        return Saved(key, size, digest.hexdigest())

    def path(self, key: str) -> Path:
        """Where the file with this key is; ValueError for a key that this store never gave."""
        folder, _, name = key.partition("/")
        if len(name) != 32 or not name.isalnum() or folder != name[-2:]:
            raise ValueError(f"not a storage key: {key!r}")
        return self.root / folder / name

    def delete(self, key: str) -> None:
        """Remove a file; nothing happens when it is already gone."""
        self.path(key).unlink(missing_ok=True)

    def discard_incoming(self, before: datetime) -> None:
        """Remove what was being received before that moment and never came to its end.

        Only a killed process leaves such files: a broken upload removes its own.
        """
        for path in (self.root / "incoming").iterdir():
            with suppress(FileNotFoundError):  # just received, or removed by another node
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()

    def _publish(self, incoming: Path, target: Path) -> None:
        """Move into place and make the move itself durable."""
        target.parent.mkdir(exist_ok=True)
        incoming.rename(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
