"""How a file lies sealed: in chunks, so that it is sealed and opened in bounded memory, and not one
of them can be changed, moved, left out or brought over from another file.

    magic(4) cipher(1) key(4) salt(32) | chunk | chunk | … | last chunk

Each chunk is up to 64 KiB and 16 bytes of tag, under a key derived for this file alone; its number
and whether it is the last are its nonce (STREAM: Hoang, Reyhanitabar, Rogaway, Vizár 2015), and the
header and the name under which the file lies are bound to it. Only the last may be shorter.
"""

import io
import os
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Final

from cryptography.exceptions import InvalidTag

from onevisit.store.secret import TAG, Key

MAGIC: Final = b"1VF1"
SALT: Final = 32
HEADER: Final = len(MAGIC) + 5 + SALT
CHUNK: Final = 64 * 1024
PURPOSE: Final = b"onevisit/a file that is kept"
LAST: Final = (b"\0", b"\1")


class Altered(Exception):
    """文件打不开：存储里的内容被改动、截断或者调换过。"""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"文件 {name} 打不开：{why}；请从备份恢复，并查明是谁动了文件存储")
        self.name = name


def sealed(plain: Iterable[bytes], key: Key, name: str) -> Iterator[bytes]:
    """The pieces of the sealed file that lies under `name`, from the pieces of its content."""
    header = MAGIC + key.head + os.urandom(SALT)
    own, about = key.derived(header[-SALT:], PURPOSE), header + name.encode()
    yield header
    waiting, number = bytearray(), 0
    for piece in plain:
        waiting += piece
        while len(waiting) > CHUNK:  # what is left behind makes it not the last
            yield own.lock(_nonce(number, last=False), bytes(waiting[:CHUNK]), about)
            del waiting[:CHUNK]
            number += 1
    yield own.lock(_nonce(number, last=True), bytes(waiting), about)


def plain_size(size: int) -> int:
    """How many bytes are in a sealed file of so many; of a cut one, about as many."""
    body = max(size - HEADER, 0)
    return max(body - TAG * max(-(-body // (CHUNK + TAG)), 1), 0)


class Opened(io.RawIOBase):
    """The content of a sealed file, opened piece by piece. Nothing comes out that was not proven,
    and its first chunk is when this is made; Altered. Closes `raw` with itself."""

    def __init__(self, raw: BinaryIO, key: Key, name: str) -> None:
        self._raw, self._name, self._number = raw, name, 0
        header = _exactly(raw, HEADER)
        if len(header) < HEADER or header[:-SALT] != MAGIC + key.head:
            raise Altered(name, f"开头不是用密钥 {key.id} 加密的文件")
        self._key, self._about = key.derived(header[-SALT:], PURPOSE), header + name.encode()
        self._following = _exactly(raw, CHUNK + TAG)
        self._plain = memoryview(self._chunk())

    def readable(self) -> bool:
        """It can be read, and nothing else."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as one chunk goes; 0 at the end."""
        if not self._plain and self._following:
            self._plain = memoryview(self._chunk())
        room = memoryview(buffer).cast("B")
        size = min(len(room), len(self._plain))
        room[:size] = self._plain[:size]
        self._plain = self._plain[size:]
        return size

    def close(self) -> None:
        """Let the sealed file go as well."""
        self._raw.close()
        super().close()

    def _chunk(self) -> bytes:
        body = self._following
        self._following = _exactly(self._raw, CHUNK + TAG)
        nonce = _nonce(self._number, last=not self._following)
        self._number += 1
        try:
            return self._key.unlock(nonce, body, self._about)
        except InvalidTag:
            self._following = body  # nor is there an end to it for whoever asks again
            self._number -= 1
            why = f"第 {self._number + 1} 段被改动、截断，或者是别的文件的"
            raise Altered(self._name, why) from None


def _nonce(number: int, *, last: bool) -> bytes:
    return bytes(7) + number.to_bytes(4, "big") + LAST[last]


def _exactly(raw: BinaryIO, size: int) -> bytes:
    """So many bytes, fewer only at the end: a connection gives what it has."""
    found = bytearray()
    while len(found) < size and (piece := raw.read(size - len(found))):
        found += piece
    return bytes(found)
