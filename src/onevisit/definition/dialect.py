"""The shape of a form file: the part of JSON Schema 2020-12 that forms may use, and `x-` keywords.

A closed vocabulary, so that a misspelt keyword is an error and not a check that never happens.
Keys are spelt as JSON Schema spells them.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, TypeAdapter, model_validator
from pydantic_core import SchemaError

from onevisit.definition.values import Name, Title, Value

Format = Literal["date", "cn-id", "uscc", "cn-phone", "email"]
Needed = Annotated[str, Field(pattern=r"^(\*|[a-z][a-z0-9_]{0,62})$")]
Sensitivity = Literal["personal", "identity", "health", "financial"]
_KEYS_OF_TYPE = {
    "string": {"minLength", "maxLength", "pattern", "format", "oneOf", "x-lines"},
    "integer": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "x-unit"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "x-unit"},
    "boolean": {"const"},
    "array": {"items", "minItems", "maxItems", "uniqueItems"},
}
_TYPED_KEYS = frozenset().union(*_KEYS_OF_TYPE.values())
_BOUNDS = (("min_length", "max_length"), ("minimum", "maximum"), ("min_items", "max_items"))


class Choice(Value):
    """One option: `const` is stored, `title` is shown, `description` explains."""

    const: Annotated[str, Field(min_length=1, max_length=100)]
    title: Title
    description: str | None = None


class Cell(Value):
    """One question of a form, or one column of a table in it."""

    title: Title
    type: Literal["string", "integer", "number", "boolean", "array"]
    description: str | None = None
    examples: tuple[JsonValue, ...] = Field(default=())
    format: Format | None = None
    pattern: Annotated[str, Field(max_length=200)] | None = None
    min_length: int | None = Field(default=None, ge=0, alias="minLength")
    max_length: int | None = Field(default=None, ge=1, alias="maxLength")
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: float | None = Field(default=None, alias="exclusiveMinimum")
    exclusive_maximum: float | None = Field(default=None, alias="exclusiveMaximum")
    one_of: tuple[Choice, ...] | None = Field(default=None, alias="oneOf", min_length=1)
    const: Literal[True] | None = None
    unit: Title | None = Field(default=None, alias="x-unit")
    lines: int | None = Field(default=None, ge=1, le=30, alias="x-lines")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        check_consistent(self)
        return self


class Row(Value):
    """What one row of a table asks, or the options of which several may be ticked."""

    type: Literal["object", "string"] = "string"
    properties: dict[Name, Cell] | None = None
    required: tuple[Name, ...] = Field(default=())
    additional: Literal[False] | None = Field(default=None, alias="additionalProperties")
    one_of: tuple[Choice, ...] | None = Field(default=None, alias="oneOf", min_length=1)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.type == "object") != bool(self.properties) or bool(self.properties) == bool(
            self.one_of
        ):
            raise ValueError("rows_or_options")
        return self


class Question(Cell):
    """One field of the form. `x-for` names the items that need it ("*" is every item), `x-from`
    the situation answer it repeats, `x-shared` the shared source that knows it, `x-holder` of
    whom (what is known of others is not shown to the applicant), `x-sensitivity` how carefully it
    is shown (个人信息保护法第二十八条)."""

    type: Literal["string", "integer", "number", "boolean", "array"]
    items: Row | None = None
    min_items: int | None = Field(default=None, ge=0, alias="minItems")
    max_items: int | None = Field(default=None, ge=1, le=1000, alias="maxItems")
    unique_items: bool | None = Field(default=None, alias="uniqueItems")
    needed_for: tuple[Needed, ...] = Field(alias="x-for", min_length=1)
    answer: Name | None = Field(default=None, alias="x-from")
    shared: str | None = Field(default=None, alias="x-shared", pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$")
    holder: Literal["applicant", "other"] = Field(default="applicant", alias="x-holder")
    sensitivity: Sensitivity | None = Field(default=None, alias="x-sensitivity")


class Page(Value):
    """One page of the form (`x-layout`): the fields that are asked together."""

    id: Name
    title: Title
    help: str | None = None
    fields: tuple[Name, ...] = Field(min_length=1)


class FormFile(Value):
    """The one form of a service, in reading order."""

    dialect: Literal["https://json-schema.org/draft/2020-12/schema"] | None = Field(
        default=None, alias="$schema"
    )
    id: Name = Field(alias="$id")
    title: Title
    description: str | None = None
    type: Literal["object"] = "object"
    layout: tuple[Page, ...] = Field(alias="x-layout", min_length=1)
    properties: dict[Name, Question] = Field(min_length=1)
    required: tuple[Name, ...] = Field(default=())
    additional: Literal[False] | None = Field(default=None, alias="additionalProperties")


def check_consistent(cell: Cell) -> None:
    """Raises ValueError with the code of a rule when keywords of a field contradict each other."""
    used = {type(cell).model_fields[name].alias or name for name in cell.model_fields_set}
    if used & (_TYPED_KEYS - _KEYS_OF_TYPE[cell.type]):
        raise ValueError("keyword_of_another_type")
    if isinstance(cell, Question) and (cell.type == "array") != (cell.items is not None):
        raise ValueError("array_needs_items")
    for low, high in _BOUNDS:
        least, most = getattr(cell, low, None), getattr(cell, high, None)
        if least is not None and most is not None and least > most:
            raise ValueError("min_over_max")
    if cell.pattern is not None and not can_match(cell.pattern):
        raise ValueError("bad_pattern")


def matcher(pattern: str) -> TypeAdapter[str]:
    """What checks a text against a pattern in time that grows only with its length (Rust's
    regular expressions); SchemaError when the pattern cannot be read."""
    return TypeAdapter(Annotated[str, Field(pattern=pattern)])


def can_match(pattern: str) -> bool:
    """Whether `pattern` is a regular expression that can be checked in linear time."""
    try:
        matcher(pattern)
    except SchemaError:
        return False
    return True
