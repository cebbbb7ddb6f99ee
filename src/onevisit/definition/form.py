"""The one form of a service: JSON Schema 2020-12 plus a few `x-` keywords, checked and read."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError, ValidationError
from pydantic import Field as Described
from stdnum import exceptions as stdnum_exceptions
from stdnum.cn import ric, uscc

from onevisit.definition.problem import DefinitionError, Problem, nearest_name
from onevisit.definition.source import Source, read
from onevisit.definition.values import Name, Title, Value

EVERY_ITEM = "*"
KEYWORDS = frozenset({"x-for", "x-from", "x-shared", "x-sensitivity", "x-unit", "x-lines"})
TOP_KEYS = frozenset({"$schema", "$id", "title", "description", "type", "properties", "required",
                      "additionalProperties", "x-layout"})  # fmt: skip


class Layout(Value):
    """One page of the form (`x-layout`): the fields that are asked together."""

    id: Name
    title: Title
    help: str | None = None
    fields: tuple[Name, ...] = Described(min_length=1)


@dataclass(frozen=True)
class FieldError:
    """One fault in what somebody filled in: `path` like "name" or "staff.0.name"."""

    path: str
    message: str


@dataclass(frozen=True)
class Field:
    """One question of the form. `items` are those that need it (`x-for`; "*" is every item);
    `answer` names the situation answer it repeats (`x-from`), so that nobody is asked twice."""

    id: str
    title: str
    schema: Mapping[str, Any]
    required: bool
    items: tuple[str, ...]
    answer: str | None = None
    shared: str | None = None
    sensitivity: str | None = None

    def serves(self, item_ids: Collection[str]) -> bool:
        """Whether any of these items needs the field."""
        return EVERY_ITEM in self.items or any(item in item_ids for item in self.items)


@dataclass(frozen=True)
class Section:
    """One page of the form."""

    id: str
    title: str
    help: str | None
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Form:
    """The one form of a service, in reading order."""

    id: str
    title: str
    sections: tuple[Section, ...]
    _validators: dict[str, Draft202012Validator] = field(
        default_factory=dict, compare=False, repr=False, hash=False
    )

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields in reading order."""
        return tuple(each for section in self.sections for each in section.fields)

    def field(self, field_id: str) -> Field:
        """The field named `field_id`; KeyError when there is none."""
        for each in self.fields:
            if each.id == field_id:
                return each
        raise KeyError(field_id)

    def section(self, section_id: str) -> Section:
        """The page named `section_id`; KeyError when there is none."""
        for each in self.sections:
            if each.id == section_id:
                return each
        raise KeyError(section_id)

    def for_items(self, item_ids: Collection[str]) -> "Form":
        """The form with only those fields that these items need; empty pages vanish."""
        sections = (
            replace(section, fields=tuple(f for f in section.fields if f.serves(item_ids)))
            for section in self.sections
        )
        return Form(self.id, self.title, tuple(each for each in sections if each.fields))

    def schema(self, section_id: str | None = None) -> dict[str, Any]:
        """The JSON Schema 2020-12 of the whole form or of one of its pages."""
        fields = self.fields if section_id is None else self.section(section_id).fields
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": self.title,
            "type": "object",
            "properties": {each.id: dict(each.schema) for each in fields},
            "required": [each.id for each in fields if each.required],
            "additionalProperties": section_id is not None,
        }

    def check(self, data: Mapping[str, Any], section_id: str | None = None) -> list[FieldError]:
        """Everything wrong with `data`, in reading order, at most one fault a field."""
        key = section_id or ""
        if key not in self._validators:
            self._validators[key] = Draft202012Validator(
                self.schema(section_id), format_checker=FORMATS
            )
        faults: dict[str, FieldError] = {}
        for error in self._validators[key].iter_errors(dict(data)):
            for path, message in _explain(error):
                faults.setdefault(path, FieldError(path, message))
        order = {each.id: place for place, each in enumerate(self.fields)}
        return sorted(faults.values(), key=lambda f: (order.get(f.path.split(".")[0], 999), f.path))

    def read(
        self, pairs: Iterable[tuple[str, str]], section_id: str | None = None
    ) -> dict[str, Any]:
        """What a page sent, typed by the schema as far as possible.

        `pairs` are (name, text) as HTML sends them; names like "staff.0.name" fill rows. What
        cannot be converted stays as typed, so that it can be shown again beside its fault.
        """
        grouped: dict[str, list[str]] = {}
        for name, text in pairs:
            grouped.setdefault(name, []).append(text.strip())
        fields = self.fields if section_id is None else self.section(section_id).fields
        data: dict[str, Any] = {}
        for each in fields:
            value = _typed(each.schema, each.id, grouped)
            if value is not None:
                data[each.id] = value
        return data


