"""Photos as pages: upright, small, readable, without what a camera adds."""

import hashlib
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageDraw

from onevisit.documents import scan
from onevisit.documents.scan import A_PAGE, LONGEST, BadPhoto, PhotoPage, kind_of, page_of

GPS, ORIENTATION = 0x8825, 0x0112


def photo(
    width: int = 400, height: int = 300, kind: str = "JPEG", mode: str = "RGB", turn: int = 1
) -> bytes:
    """A fictional photo, white, with a red corner at the top left before it is turned."""
    image = Image.new(mode, (width, height), "white")
    ImageDraw.Draw(image).rectangle((0, 0, width // 8, height // 8), fill="red")
    exif = Image.Exif()
    exif[ORIENTATION] = turn
    exif.get_ifd(GPS)[1] = "N"
    stream = BytesIO()
    image.save(stream, kind, exif=exif)
    return stream.getvalue()


def made(data: bytes, name: str = "IMG_0001.jpg") -> PhotoPage:
    """The page that a photo becomes."""
    return page_of(BytesIO(data), name)


def colour(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    """The red, green and blue of one dot."""
    dot = image.convert("RGB").getpixel((x, y))
    assert isinstance(dot, tuple)
    return dot


def test_what_the_camera_adds_is_gone_and_the_original_is_remembered() -> None:
    data = photo()
    assert b"Exif" in data
    page = made(data)
    assert b"Exif" not in page.jpeg
    assert (page.name, page.size) == ("IMG_0001.jpg", len(data))
    assert page.sha256 == hashlib.sha256(data).hexdigest()


def test_a_photo_taken_upright_stands_upright() -> None:
    page = made(photo(turn=6))  # turned by a quarter, as telephones do
    assert (page.width, page.height) == (300, 400)
    with Image.open(BytesIO(page.jpeg)) as image:
        assert colour(image, 290, 10)[0] > 200 > 100 > colour(image, 290, 10)[1]
        assert min(colour(image, 10, 10)) > 240


def test_a_large_photo_gets_small_and_stays_readable() -> None:
    noise = Image.effect_noise((5200, 3900), 40).convert("RGB")  # the hardest there is to pack
    stream = BytesIO()
    noise.save(stream, "JPEG", quality=95)
    page = made(stream.getvalue())
    assert 1754 <= max(page.width, page.height) <= LONGEST  # 150 dots an inch on A4
    assert len(page.jpeg) < 500_000 < len(stream.getvalue())


def test_an_ordinary_page_is_within_its_bytes() -> None:
    page = made(photo(4000, 3000))
    assert (page.width, page.height) == (LONGEST, 1650)
    assert len(page.jpeg) <= A_PAGE


def test_a_small_photo_is_not_blown_up() -> None:
    assert (made(photo(200, 100)).width, made(photo(200, 100)).height) == (200, 100)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "L"), ("PNG", "P"), ("WEBP", "RGB"), ("JPEG", "L")],
)
def test_every_common_kind_is_read(kind: str, mode: str) -> None:
    stream = BytesIO()
    Image.new(mode, (90, 60)).save(stream, kind)
    page = made(stream.getvalue())
    assert page.grey == (mode == "L")
    assert kind_of(stream.getvalue()[:12]) == "photo"


def test_what_shines_through_is_white() -> None:
    stream = BytesIO()
    Image.new("RGBA", (90, 60), (0, 0, 0, 0)).save(stream, "PNG")
    with Image.open(BytesIO(made(stream.getvalue()).jpeg)) as image:
        assert min(colour(image, 45, 30)) > 250


def test_pages_become_one_pdf_that_others_can_read() -> None:
    pages = [made(photo(turn=turn), f"{turn}.jpg") for turn in (1, 6)]
    pdf = scan.pdf_of(pages)
    assert scan.pdf_of(pages) == pdf  # pressed twice, it is the same file
    assert scan.pages_in(pdf) == tuple(pages)
    with pikepdf.open(BytesIO(pdf)) as read:
        assert read.check_pdf_syntax() == []
        assert [str(page.ONEV_SHA256) for page in read.pages] == [each.sha256 for each in pages]
    drawn = pypdfium2.PdfDocument(pdf)
    assert [drawn[each].get_size() for each in range(2)] == [(842, 632), (632, 842)]
    corner = colour(drawn[0].render(scale=1).to_pil(), 20, 20)
    assert corner[0] > 200 > 100 > corner[1]


def test_another_pdf_is_no_scan() -> None:
    stream = BytesIO()
    with pikepdf.new() as other:
        other.add_blank_page()
        other.save(stream)
    for pdf in (stream.getvalue(), b"%PDF-1.4\nfictional"):
        with pytest.raises(BadPhoto):
            scan.pages_in(pdf)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_half_a_photo_is_refused(kind: str) -> None:
    noise = Image.effect_noise((400, 300), 40).convert("RGB")
    stream = BytesIO()
    noise.save(stream, kind)
    with pytest.raises(BadPhoto, match="没有传完整"):
        made(stream.getvalue()[: len(stream.getvalue()) // 2])


@pytest.mark.parametrize("data", [b"\xff\xd8\xff\xe0 x \xff\xd9", b"\x89PNG\r\n\x1a\n IEND"])
def test_what_only_begins_like_a_photo_is_refused(data: bytes) -> None:
    with pytest.raises(BadPhoto):
        made(data)


def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_read() -> None:
    stream = BytesIO()
    Image.new("1", (40000, 40000)).save(stream, "PNG")  # 200 KB become 1.6 thousand million pixels
    assert len(stream.getvalue()) < 1_000_000
    with pytest.raises(BadPhoto, match="像素太多"):
        made(stream.getvalue())


def test_heic_is_told_apart() -> None:
    assert kind_of(b"\x00\x00\x00\x18ftypheic") == "heic"
    assert kind_of(b"%PDF-1.4 abcdef") is None
