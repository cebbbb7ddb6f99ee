"""The form: what people type is read, checked and told in words; each item sees only its own."""

import time
from typing import Any

import pytest
from stdnum.cn import ric, uscc

from onevisit.definition.dialect import can_match
from onevisit.definition.faults import FORMATS
from onevisit.definition.form import FieldError, Form, parse_form
from unit.definition import small

TEXT = """\
$id: f
title: 表
x-layout:
  - {id: a, title: 甲, help: 说明, fields: [name, size, price, ok, kind, kinds]}
  - {id: b, title: 乙, fields: [staff, card, code, phone, mail, day, time]}
properties:
  name: {type: string, title: 名称, minLength: 2, maxLength: 4, x-for: ["*"]}
  size: {type: integer, title: 面积, minimum: 1, exclusiveMaximum: 100, x-unit: 平米, x-for: [one]}
  price: {type: number, title: 价格, exclusiveMinimum: 0, maximum: 9.5, x-unit: 元, x-for: [two]}
  ok: {type: boolean, title: 同意, const: true, x-for: [one]}
  kind:
    type: string
    title: 种类
    oneOf: [{const: x, title: 甲类}, {const: y, title: 乙类}]
    x-for: [one]
  kinds:
    type: array
    title: 多选
    minItems: 1
    uniqueItems: true
    items: {oneOf: [{const: x, title: 甲类}, {const: y, title: 乙类}]}
    x-for: [one, two]
  staff:
    type: array
    title: 人员
    maxItems: 2
    items:
      type: object
      properties:
        name: {type: string, title: 姓名}
        age: {type: integer, title: 年龄}
      required: [name]
      additionalProperties: false
    x-for: [two]
    x-sensitivity: personal
  card: {type: string, title: 身份证, format: cn-id, x-for: [two]}
  code: {type: string, title: 代码, format: uscc, x-for: [two]}
  phone: {type: string, title: 手机, format: cn-phone, x-for: [two]}
  mail: {type: string, title: 邮箱, format: email, x-for: [two]}
  day: {type: string, title: 日期, format: date, x-for: [two]}
  time: {type: string, title: 时间, pattern: "^[0-9]{2}:[0-9]{2}$", x-for: [two]}
required: [name, kinds]
"""
FORM, _ = parse_form(TEXT, "forms/f.yaml")
GOOD = {"name": "甲乙", "kinds": ["x"]}


def faults(form: Form = FORM, **data: Any) -> list[tuple[str, str]]:
    return [(each.path, each.message) for each in form.check({**GOOD, **data})]


def test_reading_order_and_lookups() -> None:
    assert [each.id for each in FORM.sections] == ["a", "b"]
    assert FORM.section("a").help == "说明"
    assert FORM.field("staff").sensitivity == "personal"
    assert FORM.fields[0].id == "name"
    with pytest.raises(KeyError):
        FORM.field("nope")
    with pytest.raises(KeyError):
        FORM.section("nope")


def test_only_what_the_items_need_is_asked_and_empty_pages_vanish() -> None:
    one = FORM.for_items({"one"})
    assert [each.id for each in one.fields] == ["name", "size", "ok", "kind", "kinds"]
    assert [each.id for each in one.sections] == ["a"]
    assert [each.id for each in FORM.for_items(()).fields] == ["name"]
    assert faults(one, price=3) == [("", "含有这张表单没有的内容，请重新打开页面填写")]