def parse_form(text: str | bytes, path: str) -> tuple[Form, Source]:
    """The form written in `text`; DefinitionError lists everything that is wrong with it."""
    source = read(text, path)
    problems = _form_problems(source)
    if problems:
        raise DefinitionError(problems)
    data = source.data
    required = set(data.get("required", ()))
    sections = []
    for each in data["x-layout"]:
        layout = Layout.model_validate({**each, "fields": tuple(each["fields"])})
        fields = tuple(_field(f, data["properties"][f], f in required) for f in layout.fields)
        sections.append(Section(layout.id, layout.title, layout.help, fields))
    return Form(data["$id"], data["title"], tuple(sections)), source


def _field(field_id: str, schema: Mapping[str, Any], required: bool) -> Field:
    return Field(
        id=field_id,
        title=schema["title"],
        schema=schema,
        required=required,
        items=tuple(schema["x-for"]),
        answer=schema.get("x-from"),
        shared=schema.get("x-shared"),
        sensitivity=schema.get("x-sensitivity"),
    )


def _form_problems(source: Source) -> list[Problem]:
    data = source.data
    if not isinstance(data, dict):
        return [source.problem((), "wrong_value", data, "键值对")]
    problems = [
        source.problem((key,), "unknown_key", key, "", nearest_name(key, TOP_KEYS), on_key=True)
        for key in data
        if key not in TOP_KEYS
    ]
    problems += [
        source.problem((), "missing_key", expected=key)
        for key in ("$id", "title", "properties", "x-layout")
        if key not in data
    ]
    if problems:
        return problems
    try:
        Draft202012Validator.check_schema(data)
    except SchemaError as error:
        return [source.problem(tuple(error.absolute_path), "schema", expected=error.message)]
    return _layout_problems(source) + _property_problems(source)


def _layout_problems(source: Source) -> list[Problem]:
    data = source.data
    problems: list[Problem] = []
    seen: set[str] = set()
    for place, section in enumerate(data["x-layout"]):
        missing = {"id", "title", "fields"} - set(section)
        problems += [
            source.problem(("x-layout", place), "missing_key", expected=key) for key in missing
        ]
        for number, name in enumerate(section.get("fields", ())):
            at = ("x-layout", place, "fields", number)
            if name not in data["properties"]:
                near = nearest_name(str(name), data["properties"])
                problems.append(source.problem(at, "unknown_name", name, "字段", near))
            elif name in seen:
                problems.append(source.problem(at, "duplicate_id", name, "一个字段只能出现在一页"))
            seen.add(name)
    problems += [
        source.problem(
            ("properties", name), "rule", expected=f"字段“{name}”没有放进 x-layout", on_key=True
        )
        for name in data["properties"]
        if name not in seen
    ]
    for number, name in enumerate(data.get("required", ())):
        if name not in data["properties"]:
            near = nearest_name(str(name), data["properties"])
            problems.append(
                source.problem(("required", number), "unknown_name", name, "字段", near)
            )
    return problems


def _property_problems(source: Source) -> list[Problem]:
    problems: list[Problem] = []
    for name, schema in source.data["properties"].items():
        at = ("properties", name)
        problems += [
            source.problem(at, "missing_key", expected=key, on_key=True)
            for key in ("title", "x-for")
            if key not in schema
        ]
        for key in schema:
            if key.startswith("x-") and key not in KEYWORDS:
                near = nearest_name(key, KEYWORDS)
                problems.append(
                    source.problem((*at, key), "unknown_key", key, "", near, on_key=True)
                )
        wanted = schema.get("format")
        if wanted is not None and wanted not in FORMATS.checkers:
            near = nearest_name(wanted, FORMATS.checkers)
            problems.append(source.problem((*at, "format"), "unknown_name", wanted, "format", near))
    return problems


# ---- what people typed -------------------------------------------------------------------


def _typed(schema: Mapping[str, Any], name: str, grouped: Mapping[str, list[str]]) -> Any:
    kind = schema.get("type", "string")
    if kind == "array" and schema.get("items", {}).get("type") == "object":
        return _rows(schema["items"], name, grouped)
    texts = [text for text in grouped.get(name, []) if text]
    if kind == "array":
        return texts or None
    if not texts:
        return None
    return _scalar(kind, texts[-1])


