"""Photos become the pages of one PDF: upright, small, readable, and without what a camera adds."""

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, Literal

from PIL import Image, ImageOps, UnidentifiedImageError
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import (
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

Kind = Literal["photo", "heic"]
LONGEST = 2200
"""Pixels of the longer side; on A4 that is 188 dots an inch."""
SHORTEST = 1754
"""The longer side of A4 at 150 dots an inch: it is not made smaller to save bytes."""
A_PAGE = 400 * 1000
"""Bytes of one page that the quality is lowered for."""
QUALITIES = (82, 72, 62, 52)
MOST_PAGES = 30
MOST_PIXELS = 120_000_000
"""A telephone's largest photo; a JPEG is decoded at a fraction of its size."""
MOST_WHOLE = 50_000_000
"""Pixels of what has to be decoded whole (PNG, WebP, progressive JPEG)."""
A4_LONGER = 842
"""Points."""
MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
HEIF = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif"})
ORIGINAL, NAME, SIZE, SCAN = "/ONEV_SHA256", "/ONEV_Name", "/ONEV_Size", "/ONEV_Scan"
"""Private keys (ISO 32000-1 annex E, second class) of a page and of the document."""
TOO_LARGE = "照片的像素太多，请把相机的分辨率调低后重新拍照"
NOT_HEIC = (
    "这是苹果手机的 HEIC 格式，打不开；请在手机“设置—相机—格式”里选“兼容性最佳”后重新拍照，"
    "或者把照片另存为 JPG 再上传"
)

_two_at_a_time = threading.BoundedSemaphore(2)


class BadPhoto(Exception):
    """这张照片打不开，可能没有传完整；请重新拍照或者换一张。"""


@dataclass(frozen=True)
class PhotoPage:
    """One page: its JPEG, its pixels across and down, grey or coloured; and what the photo was
    that was handed in: its name, its bytes and their SHA-256 (hex)."""

    jpeg: bytes
    width: int
    height: int
    grey: bool
    name: str
    size: int
    sha256: str


def kind_of(head: bytes) -> Kind | None:
    """Whether a file that begins so is a photo, one that we cannot read, or something else."""
    if head.startswith(MAGIC) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return "photo"
    return "heic" if head[4:8] == b"ftyp" and head[8:12] in HEIF else None


def page_of(photo: BinaryIO, name: str) -> PhotoPage:
    """The page that a photo becomes. Raises BadPhoto, whose message says what to do.

    At most two are in memory at a time, none of them with more pixels than above.
    """
    size, sha256 = _digest(photo)
    with _two_at_a_time:
        try:
            image = _upright(photo)
            jpeg = _small(image)
        except Image.DecompressionBombError as error:
            raise BadPhoto(TOO_LARGE) from error
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
            raise BadPhoto(str(BadPhoto.__doc__)) from error
    with Image.open(BytesIO(jpeg)) as made:
        return PhotoPage(jpeg, *made.size, made.mode == "L", name, size, sha256)


def pdf_of(pages: Sequence[PhotoPage]) -> bytes:
    """The pages as one PDF; the same pages always give the same bytes."""
    writer = PdfWriter()
    for page in pages:
        _add(writer, page)
    writer._root_object[NameObject(SCAN)] = NumberObject(1)
    stream = BytesIO()
    writer.write(stream)
    return stream.getvalue()


def pages_in(pdf: bytes) -> tuple[PhotoPage, ...]:
    """The pages that `pdf_of` put together. Raises BadPhoto for any other PDF."""
    try:
        reader = PdfReader(BytesIO(pdf))
        return tuple(_read(page) for page in reader.pages)
    except (PyPdfError, KeyError, TypeError, ValueError) as error:
        raise BadPhoto(str(BadPhoto.__doc__)) from error


def _digest(photo: BinaryIO) -> tuple[int, str]:
    photo.seek(0)
    digest, size = hashlib.sha256(), 0
    while chunk := photo.read(256 * 1024):
        digest.update(chunk)
        size += len(chunk)
    photo.seek(0)
    return size, digest.hexdigest()


def _upright(photo: BinaryIO) -> Image.Image:
    """The photo as it is looked at, no larger than LONGEST, grey or coloured on white."""
    if not _is_whole(photo):
        raise BadPhoto(str(BadPhoto.__doc__))
    with Image.open(photo, formats=("JPEG", "PNG", "WEBP")) as image:
        _check_pixels(image)
        image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS, reducing_gap=2.0)
        turned = ImageOps.exif_transpose(image)
    if turned.mode in ("L", "RGB"):
        return turned
    if turned.mode in ("1", "I", "F", "I;16") or turned.mode.startswith("I;"):
        return turned.convert("L")
    if "A" in turned.getbands() or "transparency" in turned.info:
        ground = Image.new("RGBA", turned.size, "white")
        return Image.alpha_composite(ground, turned.convert("RGBA")).convert("RGB")
    return turned.convert("RGB")


