"""A list as a spreadsheet (Office Open XML): dates as dates, and no text that acts as a formula."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from onevisit.documents.format import BEIJING

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Cell = str | int | date | datetime | None
DAY = 'yyyy"年"m"月"d"日"'
MOMENT = DAY + " hh:mm"
ACTING = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Text that begins like this would be a formula where a spreadsheet is read again as plain text."""
WIDEST = 48
SHEET_NAME = 31
FORBIDDEN_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


@dataclass(frozen=True)
class Sheet:
    """What is exported: `notes` say on a sheet of their own what the list is, `cut` in its last
    row that there would be more."""

    title: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    notes: Sequence[tuple[str, str]]
    cut: str = ""


@dataclass(frozen=True)
class _Looks:
    head: Format
    text: Format
    quoted: Format
    day: Format
    moment: Format


def written(sheet: Sheet) -> bytes:
    """The file; days and moments (Beijing time) sort and count as such."""
    file = BytesIO()
    book = Workbook(file, {"in_memory": True, "strings_to_formulas": False,
                           "strings_to_urls": False})  # fmt: skip
    wrapped = {"valign": "top", "text_wrap": True}
    looks = _Looks(
        head=book.add_format({"bold": True, "bottom": 1, "bg_color": "#EAF2FB"}),
        text=book.add_format(wrapped),
        quoted=book.add_format(wrapped | {"quote_prefix": True}),
        day=book.add_format({"valign": "top", "align": "left", "num_format": DAY}),
        moment=book.add_format({"valign": "top", "align": "left", "num_format": MOMENT}),
    )
    _write_list(book.add_worksheet(_sheet_name(sheet.title)), sheet, looks)
    about = book.add_worksheet("说明")
    about.set_column(0, 0, 12)
    about.set_column(1, 1, 60)
    for at, (label, text) in enumerate(sheet.notes):
        _write(about, (at, 0), label, looks)
        _write(about, (at, 1), text, looks)
    book.close()
    return file.getvalue()


def _write_list(page: Worksheet, sheet: Sheet, looks: _Looks) -> None:
    widths = [_width(head) for head in sheet.heads]
    for at, head in enumerate(sheet.heads):
        page.write_string(0, at, head, looks.head)
    number = 0
    for number, row in enumerate(sheet.rows, start=1):
        for at, cell in enumerate(row):
            _write(page, (number, at), cell, looks)
            widths[at] = max(widths[at], _width(cell))
    for at, width in enumerate(widths):
        page.set_column(at, at, min(width, WIDEST) + 2)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, max(number, 1), len(sheet.heads) - 1)
    page.repeat_rows(0)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    if sheet.cut:
        page.write_string(number + 1, 0, sheet.cut)


def _write(page: Worksheet, place: tuple[int, int], cell: Cell, looks: _Looks) -> None:
    row, column = place
    if isinstance(cell, datetime):
        local = cell.astimezone(BEIJING).replace(tzinfo=None)
        page.write_datetime(row, column, local, looks.moment)
    elif isinstance(cell, date):
        page.write_datetime(row, column, datetime(cell.year, cell.month, cell.day), looks.day)  # noqa: DTZ001 -- a day on a sheet has no time zone
    elif isinstance(cell, int):
        page.write_number(row, column, cell, looks.text)
    elif cell:
        look = looks.quoted if cell.startswith(ACTING) else looks.text
        page.write_string(row, column, cell, look)


def _width(cell: Cell) -> int:
    """Columns that a cell takes; Chinese characters take two."""
    if isinstance(cell, datetime):
        return 20
    if isinstance(cell, date):
        return 14
    return sum(2 if unicodedata.east_asian_width(each) in "WFA" else 1 for each in str(cell or ""))


def _sheet_name(title: str) -> str:
    return title.translate(FORBIDDEN_IN_NAMES)[:SHEET_NAME]
