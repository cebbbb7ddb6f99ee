"""What a department has arranged, as the weeks of a month or as one week, and as iCalendar."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from onevisit.cases.context import Context
from onevisit.cases.views.calendar import Day, Late, overview
from onevisit.cases.views.calendar_entries import Entry
from onevisit.engine.clocks import ONE_DAY, is_working_day

WEEK = timedelta(days=7)
IN_MONTH, IN_WEEK = 3, 8
"""How much of a day is shown in a month and in a week; the rest is on the page of the day."""
FOLD = 74
"""Octets of a line before it goes on in the next (RFC 5545, 3.1)."""
AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Cell:
    """One day of the picture; `inside` the month that is shown, `off` when nobody works. Of what is
    arranged the first `entries`, and how many `more` there are."""

    day: date
    inside: bool
    today: bool
    off: bool
    entries: tuple[Entry, ...]
    more: int


@dataclass(frozen=True)
class Span:
    """The weeks that are shown, from Monday to Sunday; `before` and `after` are days of the month
    or week before and after; `days` those within with something arranged; `late` what is overdue.
    A single day has no weeks."""

    first: date
    last: date
    weeks: tuple[tuple[Cell, ...], ...]
    before: date
    after: date
    days: tuple[Day, ...] = ()
    late: Late | None = None


def month(ctx: Context, around: date) -> Span:
    """The month of a day, of each day the first IN_MONTH; Forbidden."""
    first = around.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return _span(ctx, IN_MONTH, first, following - ONE_DAY, first - ONE_DAY, following)


def week(ctx: Context, around: date) -> Span:
    """The week of a day, of each day the first IN_WEEK; Forbidden."""
    first = around - timedelta(days=around.weekday())
    return _span(ctx, IN_WEEK, first, first + WEEK - ONE_DAY, first - WEEK, first + WEEK)


def one_day(around: date) -> Span:
    """A day alone, with the days beside it."""
    return Span(around, around, (), around - ONE_DAY, around + ONE_DAY)


def _span(  # noqa: PLR0917 -- four days of a picture, in their order
    ctx: Context, shown: int, first: date, last: date, before: date, after: date
) -> Span:
    monday = first - timedelta(days=first.weekday())
    weeks = (last - monday).days // 7 + 1
    found = overview(ctx, monday, monday + weeks * WEEK - ONE_DAY, shown)
    known = {each.day: each for each in found.days}
    services = ctx.catalog.list(ctx.session)
    working = services[0].definition.calendar if services else None

    def cell(day: date) -> Cell:
        off = day.weekday() > 4 if working is None else not is_working_day(working, day)
        here, inside = known.get(day, Day(day, (), 0)), first <= day <= last
        more = here.total - len(here.entries)
        return Cell(day, inside, day == ctx.today, off, here.entries, more)

    return Span(
        first,
        last,
        tuple(
            tuple(cell(monday + timedelta(days=7 * row + each)) for each in range(7))
            for row in range(weeks)
        ),
        before,
        after,
        tuple(each for each in found.days if first <= each.day <= last),
        found.late,
    )


def icalendar(days: Sequence[Day], now: datetime, place: str) -> bytes:
    """Everything that is arranged, for a calendar program (RFC 5545): who and where, and no more
    of the case than its number and item."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//onevisit//office//ZH"]
    for day in days:
        for entry in day.entries:
            lines += _event(entry, now, place)
    folded = (part for line in [*lines, "END:VCALENDAR"] for part in _folded(line))
    return ("\r\n".join(folded) + "\r\n").encode()


def _event(entry: Entry, now: datetime, place: str) -> list[str]:
    item_id, item = entry.items[0]
    with_others = f"，会同{'、'.join(entry.others)}" if entry.others else ""
    return [
        "BEGIN:VEVENT",
        f"UID:{item_id}-{entry.kind}-{_utc(entry.at)}@onevisit",
        f"DTSTAMP:{_utc(now)}",
        f"DTSTART:{_utc(entry.at)}",
        f"DTEND:{_utc(entry.at + AN_HOUR)}",
        f"SUMMARY:{_text(f'{entry.title}：{item}')}",
        f"LOCATION:{_text(entry.place or place)}",
        f"DESCRIPTION:{_text(f'办件{entry.case_number}{with_others}')}",
        "END:VEVENT",
    ]


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    """A value as iCalendar wants it (RFC 5545, 3.3.11)."""
    for mark in ("\\", ";", ","):
        text = text.replace(mark, "\\" + mark)
    return text.replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """The line in parts of at most FOLD octets, no character cut in two."""
    part = ""
    for character in line:
        if len((part + character).encode()) > FOLD:
            yield part
            part = " "
        part += character
    yield part
