"""How dates, numbers and personal data read on paper and on pages, so that both always agree.

Pure functions, registered as Jinja filters by documents and by the web templates.
"""

from datetime import date, datetime, timedelta, timezone
from typing import Any

ACCOUNT_DIGITS = 6
"""A financial answer with fewer digits is an amount or a name, no account."""
BEIJING = timezone(timedelta(hours=8))
"""China Standard Time; it has had no daylight saving since 1991."""


def _moment(value: str | date | datetime) -> date | datetime:
    """A date stays a date; an aware datetime is brought to Beijing time; naive is that."""
    if isinstance(value, str):
        value = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(BEIJING)
    return value


def cn_date(value: str | date | datetime) -> str:
    """2026-11-21 → 2026年11月21日: Arabic numerals, no leading zeros (GB/T 9704-2012, 7.3.5.4).

    Takes ISO 8601 text, a date or a datetime; raises ValueError for any other text.
    """
    day = _moment(value)
    return f"{day.year}年{day.month}月{day.day}日"


def cn_datetime(value: str | date | datetime) -> str:
    """2026-11-21T10:00:00+08:00 → 2026年11月21日 10:00; a plain date has no time to show."""
    moment = _moment(value)
    if not isinstance(moment, datetime):
        return cn_date(moment)
    return f"{cn_date(moment)} {moment.hour:02d}:{moment.minute:02d}"


def big_number(value: float) -> str:
    """1234567.5 → 1,234,567.5: groups of three from the point on (GB/T 15835-2011, 5.1.1)."""
    return f"{value:,}"


def mask_name(name: str) -> str:
    """张三 → 张*, 欧阳小明 → 欧***: the first character stays, every other one is a star."""
    return name[:1] + "*" * (len(name) - 1)


def _keep_ends(text: str, head: int, tail: int) -> str:
    """Stars between the first `head` and last `tail` characters, never fewer stars than half."""
    while head + tail > len(text) // 2:
        head, tail = max(head - 1, 0), max(tail - 1, 0)
    return text[:head] + "*" * (len(text) - head - tail) + text[len(text) - tail :]


def mask_id(number: str) -> str:
    """18 characters → the first 3 and last 4 (110***********1234); shorter papers keep less."""
    return _keep_ends(number, 3, 4)


def mask_phone(phone: str) -> str:
    """19912340000 → 199****0000; any other length keeps at most its first 3 and last 4."""
    return phone[:3] + "****" + phone[-4:] if len(phone) == 11 else _keep_ends(phone, 3, 4)


def mask_account(number: str) -> str:
    """A bank or other account: stars but for the last 4 (***************0000)."""
    return _keep_ends(number, 0, 4)


def masked(schema: Any, value: Any) -> Any:
    """A form value with every number that names or reaches a person masked, as its schema says:
    `x-sensitivity` identity and financial, `format` cn-id and cn-phone; in lists and rows too."""
    if isinstance(value, list):
        return [masked(schema.get("items", {}), each) for each in value]
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        return {key: masked(properties.get(key, {}), each) for key, each in value.items()}
    if not isinstance(value, str) or "oneOf" in schema:
        return value
    kind, about = schema.get("format"), schema.get("x-sensitivity")
    if kind == "cn-phone":
        return mask_phone(value)
    if kind == "cn-id" or about == "identity":
        return mask_id(value)
    is_number = sum(each.isdigit() for each in value) >= ACCOUNT_DIGITS
    return mask_account(value) if about == "financial" and is_number else value


def _date_text(value: Any) -> str:
    """A date as papers write it; what is no date (yet) stays as it was typed."""
    try:
        return cn_date(str(value))
    except ValueError:
        return str(value)


def answer_text(schema: Any, value: Any) -> str:
    """A form value in words, as its schema titles it: choices, lists, yes and no, units."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        inner = schema.get("items", {})
        return "；".join(answer_text(inner, each) for each in value)
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        return "，".join(answer_text(properties.get(key, {}), each) for key, each in value.items())
    for option in schema.get("oneOf", ()):
        if option.get("const") == value:
            return str(option.get("title", value))
    if schema.get("format") == "date":
        return _date_text(value)
    return f"{value}{schema.get('x-unit', '')}"
