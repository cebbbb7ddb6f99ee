"""A department's arrangements as iCalendar: escaped, folded, and nothing of the applicant."""

import uuid
from datetime import UTC, date, datetime

from onevisit.cases.views.calendar import Day
from onevisit.cases.views.calendar_entries import Entry
from onevisit.cases.views.office_month import icalendar

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def test_icalendar_is_escaped_and_folded() -> None:
    entry = Entry(
        at=datetime(2026, 11, 23, 1, 30, tzinfo=UTC), kind="inspection", title="现场核查",
        place="示例市演示路1号,二层;东侧", case_number="99-1", applicant="演示申请人甲",
        items=((uuid.UUID(int=1), "食品经营许可（新办）" * 4),), others=("城管",), who="",
    )  # fmt: skip
    data = icalendar([Day(date(2026, 11, 23), (entry,), 1)], NOW, "示例市政务服务中心")
    lines = data.decode().split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    whole = data.decode().replace("\r\n ", "")
    assert "DTSTART:20261123T013000Z" in whole and "DTEND:20261123T023000Z" in whole
    assert "LOCATION:示例市演示路1号\\,二层\\;东侧" in whole
    assert "SUMMARY:现场核查：" + "食品经营许可（新办）" * 4 in whole
    assert "会同城管" in whole and "演示申请人甲" not in whole
    assert whole.startswith("BEGIN:VCALENDAR\r\n") and whole.endswith("END:VCALENDAR\r\n")