def _is_whole(photo: BinaryIO) -> bool:
    """Whether the picture is there to its end: the library draws the rest of a broken one grey,
    once another library in the same process has told it to (WeasyPrint does)."""
    photo.seek(0)
    data = photo.read()
    photo.seek(0)
    if data.startswith(b"\xff\xd8"):
        return data.find(b"\xff\xd9", data.rfind(b"\xff\xda")) > 0
    if data.startswith(b"\x89PNG"):
        return b"IEND" in data
    return len(data) >= 8 + int.from_bytes(data[4:8], "little")


def _check_pixels(image: Image.Image) -> None:
    """Raises BadPhoto before anything is decoded: a small file can be an enormous picture."""
    width, height = image.size
    by_parts = image.format in ("JPEG", "MPO") and not image.info.get("progressive")
    if width * height > (MOST_PIXELS if by_parts else MOST_WHOLE):
        raise BadPhoto(TOO_LARGE)


def _small(image: Image.Image) -> bytes:
    """The best JPEG of at most A_PAGE bytes, at 150 dots an inch or more whatever it takes."""
    jpeg = b""
    for longest in (LONGEST, SHORTEST):
        image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        for quality in QUALITIES:
            stream = BytesIO()
            image.save(stream, "JPEG", quality=quality, optimize=True, exif=b"", icc_profile=None)
            jpeg = stream.getvalue()
            if len(jpeg) <= A_PAGE:
                return jpeg
    return jpeg


def _add(writer: PdfWriter, page: PhotoPage) -> None:
    """A page as long as A4 that the JPEG fills, as it is."""
    scale = A4_LONGER / max(page.width, page.height)
    width, height = round(page.width * scale), round(page.height * scale)
    sheet = writer.add_blank_page(width, height)
    image = writer._add_object(_stream(page.jpeg, _image_keys(page)))
    content = writer._add_object(_stream(f"q {width} 0 0 {height} 0 0 cm /P Do Q".encode(), {}))
    images = DictionaryObject({NameObject("/P"): image})
    sheet[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): images})
    sheet[NameObject("/Contents")] = content
    sheet[NameObject(ORIGINAL)] = TextStringObject(page.sha256)
    sheet[NameObject(NAME)] = TextStringObject(page.name)
    sheet[NameObject(SIZE)] = NumberObject(page.size)


def _image_keys(page: PhotoPage) -> dict[str, NameObject | NumberObject]:
    return {
        "/Type": NameObject("/XObject"),
        "/Subtype": NameObject("/Image"),
        "/Width": NumberObject(page.width),
        "/Height": NumberObject(page.height),
        "/ColorSpace": NameObject("/DeviceGray" if page.grey else "/DeviceRGB"),
        "/BitsPerComponent": NumberObject(8),
        "/Filter": NameObject("/DCTDecode"),
    }


def _stream(data: bytes, keys: dict[str, NameObject | NumberObject]) -> StreamObject:
    stream = StreamObject()
    stream._data = data
    for name, value in keys.items():
        stream[NameObject(name)] = value
    return stream


def _read(page: PageObject) -> PhotoPage:
    image = page["/Resources"]["/XObject"]["/P"]  # type: ignore[index]  # a dictionary in ours
    return PhotoPage(
        jpeg=image._data,
        width=int(image["/Width"]),
        height=int(image["/Height"]),
        grey=image["/ColorSpace"] == "/DeviceGray",
        name=str(page[NAME]),
        size=int(page[SIZE]),  # type: ignore[call-overload]  # a number in ours
        sha256=str(page[ORIGINAL]),
    )
