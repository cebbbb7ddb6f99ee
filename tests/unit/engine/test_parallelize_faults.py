"""A wrong serial description is told all its faults at once, each at its place."""

from typing import Any

import pytest

from unit.engine import serial_city
from unit.engine.serial_city import CITY, item, problems, process, told

ONE = [{"const": "a", "title": "甲"}]
EDITS: list[tuple[dict[str, Any], str, str]] = [
    ({"tittle": "x"}, "“tittle”", "不认识的键“tittle”"),
    ({"days": "三天"}, "三天", "“三天”不对：应为整数"),
    ({"category": "99"}, "99", "“99”不对：应为符合 ^(0[1-9]|10|2[0-9])$ 的文字"),
    ({"department": "markt"}, "markt", "没有名为“markt”的部门；是否想写“market”？"),
    ({"produces": [3]}, "3", "“3”不对：应为键值对"),
    ({"produces": [""]}, '""', "“”不对：应为至少 1 个字"),
    ({"produces": [{"title": "证", "gives": "号"}]}, "号", "“号”不对：应为列表"),
    ({"produces": [{"title": "证", "media": "papre"}]}, "papre",
     "“papre”不对：应为electronic、paper；是否想写“paper”？"),
    ({"produces": [{"titel": "证"}]}, "titel", "不认识的键“titel”；是否想写“title”？"),
    ({"consumes": [{"what": "图纸", "as": "papers"}]}, "papers",
     "“papers”不对：应为information、paper；是否想写“paper”？"),
    ({"materials": [{"title": "图", "from": "registr.uscc"}]}, "registr.uscc",
     "没有名为“registr.uscc”的来源（事项的 id，或共享来源.字段）；是否想写“register.uscc”？"),
    ({"materials": [{"title": "图", "copies": 0}]}, "0", "“0”不对：应为不小于 1 的数"),
    ({"fields": [{"title": "甲", "type": "string", "from": "form"}]}, "form",
     "没有名为“form”的来源（事项的 id，或共享来源.字段）"),
    ({"fields": [{"title": "甲", "type": "text"}]}, "text",
     "“text”不对：应为string、integer、number、boolean、array"),
    ({"fields": [{"title": "甲", "type": "array"}]}, "{", "type: array 必须写明 items"),
    ({"fields": [{"title": "甲", "type": "string", "items": {"oneOf": ONE}}]}, "{",
     "有的键不能用于这种 type，请对照编写指南"),
    ({"fields": [{"title": "甲", "type": "array", "minItems": 3, "maxItems": 2,
                  "items": {"oneOf": ONE}}]}, "{", "下限不能大于上限"),
    ({"fields": [{"title": "甲", "type": "string", "minimum": 1}]}, "{",
     "有的键不能用于这种 type，请对照编写指南"),
    ({"consumes": ["许可正"], "produces": ["许可证"]}, "许可正",
     "没有名为“许可正”的东西：没有事项产出它，没有共享来源存有它，也没有事项收取它；是否想写“许可证”？"),
    ({"consumes": [{"what": "天外之物"}]}, "天外之物",
     "没有名为“天外之物”的东西：没有事项产出它，没有共享来源存有它，也没有事项收取它"),
    ({"produces": [{"title": "证", "prints": ["店名字"]}],
      "fields": [{"title": "店名", "type": "string"}]}, "店名字",
     "没有名为“店名字”的字段；是否想写“店名”？"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "passage", "message"), EDITS)
def test_a_fault_is_told_at_its_place(more: dict[str, Any], passage: str, message: str) -> None:
    text = process(item("a"), item("b", **more))
    own = text.index('id": "b') if 'id": "b' in text else text.index('- id: "b"')
    (problem,) = [each for each in problems(text) if each.message().startswith(message)]
    lines = text.splitlines()
    assert problem.line > text[:own].count("\n")
    assert passage.strip("“”") in lines[problem.line - 1][problem.column - 1 :]


def test_all_faults_are_told_in_one_run() -> None:
    text = process(
        item("a", department="nowhere", consumes=["不明之物"]),
        item("a", days=-1, produces=["甲证"]),
        item("c", produces=["甲证（副本）"], materials=[{"title": "图", "from": "nobody"}]),
        authority="centr",
    )
    assert [each.partition(": ")[2] for each in told(text)] == [
        "没有名为“centr”的部门；是否想写“centre”？",
        "没有名为“nowhere”的部门",
        ("没有名为“不明之物”的东西：没有事项产出它，没有共享来源存有它，也没有事项收取它"),
        "标识“a”重复，请换一个",
        "“-1”不对：应为不小于 0 的数",
        "“甲证（副本）”已由“a事项”产出；请改成不同的名称，或者只留一处",
        "没有名为“nobody”的来源（事项的 id，或共享来源.字段）",
    ]


def test_a_blank_that_takes_different_answers_is_told_where_they_part() -> None:
    text = process(
        item("a", fields=[{"title": "面积", "type": "integer"}]),
        item("b", fields=[{"title": "使用面积", "also": ["面积"], "type": "string"}]),
    )
    (problem,) = problems(text)
    assert problem.message("en") == (
        "“面积” is integer in “a事项” and string here: agree on one type"
    )


def test_files_that_are_missing_or_broken_are_told() -> None:
    text = process(item("a"), jurisdiction="demo_cty", lifecycle="standrd")
    assert [each.partition(": ")[2] for each in told(text)] == [
        (
            "找不到文件 workflows/jurisdictions/demo_cty.yaml，请新建该文件或改正名称；"
            "是否想写“workflows/jurisdictions/demo_city.yaml”？"
        ),
        (
            "找不到文件 workflows/lifecycles/standrd.yaml，请新建该文件或改正名称；"
            "是否想写“workflows/lifecycles/standard.yaml”？"
        ),
    ]
    without = {key: value for key, value in CITY.items() if key != serial_city.DIRECTORY}
    (missing,) = told(process(item("a", department="nowhere")), without)
    assert "找不到文件 workflows/directory.yaml" in missing
    broken = {**CITY, serial_city.DIRECTORY: "departments: ["}
    (syntax,) = problems(process(item("a")), broken)
    assert (syntax.path, syntax.code) == (serial_city.DIRECTORY, "syntax")
    (shape,) = problems(process(item("a")), {**CITY, serial_city.JURISDICTION: "[]"})
    assert (shape.path, shape.line) == (serial_city.JURISDICTION, 1)


@pytest.mark.parametrize(
    "text", ["", "[]", "items: 3", "items: [3, {produces: 7}]", "a: *b", "- &a 1"]
)
def test_hostile_and_half_written_files_are_refused_quietly(text: str) -> None:
    assert problems(text)


def test_a_jurisdiction_that_is_no_name_is_told_once() -> None:
    (problem,) = problems(process(item("a"), jurisdiction=7))
    assert problem.message() == "“7”不对：应为文字（数字和 true 等请加引号）"
    (missing,) = problems(process(item("a")).replace('jurisdiction: "demo_city"\n', ""))
    assert missing.message() == "缺少“jurisdiction”"
