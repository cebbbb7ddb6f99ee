"""Samples fit the schema they are made for, whatever it asks."""

from typing import Any

import pytest

from onevisit.definition.form import Field, Form, Section
from onevisit.definition.sample import sample

CHOICES = [{"const": "a", "title": "甲"}, {"const": "b", "title": "乙"}]
ROW = {"type": "object", "properties": {"name": {"type": "string", "title": "姓名"}}}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, "演示内容"),
        ({"type": "string", "minLength": 6}, "演示内容甲甲"),
        ({"type": "string", "maxLength": 3}, "演示内"),
        ({"type": "string", "oneOf": CHOICES}, "a"),
        ({"type": "string", "pattern": "^x$", "examples": ["x"]}, "x"),
        ({"type": "string", "format": "date"}, "2026-01-31"),
        ({"type": "string", "format": "cn-id"}, "990000199001019011"),
        ({"type": "string", "format": "uscc"}, "91990000MA0000001B"),
        ({"type": "string", "format": "cn-phone"}, "19900000000"),
        ({"type": "string", "format": "email"}, "demo@example.cn"),
        ({"type": "boolean"}, True),
        ({"type": "boolean", "const": True}, True),
        ({"type": "integer"}, 1),
        ({"type": "integer", "minimum": 0, "maximum": 0}, 0),
        ({"type": "integer", "minimum": 7}, 7),
        ({"type": "integer", "exclusiveMinimum": 7}, 8),
        ({"type": "integer", "maximum": 0, "minimum": -3}, 0),
        ({"type": "number", "minimum": 1.5}, 2),
        ({"type": "number", "minimum": 1, "exclusiveMaximum": 2}, 1),
        ({"type": "array", "items": {"oneOf": CHOICES}}, ["a"]),
        ({"type": "array", "minItems": 2, "uniqueItems": True, "items": {"oneOf": CHOICES}},
         ["a", "b"]),
        ({"type": "array", "items": ROW}, [{"name": "演示姓名"}]),
        ({"type": "array", "minItems": 2, "items": ROW}, [{"name": "演示姓名"}] * 2),
    ],
)  # fmt: skip
def test_a_sample_fits(schema: dict[str, Any], expected: object) -> None:
    field = Field("x", "内容", {"title": "内容", **schema}, required=True, items=("*",))
    assert sample(field) == expected
    form = Form("f", "表", (Section("s", "页", None, (field,)),))
    assert form.check({"x": sample(field)}) == []
