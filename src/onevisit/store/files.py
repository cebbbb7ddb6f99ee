"""Uploaded and made files: complete or not there at all, sealed wherever they lie, and handed out
as streams."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from onevisit.store.columns import new_id
from onevisit.store.s3 import Address, Bucket
from onevisit.store.sealed_files import Altered, Opened, plain_size, sealed
from onevisit.store.secret import Key, Keyring, KeysFault
from onevisit.store.shelves import NAME, Folder, Shelf, checked

PIECE = 256 * 1024


class TooLarge(Exception):
    """The file is larger than what may be handed in; nothing of it was kept."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"文件超过 {limit // (1024 * 1024)} MB，未保存")
        self.limit = limit


@dataclass(frozen=True)
class Saved:
    """A stored file: its `key` in the store, its `size` in bytes and its SHA-256 (hex); both are of
    the content, not of how it lies."""

    key: str
    size: int
    sha256: str


@dataclass(frozen=True, repr=False)
class Place:
    """Where files are kept and under which keys: in `folder`, or where `url` (`s3://…`) says."""

    folder: Path
    keyring: Keyring | None = None
    url: str = ""
    access_key: str = ""
    secret_key: str = ""

    def shelf(self) -> Shelf:
        """What they lie on; ValueError for an address that leads to none."""
        if self.url.startswith("file://"):
            folder = Path(self.url.removeprefix("file://"))
            if not folder.is_absolute():
                raise ValueError("ONEVISIT_FILES_URL 应形如 file:///共享目录，从根目录写起")
            return Folder(folder)
        if self.url:
            return Bucket(Address.of(self.url, self.access_key, self.secret_key))
        return Folder(self.folder)


class FileStore:
    """Files under random keys, so that no name typed by a person meets the store.

    The key says under which of the keyring's keys a file is sealed; it stands in the database, so
    nobody who can only change files can pass one off as from before there were keys.
    A bare folder has no keys: what it is given lies in it as it is. Only tests do so.
    """

    def __init__(self, place: Place | Path) -> None:
        self._place = place if isinstance(place, Place) else Place(place)
        self.shelf = self._place.shelf()

    def save_stream(self, chunks: Iterable[bytes], limit: int) -> Saved:
        """Keep the chunks, durable when this returns; at most `limit` bytes, else TooLarge.

        Whatever goes wrong (too large, a broken connection, a full disk), nothing is left behind.
        """
        keyring, name = self._place.keyring, new_id().hex
        key = f"{name[-2:]}/{name}"
        counted = _Counted(chunks, limit)
        if keyring is None:
            self.shelf.put(key, counted)
        else:
            writer = keyring.ring.writer
            key = f"{key}.{writer.id}"
            self.shelf.put(key, sealed(counted, writer, key))
        return Saved(key, counted.size, counted.digest.hexdigest())

    def stored(self, key: str) -> "Stored":
        """The file with this key, whether it is there or not; ValueError for no key of a store."""
        return Stored(self, checked(key))

    def open(self, key: str) -> BinaryIO:
        """Its content from the beginning. Raises FileNotFoundError, sealed_files.Altered,
        KeysFault, shelves.Unreachable; reading on may raise the last two of the store as well."""
        by = self._sealed_by(key)
        raw = self.shelf.open(key)
        if by is None:
            return raw
        try:
            return cast("BinaryIO", Opened(raw, by, key))
        except BaseException:
            raw.close()
            raise

    def size(self, key: str) -> int | None:
        """Bytes of its content; None when it is not there."""
        size = self.shelf.size(key)
        return size if size is None or key_of(key) is None else plain_size(size)

    def delete(self, key: str) -> None:
        """Remove a file; nothing happens when it is already gone."""
        self.shelf.delete(key)

    def discard_incoming(self, before: datetime) -> None:
        """Remove what was being received before that moment and never came to its end."""
        self.shelf.discard_incoming(before)

    def _sealed_by(self, key: str) -> Key | None:
        name = key_of(checked(key))
        if name is None:
            return None
        found = self._place.keyring.named(name) if self._place.keyring else None
        if found is None:
            raise KeysFault(
                f"文件 {key} 是用密钥 {name} 加密的，密钥文件里没有这把密钥；"
                "请把含有它的密钥文件放回原处（ONEVISIT_KEYS_FILE）再启动"
            )
        return found


@dataclass(frozen=True)
class Stored:
    """One file of a store, opened only when it is wanted."""

    files: FileStore
    key: str

    def exists(self) -> bool:
        """Whether it is there."""
        return self.files.shelf.size(self.key) is not None

    def whole(self) -> bool:
        """Whether it is there and opens to its end: for what cannot take back what it has begun."""
        try:
            for _ in self.chunks():
                pass
        except (FileNotFoundError, Altered, KeysFault):
            return False
        return True

    def size(self) -> int:
        """Bytes of its content; FileNotFoundError."""
        size = self.files.size(self.key)
        if size is None:
            raise FileNotFoundError(self.key)
        return size

    def open(self) -> BinaryIO:
        """As FileStore.open."""
        return self.files.open(self.key)

    def chunks(self) -> Iterator[bytes]:
        """Its content piece by piece, opened with the first."""
        with self.open() as file:
            while piece := file.read(PIECE):
                yield piece

    def read(self) -> bytes:
        """All of it, for what cannot be done in pieces."""
        return b"".join(self.chunks())

    def sha256(self) -> str:
        """Of its content (hex)."""
        digest = hashlib.sha256()
        for piece in self.chunks():
            digest.update(piece)
        return digest.hexdigest()

    @contextmanager
    def local(self) -> Iterator[Path]:
        """A path under which the content can be read while this lasts, for a library or a process
        that takes nothing else. The file has no name of its own where the system can do without:
        whatever becomes of us, nothing of it stays."""
        with tempfile.NamedTemporaryFile(prefix="onevisit-", delete=False) as copy:
            path = Path(copy.name)
            bare = Path(f"/proc/{os.getpid()}/fd/{copy.fileno()}")
            try:
                if bare.exists():
                    path.unlink()
                copy.writelines(self.chunks())
                copy.flush()
                yield bare if bare.exists() else path
            finally:
                path.unlink(missing_ok=True)


def key_of(key: str) -> str | None:
    """The name of the key under which a file lies sealed; None for one from before."""
    match = NAME.fullmatch(key)
    return match[2] if match else None


class _Counted:
    """Pieces on their way, counted and hashed; TooLarge when they are more than `limit` bytes."""

    def __init__(self, pieces: Iterable[bytes], limit: int) -> None:
        self._pieces, self._limit = pieces, limit
        self.digest, self.size = hashlib.sha256(), 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.size += len(piece)
            if self.size > self._limit:
                raise TooLarge(self._limit)
            self.digest.update(piece)
            yield piece
