"""Turns what people typed into a page into JSON data, as far as the form's schema allows."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

_WHOLE = re.compile(r"[-+]?[0-9]{1,15}")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,15}(\.[0-9]{1,15})?")
_ROW_NUMBER = re.compile(r"[0-9]{1,4}")
_CODES = frozenset({"cn-id", "uscc", "cn-phone"})


def typed(schema: Mapping[str, Any], name: str, grouped: Mapping[str, list[str]]) -> Any:
    """The value of the field `name` among all texts that a page sent; None when it is empty.

    `grouped` has the texts by HTML name; names like "staff.0.name" fill rows. What cannot be
    converted stays as typed, so that it can be shown again beside its fault.
    """
    kind = schema["type"]
    if kind == "array" and schema["items"].get("type") == "object":
        return _rows(schema["items"], name, grouped)
    texts = [text for text in grouped.get(name, []) if text]
    if kind == "array":
        return texts or None
    if not texts:
        return None
    return _scalar(kind, schema.get("format"), texts[-1])


def _rows(
    schema: Mapping[str, Any], name: str, grouped: Mapping[str, list[str]]
) -> list[Any] | None:
    numbers = sorted(
        {int(key.split(".")[1]) for key in grouped if _is_row_of(key, name) and any(grouped[key])}
    )
    rows = []
    for number in numbers:
        row = {}
        for key, each in schema["properties"].items():
            value = typed(each, f"{name}.{number}.{key}", grouped)
            if value is not None:
                row[key] = value
        rows.append(row)
    return rows or None


def _is_row_of(key: str, name: str) -> bool:
    parts = key.split(".")
    return len(parts) == 3 and parts[0] == name and bool(_ROW_NUMBER.fullmatch(parts[1]))


def _scalar(kind: str, wanted: str | None, text: str) -> Any:
    plain = unicodedata.normalize("NFKC", text)  # full-width digits are digits
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if kind == "integer" and _WHOLE.fullmatch(plain):
        return int(plain)
    if kind == "number" and _DECIMAL.fullmatch(plain):
        return float(plain)
    if wanted in _CODES:  # people write codes in groups and with a small x
        return re.sub(r"[\s-]", "", plain).upper()
    return text
