"""A service with everything it names, in one frozen value that is ready to compile."""

from dataclasses import dataclass, field
from functools import cached_property

from onevisit.definition.conditions import Conditions
from onevisit.definition.form import Form
from onevisit.definition.lifecycle import Lifecycle
from onevisit.definition.place import Calendar, Directory, Jurisdiction
from onevisit.definition.source import Source
from onevisit.definition.workflow import Item, Question, Workflow
from onevisit.definition.written import Written, variables, want

__all__ = ["Definition", "implicit_question", "want"]


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
        return Conditions(*variables(Written(self.source, self.form_source, None, None)))
