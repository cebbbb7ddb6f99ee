"""Receives one file from a form as a stream: never whole in memory, and gone if it breaks off."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Annotated, BinaryIO

from fastapi import Depends
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from onevisit.store.files import TooLarge
from onevisit.web.edge import BadForm, site_of
from onevisit.web.incoming import OverLimit, limited

FORM_ALLOWANCE = 64 * 1024
"""Bytes that a form with one file may carry besides the file itself."""
CHUNK = 256 * 1024


@dataclass(frozen=True)
class Received:
    """What arrived: the file that was chosen, or why there is none that could be kept."""

    file: UploadFile | None
    refused: TooLarge | BadForm | None = None


async def receive(request: Request) -> AsyncIterator[Received]:
    """At most one file of a posted form, spooled to disk; gone when the answer is made."""
    limit = site_of(request).upload_limit
    stream = limited(request.stream(), limit + FORM_ALLOWANCE)
    parser = MultiPartParser(request.headers, stream, max_files=1, max_fields=10)
    try:
        form = await parser.parse()
    except OverLimit:
        yield Received(None, TooLarge(limit))
        return
    except (MultiPartException, KeyError, UnicodeError):
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


def chunks_of(file: BinaryIO) -> Iterator[bytes]:
    """The spooled file from its beginning, piece by piece."""
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk
