"""Plainly fictional values that fit a form's schema: for demonstrations and for rehearsals."""

from collections.abc import Mapping
from math import ceil, floor
from typing import Any

from stdnum.cn import ric, uscc

from onevisit.definition.form import Field

_USCC_BODY = "91990000MA0000001"
_ID_BODY = "99000019900101901"
_FORMATS = {
    "date": "2026-01-31",
    "cn-id": _ID_BODY + ric.calc_check_digit(_ID_BODY + "0"),
    "uscc": _USCC_BODY + uscc.calc_check_digit(_USCC_BODY),
    "cn-phone": "19900000000",
    "email": "demo@example.cn",
}
"""Region 990000 does not exist; the check digits hold."""


def sample(field: Field) -> Any:
    """What a person would fill into one field, as JSON data.

    It fits the schema unless that asks for a `pattern` and gives no `examples`.
    """
    return _value(field.schema)


def _value(schema: Mapping[str, Any]) -> Any:
    if schema["type"] != "array":
        return _scalar(schema)
    entries, count = schema["items"], max(1, int(schema.get("minItems", 1)))
    if entries.get("type") == "object":
        row = {name: _value(each) for name, each in entries["properties"].items()}
        return [dict(row) for _ in range(count)]
    return [option["const"] for option in entries["oneOf"]][:count]


def _scalar(schema: Mapping[str, Any]) -> Any:
    kind = schema["type"]
    if "examples" in schema:
        return schema["examples"][0]
    if "oneOf" in schema:
        return schema["oneOf"][0]["const"]
    if kind == "boolean":
        return True
    if kind in ("integer", "number"):
        return _number(schema)
    if "format" in schema:
        return _FORMATS[schema["format"]]
    text = f"演示{schema['title']}"
    return text.ljust(int(schema.get("minLength", 0)), "甲")[: int(schema.get("maxLength", 200))]


def _number(schema: Mapping[str, Any]) -> int:
    """A small whole number within the bounds."""
    least = ceil(schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1))
    most = floor(schema.get("maximum", schema.get("exclusiveMaximum", least + 2) - 1))
    return int(min(max(least, 1), most))
