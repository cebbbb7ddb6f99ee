"""Official notices measured on the page, in millimetres, against GB/T 9704-2012."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from pypdf import PdfReader

from onevisit.documents import render, shelf
from onevisit.documents.variants import notice_variants

TEMPLATES = Path(__file__).parents[3] / "templates"
NOTICES = [
    name.partition("/")[2]
    for name in shelf.names(TEMPLATES)
    if name.startswith("notices/") and shelf.is_document(name)
]
LETTERS = [name for name in NOTICES if name != "application"]
POINT = 25.4 / 72
LEFT, RIGHT, TOP, BOTTOM = 28, 210 - 26, 37, 297 - 35
LINE = 225 / 22


@dataclass(frozen=True)
class Word:
    """A run of text with its box on the page, in millimetres from the upper left."""

    text: str
    page: int
    left: float
    top: float
    right: float
    bottom: float


@cache
def pdf(name: str, shape: str = "全部内容都有") -> bytes:
    """A notice in one of its shapes."""
    variants = {each.title: each.snapshot for each in notice_variants(name, "演示通知书标题")}
    return render(f"notices/{name}", variants[shape], TEMPLATES)


@cache
def words(content: bytes) -> tuple[Word, ...]:
    """All words as pdftotext finds them."""
    told = subprocess.run(
        ["pdftotext", "-bbox", "-", "-"], input=content, capture_output=True, check=True
    ).stdout.decode()
    found, page = [], 0
    for line in told.splitlines():
        page += "<page " in line
        box = re.search(r'xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*)</word>', line)
        if box:
            left, top, right, bottom = (float(box[n]) * POINT for n in range(1, 5))
            found.append(Word(box[5], page, left, top, right, bottom))
    return tuple(found)


def sizes(content: bytes) -> Iterator[tuple[str, float]]:
    """Text with its size in points, in reading order."""
    found: list[tuple[str, float]] = []

    def note(text, cm, tm, _font, size) -> None:  # type: ignore[no-untyped-def]  # pypdf's visitor
        if text.strip():
            found.append((text.strip(), round(size * abs(tm[0] or tm[1]) * abs(cm[0]), 1)))

    for page in PdfReader(BytesIO(content)).pages:
        page.extract_text(visitor_text=note)
    return iter(found)


def body(content: bytes) -> list[Word]:
    """The words between letterhead and foot: what 版心 holds."""
    return [
        word
        for word in words(content)
        if (word.page == 1 and word.top > 60 and word.bottom < 255)
        or (word.page > 1 and word.bottom < BOTTOM + 2)
    ]


@pytest.mark.parametrize("shape", ["全部内容都有", "内容很长、行数很多"])
@pytest.mark.parametrize("name", NOTICES)
def test_nothing_leaves_the_text_area_of_156_by_225(name: str, shape: str) -> None:
    found = body(pdf(name, shape))
    assert min(word.left for word in found) >= LEFT - 0.4
    assert max(word.right for word in found) <= RIGHT + 0.6
    for word in found:
        if word.page > 1:  # the box of a line is higher than its characters
            assert word.top >= TOP - 2.5, word
    assert any(abs(word.left - LEFT) < 0.5 for word in found)


@pytest.mark.parametrize("name", LETTERS)
def test_number_title_and_text_have_their_sizes_and_places(name: str) -> None:
    content = pdf(name)
    found = dict(reversed(list(sizes(content))))
    number = next(each for each in words(content) if "〔2026〕" in each.text)
    assert re.fullmatch(r"示例市演示〔2026〕000012号", number.text)
    assert abs(number.right - RIGHT) < 0.5  # right-aligned under the first red line
    title = next(each for each in words(content) if each.text == "演示通知书标题")
    assert abs((title.left + title.right) / 2 - (LEFT + RIGHT) / 2) < 0.5
    assert title.top - number.bottom >= 2 * LINE - 6  # two lines free; boxes exceed characters
    assert found["演示通知书标题"] == 22  # 2号
    assert 16 in found.values()  # 3号
    texts = [size for text, size in sizes(content) if len(text) > 20]
    assert set(texts) <= {16, 14, 12, 10.5}


def red(content: bytes, page: int) -> list[tuple[float, float]]:
    """Where the page is seal-red, in millimetres, at every fifth of one."""
    scale = 5 / (72 / 25.4)
    image = pypdfium2.PdfDocument(content)[page - 1].render(scale=scale).to_pil().convert("RGB")
    pixels = image.load()
    assert pixels is not None
    return [
        (x / 5, y / 5)
        for y in range(image.height)
        for x in range(image.width)
        if pixels[x, y][0] > 180 and pixels[x, y][1] < 90 and pixels[x, y][2] < 90
    ]


@pytest.mark.parametrize("name", ["approval", "decline", "receipt", "special", "delivery"])
def test_the_seal_covers_name_and_date_four_characters_from_the_right(name: str) -> None:
    content = pdf(name)
    last = max(word.page for word in words(content))
    date = [each for each in words(content) if each.page == last and each.text == "2026年11月21日"][
        -1
    ]
    assert abs(RIGHT - date.right - 4 * 16 * POINT) < 4.5
    marks = [(x, y) for x, y in red(content, last) if (75 if last == 1 else 37) < y < 270]
    left, right = min(x for x, _ in marks), max(x for x, _ in marks)
    top, bottom = min(y for _, y in marks), max(y for _, y in marks)
    assert 40 < right - left < 43 and 40 < bottom - top < 43  # 42 mm across
    assert abs((left + right) / 2 - (date.left + date.right) / 2) < 1
    assert top + 21 < date.top < bottom  # at the middle, a little below
    above = [each for each in body(content) if each.page == last and each.bottom < date.top - LINE]
    assert above and top - max(each.bottom for each in above) < LINE  # within one line of the text


@pytest.mark.parametrize("shape", ["全部内容都有", "可以没有的都没有", "内容很长、行数很多"])
@pytest.mark.parametrize("name", LETTERS)
def test_no_page_holds_a_signature_and_little_else(name: str, shape: str) -> None:
    content = pdf(name, shape)
    last = max(word.page for word in words(content))
    if last == 1:
        return
    date = [each for each in words(content) if each.page == last and each.text == "2026年11月21日"][
        -1
    ]
    lines = {round(each.top) for each in body(content) if each.page == last and each.top < date.top}
    assert len(lines - {round(date.top)}) >= 3  # two lines of text and the authority's name


@pytest.mark.parametrize("name", ["receipt", "rejection", "application"])
def test_pages_are_numbered_outside_from_the_second_on(name: str) -> None:
    content = pdf(name, "内容很长、行数很多")
    for page in range(2, max(word.page for word in words(content)) + 1):
        number = [each for each in words(content) if each.page == page and each.top > BOTTOM]
        assert "".join(each.text for each in number) == f"—{page}—"
        outside = number[-1].right if page % 2 else number[0].left
        edge = RIGHT if page % 2 else LEFT
        assert abs(abs(outside - edge) - 14 * POINT) < 2.5  # one character in from the edge
        assert 262 + 4 < number[0].top < 262 + 9  # 7 mm below the text area


@pytest.mark.parametrize("name", NOTICES)
def test_room_is_left_at_the_foot_for_a_code(name: str) -> None:
    """22 × 22 mm at the right, above the lower red lines."""
    inside = [
        word
        for word in words(pdf(name))
        if word.page == 1 and word.right > RIGHT - 22 and 252.5 < (word.top + word.bottom) / 2 < 274
    ]
    assert [word for word in inside if "核验" not in word.text and len(word.text) != 8] == []
