"""The calendar file says of every announced day what the well-kept library says of it."""

from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest

from onevisit.definition.parse import parse
from onevisit.definition.place import Calendar
from onevisit.engine.clocks import is_working_day

FILE = Path(__file__).resolve().parents[3] / "workflows/calendars/cn.yaml"
CALENDAR, _ = parse(FILE.read_text(encoding="utf-8"), FILE.name, Calendar)


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_every_day_of_an_announced_year(year: int) -> None:
    day = date(year, 1, 1)
    while day.year == year:
        assert is_working_day(CALENDAR, day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


def test_the_file_ends_where_the_announcements_end() -> None:
    assert date(2024, 1, 1) == CALENDAR.first
    assert date(2026, 12, 31) == CALENDAR.last