def _rows(
    schema: Mapping[str, Any], name: str, grouped: Mapping[str, list[str]]
) -> list[Any] | None:
    numbers = sorted(
        {int(key.split(".")[1]) for key in grouped if _is_row_of(key, name) and any(grouped[key])}
    )
    rows = []
    for number in numbers:
        row = {}
        for key, each in schema.get("properties", {}).items():
            value = _typed(each, f"{name}.{number}.{key}", grouped)
            if value is not None:
                row[key] = value
        rows.append(row)
    return rows or None


def _is_row_of(key: str, name: str) -> bool:
    parts = key.split(".")
    return len(parts) == 3 and parts[0] == name and parts[1].isdigit() and len(parts[1]) < 5


def _scalar(kind: str, text: str) -> Any:
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if kind in ("integer", "number"):
        try:
            number = float(text) if kind == "number" else int(text)
        except ValueError:
            return text
        return number if abs(number) < 1e15 else text  # NaN and infinity stay text
    return text


# ---- what is wrong with it, in words ------------------------------------------------------

FORMATS = FormatChecker(formats=())
_FORMAT_WORDS = {
    "date": "应为日期，如 2026-01-31",
    "cn-id": "不是有效的居民身份证号码，请核对 18 位号码",
    "uscc": "不是有效的统一社会信用代码，请核对 18 位代码",
    "cn-phone": "应为 11 位手机号码",
    "email": "应为电子邮箱地址，如 name@example.cn",
}


@FORMATS.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or (len(value) == 10 and bool(date.fromisoformat(value)))


@FORMATS.checks("cn-id", raises=stdnum_exceptions.ValidationError)
def _is_id(value: object) -> bool:
    """GB 11643: 17 digits and a check character; the region part is not looked up, since
    regions come and go and a wrong list would refuse real people."""
    if not isinstance(value, str):
        return True
    if len(value) != 18 or not value[:17].isdigit() or ric.calc_check_digit(value) != value[-1]:
        return False
    ric.get_birth_date(value)
    return True


@FORMATS.checks("uscc", raises=stdnum_exceptions.ValidationError)
def _is_uscc(value: object) -> bool:
    """GB 32100 (统一社会信用代码) with its check character."""
    return not isinstance(value, str) or bool(uscc.validate(value))


@FORMATS.checks("cn-phone")
def _is_phone(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return len(value) == 11 and value.isascii() and value.isdigit() and value.startswith("1")


@FORMATS.checks("email")
def _is_email(value: object) -> bool:
    if not isinstance(value, str):
        return True
    local, at, host = value.rpartition("@")
    return bool(at and local and "." in host.strip(".") and not any(c.isspace() for c in value))


def _explain(error: ValidationError) -> list[tuple[str, str]]:
    """The (path, words) of one JSON Schema fault."""
    path = ".".join(str(part) for part in error.absolute_path)
    limit: Any = error.validator_value
    match error.validator:
        case "required":
            present = error.instance if isinstance(error.instance, dict) else {}
            dot = path + "." if path else ""
            return [
                (dot + name, f"请填写“{_title(error.schema, name)}”")
                for name in limit
                if name not in present
            ]
        case "additionalProperties":
            return [(path, "含有这张表单没有的内容，请重新打开页面填写")]
        case "type":
            return [(path, _TYPE_WORDS.get(str(limit), "内容的类型不对"))]
        case "format":
            return [(path, _FORMAT_WORDS[str(limit)])]
        case "oneOf" | "enum" | "const":
            return [(path, "请从列出的选项中选择")]
        case other:
            words = _LIMIT_WORDS.get(str(other), "内容不符合要求")
            unit = error.schema.get("x-unit", "") if isinstance(error.schema, dict) else ""
            return [(path, words.format(limit=limit, unit=unit))]


_TYPE_WORDS = {
    "integer": "应为整数，如 80",
    "number": "应为数字，如 80.5",
    "boolean": "请选择“是”或“否”",
    "array": "请至少选择或填写一项",
    "string": "应为文字",
}
_LIMIT_WORDS = {
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


def _title(schema: Any, name: str) -> str:
    title = schema.get("properties", {}).get(name, {}).get("title", name)
    return str(title)
