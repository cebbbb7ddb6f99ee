"""`onevisit calendar YEAR`: a year's holidays and make-up days, ready for the calendar file.

They come from the chinesecalendar package, which its keepers extend when the State Council has
announced the next year; whoever publishes them compares with the announcement itself.
"""

import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from importlib.metadata import version

import chinese_calendar

KNOWN, UNKNOWN = 0, 1
SATURDAY = 5
HOW = """\
# 以下各行分别追加到 workflows/calendars/cn.yaml 的 holidays 与 workdays 之下，
# 并把 last 改为 {year}-12-31、在 source 中注明依据的通知；发布之前请与通知原文逐日核对。
"""
SORRY = """\
chinesecalendar {version} 还不知道 {year} 年的放假安排（它知道 {first} 至 {last} 年）。
国务院办公厅通常在上一年 11 月公布；公布之后升级这个软件包再试，或者按通知原文手工追加。
在此之前，{year} 年的日期按周一至周五计算，并标为“暂定”。
"""


def print_year(year: int) -> int:
    """Prints the days of a year as YAML; 1 when the package does not know the year."""
    first, last = known_years()
    if not first <= year <= last:
        installed = version("chinesecalendar")
        sys.stderr.write(SORRY.format(version=installed, year=year, first=first, last=last))
        return UNKNOWN
    holidays, workdays = days_of(year)
    sys.stdout.write(HOW.format(year=year))
    sys.stdout.write("\n".join(["holidays:", *_lines(holidays)]) + "\n")
    sys.stdout.write("\n".join(["workdays:", *_lines(workdays)]) + "\n")
    return KNOWN


def known_years() -> tuple[int, int]:
    """The first and the last year that the package knows."""
    years = {day.year for day in chinese_calendar.holidays}
    return min(years), max(years)


def days_of(year: int) -> tuple[list[date], list[date]]:
    """Mondays to Fridays that are off, and Saturdays and Sundays that are worked."""
    day = date(year, 1, 1)
    holidays, workdays = [], []
    while day.year == year:
        worked, weekend = chinese_calendar.is_workday(day), day.weekday() >= SATURDAY
        if weekend and worked:
            workdays.append(day)
        elif not weekend and not worked:
            holidays.append(day)
        day += timedelta(days=1)
    return holidays, workdays


def _lines(days: Sequence[date]) -> Iterator[str]:
    """As in the calendar file: by month."""
    month = 0
    for day in days:
        if day.month != month:
            month = day.month
            yield f"  # {day:%Y-%m}"
        yield f"  - {day.isoformat()}"
