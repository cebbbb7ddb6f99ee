"""Dates, numbers and masked personal data read the same on paper and on pages."""

from datetime import UTC, date, datetime

import pytest

from onevisit.documents.format import (
    answer_text,
    big_number,
    cn_date,
    cn_datetime,
    mask_account,
    mask_id,
    mask_name,
    mask_phone,
    masked,
)


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-05",
        "2026-01-05T10:00:00+08:00",
        date(2026, 1, 5),
        datetime(2026, 1, 4, 16, 30, tzinfo=UTC),  # already the 5th in Beijing
        "2026-01-04T16:30:00Z",
    ],
)
def test_dates_have_no_leading_zeros_and_are_beijing_dates(value):
    assert cn_date(value) == "2026年1月5日"


def test_time_of_day_is_beijing_time():
    assert cn_datetime("2026-11-21T01:05:00+00:00") == "2026年11月21日 09:05"
    assert cn_datetime("2026-11-21T09:05:00") == "2026年11月21日 09:05"
    assert cn_datetime("2026-11-21") == "2026年11月21日"


@pytest.mark.parametrize("text", ["", "明天", "2026-13-01", "21/11/2026"])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError):
        cn_date(text)


def test_big_numbers_are_grouped():
    assert big_number(1234567) == "1,234,567"
    assert big_number(1234567.5) == "1,234,567.5"
    assert big_number(999) == "999"


@pytest.mark.parametrize(
    ("name", "masked"),
    [("张三", "张*"), ("欧阳小明", "欧***"), ("甲", "甲"), ("", "")],
)
def test_names_keep_their_first_character(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("110000199001011234", "110***********1234"),
        ("99000019900101001X", "990***********001X"),
        ("E12345678", "E******78"),
        ("A1", "*1"),
        ("", ""),
    ],
)
def test_identity_numbers_keep_their_ends(number, masked):
    assert mask_id(number) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [("19900000000", "199****0000"), ("0990-0000000", "09*******000"), ("12345", "****5")],
)
def test_phones_keep_their_ends(phone, masked):
    assert mask_phone(phone) == masked


@pytest.mark.parametrize("length", range(30))
def test_at_least_half_of_any_number_is_hidden(length):
    assert mask_id("7" * length).count("*") * 2 >= length


def test_answers_in_words() -> None:
    choice = {"oneOf": [{"const": "a", "title": "甲类"}]}
    assert answer_text(choice, "a") == "甲类"
    assert answer_text({"items": choice}, ["a", "a"]) == "甲类；甲类"
    assert answer_text({"x-unit": "平方米"}, 80) == "80平方米"
    assert answer_text({}, value=False) == "否"
    assert answer_text({"format": "date"}, "2026-01-05") == "2026年1月5日"
    assert answer_text({"format": "date"}, "下个月") == "下个月"
    rows = {"items": {"properties": {"name": {}, "n": {"x-unit": "岁"}}}}
    assert answer_text(rows, [{"name": "甲", "n": 3}]) == "甲，3岁"


def test_accounts_keep_their_last_four():
    assert mask_account("6200000000000001234") == "***************1234"


@pytest.mark.parametrize(
    ("schema", "value", "shown"),
    [
        ({"format": "cn-id"}, "990000199001019011", "990***********9011"),
        ({"x-sensitivity": "identity"}, "演示居住证12345678", "演示********678"),
        ({"format": "cn-phone"}, "19900000000", "199****0000"),
        ({"x-sensitivity": "financial"}, "6200000000000001234", "***************1234"),
        ({"x-sensitivity": "financial"}, "示例银行", "示例银行"),
        ({"x-sensitivity": "personal"}, "演示申请人甲", "演示申请人甲"),
        ({"x-sensitivity": "identity", "oneOf": [{"const": "a"}]}, "a", "a"),
        ({"x-sensitivity": "identity"}, 3, 3),
        ({}, "990000199001019011", "990000199001019011"),
        (
            {"items": {"properties": {"card": {"format": "cn-id"}}}},
            [{"card": "990000199001019011", "name": "甲"}],
            [{"card": "990***********9011", "name": "甲"}],
        ),
    ],
)
def test_the_form_says_which_numbers_are_masked(schema, value, shown):
    assert masked(schema, value) == shown
