"""Receives files from a form as a stream: never whole in memory, and gone if they break off.

Photos are made into pages here, before anything is locked in the database.
"""

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, BinaryIO

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from onevisit.cases.material import shown_name
from onevisit.documents import scan
from onevisit.documents.clamd import Clamd
from onevisit.documents.inspection import Unsafe, check_safe
from onevisit.documents.scan import BadPhoto, PhotoPage
from onevisit.store.files import TooLarge
from onevisit.web.edge import BadForm, site_of, visitor
from onevisit.web.incoming import OverLimit, limited

FORM_ALLOWANCE = 64 * 1024
"""Bytes that a form with one file may carry besides the file itself."""
CHUNK = 256 * 1024
MOST_FILES = 20
TOGETHER = 5
"""How many times the limit of one file all files of a form may have: photos get smaller here."""
HEAD = 12
NO_FILE = "没有收到文件；请先选择文件再按“上传”"
CUT_OFF = "文件没有传完整，没有保存；请重新上传"


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
        yield Received(None, BadForm(CUT_OFF))
        return
    try:
        value = form.get("file")
        if isinstance(value, UploadFile) and value.filename:
            yield Received(value)
        else:
            yield Received(None, BadForm(NO_FILE))
    finally:
        await form.close()


Incoming = Annotated[Received, Depends(receive)]


@dataclass(frozen=True)
class Refused:
    """One file that was not kept, and why; `too_large` when that is why."""

    name: str
    why: str
    too_large: bool = False

    def __str__(self) -> str:
        return f"“{self.name}”没有保存：{self.why}" if self.name else self.why


@dataclass(frozen=True)
class Handed:
    """What one press handed in: files as they are, photos as pages, and what cannot be kept."""

    files: tuple[UploadFile, ...] = ()
    photos: tuple[PhotoPage, ...] = ()
    refused: tuple[Refused, ...] = ()

    @property
    def status(self) -> int:
        """The HTTP status of a page that tells what was refused."""
        return 413 if any(each.too_large for each in self.refused) else 422


async def gather(request: Request) -> AsyncIterator[Handed]:
    """The files of a posted form, any number of them, spooled to disk; photos made into pages, if
    somebody is signed in at all."""
    limit = site_of(request).upload_limit
    stream = limited(request.stream(), limit * TOGETHER + FORM_ALLOWANCE)
    parser = MultiPartParser(request.headers, stream, max_files=MOST_FILES, max_fields=10)
    try:
        form = await parser.parse()
    except OverLimit:
        said = f"这些文件合起来太大；每个不超过 {limit // 1024 // 1024} MB，请分几次上传"
        yield Handed(refused=(Refused("", said, too_large=True),))
        return
    except (MultiPartException, KeyError, UnicodeError):
        yield Handed(refused=(Refused("", f"{CUT_OFF}（一次最多 {MOST_FILES} 个）"),))
        return
    try:
        chosen = [
            value
            for value in form.getlist("file")
            if isinstance(value, UploadFile) and value.filename
        ]
        if not chosen:
            yield Handed(refused=(Refused("", NO_FILE),))
        elif await run_in_threadpool(visitor, request) is None:
            yield Handed(files=tuple(chosen))
        else:
            yield await run_in_threadpool(sorted_out, chosen, limit, site_of(request).clamd)
    finally:
        await form.close()


HandedIn = Annotated[Handed, Depends(gather)]


def sorted_out(chosen: list[UploadFile], limit: int, clamd: Clamd | None) -> Handed:
    """Which of the files are photos, and the pages that they become; `limit` in bytes for each.

    What would act or burst when somebody opens it is refused here, before anything is locked in
    the database; `clamd` looks for viruses where there is one.
    """
    files: list[UploadFile] = []
    photos: list[PhotoPage] = []
    refused: list[Refused] = []
    for each in chosen:
        name = shown_name(each.filename or "file")
        if (each.size or 0) > limit:
            refused.append(Refused(name, str(TooLarge(limit)), too_large=True))
            continue
        try:
            photo = _photo_of(each, name, clamd)
        except (BadPhoto, Unsafe) as bad:
            refused.append(Refused(name, str(bad)))
        else:
            if photo is None:
                files.append(each)
            else:
                photos.append(photo)
    return Handed(tuple(files), tuple(photos), tuple(refused))


def _photo_of(each: UploadFile, name: str, clamd: Clamd | None) -> PhotoPage | None:
    """The page that a photo becomes; None for a file to be kept as it is. BadPhoto, Unsafe."""
    if clamd is not None:
        clamd.check_clean(each.file)
    each.file.seek(0)
    kind = scan.kind_of(each.file.read(HEAD))
    if kind == "heic":
        raise BadPhoto(scan.NOT_HEIC)
    if kind is not None:
        return scan.page_of(each.file, name)
    check_safe(each.file)
    return None


def as_files(handed: Handed) -> Iterator[tuple[str, Iterable[bytes]]]:
    """What was handed in as files to be kept one by one, all photos as one: (name, content)."""
    for each in handed.files:
        yield each.filename or "file", chunks_of(each.file)
    if handed.photos:
        yield f"照片{len(handed.photos)}张.pdf", [scan.pdf_of(handed.photos)]


def chunks_of(file: BinaryIO) -> Iterator[bytes]:
    """The spooled file from its beginning, piece by piece."""
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk
