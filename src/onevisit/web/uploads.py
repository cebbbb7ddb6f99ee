"""Receives one file from a form as a stream: never whole in memory, and gone if it breaks off."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Annotated, BinaryIO

from fastapi import Depends
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from onevisit.store.files import TooLarge
from onevisit.web.edge import BadForm, site_of

FORM_ALLOWANCE = 64 * 1024
"""Bytes that a form with one file may carry besides the file itself."""
DRAIN_FACTOR = 8
"""How many times the limit is read and thrown away, so that the sender hears why it was refused."""
CHUNK = 256 * 1024


class _OverLimit(MultiPartException):
    """Raised inside the parser, which closes and so deletes what it had spooled."""


@dataclass(frozen=True)
class Received:
    """What arrived: the file that was chosen, or why there is none that could be kept."""

    file: UploadFile | None
    refused: TooLarge | BadForm | None = None


async def receive(request: Request) -> AsyncIterator[Received]:
    """At most one file of a posted form, spooled to disk; gone when the answer is made."""
    limit = site_of(request).upload_limit
    stream = _limited(request.stream(), limit + FORM_ALLOWANCE)
    parser = MultiPartParser(request.headers, stream, max_files=1, max_fields=10)
    try:
        form = await parser.parse()
    except _OverLimit:
        yield Received(None, TooLarge(limit))
        return
    except (MultiPartException, KeyError):
        yield Received(None, BadForm("文件没有传完整，没有保存；请重新上传"))
        return
    try:
        value = form.get("file")
        if isinstance(value, UploadFile) and value.filename:
            yield Received(value)
        else:
            yield Received(None, BadForm("没有收到文件；请先选择文件再按“上传”"))
    finally:
        await form.close()


Incoming = Annotated[Received, Depends(receive)]


async def _limited(stream: AsyncIterator[bytes], limit: int) -> AsyncGenerator[bytes, None]:
    """The stream up to `limit` bytes; what is beyond is read off and refused."""
    total = 0
    async for chunk in stream:
        total += len(chunk)
        if total <= limit:
            yield chunk
        elif total > limit * DRAIN_FACTOR:
            break
    if total > limit:
        raise _OverLimit("over the limit")


def chunks_of(file: BinaryIO) -> Iterator[bytes]:
    """The spooled file from its beginning, piece by piece."""
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk
