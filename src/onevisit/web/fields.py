"""Turns a JSON Schema property with a value and its errors into what a template can draw."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from onevisit.definition.form import Field, FieldError

RADIOS_AT_MOST = 7
"""A longer list of choices becomes a select, so that a page stays short."""

INPUT_OF_FORMAT = {
    "date": {"type": "date"},
    "time": {"type": "time"},
    "email": {"type": "email", "autocomplete": "email", "spellcheck": "false"},
    "cn-phone": {"type": "tel", "inputmode": "tel", "autocomplete": "tel"},
    "cn-id": {"spellcheck": "false", "autocapitalize": "characters"},
    "uscc": {"spellcheck": "false", "autocapitalize": "characters"},
}
LENGTH_OF_FORMAT = {"date": 10, "time": 10, "cn-id": 18, "uscc": 18, "cn-phone": 11, "email": 30}
WIDTHS = ((5, "2xs"), (12, "xs"), (20, "sm"), (32, "md"))
YES_NO = (("true", "是"), ("false", "否"))

Schema = Mapping[str, Any]
"""One JSON Schema object; its values are what an admin wrote, so they are read with care."""


@dataclass(frozen=True)
class Choice:
    """One radio button, checkbox or option."""

    id: str
    value: str
    label: str
    hint: str
    checked: bool


@dataclass(frozen=True)
class FieldView:
    """One question as drawn. kind: text | area | radios | select | boxes | rows."""

    kind: str
    id: str
    name: str
    label: str
    hint: str
    required: bool
    error: str
    value: str = ""
    width: str = ""
    unit: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    choices: tuple[Choice, ...] = ()
    rows: tuple["RowView", ...] = ()
    may_add: bool = False


@dataclass(frozen=True)
class RowView:
    """One element of a list of objects; `path` is what its remove button names."""

    path: str
    title: str
    fields: tuple[FieldView, ...]
    may_remove: bool


def field_id(path: str) -> str:
    """The HTML id of the field at `path`, which an error summary links to."""
    return "f-" + path.replace(".", "-")


def bind(
    fields: Iterable[Field], data: Mapping[str, Any], errors: Sequence[FieldError] = ()
) -> tuple[FieldView, ...]:
    """Each field with its value from `data` (as typed where it could not be read) and error."""
    wrong = {error.path: error.message for error in reversed(errors)}
    return tuple(
        _view(
            _Asked(field.id, field.title, field.schema, field.required), data.get(field.id), wrong
        )
        for field in fields
    )


@dataclass(frozen=True)
class _Asked:
    """A question at its place: a field of the form or of one row."""

    path: str
    title: str
    schema: Schema
    required: bool


def _view(asked: _Asked, value: Any, wrong: Mapping[str, str]) -> FieldView:
    path, schema = asked.path, asked.schema
    kind = kind_of(schema)
    return FieldView(
        kind=kind,
        id=field_id(path),
        name=path,
        label=asked.title,
        hint=str(schema.get("description", "")),
        required=asked.required,
        error=wrong.get(path, ""),
        value=_text(value) if kind in ("text", "area", "select") else "",
        width=_width(schema) if kind == "text" else "",
        unit=str(schema.get("x-unit", "")),
        attributes=_attributes(schema, kind),
        choices=_choices(path, schema, value) if kind in ("radios", "select", "boxes") else (),
        rows=_rows(path, schema, value, wrong) if kind == "rows" else (),
        may_add=kind == "rows" and len(_list(value)) < int(schema.get("maxItems", 50)),
    )


def kind_of(schema: Schema) -> str:
    """Which control asks for a property: text | area | radios | select | boxes | rows."""
    if schema.get("type") == "array":
        return "boxes" if options_of(schema) else "rows"
    if schema.get("type") == "boolean":
        return "radios"
    options = options_of(schema)
    if options:
        return "radios" if len(options) <= RADIOS_AT_MOST else "select"
    return "area" if int(schema.get("x-lines", 1)) > 1 else "text"


def options_of(schema: Schema) -> tuple[tuple[str, str], ...]:
    """The (value, label) pairs a property may take; empty when it is open."""
    if schema.get("type") == "boolean":
        return YES_NO
    items = schema.get("items")
    holder = items if schema.get("type") == "array" and isinstance(items, Mapping) else schema
    if "oneOf" in holder:
        return tuple((_text(o["const"]), str(o.get("title", o["const"]))) for o in holder["oneOf"])
    return tuple((_text(value), _text(value)) for value in holder.get("enum", ()))


def _choices(path: str, schema: Schema, value: Any) -> tuple[Choice, ...]:
    chosen = {_text(one) for one in value} if isinstance(value, list) else {_text(value)}
    holder = schema.get("items", schema)
    hints = {_text(o["const"]): str(o.get("description", "")) for o in holder.get("oneOf", ())}
    identity = field_id(path)
    return tuple(
        Choice(
            id=identity if number == 0 else f"{identity}-{number}",
            value=option,
            label=label,
            hint=hints.get(option, ""),
            checked=option in chosen,
        )
        for number, (option, label) in enumerate(options_of(schema))
    )


def _rows(path: str, schema: Schema, value: Any, wrong: Mapping[str, str]) -> tuple[RowView, ...]:
    items = schema.get("items", {})
    least = int(schema.get("minItems", 0))
    given = _list(value)
    given = given + [{}] * max(0, least - len(given))
    return tuple(
        RowView(
            path=f"{path}.{number}",
            title=f"第 {number + 1} 项",
            fields=tuple(
                _view(
                    _Asked(
                        f"{path}.{number}.{name}",
                        str(prop.get("title", name)),
                        prop,
                        name in items.get("required", ()),
                    ),
                    row.get(name) if isinstance(row, Mapping) else None,
                    wrong,
                )
                for name, prop in items.get("properties", {}).items()
            ),
            may_remove=len(given) > least,
        )
        for number, row in enumerate(given)
    )


def summarise(fields: Iterable[Field], errors: Iterable[FieldError]) -> tuple[FieldError, ...]:
    """The same errors worded for the top of the page, where each must name its question."""
    titles = {field.id: field.title for field in fields}
    return tuple(FieldError(each.path, _named(titles, each)) for each in errors)


def _named(titles: Mapping[str, str], error: FieldError) -> str:
    name, _, rest = error.path.partition(".")
    title = titles.get(name)
    if title is None or title in error.message:
        return error.message
    number = rest.partition(".")[0]
    place = f"第 {int(number) + 1} 项" if number.isdigit() else ""
    return f"{title}{place}：{error.message}"


def without_row(pairs: Iterable[tuple[str, str]], row: str) -> list[tuple[str, str]]:
    """What was typed, less one row named like "staff.1"; everything else is kept."""
    return [(name, text) for name, text in pairs if not name.startswith(row + ".")]


def with_row(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The data with one more, empty row in the list `name`."""
    return {**data, name: [*_list(data.get(name)), {}]}


