"""Reads the State Council's notice of a year's holidays as it is published, or days typed one by
one, and writes them into the calendar file."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from onevisit.catalog.retouch import written
from onevisit.definition.place import Calendar

SATURDAY = 5
LONGEST = 20
"""Days of one holiday; more is a slip of the pen."""
_NOTE = re.compile(r"[（(][^）)]*[）)]")
_DAY = r"(?:(\d{4})\s*(?:年|-))?\s*(?:(\d{1,2})\s*(?:月|-))?\s*(\d{1,2})\s*日?"
_SPAN = re.compile(rf"{_DAY}(?:\s*(?:至|到|—+|–|～|~)\s*{_DAY})?")
_DATED = re.compile(r"\d{1,2}\s*(?:月|日|-\s*\d)")


@dataclass(frozen=True)
class Arrangement:
    """A year's days: Mondays to Fridays off, Saturdays and Sundays worked, in order."""

    holidays: tuple[date, ...]
    workdays: tuple[date, ...]


class Unreadable(Exception):
    """What was typed cannot be understood; the message says which part."""


def read_notice(text: str, year: int) -> Arrangement:
    """The arrangement of a year, from sentences with 放假 or 上班 in them (国务院办公厅关于部分
    节假日安排的通知). Weekends within a holiday are off anyway and left out. Raises Unreadable."""
    off: list[date] = []
    worked: list[date] = []
    for sentence in re.split(r"[。；;\n]", _NOTE.sub("", text)):
        for clause, kind in _clauses(sentence):
            (worked if kind == "上班" else off).extend(_days(clause, year))
    workdays = sorted({day for day in worked if day.year == year})
    for day in workdays:
        if day.weekday() < SATURDAY:
            raise Unreadable(f"{day.isoformat()} 是周一至周五，本来就上班，不用写作调休上班")
    wrong = sorted(set(off) & set(workdays))
    if wrong:
        raise Unreadable(f"{wrong[0].isoformat()} 既写了放假又写了上班")
    holidays = sorted({day for day in off if day.year == year and day.weekday() < SATURDAY})
    if not holidays:
        raise Unreadable(f"没有读到 {year} 年放假的日子：请粘贴通知里“放假”“上班”的句子")
    return Arrangement(tuple(holidays), tuple(workdays))


def as_typed(calendar: Calendar, year: int) -> str:
    """A year of a calendar as somebody would type it: one line of days off, one of days worked."""
    lines = []
    for word, days in (("放假", calendar.holidays), ("上班", calendar.workdays)):
        found = [each.isoformat() for each in days if each.year == year]
        if found:
            lines.append(f"{'、'.join(found)} {word}")
    return "\n".join(lines)


def with_year(text: str, calendar: Calendar, year: int, days: Arrangement, source: str) -> str:
    """The text of a calendar file with another arrangement of one year, all else as it was."""
    last = max(calendar.last, date(year, 12, 31))
    text = re.sub(r"(?m)^last:.*$", f"last: {last.isoformat()}", text)
    text = re.sub(r"(?m)^source:.*$", lambda _: f"source: {written(source)}", text)
    for key, old, new in (
        ("holidays", calendar.holidays, days.holidays),
        ("workdays", calendar.workdays, days.workdays),
    ):
        kept = sorted({*(each for each in old if each.year != year), *new})
        block = "\n".join([f"{key}:", *_lines(kept, key)]) if kept else f"{key}: []"
        pattern = rf"(?ms)^{key}:.*?(?=^[^\s#-]|^#|\Z)"
        if not re.search(pattern, text):
            text = text.rstrip("\n") + f"\n{key}:\n"
        text = re.sub(pattern, lambda _, block=block: block + "\n", text, count=1)  # type: ignore[misc]  # the default binds the loop's value
    return text


def _lines(days: Iterable[date], key: str) -> Iterator[str]:
    """As in the calendar file: holidays by month."""
    month = (0, 0)
    for day in days:
        if key == "holidays" and (day.year, day.month) != month:
            month = (day.year, day.month)
            yield f"  # {day:%Y-%m}"
        yield f"  - {day.isoformat()}"


def _clauses(sentence: str) -> Iterator[tuple[str, str]]:
    """Pieces of a sentence that end in 放假 or 上班, with the word; Unreadable for days without."""
    rest = sentence
    while found := re.search("放假|上班", rest):
        yield rest[: found.start()], found[0]
        rest = rest[found.end() :]
    if _DATED.search(rest):
        raise Unreadable(f"“{rest.strip()[:40]}”里没有写明是放假还是上班")


def _days(clause: str, year: int) -> Iterator[date]:
    """All days of a clause; a day without a month is of the month before it."""
    at = (year, 0)
    for found in _SPAN.finditer(clause):
        if not _DATED.search(found[0]):
            continue  # 共8天
        first, at = _day(found.groups()[:3], at, found[0])
        last = first
        if found[6] is not None:
            last, at = _day(found.groups()[3:], at, found[0])
        if last < first or (last - first).days >= LONGEST:
            raise Unreadable(f"“{found[0].strip()}”的起止不对")
        yield from (first + timedelta(days=n) for n in range((last - first).days + 1))


def _day(
    parts: Sequence[str | None], at: tuple[int, int], words: str
) -> tuple[date, tuple[int, int]]:
    """The day written so after a day of that year and month."""
    year = int(parts[0]) if parts[0] else at[0]
    month = int(parts[1]) if parts[1] else at[1]
    try:
        return date(year, month, int(parts[2] or 0)), (year, month)
    except ValueError:
        raise Unreadable(f"“{words.strip()}”不是日期") from None
