"""Conditions only compare: each is typed, ends at once, and names things that exist."""

import time
from typing import Any

import pytest

from onevisit.definition.conditions import ConditionError, Conditions, tokens

CONDITIONS = Conditions(
    {
        "area": "integer", "cooking": "boolean", "kind": "string",
        "form.seats": "integer", "form.name": "string",
    },
    {"kind": ("fruit", "snacks")},
)  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "answers", "expected"),
    [
        (None, {}, True),
        ("true", {}, True),
        ("area > 50", {"area": 51}, True),
        ("area > 50", {"area": 50}, False),
        ("area > -5", {}, True),
        ("area in [1, 2]", {"area": 2}, True),
        ("cooking", {"cooking": True}, True),
        ("!cooking", {}, True),
        ("kind == 'snacks'", {"kind": "snacks"}, True),
        ("'snacks' != kind", {"kind": "fruit"}, True),
        ('kind in ["fruit", "snacks"]', {"kind": "fruit"}, True),
        ("form.seats >= 3 && form.name == '甲'", {"form.seats": 3, "form.name": "甲"}, True),
        ("cooking ? area > 3 : area > 9", {"cooking": True, "area": 4}, True),
        ("(area > 3) == cooking", {"area": 4, "cooking": True}, True),
        (" area\n  > 3 ", {"area": 4}, True),
    ],
)
def test_what_holds(condition: str | None, answers: dict[str, Any], expected: bool) -> None:
    assert CONDITIONS.holds(condition, answers) is expected


@pytest.mark.parametrize("wrong", ["abc", None, 3.5, True, 10**30, [1], {"a": 1}])
def test_an_answer_that_is_not_typed_yet_counts_as_zero(wrong: Any) -> None:
    """A form keeps what was typed as text until it can be read; that must not stop the page."""
    assert CONDITIONS.holds("form.seats == 0", {"form.seats": wrong})


@pytest.mark.parametrize("wrong", ["true", 1, None])
def test_only_a_real_yes_is_yes(wrong: Any) -> None:
    assert not CONDITIONS.holds("cooking", {"cooking": wrong})


def test_text_that_no_database_could_store_does_not_stop_an_evaluation() -> None:
    assert not CONDITIONS.holds("form.name == 'a'", {"form.name": "\ud800"})


@pytest.mark.parametrize(
    ("condition", "chinese", "english", "nearest"),
    [
        ("area + 1 > 3", "第 6 字：不能用“+”", "at character 6: “+” cannot be used", None),
        ("area = 3", "不能用“=”", "“=” cannot be used", "=="),
        ("area > 3.5", "第 8 字：只能写不超过 18 位的整数", "only whole numbers", None),
        ("area > 0x10", "只能写不超过 18 位的整数", "only whole numbers", None),
        ("area == 9223372036854775808", "只能写不超过 18 位的整数", "only whole numbers", None),
        ("arae > 3", "没有名为“arae”的问题或字段", "named “arae”", "area"),
        ("form.seat > 3", "没有名为“form.seat”", "named “form.seat”", "form.seats"),
        ("area > 3 and cooking", "没有名为“and”", "named “and”", "&&"),
        ("not cooking", "没有名为“not”", "named “not”", "!"),
        ("kind == 'snack'", "“kind”没有选项“snack”", "no option “snack”", "snacks"),
        ("'frut' == kind", "“kind”没有选项“frut”", "no option “frut”", "fruit"),
        ("kind in ['fruit', 'x']", "“kind”没有选项“x”", "no option “x”", None),
        ("area", "结果应为 true 或 false", "must be true or false", None),
        ("kind < 3", "“<”不能用于文字与整数", "cannot be used for text with whole number", None),
        ("!area", "“!”不能用于整数", "cannot be used for whole number", None),
        ("area in ['a']", "“in”不能用于整数与文字的列表", "a list of texts", None),
        ("[[1]] == 3", "不能用于list(list(int))与整数", "list(list(int))", None),
        ("area >", "第 7 字：写法不完整", "out of place", None),
        ("area > 3 )", "第 10 字：写法不完整", "out of place", None),
        ("area -5", "第 6 字：写法不完整", "out of place", None),
        ("area cooking", "第 6 字：写法不完整", "out of place", None),
        ("   ", "第 1 字：写法不完整", "out of place", None),
        ("size(kind) > 3", "第 1 字：不能调用函数", "functions cannot be called", None),
        ("kind.matches('^(a+)+$')", "不能调用函数", "functions cannot be called", None),
        ("'''a''' == kind", "写法不完整", "out of place", None),
        ("kind == r'a'", "没有名为“r”", "named “r”", None),
        ("kind == 'a\\'b'", "不能用“'”", "cannot be used", None),
        ("{1: 2}[1] == 2", "不能用“{”", "cannot be used", None),
        ("area > 3 // 5", "不能用“/”", "cannot be used", None),
        ("(" * 240 + "true" + ")" * 240, "括号嵌套太深", "too many brackets", None),
    ],
)
def test_what_is_refused_and_how_it_is_told(
    condition: str, chinese: str, english: str, nearest: str | None
) -> None:
    with pytest.raises(ConditionError) as caught:
        CONDITIONS.check(condition)
    assert chinese in caught.value.reason
    assert english in caught.value.reason.en
    assert caught.value.nearest == nearest


def test_an_expression_that_would_run_for_ever_never_starts() -> None:
    numbers = "[1,2,3,4,5,6,7,8,9]"
    condition = "true"
    for depth in range(8):
        condition = f"{numbers}.all(x{depth}, {condition})"
    began = time.perf_counter()
    with pytest.raises(ConditionError):
        CONDITIONS.check(condition)
    assert time.perf_counter() - began < 1


def test_what_a_condition_mentions() -> None:
    condition = "area > 300 && kind == '500 area' || form.seats in [-2, 7]"
    assert CONDITIONS.names(condition) == {"area", "kind", "form.seats"}
    assert CONDITIONS.constants(condition) == {300, -2, 7}


def test_words_know_their_place() -> None:
    assert [(each.text, each.place) for each in tokens(" a in ['x']")] == [
        ("a", 2), ("in", 4), ("[", 7), ("'x'", 8), ("]", 11),
    ]  # fmt: skip
