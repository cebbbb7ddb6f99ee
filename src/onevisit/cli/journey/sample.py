"""Plainly fictional values that fit a form's schema, and a small real PDF to hand in."""

from collections.abc import Mapping
from typing import Any

from stdnum.cn import ric, uscc
from weasyprint import HTML

from onevisit.definition.form import Field
from onevisit.definition.service import Definition
from onevisit.engine import select

_USCC_BODY = "91990000MA0000001"
_ID_BODY = "99000019900101901"
_FORMATS = {
    "date": "2026-01-31",
    "cn-id": _ID_BODY + ric.calc_check_digit(_ID_BODY + "0"),
    "uscc": _USCC_BODY + uscc.calc_check_digit(_USCC_BODY),
    "cn-phone": "19900000000",
    "email": "demo@example.cn",
}


def sample_pairs(field: Field) -> dict[str, str | list[str]]:
    """What a person would type into one field: HTML name → text, lists for checkboxes."""
    return dict(_pairs(field.id, field.schema))


def _pairs(name: str, schema: Mapping[str, Any]) -> list[tuple[str, str | list[str]]]:
    kind = schema.get("type", "string")
    if kind == "array" and schema["items"].get("type") == "object":
        properties = schema["items"]["properties"]
        return [
            pair
            for row in range(max(1, int(schema.get("minItems", 1))))
            for key, each in properties.items()
            for pair in _pairs(f"{name}.{row}.{key}", each)
        ]
    if kind == "array":
        return [(name, [str(schema["items"]["oneOf"][0]["const"])])]
    return [(name, _scalar(kind, schema))]


def _scalar(kind: str, schema: Mapping[str, Any]) -> str:
    if "examples" in schema:
        return str(schema["examples"][0])
    if "oneOf" in schema:
        return str(schema["oneOf"][0]["const"])
    if kind == "boolean":
        return "true"
    if kind in ("integer", "number"):
        return str(max(int(schema.get("minimum", 1)), 1))
    if "format" in schema:
        return _FORMATS[schema["format"]]
    text = f"演示{schema.get('title', '内容')}"
    return text.ljust(int(schema.get("minLength", 0)), "甲")[: int(schema.get("maxLength", 200))]


def widest_answers(definition: Definition, situations: list[dict[str, Any]]) -> dict[str, Any]:
    """The answers, among those given, that select the most items and material."""

    def width(answers: dict[str, Any]) -> tuple[int, int]:
        selection = select(definition, answers)
        return len(selection.parts), len(selection.asked)

    return max(situations, key=width)


def sample_pdf(title: str) -> bytes:
    """One page with the material's name, marked as a demonstration."""
    body = f"<html lang='zh-CN'><h1>{title}</h1><p>演示用样件，内容均为虚构。</p></html>"
    pdf = HTML(string=body).write_pdf()
    assert isinstance(pdf, bytes)
    return pdf
