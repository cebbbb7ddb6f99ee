"""The State Council's notices of holidays, read as they are published."""

from datetime import date
from pathlib import Path

import pytest

from onevisit.catalog import announcement
from onevisit.catalog.announcement import Unreadable
from onevisit.definition.parse import parse
from onevisit.definition.place import Calendar

FILE = Path(__file__).parents[3] / "workflows/calendars/cn.yaml"
TEXT = FILE.read_text()
CALENDAR = parse(TEXT, "workflows/calendars/cn.yaml", Calendar)[0]
OF_2026 = """一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。"""
"""国务院办公厅关于2026年部分节假日安排的通知, its seven paragraphs."""


def test_the_notice_of_2026_gives_the_calendar_of_2026() -> None:
    found = announcement.read_notice(OF_2026, 2026)
    assert found.holidays == tuple(each for each in CALENDAR.holidays if each.year == 2026)
    assert found.workdays == tuple(each for each in CALENDAR.workdays if each.year == 2026)


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_a_year_as_it_is_shown_reads_back_the_same(year: int) -> None:
    found = announcement.read_notice(announcement.as_typed(CALENDAR, year), year)
    assert found.holidays == tuple(each for each in CALENDAR.holidays if each.year == year)
    assert announcement.with_year(TEXT, CALENDAR, year, found, CALENDAR.source) == TEXT


def test_another_year_is_added_and_all_else_stays() -> None:
    days = announcement.read_notice("2027年1月1日放假；2027-01-02 上班", 2027)
    text = announcement.with_year(TEXT, CALENDAR, 2027, days, "演示: 通知")
    found = parse(text, "workflows/calendars/cn.yaml", Calendar)[0]
    assert found.holidays == (*CALENDAR.holidays, date(2027, 1, 1))
    assert found.workdays == (*CALENDAR.workdays, date(2027, 1, 2))
    assert (found.last, found.source) == (date(2027, 12, 31), "演示: 通知")
    assert text.startswith(TEXT[: TEXT.index("last:")])


def test_a_holiday_over_new_year_belongs_to_both_years() -> None:
    words = "2026年12月31日至2027年1月3日放假，共4天"
    assert announcement.read_notice(words, 2027).holidays == (date(2027, 1, 1),)
    assert announcement.read_notice(words, 2026).holidays == (date(2026, 12, 31),)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("", "没有读到"),
        ("放假", "没有读到"),
        ("2月30日放假", "不是日期"),
        ("31日放假", "不是日期"),
        ("1月5日至2月20日放假", "起止不对"),
        ("1月5日至1月4日放假", "起止不对"),
        ("1月1日放假，1月4日上班", "本来就上班"),
        ("1月1日至3日放假，1月2日上班", "既写了放假又写了上班"),
        ("1月1日", "没有写明"),
    ],
)
def test_what_cannot_be_understood_is_named(words: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        announcement.read_notice(words, 2027)
