"""Which items, routes and material follow from an applicant's answers (情形引导)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from onevisit.definition.form import FieldError
from onevisit.definition.service import Definition, want
from onevisit.definition.workflow import Appointment, Item, Material, Question, Route, Special


@dataclass(frozen=True)
class Part:
    """One approval of a case: the item, the route taken, and for `foreach` which element.

    `special` and `appointments` are those of the item whose conditions hold in this case."""

    key: str
    item: Item
    route: Route
    element: int | None = None
    special: tuple[Special, ...] = ()
    appointments: tuple[Appointment, ...] = ()


@dataclass(frozen=True)
class Selection:
    """What one case consists of. `removed` is material the service knows but does not ask:
    shared sources, earlier results or the form hold it already."""

    parts: tuple[Part, ...]
    materials: tuple[Material, ...]

    @property
    def item_ids(self) -> frozenset[str]:
        """The ids of the selected items."""
        return frozenset(part.item.id for part in self.parts)

    @property
    def asked(self) -> tuple[Material, ...]:
        """Material that the applicant has to hand in or pledge."""
        return tuple(
            each
            for each in self.materials
            if each.source in ("applicant", "pledge") or each.carried
        )

    @property
    def removed(self) -> tuple[Material, ...]:
        """Material that is needed but not asked of the applicant (减材料)."""
        return tuple(each for each in self.materials if each not in self.asked)

    def part(self, key: str) -> Part:
        """The part with this region key; KeyError when there is none."""
        for part in self.parts:
            if part.key == key:
                return part
        raise KeyError(key)


def questions(definition: Definition, answers: Mapping[str, Any]) -> tuple[Question, ...]:
    """The situation questions to ask, given the answers so far, in order."""
    holds = definition.conditions.holds
    return tuple(each for each in definition.questions if holds(each.when, answers))


def read_answers(
    definition: Definition, raw: Mapping[str, str]
) -> tuple[dict[str, Any], list[FieldError]]:
    """Typed answers from what a page sent, and what is wrong with them.

    Questions that do not apply are left out, whatever was sent for them.
    """
    answers: dict[str, Any] = {}
    errors: list[FieldError] = []
    for question in definition.questions:
        if not definition.conditions.holds(question.when, answers):
            continue
        text = raw.get(question.id, "").strip()
        value, message = _read_answer(question, text)
        if message is not None:
            errors.append(FieldError(question.id, message))
        else:
            answers[question.id] = value
    return answers, errors


def _read_answer(question: Question, text: str) -> tuple[Any, str | None]:
    if not text:
        return None, "请回答这个问题"
    if question.type == "boolean":
        found = {"true": True, "false": False}.get(text)
        return found, None if found is not None else "请选择“是”或“否”"
    if question.type == "choice":
        known = any(option.id == text for option in question.options)
        return text, None if known else "请从列出的选项中选择"
    try:
        number = int(text)
    except ValueError:
        return None, "请填写整数，如 80"
    low, high = question.min or 0, question.max or 0
    if not low <= number <= high:
        return None, f"应在 {low} 到 {high}{question.unit or ''}之间"
    return number, None


def select(
    definition: Definition,
    answers: Mapping[str, Any],
    form: Mapping[str, Any] | None = None,
    only: Collection[str] | None = None,
) -> Selection:
    """The items, routes and material of a case with these answers.

    `form` is the filled form: it feeds conditions on form fields and the elements of `foreach`
    (one approval per element; one while the form is still empty). `only`: the region keys to which
    a case is confined that handles part of an earlier one anew.
    """
    values: dict[str, Any] = dict(answers)
    values.update({f"form.{name}": value for name, value in (form or {}).items()})
    holds = definition.conditions.holds
    parts: list[Part] = []
    for item in definition.workflow.items:
        if not holds(item.when, values):
            continue
        if item.optional and not values.get(want(item.id), False):
            continue
        route = next(each for each in item.routes if holds(each.when, values))
        special = tuple(each for each in item.special if holds(each.when, values))
        meetings = tuple(each for each in item.appointments if holds(each.when, values))
        if item.foreach is None:
            parts.append(Part(item.id, item, route, None, special, meetings))
        else:
            count = max(1, len((form or {}).get(item.foreach, ())))
            parts += [
                Part(f"{item.id}/{n}", item, route, n, special, meetings)
                for n in range(1, count + 1)
            ]
    if only is not None:
        parts = [part for part in parts if part.key in only]
    chosen = {part.item.id for part in parts}
    materials = tuple(
        each
        for each in definition.workflow.materials
        if chosen.intersection(each.items) and holds(each.when, values)
    )
    return Selection(tuple(parts), materials)


def everything(definition: Definition) -> Selection:
    """Every item by its longest route, with all material: the service at its largest."""
    parts = tuple(
        Part(
            item.id if item.foreach is None else f"{item.id}/1",
            item,
            max(item.routes, key=lambda route: _length(item, route)),
            None if item.foreach is None else 1,
            item.special,
            item.appointments,
        )
        for item in definition.workflow.items
    )
    return Selection(parts, definition.workflow.materials)


def _length(item: Item, route: Route) -> tuple[int, int]:
    """What makes a route long: its promised days, then its steps."""
    return (route.promise or item.promise).days, len(route.steps)
