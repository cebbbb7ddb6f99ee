"""Turns the text of each kind of definition file into its frozen value, or says what is wrong."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from onevisit.definition.problem import DefinitionError, Problem, Words, nearest_name
from onevisit.definition.source import Path, Source, read
from onevisit.definition.values import Value

Parsed = TypeVar("Parsed", bound=Value)

_RULES = {
    "choice_needs_options": Words(
        "type: choice 至少要有两个 options", "type: choice needs at least two options"
    ),
    "options_need_choice": Words(
        "options 只用于 type: choice", "options are for type: choice only"
    ),
    "integer_needs_bounds": Words(
        "type: integer 必须写明 min 和 max", "type: integer needs min and max"
    ),
    "min_over_max": Words("下限不能大于上限", "the lower bound is above the upper one"),
    "until_before_from": Words("until 不能早于 from", "until is before from"),
    "window_closes_first": Words("closes 不能早于 opens", "closes is before opens"),
    "origin_missing": Words(
        "source: shared 或 prior 必须写明 origin（来源登记簿.字段，或前序事项）",
        "source: shared or prior needs origin (register.field, or an earlier item)",
    ),
    "origin_unused": Words(
        "origin 只用于 source: shared 或 prior", "origin is for source: shared or prior only"
    ),
    "defer_goes_with_deferrable": Words(
        "need: deferrable 与 defer 必须同时出现", "need: deferrable and defer go together"
    ),
    "carried_needs_prior": Words(
        "carried 只用于 source: prior", "carried is for source: prior only"
    ),
    "keyword_of_another_type": Words(
        "有的键不能用于这种 type，请对照编写指南", "a keyword does not belong to this type"
    ),
    "array_needs_items": Words("type: array 必须写明 items", "type: array needs items"),
    "rows_or_options": Words(
        "items 要么是 type: object 加 properties（表格），要么是 oneOf（多选）",
        "items are either type: object with properties (a table) or oneOf (ticks)",
    ),
    "one_act": Words(
        "一步写且只写一个动作，如 approve: food", "one act a step, like approve: food"
    ),
    "reasons_unused": Words(
        "reasons 只用于 reject 和 send_back", "reasons are for reject and send_back only"
    ),
    "bad_pattern": Words(
        "pattern 不是能用的正则表达式（不支持前后查找和反向引用）",
        "pattern is no usable regular expression (no look-around, no back-references)",
    ),
}
_MAPPING = Words("键值对", "a mapping")
_LIST = Words("列表", "a list")
_DAY = Words("日期，如 2026-01-31", "a date like 2026-01-31")
_EXPECTED = {
    "string_type": Words(
        "文字（数字和 true 等请加引号）", "text (quote numbers and words like true)"
    ),
    "int_type": Words("整数", "a whole number"),
    "int_from_float": Words("整数", "a whole number"),
    "float_type": Words("数字", "a number"),
    "bool_type": Words("true 或 false", "true or false"),
    "none_required": Words("空着（冒号后面不写）", "nothing after the colon"),
    "tuple_type": _LIST,
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "too_short": Words("至少 {min_length} 项", "at least {min_length} entries"),
    "string_too_short": Words("至少 {min_length} 个字", "at least {min_length} characters"),
    "string_too_long": Words("至多 {max_length} 个字", "at most {max_length} characters"),
    "greater_than_equal": Words("不小于 {ge} 的数", "a number of at least {ge}"),
    "less_than_equal": Words("不大于 {le} 的数", "a number of at most {le}"),
    "string_pattern_mismatch": Words("符合 {pattern} 的文字", "text that matches {pattern}"),
}
_NAMES = Words("小写英文字母开头的标识，如 food_permit", "a name in small letters like food_permit")
_NAME_PATTERN = r"^[a-z][a-z0-9_]{0,62}$"


def parse(text: str | bytes, path: str, kind: type[Parsed]) -> tuple[Parsed, Source]:
    """The value of `kind` written in `text`, with its source; DefinitionError lists all faults."""
    source = read(text, path)
    value, problems = build(source, kind)
    if value is None:
        raise DefinitionError(problems)
    return value, source


def build(source: Source, kind: type[Parsed]) -> tuple[Parsed | None, list[Problem]]:
    """The value that the data of a source makes, or everything that is wrong with its shape."""
    try:
        return kind.model_validate_json(json.dumps(source.data)), []
    except ValidationError as error:
        faults = [dict(each) for each in error.errors(include_url=False)]
        return None, [
            _problem(source, kind, each) for each in faults if not _follows_from_another(each)
        ]


def _follows_from_another(error: Mapping[str, Any]) -> bool:
    """A list is also called too short when its elements are wrong; those are told themselves."""
    return error["type"] == "too_short" and bool(error["input"])


def _problem(source: Source, kind: type[BaseModel], error: Mapping[str, Any]) -> Problem:
    at: Path = tuple(part for part in error["loc"] if part != "[key]")
    context = error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            used = source.value(at[:-1])
            taken = used if isinstance(used, dict) else {}
            free = [key for key in _keys_beside(kind, at) if key not in taken]
            near = nearest_name(str(at[-1]), free)
            return source.problem(at, "unknown_key", at[-1], nearest=near, on_key=True)
        case "missing":
            return source.problem(at[:-1], "missing_key", expected=str(at[-1]))
        case "literal_error":
            listed = context["expected"].replace(" or ", ", ").split(", ")
            valid = [part.strip("'") for part in listed]
            near = nearest_name(str(error["input"]), valid)
            return source.wrong_value(at, Words("、".join(valid), ", ".join(valid)), near)
        case "value_error":
            return source.problem(at, "rule", expected=_RULES[str(context["error"])])
        case other:
            expected = _EXPECTED[other].filled(**context)
            if context.get("pattern") == _NAME_PATTERN:
                expected = _NAMES
            if "[key]" in error["loc"]:
                return source.problem(at, "wrong_value", at[-1], expected, on_key=True)
            return source.wrong_value(at, expected)


def _keys_beside(kind: type[BaseModel], at: Path) -> list[str]:
    """The keys that are valid where the unknown key at path `at` was written."""
    schema = kind.model_json_schema()

    def settled(node: Any) -> Any:
        if "anyOf" in node:  # this or null
            node = node["anyOf"][0]
        return schema["$defs"][node["$ref"].rsplit("/", 1)[1]] if "$ref" in node else node

    node: Any = schema
    for part in at[:-1]:
        if isinstance(part, int):
            node = node["items"]
        elif "properties" in node:
            node = node["properties"][part]
        else:
            node = next(iter(node["patternProperties"].values()))
        node = settled(node)
    return list(node["properties"])
