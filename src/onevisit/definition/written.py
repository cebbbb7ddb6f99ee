"""The files of one service as they were written, before it is known whether they are right."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from onevisit.definition.conditions import VariableType
from onevisit.definition.source import EACH, Path, Source

_QUESTION_TYPES: dict[str, VariableType] = {
    "boolean": "boolean", "integer": "integer", "choice": "string",
}  # fmt: skip
_FIELD_TYPES: dict[str, VariableType] = {
    "boolean": "boolean", "integer": "integer", "string": "string",
}  # fmt: skip
_CONDITIONS: tuple[Path, ...] = (
    ("situations", EACH, "when"),
    ("materials", EACH, "when"),
    ("items", EACH, "when"),
    ("items", EACH, "routes", EACH, "when"),
    ("items", EACH, "special", EACH, "when"),
    ("items", EACH, "appointments", EACH, "when"),
)


def want(item_id: str) -> str:
    """The name of the implicit yes/no question of an optional item."""
    return f"want_{item_id}"


@dataclass(frozen=True)
class Written:
    """The files of one service as they were written; what could not be read is None."""

    workflow: Source
    form: Source | None
    directory: Source | None
    lifecycle: Source | None

    @cached_property
    def items(self) -> list[str]:
        """The ids of all items."""
        return [text for _, text in self.workflow.texts("items", EACH, "id")]

    @cached_property
    def fields(self) -> list[str]:
        """The ids of all form fields."""
        return self.keys(self.form, "properties", EACH)

    @cached_property
    def steps(self) -> list[str]:
        """The ids of all working steps of an approval."""
        return self.keys(self.lifecycle, "approval", "steps", EACH)

    @cached_property
    def departments(self) -> list[str]:
        """The ids of all departments."""
        found = self.directory.texts("departments", EACH, "id") if self.directory else ()
        return [text for _, text in found]

    @cached_property
    def shared(self) -> list[str]:
        """Every `source.field` that can be read from a shared source."""
        if self.directory is None:
            return []
        return [
            f"{self.directory.value((*at[:2], 'id'))}.{field}"
            for at, field in self.directory.texts("sources", EACH, "fields", EACH)
        ]

    @cached_property
    def questions(self) -> dict[str, VariableType]:
        """The situation questions with their types, then the implicit ones of optional items."""
        found: dict[str, VariableType] = {}
        for at, name in self.workflow.texts("situations", EACH, "id"):
            kind = self.workflow.value((*at[:-1], "type"))
            found[name] = _QUESTION_TYPES.get(str(kind), "string")
        for at, name in self.workflow.texts("items", EACH, "id"):
            if self.workflow.value((*at[:-1], "optional")) is True:
                found[want(name)] = "boolean"
        return found

    @staticmethod
    def keys(source: Source | None, *pattern: str | int) -> list[str]:
        """The last keys of the paths that a pattern leads to."""
        return [str(at[-1]) for at, _ in source.find(*pattern)] if source else []


def variables(written: Written) -> tuple[dict[str, VariableType], dict[str, list[str]]]:
    """The variables of the service's conditions with their types, and the options of those
    that are choices. Answers go by name, fields as form.<name>."""
    kinds = dict(written.questions)
    choices: dict[str, list[str]] = {}
    for at, kind in written.workflow.texts("situations", EACH, "type"):
        if kind == "choice":
            options = written.workflow.texts(*at[:-1], "options", EACH, "id")
            choices[str(written.workflow.value((*at[:-1], "id")))] = [text for _, text in options]
    if written.form is not None:
        for at, kind in written.form.texts("properties", EACH, "type"):
            name = f"form.{at[1]}"
            if kind in _FIELD_TYPES:
                kinds[name] = _FIELD_TYPES[kind]
            listed = [text for _, text in written.form.texts(*at[:-1], "oneOf", EACH, "const")]
            if listed:
                choices[name] = listed
    return kinds, choices


def written_conditions(source: Source) -> Iterator[tuple[Path, str]]:
    """Every condition of a workflow with the path at which it is written."""
    for pattern in _CONDITIONS:
        yield from source.texts(*pattern)
