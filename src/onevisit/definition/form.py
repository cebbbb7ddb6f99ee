"""The one form of a service: its pages and fields, what people typed, and what is wrong with it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from onevisit.definition.dialect import FormFile, Question
from onevisit.definition.parse import parse
from onevisit.definition.source import Source
from onevisit.definition.typed import typed

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

EVERY_ITEM = "*"


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
    holder: str = "applicant"
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
    _validators: "dict[str, Draft202012Validator]" = field(
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
        # jsonschema takes 70 ms to import, and who proves a service fills in no form
        from onevisit.definition.faults import explain, validator  # noqa: PLC0415

        key = section_id or ""
        if key not in self._validators:
            self._validators[key] = validator(self.schema(section_id))
        faults: dict[str, FieldError] = {}
        for error in self._validators[key].iter_errors(dict(data)):
            for fault in explain(error):
                faults.setdefault(fault.path, fault)
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
            value = typed(each.schema, each.id, grouped)
            if value is not None:
                data[each.id] = value
        return data


def parse_form(text: str | bytes, path: str) -> tuple[Form, Source]:
    """The form written in `text`; DefinitionError lists everything that is wrong with it."""
    written, source = parse(text, path, FormFile)
    return form_of(written, source), source


def form_of(written: FormFile, source: Source) -> Form:
    """The form that a form file describes; each field keeps its JSON Schema as it was written."""
    properties = source.data["properties"]
    required = set(written.required)
    sections = tuple(
        Section(
            page.id,
            page.title,
            page.help,
            tuple(
                _field(name, written.properties[name], properties[name], name in required)
                for name in page.fields
            ),
        )
        for page in written.layout
    )
    return Form(written.id, written.title, sections)


def _field(name: str, question: Question, schema: Mapping[str, Any], required: bool) -> Field:
    return Field(
        id=name,
        title=question.title,
        schema=schema,
        required=required,
        items=question.needed_for,
        answer=question.answer,
        shared=question.shared,
        holder=question.holder,
        sensitivity=question.sensitivity,
    )
