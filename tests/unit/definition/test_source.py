"""Reading YAML: what is accepted means what YAML 1.2 says; everything dangerous is refused fast."""

import time
from typing import Any

import pytest

from onevisit.definition.problem import DefinitionError
from onevisit.definition.source import EACH, MAX_BYTES, MAX_DEPTH, MAX_EVENTS, read, resolve


def refusals(text: str | bytes) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        read(text, "x.yaml")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("012", 12),
        ("0o14", 12),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2026-01-31", "2026-01-31"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("null", None),
        ("nUll", "nUll"),
        ("-7", -7),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1e999", "1e999"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_plain_scalars_follow_the_core_schema_of_yaml_1_2(written: str, meant: Any) -> None:
    found = resolve(written)
    assert found == meant
    assert type(found) is type(meant)


def test_quoted_scalars_and_blocks_stay_text() -> None:
    source = read("a: \"12\"\nb: 'true'\nc: |\n  null\n", "x.yaml")
    assert source.data == {"a": "12", "b": "true", "c": "null\n"}


def test_a_yaml_1_1_directive_changes_nothing() -> None:
    assert read("%YAML 1.1\n---\na: no", "x.yaml").data == {"a": "no"}


def test_keys_are_text_whatever_they_look_like() -> None:
    assert read("1: a\ntrue: b\n: c", "x.yaml").data == {"1": "a", "true": "b", "": "c"}


@pytest.mark.parametrize("text", ["\ufeffa: 1", b"\xef\xbb\xbfa: 1", b"a: 1\r\n", "a: 1\r\n"])
def test_byte_order_mark_and_windows_line_ends_are_fine(text: str | bytes) -> None:
    assert read(text, "x.yaml").data == {"a": 1}


def test_every_value_and_key_knows_its_place_and_how_it_was_written() -> None:
    source = read("a:\n  - b: 007\n    c: [x, null]\n", "x.yaml")
    assert source.positions[("a", 0, "b")] == (2, 8)
    assert source.keys[("a", 0, "c")] == (3, 5)
    assert source.positions[("a", 0, "c", 1)] == (3, 12)
    assert source.written[("a", 0, "b")] == "007"
    assert source.value(("a", 0, "b")) == 7
    assert source.value(("a", 9)) is None


def test_patterns_find_values_and_pass_over_what_is_not_there() -> None:
    source = read("items: [{id: a}, {id: 3}, 5, {id: b}]\nid: c", "x.yaml")
    assert list(source.texts("items", EACH, "id")) == [
        (("items", 0, "id"), "a"),
        (("items", 3, "id"), "b"),
    ]
    assert [value for _, value in source.find("items", EACH, "id")] == ["a", 3, "b"]
    assert list(source.find("id", EACH)) == []


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]"