def test_the_schema_is_json_schema_2020_12() -> None:
    whole, page = FORM.schema(), FORM.schema("a")
    assert whole["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert whole["required"] == ["name", "kinds"]
    assert whole["additionalProperties"] is False
    assert page["additionalProperties"] is True  # the other pages' data is beside it
    assert "staff" not in page["properties"]


def test_a_page_is_checked_on_its_own() -> None:
    assert [each.path for each in FORM.check({}, "a")] == ["name", "kinds"]
    assert FORM.check({"size": "seven"}, "b") == []


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, []),
        ({"name": "甲"}, [("name", "至少 2 个字")]),
        ({"name": "甲乙丙丁戊"}, [("name", "至多 4 个字")]),
        ({"name": 3}, [("name", "应为文字")]),
        ({"size": 0}, [("size", "不能小于 1平米")]),
        ({"size": 100}, [("size", "应小于 100平米")]),
        ({"size": "八十"}, [("size", "应为整数，如 80")]),
        ({"price": 0}, [("price", "应大于 0元")]),
        ({"price": 10}, [("price", "不能大于 9.5元")]),
        ({"price": "贵"}, [("price", "应为数字，如 80.5")]),
        ({"ok": False}, [("ok", "需要选择“是”才能继续；不同意的，请到综合窗口咨询其他办法")]),
        ({"ok": "maybe"}, [("ok", "请选择“是”或“否”")]),
        ({"kind": "z"}, [("kind", "请从列出的选项中选择")]),
        ({"kinds": ["x", "z"]}, [("kinds", "请从列出的选项中选择")]),
        ({"kinds": ["x", "x"]}, [("kinds", "不能重复")]),
        ({"kinds": []}, [("kinds", "至少要有 1 项")]),
        ({"kinds": "x"}, [("kinds", "请至少选择或填写一项")]),
        ({"staff": [{"age": 3}, {"name": "乙"}]}, [("staff.0.name", "请填写“姓名”")]),
        ({"staff": [{"name": "甲"}, {"name": "乙", "age": "x"}]},
         [("staff.1.age", "应为整数，如 80")]),
        ({"staff": [{"name": "甲"}] * 3}, [("staff", "至多 2 项")]),
        ({"staff": ["甲"]}, [("staff", "这一行的内容不对，请重新填写")]),
        ({"staff": [{"name": "甲", "x": 1}]},
         [("staff.0", "含有这张表单没有的内容，请重新打开页面填写")]),
        ({"day": "2026-02-30"}, [("day", "应为日期，如 2026-01-31")]),
        ({"time": "8点"}, [("time", "格式不对，请按提示填写")]),
        ({"time": 8}, [("time", "应为文字")]),
        ({"surprise": 1}, [("", "含有这张表单没有的内容，请重新打开页面填写")]),
    ],
)  # fmt: skip
def test_each_fault_in_words(data: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert faults(**data) == expected


def test_faults_come_in_reading_order_one_a_field() -> None:
    found = FORM.check({"time": "x", "name": "", "staff": [{}], "size": "x"})
    assert [each.path for each in found] == ["name", "size", "kinds", "staff.0.name", "time"]
    assert found[2] == FieldError("kinds", "请填写“多选”")


def _card(body: str) -> str:
    return body + ric.calc_check_digit(body + "0")


GOOD_CARD = _card("99000019900101001")
FORMAT_CASES = {
    "cn-id": (
        ["11010519491231002X", GOOD_CARD],
        [GOOD_CARD[:-1] + "Y", GOOD_CARD[:-1], _card("99000019900231001"), "１" * 18, "",
         "11010519491231002x", "110105194912310021"],
    ),
    "uscc": (
        ["91350100M000100Y43", "12441500196720244T", "11370800MB28559184"],
        ["91350211M0000XUF46", "91350100M000100Y4", "91350100m000100y43", "9135 0100M000100Y43",
         "O1350100M000100Y43"],
    ),
    "cn-phone": (
        ["19900000000"],
        ["1990000000", "29900000000", "１９９００００００００", "199-0000-000"],
    ),
    "date": (
        ["2026-01-31", "2024-02-29"],
        ["2026-02-29", "2026-1-31", "20260131", "2026-W05-6", "２０２６-01-31", "2026-01-31T00"],
    ),
    "email": (
        ["a@b.cn", "a.b+c@d.e.cn"],
        ["a@b", "@b.cn", "a b@c.cn", "a@b..cn", "a@@b.cn", "a@.cn"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(FORMATS.checkers))
def test_formats(name: str) -> None:
    good, bad = FORMAT_CASES[name]
    assert [text for text in good if not FORMATS.conforms(text, name)] == []
    assert [text for text in bad if FORMATS.conforms(text, name)] == []
    assert FORMATS.conforms(7, name)  # what is no text is told by `type`


def test_the_example_uscc_passes_its_check_digit() -> None:
    assert uscc.is_valid("91350100M000100Y43")


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("name", " 甲乙 ")], {"name": "甲乙"}),
        ([("name", "  ")], {}),
        ([("name", "甲"), ("name", "乙")], {"name": "乙"}),
        ([("size", "80")], {"size": 80}),
        ([("size", "８０")], {"size": 80}),
        ([("size", "-3")], {"size": -3}),
        ([("size", "80.5")], {"size": "80.5"}),
        ([("size", "1_000")], {"size": "1_000"}),
        ([("size", "9" * 5000)], {"size": "9" * 5000}),
        ([("price", "80.5")], {"price": 80.5}),
        ([("price", "nan")], {"price": "nan"}),
        ([("price", "1e400")], {"price": "1e400"}),
        ([("ok", "true")], {"ok": True}),
        ([("ok", "false")], {"ok": False}),
        ([("ok", "maybe")], {"ok": "maybe"}),
        ([("kinds", "x"), ("kinds", ""), ("kinds", "y")], {"kinds": ["x", "y"]}),
        ([("kinds", "")], {}),
        ([("staff.0.name", "甲"), ("staff.0.age", "30")], {"staff": [{"name": "甲", "age": 30}]}),
        ([("staff.7.name", "乙"), ("staff.2.name", "甲")],
         {"staff": [{"name": "甲"}, {"name": "乙"}]}),
        ([("staff.0.name", ""), ("staff.0.age", " ")], {}),
        ([("staff.0.age", "x")], {"staff": [{"age": "x"}]}),
        ([("staff.x.name", "甲"), ("staff.99999.name", "甲"), ("staff.².name", "甲"),
          ("staff.0", "甲"), ("other.0.name", "甲"), ("staff.0.name.x", "甲")], {}),
        ([("card", "110105 19491231-002x")], {"card": "11010519491231002X"}),
        ([("code", "９１35 0100 m000100y43")], {"code": "91350100M000100Y43"}),
        ([("phone", "199-0000-0000")], {"phone": "19900000000"}),
        ([("surprise", "x")], {}),
    ],
)  # fmt: skip
def test_what_a_page_sends_is_typed_as_far_as_possible(
    pairs: list[tuple[str, str]], expected: dict[str, Any]
) -> None:
    assert FORM.read(pairs) == expected


