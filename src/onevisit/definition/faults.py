"""Checks what somebody filled in against the form's schema, and says in words what is wrong."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, cast

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from pydantic import TypeAdapter
from pydantic import ValidationError as Mismatch
from stdnum import exceptions as stdnum_exceptions
from stdnum.cn import ric, uscc

from onevisit.definition.dialect import matcher
from onevisit.definition.form import FieldError

FORMATS = FormatChecker(formats=())
_FORMAT_WORDS = {
    "date": "应为日期，如 2026-01-31",
    "cn-id": "不是有效的居民身份证号码，请核对 18 位号码",
    "uscc": "不是有效的统一社会信用代码，请核对 18 位代码",
    "cn-phone": "应为 11 位手机号码",
    "email": "应为电子邮箱地址，如 name@example.cn",
}
_TYPE_WORDS = {
    "integer": "应为整数，如 80",
    "number": "应为数字，如 80.5",
    "boolean": "请选择“是”或“否”",
    "array": "请至少选择或填写一项",
    "string": "应为文字",
    "object": "这一行的内容不对，请重新填写",
}
_OTHER_WORDS = {
    "additionalProperties": "含有这张表单没有的内容，请重新打开页面填写",
    "oneOf": "请从列出的选项中选择",
    "const": "需要选择“是”才能继续；不同意的，请到综合窗口咨询其他办法",
    "minLength": "至少 {limit} 个字",
    "maxLength": "至多 {limit} 个字",
    "minimum": "不能小于 {limit}{unit}",
    "maximum": "不能大于 {limit}{unit}",
    "exclusiveMinimum": "应大于 {limit}{unit}",
    "exclusiveMaximum": "应小于 {limit}{unit}",
    "minItems": "至少要有 {limit} 项",
    "maxItems": "至多 {limit} 项",
    "uniqueItems": "不能重复",
    "pattern": "格式不对，请按提示填写",
}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ID = re.compile(r"[0-9]{17}[0-9X]")
_USCC = re.compile(r"[0-9A-HJ-NP-RTUWXY]{18}")
_PHONE = re.compile(r"1[0-9]{10}")
_EMAIL = re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+")


@FORMATS.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return bool(_DAY.fullmatch(value) and date.fromisoformat(value))


@FORMATS.checks("cn-id", raises=stdnum_exceptions.ValidationError)
def _is_id(value: object) -> bool:
    """GB 11643: 17 digits and a check character; the region part is not looked up, since
    regions come and go and a wrong list would refuse real people."""
    if not isinstance(value, str):
        return True
    if not _ID.fullmatch(value) or ric.calc_check_digit(value) != value[-1]:
        return False
    return bool(ric.get_birth_date(value))


@FORMATS.checks("uscc", raises=stdnum_exceptions.ValidationError)
def _is_uscc(value: object) -> bool:
    """GB 32100 (统一社会信用代码) with its check character."""
    if not isinstance(value, str):
        return True
    return bool(_USCC.fullmatch(value) and uscc.validate(value))


@FORMATS.checks("cn-phone")
def _is_phone(value: object) -> bool:
    return not isinstance(value, str) or bool(_PHONE.fullmatch(value))


@FORMATS.checks("email")
def _is_email(value: object) -> bool:
    return not isinstance(value, str) or bool(_EMAIL.fullmatch(value))


@lru_cache(maxsize=256)
def _matcher(pattern: str) -> TypeAdapter[str]:
    return matcher(pattern)


def _pattern(
    _: object, pattern: str, value: object, __: Mapping[str, Any]
) -> Iterator[ValidationError]:
    """The keyword `pattern`, checked in linear time, so that nobody can stall the server."""
    if isinstance(value, str):
        try:
            _matcher(pattern).validate_python(value)
        except Mismatch:
            yield ValidationError(f"{value!r} does not match {pattern!r}")


_FormValidator: type[Draft202012Validator] = extend(  # type: ignore[no-untyped-call]  # no types
    Draft202012Validator, {"pattern": _pattern}
)


def validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    """What checks data against this JSON Schema with our formats."""
    return _FormValidator(dict(schema), format_checker=FORMATS)


def explain(error: ValidationError) -> list[FieldError]:
    """What one JSON Schema fault says to the person who filled in the form.

    A wrong choice among several is told at the field, since it has no place of its own.
    """
    parts = [str(part) for part in error.absolute_path]
    keyword, limit = str(error.validator), cast(Any, error.validator_value)
    schema = cast(Mapping[str, Any], error.schema)
    if keyword not in ("required", "additionalProperties") and parts[-1:] and parts[-1].isdigit():
        parts.pop()
    if keyword == "required":
        return [
            FieldError(".".join([*parts, name]), f"请填写“{schema['properties'][name]['title']}”")
            for name in limit
            if name not in cast(Mapping[str, Any], error.instance)
        ]
    if keyword in ("type", "format"):
        words = (_TYPE_WORDS if keyword == "type" else _FORMAT_WORDS)[limit]
    else:
        words = _OTHER_WORDS[keyword].format(limit=limit, unit=schema.get("x-unit", ""))
    return [FieldError(".".join(parts), words)]