HOSTILE: list[tuple[str | bytes, list[str]]] = [
    (BOMB, ["x.yaml:1:4: 不允许使用锚点和别名“&a”，请直接写出内容"]),
    ("a: *b", ["x.yaml:1:4: 不允许使用锚点和别名“*b”，请直接写出内容"]),
    ("<<: *b", ["x.yaml:1:5: 不允许使用锚点和别名“*b”，请直接写出内容"]),
    (
        "a: !!python/object/apply:os.system [x]",
        ["x.yaml:1:4: 不允许使用类型标签“tag:yaml.org,2002:python/object/apply:os.system”"],
    ),
    ("a: ! 1", ["x.yaml:1:4: 不允许使用类型标签“!”"]),
    ("!!map {a: 1}", ["x.yaml:1:1: 不允许使用类型标签“tag:yaml.org,2002:map”"]),
    ("[" * 100_000, [f"x.yaml:1:{MAX_DEPTH + 1}: 嵌套超过 {MAX_DEPTH} 层"]),
    ("{a: " * 5_000, [f"x.yaml:1:{4 * MAX_DEPTH + 1}: 嵌套超过 {MAX_DEPTH} 层"]),
    ("- " * 10_000, [f"x.yaml:1:{2 * MAX_DEPTH + 1}: 嵌套超过 {MAX_DEPTH} 层"]),
    ("x" * (MAX_BYTES + 1), ["x.yaml:1:1: 文件超过 1 MB，拒绝读取"]),
    (b"x" * 50_000_000, ["x.yaml:1:1: 文件超过 1 MB，拒绝读取"]),
    (
        "".join(f"k{n}: 1\n" for n in range(60_000)),
        [f"x.yaml:1:1: 内容超过 {MAX_EVENTS} 项，拒绝读取"],
    ),
    ("[" + "[]," * 200_000 + "]", [f"x.yaml:1:1: 内容超过 {MAX_EVENTS} 项，拒绝读取"]),
    ("a: 1".encode("utf-16"), ["x.yaml:1:1: 文件必须是 UTF-8 编码"]),
    ("a: 1".encode("utf-16-le"), ["x.yaml:1:2: 含有不能使用的字符 U+0000"]),
    ("标题: 1".encode("gbk"), ["x.yaml:1:1: 文件必须是 UTF-8 编码"]),
    ("a: 1\nb: x\x07y", ["x.yaml:2:5: 含有不能使用的字符 U+0007"]),
    ('a: "\\ud800"', ["x.yaml:1:4: 含有不能使用的字符 U+D800"]),
    ('a: "x\\0y"', ["x.yaml:1:4: 含有不能使用的字符 U+0000"]),
    ("a: 1\n---\nb: 2", ["x.yaml:2:1: 一个文件只能有一份文档"]),
    ("? [a]\n: 1", ["x.yaml:1:3: 键必须是文字，而这里是“{…}”"]),
    ("", ["x.yaml:1:1: 文件是空的"]),
    ("# 只有注释", ["x.yaml:1:1: 文件是空的"]),
]


@pytest.mark.parametrize(("text", "expected"), HOSTILE)
def test_hostile_or_odd_text_is_refused_quickly_with_its_place(
    text: str | bytes, expected: list[str]
) -> None:
    began = time.process_time()
    assert refusals(text) == expected
    assert time.process_time() - began < 20  # half a second; far more while coverage watches


def test_faults_that_do_not_end_the_reading_are_told_together() -> None:
    assert refusals("a: !x 1\nb: 2\na: 3\nc: !y [4]\n") == [
        "x.yaml:1:4: 不允许使用类型标签“!x”",
        "x.yaml:3:1: 键“a”重复出现",
        "x.yaml:4:4: 不允许使用类型标签“!y”",
    ]


MISTAKES = [
    ("title: 开办: 餐饮", "1:10", "加引号", "quote"),
    ("a:\n\tb: 1", "2:1", "制表符", "tabs"),
    ('id: x\na: "x\nb: 1\n', "2:4", "引号没有配对", "never closed"),
    ("a:\n  b: 1\n c: 2", "3:2", "缩进", "indentation"),
    ("a: {b: 1 c: 2}", "1:11", "花括号", "bracket"),
    ("a: [", "1:5", "花括号", "bracket"),
    ("a: - b", "1:4", "另起一行", "line of its own"),
    ("a: @x", "1:4", "这个符号不能开头", "cannot begin"),
    ('a: "\\q"', "1:6", "反斜杠", "backslash"),
    ("a: |\n \n  b", "3:3", "空行里有空格", "holds spaces"),
    ("...", "1:1", "请核对这一行", "document end"),
]


@pytest.mark.parametrize(("text", "where", "chinese", "english"), MISTAKES)
def test_yaml_mistakes_are_told_in_plain_words(
    text: str, where: str, chinese: str, english: str
) -> None:
    with pytest.raises(DefinitionError) as caught:
        read(text, "x.yaml")
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"x.yaml:{where}: YAML 写法有误：")
    assert chinese in problem.message()
    assert english in problem.message("en")