def test_only_the_fields_of_the_page_are_read() -> None:
    pairs = [("name", "甲乙"), ("day", "2026-01-31")]
    assert FORM.read(pairs, "b") == {"day": "2026-01-31"}


def test_reading_what_was_read_changes_nothing() -> None:
    data = FORM.read([("size", "x80"), ("card", "12 3x"), ("ok", "?")])
    again = FORM.read([(name, str(value)) for name, value in data.items()])
    assert again == data


def test_a_pattern_can_stall_nobody() -> None:
    form, _ = parse_form(TEXT.replace("^[0-9]{2}:[0-9]{2}$", "^(a+)+$"), "forms/f.yaml")
    began = time.perf_counter()
    assert faults(form, time="a" * 50_000 + "b") == [("time", "格式不对，请按提示填写")]
    assert faults(form, time="aaa") == []
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize("pattern", ["(", "(?=a)", r"(a)\1", "(((a{50}){50}){50}){50}"])
def test_patterns_that_cannot_be_matched_in_linear_time_are_refused(pattern: str) -> None:
    assert not can_match(pattern)


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [
        ("minLength: 2, x-for", "minLenght: 2, x-for", 7,
         "不认识的键“minLenght”；是否想写“minLength”？"),
        ("x-from: area", "x-form: area", 9, "不认识的键“x-form”；是否想写“x-from”？"),
        ("format: cn-id", "format: cnid", 8,
         "“cnid”不对：应为date、cn-id、uscc、cn-phone、email；是否想写“cn-id”？"),
        ("title: 姓名, minLength: 2", "minLength: 2", 7, "缺少“title”"),
        ('x-for: ["*"]', "x-for: []", 7, "“（列表）”不对：应为至少 1 项"),
        ('x-for: ["*"]', "x-for: food", 7, "“food”不对：应为列表"),
        ("type: integer", "type: int", 9,
         "“int”不对：应为string、integer、number、boolean、array；是否想写“integer”？"),
        ("minimum: 1", "minimum: 一", 9, "“一”不对：应为数字"),
        ("minimum: 1", "minLength: 1", 9, "有的键不能用于这种 type，请对照编写指南"),
        ("minimum: 1", "minimum: 5, maximum: 3", 9, "下限不能大于上限"),
        ("minLength: 2", "minLength: 5, maxLength: 3", 7, "下限不能大于上限"),
        ("minLength: 2", 'pattern: "("', 7,
         "pattern 不是能用的正则表达式（不支持前后查找和反向引用）"),
        ("type: integer, title: 面积, minimum: 1", "type: array, title: 面积", 9,
         "type: array 必须写明 items"),
        ("      type: object\n      properties:\n        name: {type: string, title: 姓名}\n",
         "      type: object\n", 15,
         "items 要么是 type: object 加 properties（表格），要么是 oneOf（多选）"),
        ("      type: object\n", "", 15,
         "items 要么是 type: object 加 properties（表格），要么是 oneOf（多选）"),
        ("required: [name]\nrequired", "required: [nam]\nrequired", 18,
         "没有名为“nam”的列；是否想写“name”？"),
        ("required: [name]\n", "required: [nam]\n", 19, "没有名为“nam”的字段；是否想写“name”？"),
        ("fields: [name, card]", "fields: [name, crad]", 4,
         "没有名为“crad”的字段；是否想写“card”？"),
        ("fields: [name, card]", "fields: [name]", 8, "字段“card”没有放进 x-layout"),
        ("fields: [name, card]", "fields: [name, card, size]", 5, "标识“size”重复，请换一个"),
        ("id: what", "id: who", 5, "标识“who”重复，请换一个"),
        ("  name: {type: string, title: 姓名, min", "  Name: {type: string, title: 姓名, min", 7,
         "“Name”不对：应为小写英文字母开头的标识，如 food_permit"),
        ("x-for: [place], x-shared", "x-for: [plcae], x-shared", 8,
         "没有名为“plcae”的事项；是否想写“place”？"),
        ("x-from: area", "x-from: aera", 9,
         "没有名为“aera”的情形问题；是否想写“area”？"),
        ("population.id_card", "population.idcard", 8,
         "没有名为“population.idcard”的共享来源字段（来源.字段）；是否想写“population.id_card”？"),
    ],
)  # fmt: skip
def test_a_wrong_form_file_is_told_by_line(old: str, new: str, line: int, expected: str) -> None:
    text = small.FILES[small.FORM]
    if old == "required: [name]\n":  # the last one; the first belongs to the table
        text = text[: text.rindex(old)] + new
    else:
        old, new = (each.replace("\nrequired", "") for each in (old, new))
        text = text.replace(old, new, 1)
    found = small.problems({**small.FILES, small.FORM: text})
    in_form = [(each.line, each.message()) for each in found if each.path == small.FORM]
    assert (line, expected) in in_form
