"""Hands stored files out piece by piece, as they are opened: whole or visibly cut off."""

from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from onevisit.cases.errors import NotFound
from onevisit.documents.leaves import SHOWN, Leaf, leaf
from onevisit.store.files import PIECE, Stored


class Sent(StreamingResponse):
    """The answer that sends a file; lets go of it however the sending ends."""

    def __init__(self, file: BinaryIO, headers: dict[str, str], media_type: str) -> None:
        super().__init__(_pieces(file), headers=headers, media_type=media_type)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._file.close()


def sent(stored: Stored, media_type: str, filename: str, *, inline: bool = False) -> Sent:
    """A file as an answer: opened, and its beginning proven, before anything is said of it.

    Whoever gets it is told how long it is, so that one that breaks off is not taken for whole; no
    part of it is given out of turn. Raises NotFound, and whatever FileStore.open does.
    """
    try:
        size, file = stored.size(), stored.open()
    except FileNotFoundError:
        raise NotFound("这个文件") from None
    how = "inline" if inline else "attachment"
    named = quote(filename, safe="")
    name = f'; filename="{filename}"' if named == filename else f"; filename*=utf-8''{named}"
    headers = {
        "Content-Disposition": how + name,
        "Content-Length": str(size),
        "Accept-Ranges": "none",
    }
    return Sent(file, headers, media_type)


def leaf_of(stored: Stored, content_type: str, number: int, *, small: bool = False) -> Leaf | None:
    """As `leaves.leaf`, of a stored file; kinds that are not shown are not opened. NotFound."""
    if content_type not in SHOWN:
        return None
    try:
        with stored.local() as path:
            return leaf(path, content_type, number, small=small)
    except FileNotFoundError:
        raise NotFound("这个文件") from None


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece
