"""What people type when they mean a number: with or without hyphens, in whatever brackets."""

import re

BRACKETS = str.maketrans(
    {"[": "〔", "【": "〔", "（": "〔", "(": "〔", "]": "〕", "】": "〕", "）": "〕", ")": "〕"}
)
CASE_NUMBER = re.compile(r"(\d{6})(\d{8})(\d{6})(\d)")


def case_number(text: str) -> str | None:
    """990000-20261121-000012-3 for these 21 digits, however they are set apart; else None."""
    found = CASE_NUMBER.fullmatch(re.sub(r"[\s\-—－_]", "", text))
    return "-".join(found.groups()) if found else None


def paper_numbers(text: str) -> tuple[str, ...]:
    """The spellings under which a document or certificate with this number may be kept."""
    plain = re.sub(r"\s", "", text)
    official = plain.translate(BRACKETS)
    ended = official if official.endswith("号") else official + "号"
    return tuple(dict.fromkeys((plain, plain.upper(), official, ended)))
