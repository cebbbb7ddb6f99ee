"""A form field is drawn as the schema says, and shows again exactly what was typed."""

from typing import Any

import pytest

from onevisit.definition.form import Field, FieldError
from onevisit.web.fields import (
    FieldView,
    answer_text,
    bind,
    field_id,
    kind_of,
    summarise,
    with_row,
    without_row,
)

STAFF: dict[str, Any] = {
    "type": "array",
    "title": "从业人员",
    "minItems": 1,
    "maxItems": 2,
    "items": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "title": "姓名"},
            "phone": {"type": "string", "title": "电话", "format": "cn-phone"},
        },
    },
}


def field(schema: dict[str, Any], *, required: bool = True, name: str = "one") -> Field:
    """A field as the form reader makes it."""
    return Field(name, schema.get("title", "一项"), schema, required, ("*",))


def drawn(schema: dict[str, Any], value: object, *errors: FieldError) -> FieldView:
    """The view of one field holding `value`."""
    return bind([field(schema)], {"one": value}, errors)[0]


def choices(count: int) -> list[dict[str, str]]:
    return [{"const": f"c{number}", "title": f"选项{number}"} for number in range(count)]


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "x-lines": 4}, "area"),
        ({"type": "string", "x-lines": 1}, "text"),
        ({"type": "integer"}, "text"),
        ({"type": "boolean"}, "radios"),
        ({"oneOf": choices(7)}, "radios"),
        ({"oneOf": choices(8)}, "select"),
        ({"type": "string", "enum": ["甲", "乙"]}, "radios"),
        ({"type": "array", "items": {"oneOf": choices(3)}}, "boxes"),
        (STAFF, "rows"),
    ],
)
def test_the_schema_decides_the_control(schema: dict[str, Any], kind: str) -> None:
    assert kind_of(schema) == kind


@pytest.mark.parametrize("typed", ["八十", "1e9x", "  ", "080"])
def test_what_could_not_be_read_is_shown_as_typed(typed: str) -> None:
    assert drawn({"type": "integer"}, typed).value == typed


def test_a_boolean_answer_checks_its_radio() -> None:
    checked = {c.label: c.checked for c in drawn({"type": "boolean"}, False).choices}
    assert checked == {"是": False, "否": True}
    unanswered = drawn({"type": "boolean"}, None).choices
    assert not any(choice.checked for choice in unanswered)


def test_the_first_choice_carries_the_id_that_an_error_links_to() -> None:
    view = drawn({"oneOf": choices(3)}, "c1")
    ids = [choice.id for choice in view.choices]
    assert ids[0] == view.id == field_id("one")
    assert len(set(ids)) == 3


def test_formats_help_the_keyboard_and_the_browser() -> None:
    phone = dict(drawn({"type": "string", "format": "cn-phone"}, "").attributes)
    assert (phone["type"], phone["autocomplete"]) == ("tel", "tel")
    assert dict(drawn({"type": "integer"}, "").attributes)["inputmode"] == "numeric"
    assert dict(drawn({"type": "string", "format": "date"}, "").attributes)["type"] == "date"


def test_rows_keep_their_values_and_errors_by_path() -> None:
    rows = drawn(
        STAFF, [{"name": "演示甲"}, {"phone": "1"}], FieldError("one.1.name", "请填写“姓名”")
    ).rows
    assert [row.path for row in rows] == ["one.0", "one.1"]
    assert rows[0].fields[0].value == "演示甲"
    assert [f.error for f in rows[1].fields] == ["请填写“姓名”", ""]
    assert rows[1].fields[0].name == "one.1.name"


def test_a_list_offers_as_many_rows_as_it_must_and_no_more_than_it_may() -> None:
    empty, full = drawn(STAFF, None), drawn(STAFF, [{}, {}])
    assert len(empty.rows) == 1 and not empty.rows[0].may_remove and empty.may_add
    assert full.rows[0].may_remove and not full.may_add


def test_removing_a_row_touches_no_other_typing() -> None:
    pairs = [
        ("name", "甲"),
        ("staff.1.name", "乙"),
        ("staff.10.name", "丙"),
        ("staff.0.name", "丁"),
    ]
    kept = without_row(pairs, "staff.1")
    assert kept == [("name", "甲"), ("staff.10.name", "丙"), ("staff.0.name", "丁")]


def test_adding_a_row_keeps_the_rows_there_are() -> None:
    assert with_row({"staff": [{"name": "甲"}], "x": 1}, "staff") == {
        "staff": [{"name": "甲"}, {}],
        "x": 1,
    }
    assert with_row({"staff": "坏的"}, "staff")["staff"] == [{}]


@pytest.mark.parametrize(
    ("schema", "value", "text"),
    [
        ({"type": "boolean"}, True, "是"),
        ({"type": "boolean"}, False, "否"),
        ({"oneOf": choices(2)}, "c1", "选项1"),
        ({"type": "array", "items": {"oneOf": choices(3)}}, ["c0", "c2"], "选项0、选项2"),
        ({"type": "integer", "x-unit": "平方米"}, 80, "80 平方米"),
        ({"type": "integer"}, 0, "0"),
        (STAFF, [{"name": "甲"}], "姓名：甲；电话：未填写"),
        ({"type": "string"}, "", ""),
        (STAFF, ["不是一行"], "不是一行"),
    ],
)
def test_answers_in_words(schema: dict[str, Any], value: object, text: str) -> None:
    assert answer_text(schema, value) == text


def test_the_summary_names_the_question_of_each_error() -> None:
    fields = [
        field({"title": "经营面积"}, name="area"),
        field({**STAFF, "title": "从业人员"}, name="staff"),
    ]
    errors = [
        FieldError("area", "应为整数"),
        FieldError("staff.1.name", "请填写“姓名”"),
        FieldError("area", "请填写“经营面积”"),
        FieldError("", "整张表的问题"),
    ]
    assert [each.message for each in summarise(fields, errors)] == [
        "经营面积：应为整数",
        "从业人员第 2 项：请填写“姓名”",
        "请填写“经营面积”",
        "整张表的问题",
    ]
