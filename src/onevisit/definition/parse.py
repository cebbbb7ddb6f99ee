"""Turns the text of each kind of definition file into its frozen value, or says what is wrong."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from onevisit.definition.problem import DefinitionError, Problem, nearest_name
from onevisit.definition.source import Path, Source, read
from onevisit.definition.values import Value

Parsed = TypeVar("Parsed", bound=Value)

_RULES = {
    "choice_needs_options": "type: choice 至少要有两个 options",
    "options_need_choice": "options 只用于 type: choice",
    "integer_needs_bounds": "type: integer 必须写明 min 和 max",
    "min_over_max": "min 不能大于 max",
    "origin_missing": "source: shared 或 prior 必须写明 origin（来源登记簿.字段，或前序事项）",
    "origin_unused": "origin 只用于 source: shared 或 prior",
    "defer_goes_with_deferrable": "need: deferrable 与 defer 必须同时出现",
    "window_closes_first": "closes 不能早于 opens",
    "carried_needs_prior": "carried 只用于 source: prior",
}
_EXPECTED = {
    "string_type": "文字",
    "int_type": "整数",
    "bool_type": "true 或 false",
    "tuple_type": "列表",
    "list_type": "列表",
    "dict_type": "键值对",
    "model_type": "键值对",
    "model_attributes_type": "键值对",
    "date_parsing": "日期，如 2026-01-31",
    "date_from_datetime_parsing": "日期，如 2026-01-31",
    "date_type": "日期，如 2026-01-31",
    "too_short": "至少 {min_length} 项",
    "string_too_short": "至少 {min_length} 个字",
    "string_too_long": "至多 {max_length} 个字",
    "greater_than_equal": "不小于 {ge} 的数",
    "less_than_equal": "不大于 {le} 的数",
    "string_pattern_mismatch": "符合 {pattern} 的文字",
}


def parse(text: str | bytes, path: str, kind: type[Parsed]) -> tuple[Parsed, Source]:
    """The value of `kind` written in `text`, with its source; DefinitionError lists all faults."""
    source = read(text, path)
    try:
        value = kind.model_validate_json(json.dumps(source.data))
    except ValidationError as error:
        faults = [dict(each) for each in error.errors(include_url=False)]
        raise DefinitionError(
            _problem(source, kind, each) for each in faults if not _follows_from_another(each)
        ) from error
    return value, source


def _follows_from_another(error: Mapping[str, Any]) -> bool:
    """A list is also called too short when its elements are wrong; those are told themselves."""
    return error["type"] == "too_short" and bool(error["input"])


def _problem(source: Source, kind: type[BaseModel], error: Mapping[str, Any]) -> Problem:
    at: Path = tuple(part for part in error["loc"] if part != "[key]")
    context = error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            valid = _keys_beside(kind, at)
            return source.problem(
                at, "unknown_key", at[-1], nearest=nearest_name(str(at[-1]), valid), on_key=True
            )
        case "missing":
            return source.problem(at[:-1], "missing_key", expected=str(at[-1]))
        case "literal_error":
            valid = [
                part.strip("'") for part in context["expected"].replace(" or ", ", ").split(", ")
            ]
            near = nearest_name(str(error["input"]), valid)
            return source.problem(at, "wrong_value", error["input"], "、".join(valid), near)
        case "value_error":
            return source.problem(at, "rule", expected=_RULES[str(context["error"])])
        case other:
            expected = _EXPECTED.get(other, error["msg"]).format(**context)
            return source.problem(at, "wrong_value", error["input"], expected)


def _keys_beside(kind: type[BaseModel], at: Path) -> list[str]:
    """The keys that are valid where the unknown key at path `at` was written."""
    schema = kind.model_json_schema()
    node: Any = schema
    for part in (*at[:-1], None):
        while "$ref" in node or "anyOf" in node:
            if "$ref" in node:
                node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
            else:
                node = next((each for each in node["anyOf"] if "$ref" in each), {})
        if part is None:
            break
        if isinstance(part, int):
            node = node.get("items", {})
        else:
            node = node.get("properties", {}).get(part) or node.get("additionalProperties") or {}
    return list(node.get("properties", {}))
