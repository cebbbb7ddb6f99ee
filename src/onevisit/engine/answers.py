"""The answers that conditions look at, each cut to the few values that can make a difference."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise, product
from math import prod
from typing import Any, Literal

from onevisit.definition.conditions import tokens
from onevisit.definition.form import Field
from onevisit.definition.service import Definition
from onevisit.definition.workflow import Question

Kind = Literal["boolean", "integer", "string"]
ZERO: Mapping[str, Any] = {"boolean": False, "integer": 0, "string": ""}
FAR = 2**31
MOST_COMBINATIONS = 256


@dataclass(frozen=True)
class Choice:
    """One value that stands for all that no condition tells from it, and what to call them."""

    value: Any
    text: str


@dataclass(frozen=True)
class Variable:
    """One answer or form field. `when` hides a question, which then counts as `ZERO`."""

    name: str
    kind: Kind
    choices: tuple[Choice, ...]
    when: str | None = None


def variables(definition: Definition) -> dict[str, Variable]:
    """All questions in the order in which they are asked, then the form fields that conditions
    mention and that repeat no answer (`x-from`)."""
    written = tuple(dict.fromkeys(written_conditions(definition)))
    found = {each.id: _asked(definition, each, written) for each in definition.questions}
    mentioned = {name for each in written for name in definition.conditions.names(each)}
    for each in definition.form.fields:
        name = f"form.{each.id}"
        if name in mentioned and each.answer is None:
            found[name] = _field(definition, each, written)
    return found


def written_conditions(definition: Definition) -> Iterator[str]:
    """Every condition that selects a question, item, route, procedure or material."""
    workflow = definition.workflow
    groups: list[Iterable[Any]] = [definition.questions, workflow.materials, workflow.items]
    for item in workflow.items:
        groups += [item.routes, item.special, item.appointments]
    for group in groups:
        yield from (each.when for each in group if each.when is not None)


def aliases(definition: Definition) -> dict[str, str]:
    """Form fields that repeat an answer, by the name conditions use, and that answer."""
    return {
        f"form.{each.id}": each.answer for each in definition.form.fields if each.answer is not None
    }


def _asked(definition: Definition, question: Question, written: tuple[str, ...]) -> Variable:
    if question.type == "boolean":
        return Variable(question.id, "boolean", _yes_no(_short(question.ask)), question.when)
    if question.type == "choice":
        choices = tuple(
            Choice(each.id, f"{_short(question.ask)}：{each.title}") for each in question.options
        )
        return Variable(question.id, "string", choices, question.when)
    spans = _spans(definition, question.id, written, question.min or 0, question.max or 0)
    choices = _numbered(_short(question.ask), spans, question.unit or "")
    return Variable(question.id, "integer", choices, question.when)


def _field(definition: Definition, field: Field, written: tuple[str, ...]) -> Variable:
    name, kind = f"form.{field.id}", field.schema.get("type", "string")
    if kind == "boolean":
        return Variable(name, "boolean", _yes_no(field.title))
    if kind == "integer":
        low, high = field.schema.get("minimum", -FAR), field.schema.get("maximum", FAR)
        spans = _spans(definition, name, written, low, high)
        return Variable(
            name, "integer", _numbered(field.title, spans, field.schema.get("x-unit", ""))
        )
    listed = [each["const"] for each in field.schema.get("oneOf", ()) if "const" in each]
    texts = listed or [*_texts(definition, name, written), "（其他）"]
    choices = tuple(Choice(each, f"{field.title}：{each}") for each in texts)
    return Variable(name, "string", choices)


def _yes_no(title: str) -> tuple[Choice, ...]:
    return Choice(False, f"{title}：否"), Choice(True, f"{title}：是")


def _texts(definition: Definition, name: str, written: tuple[str, ...]) -> list[str]:
    """The texts that conditions compare a free-text field with."""
    found = (
        token.text[1:-1]
        for condition in written
        if name in definition.conditions.names(condition)
        for token in tokens(condition)
        if token.kind == "string"
    )
    return list(dict.fromkeys(found))


def _short(ask: str) -> str:
    return ask.rstrip("？?")


# ---- whole numbers -------------------------------------------------------------------------


def _spans(
    definition: Definition, name: str, written: tuple[str, ...], low: int, high: int
) -> list[tuple[int, int]]:
    """The intervals of low…high that conditions tell apart."""
    names = {name, *(key for key, value in aliases(definition).items() if value == name)}
    conditions = [each for each in written if names & definition.conditions.names(each)]
    cuts = {low, high + 1}
    for condition in conditions:
        for constant in _cuts(definition, condition):
            cuts |= {cut for cut in (constant, constant + 1) if low < cut <= high}
    merged: list[tuple[int, int]] = []
    before: object = None
    for start, after in pairwise(sorted(cuts)):
        seen = _seen(definition, names, conditions, start)
        if merged and seen is not None and seen == before:
            merged[-1] = (merged[-1][0], after - 1)
        else:
            merged.append((start, after - 1))
        before = seen
    return merged


def _cuts(definition: Definition, condition: str) -> frozenset[int]:
    """The numbers in a condition, and the bounds of what it may compare with each other."""
    ends = {
        end
        for each in definition.questions
        if each.type == "integer" and each.id in definition.conditions.names(condition)
        for end in (each.min or 0, each.max or 0)
    }
    return definition.conditions.constants(condition) | ends


def _seen(
    definition: Definition, names: set[str], conditions: list[str], number: int
) -> tuple[bool, ...] | None:
    """What all conditions make of a number, whatever the other answers; None when these are too
    many to go through."""
    truths: list[bool] = []
    for condition in conditions:
        others = sorted(definition.conditions.names(condition) - names)
        values = [_tried(definition, condition, other) for other in others]
        if prod(map(len, values)) > MOST_COMBINATIONS:
            return None
        for combination in product(*values):
            answers = dict(zip(others, combination, strict=True)) | dict.fromkeys(names, number)
            truths.append(definition.conditions.holds(condition, answers))
    return tuple(truths)


def _tried(definition: Definition, condition: str, name: str) -> tuple[Any, ...]:
    kind = definition.conditions.variables[name]
    if kind == "boolean":
        return (False, True)
    if kind == "string":
        texts = (token.text[1:-1] for token in tokens(condition) if token.kind == "string")
        return ("", *texts)
    return tuple(near for each in _cuts(definition, condition) for near in (each, each + 1))


def _numbered(title: str, spans: list[tuple[int, int]], unit: str) -> tuple[Choice, ...]:
    """A choice for each interval; one of its ends stands for it."""
    choices = []
    for place, (low, high) in enumerate(spans):
        last = place == len(spans) - 1
        if len(spans) == 1:
            text = ""
        elif low == high:
            text = f"{title}：{low}{unit}"
        elif last:
            text = f"{title}：{low}{unit}以上"
        else:
            text = f"{title}：{low}—{high}{unit}"
        choices.append(Choice(low if last else high, text))
    return tuple(choices)
