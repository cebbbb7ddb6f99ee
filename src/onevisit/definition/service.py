"""A service with everything it names, in one frozen value that is ready to compile."""

from dataclasses import dataclass, field
from functools import cached_property

from onevisit.definition.conditions import Conditions, VariableType
from onevisit.definition.form import Form
from onevisit.definition.lifecycle import Lifecycle
from onevisit.definition.place import Calendar, Directory, Jurisdiction
from onevisit.definition.source import Source
from onevisit.definition.workflow import Item, Question, Workflow

_SCALARS: dict[str, VariableType] = {
    "boolean": "boolean", "integer": "integer", "string": "string",
}  # fmt: skip


def want(item_id: str) -> str:
    """The name of the implicit yes/no question of an optional item."""
    return f"want_{item_id}"


def implicit_question(item: Item) -> Question:
    """The question that an `optional: true` item asks by itself."""
    return Question(
        id=want(item.id), ask=f"是否同时办理“{item.title}”？", type="boolean", when=item.when
    )


@dataclass(frozen=True)
class Definition:
    """One service and all it refers to. `hash` of its content identifies it in the catalog."""

    workflow: Workflow
    form: Form
    lifecycle: Lifecycle
    directory: Directory
    jurisdiction: Jurisdiction
    calendar: Calendar
    source: Source = field(compare=False, repr=False)
    form_source: Source = field(compare=False, repr=False)

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """The written questions, then the implicit ones of optional items."""
        asked = tuple(implicit_question(item) for item in self.workflow.items if item.optional)
        return self.workflow.situations + asked

    @cached_property
    def conditions(self) -> Conditions:
        """The compiler of this service's conditions: answers by name, fields as form.<name>."""
        variables: dict[str, VariableType] = {}
        for question in self.questions:
            variables[question.id] = "string" if question.type == "choice" else question.type
        for each in self.form.fields:
            kind = _SCALARS.get(each.schema.get("type", "string"))
            if kind is not None:
                variables[f"form.{each.id}"] = kind
        return Conditions(variables)