def answer_text(schema: Schema, value: Any) -> str:
    """A stored value the way a person reads it: 是/否, the option's title, 80 平方米, rows."""
    if value is None or value in ("", []):
        return ""
    labels = dict(options_of(schema))
    if isinstance(value, list):
        if labels:
            return "、".join(labels.get(_text(one), _text(one)) for one in value)
        return "\n".join(_row_text(schema.get("items", {}), row) for row in value)
    text = labels.get(_text(value), _text(value))
    unit = schema.get("x-unit")
    return f"{text} {unit}" if unit else text


def _row_text(items: Schema, row: Any) -> str:
    if not isinstance(row, Mapping):
        return _text(row)
    parts = (
        f"{prop.get('title', name)}：{answer_text(prop, row.get(name)) or '未填写'}"
        for name, prop in items.get("properties", {}).items()
    )
    return "；".join(parts)


def _attributes(schema: Schema, kind: str) -> tuple[tuple[str, str], ...]:
    if kind not in ("text", "area"):
        return ()
    found: dict[str, str] = {}
    if kind == "area":
        found["rows"] = str(schema.get("x-lines"))
    else:
        found["type"] = "text"
        found |= INPUT_OF_FORMAT.get(str(schema.get("format", "")), {})
        if schema.get("type") == "integer":
            found["inputmode"] = "numeric"
        elif schema.get("type") == "number":
            found["inputmode"] = "decimal"
    return tuple(found.items())


def _width(schema: Schema) -> str:
    length = schema.get("maxLength") or LENGTH_OF_FORMAT.get(str(schema.get("format", "")))
    if schema.get("type") in ("integer", "number"):
        length = len(str(schema.get("maximum", 10**7))) + 2
    if length is None:
        return ""
    return next((name for most, name in WIDTHS if int(length) <= most), "")


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
