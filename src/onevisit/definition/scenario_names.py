"""Checks that what a scenario names exists in its service, and that its answers can be given.

Each part of the file is looked at by itself, so that wrong names are told beside wrong shapes.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar, get_args

from pydantic import TypeAdapter, ValidationError

from onevisit.definition.lifecycle import DocumentKind, Region
from onevisit.definition.names import repeated
from onevisit.definition.problem import Problem, Words, nearest_name
from onevisit.definition.scenario import (
    EVENTS,
    EVERY,
    ON_ITEMS,
    Act,
    Ending,
    Expected,
    Seen,
    SpokenStep,
    Step,
)
from onevisit.definition.service import Definition
from onevisit.definition.source import EACH, Path, Source
from onevisit.definition.workflow import Question

_WORKFLOW = Words("一件事", "service")
_ITEM = Words("事项", "item")
_ASKED = Words("要申请人提交或承诺的材料", "material that is asked of the applicant")
_HANDED_IN = Words("要申请人提交的材料", "material that the applicant hands in")
_CORRECTED = Words("材料或字段", "material or field")
_QUESTION = Words("情形问题", "situation question")
_FIELD = Words("字段", "field")
_STATE = Words("整件状态", "state of the case")
_ITEM_STATE = Words("事项状态", "state of an item")
_DOCUMENT = Words("文书", "kind of document")
_PICKUP = Words("领取方式（本服务提供的）", "way of collecting that the service offers")
_MOVE = Words("动作（办件生命周期里的）", "move in the service's lifecycle")
_ANSWERED = Words(
    "“{name}”由情形问题回答，请写在 answers 里", "“{name}” repeats an answer: write it in answers"
)
_NOT_ASKED = Words(
    "按其余回答，不会问“{name}”，请删去", "with the other answers “{name}” is not asked: remove it"
)
_UNANSWERED = Words("情形问题“{name}”没有回答", "the question “{name}” is not answered")
_LIST = Words("列表", "a list")
_YES_NO = Words("true 或 false", "true or false")
_BOUNDS = Words("{low} 到 {high} 的整数", "a whole number from {low} to {high}")
_NO_ITEM = Words("请写明事项，如 approve: food", "say which item, like approve: food")
_ONLY_DOWNLOAD = Words(
    "这项服务只能下载领取（collect），没有窗口出件",
    "this service is collected by download only (collect), nothing is handed out",
)

Part = TypeVar("Part")
_STEP: TypeAdapter[Step] = TypeAdapter(SpokenStep)
_ENDING: TypeAdapter[Seen] = TypeAdapter(Ending)
_EXPECTED: TypeAdapter[Expected] = TypeAdapter(Expected)


def check_scenarios(source: Source, definition: Definition) -> Iterator[Problem]:
    """Every name that the service does not know and every answer that it would not take."""
    yield from repeated(source, "scenarios", EACH, "title")
    known = _Known(source, definition)
    for place, named in source.texts("workflow"):
        yield from known.unknown(place, [named], [definition.workflow.id], _WORKFLOW)
    for at, _ in source.find("scenarios", EACH):
        yield from known.answers((*at, "answers"))
        yield from known.applied(at)
        for place, part in _parts(source, (*at, "expect"), _EXPECTED):
            yield from known.expected(place, part)
        for place, step in _parts(source, (*at, "steps", EACH), _STEP):
            yield from known.step(place, step)
        for place, seen in _parts(source, (*at, "ends"), _ENDING):
            yield from known.seen(place, seen.case, seen.items, seen.documents, "documents")


def answered(definition: Definition, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers to all questions that are asked; yes/no questions left out are answered no."""
    found: dict[str, Any] = {}
    for question in definition.questions:
        if definition.conditions.holds(question.when, found):
            if question.id in answers:
                found[question.id] = answers[question.id]
            elif question.type == "boolean":
                found[question.id] = False
    return found


def _parts(source: Source, at: Path, kind: TypeAdapter[Part]) -> Iterator[tuple[Path, Part]]:
    """Every part that the pattern leads to and whose shape is right."""
    for place, written in source.find(*at):
        try:
            yield place, kind.validate_json(json.dumps(written))
        except ValidationError:
            continue  # told with the shape of the file


@dataclass(frozen=True)
class _Known:
    """The names of one service, held against one file."""

    source: Source
    definition: Definition

    def unknown(
        self, at: Path, names: Iterable[str], valid: Collection[str], what: Words
    ) -> Iterator[Problem]:
        """Every name written at this path (as text, in a list or as a key) that is not valid."""
        keyed = isinstance(self.source.value(at), dict)
        for place, name in enumerate(names):
            if name not in valid:
                where = (*at, name if keyed else place)
                near = nearest_name(name, valid)
                yield self.source.problem(where, "unknown_name", name, what, near, on_key=keyed)

    # ---- applying ------------------------------------------------------------------------------

    def answers(self, at: Path) -> Iterator[Problem]:
        """Answers to questions that exist, of the right type, all that are asked and no others."""
        written = self.source.value(at)
        given: dict[str, Any] = written if isinstance(written, dict) else {}
        questions = {each.id: each for each in self.definition.questions}
        yield from self.unknown(at, given, questions, _QUESTION)
        wrong = [
            self.source.wrong_value((*at, name), *fault)
            for name, value in given.items()
            if name in questions and (fault := _fault(questions[name], value))
        ]
        yield from wrong
        if not wrong:
            yield from self._asked(at, given, questions)

    def _asked(
        self, at: Path, given: Mapping[str, Any], questions: Mapping[str, Question]
    ) -> Iterator[Problem]:
        found = answered(self.definition, given)
        for name, question in questions.items():
            if name in given and name not in found:
                words = _NOT_ASKED.filled(name=name)
                yield self.source.problem((*at, name), "rule", expected=words, on_key=True)
            elif name not in found and self.definition.conditions.holds(question.when, found):
                yield self.source.problem(at, "rule", expected=_UNANSWERED.filled(name=name))

    def applied(self, at: Path) -> Iterator[Problem]:
        """Fields of the form, material to hand in, and the way of collecting."""
        fields = {each.id: each for each in self.definition.form.fields}
        given = {str(place[-1]): value for place, value in self.source.find(*at, "form", EACH)}
        yield from self.unknown((*at, "form"), given, fields, _FIELD)
        for name in fields.keys() & given.keys():
            place = (*at, "form", name)
            if fields[name].answer is not None:
                words = _ANSWERED.filled(name=name)
                yield self.source.problem(place, "rule", expected=words, on_key=True)
            if fields[name].schema["type"] == "array" and not isinstance(given[name], list | None):
                yield self.source.wrong_value(place, _LIST)
        for key in ("without", "hand_in"):
            names = [text for _, text in self.source.texts(*at, key, EACH)]
            names += [text for _, text in self.source.texts(*at, key)]
            yield from self.unknown((*at, key), names, self._materials("applicant"), _HANDED_IN)
        for place, text in self.source.texts(*at, "pickup"):
            pickups = self.definition.workflow.issue.pickup
            yield from self.unknown(place, [text], pickups, _PICKUP)

    def expected(self, at: Path, part: Expected) -> Iterator[Problem]:
        """What the applicant is told: items, their routes, material that is asked."""
        items = [item.id for item in self.definition.workflow.items]
        asked = self._materials("applicant", "pledge", "prior")
        yield from self.unknown((*at, "items"), part.items or (), items, _ITEM)
        yield from self.unknown((*at, "routes"), part.routes, items, _ITEM)
        yield from self.unknown((*at, "materials"), part.materials or (), asked, _ASKED)

    # ---- what people do ------------------------------------------------------------------------

    def step(self, at: Path, step: Step) -> Iterator[Problem]:
        """The act of a step, what is seen after it, and the acts that nobody could do."""
        if step.verbs:
            yield from self.act(at, step)
        yield from self.seen(at, step.case, step.items, step.made, "made")
        for place, act in enumerate(step.impossible):
            yield from self.act((*at, "impossible", place), act, tried=True)

    def act(self, at: Path, act: Act, *, tried: bool = False) -> Iterator[Problem]:
        """An act that the lifecycle has, on items, material and fields that there are."""
        verb, place = act.verbs[0], (*at, act.verbs[0])
        lifecycle = self.definition.lifecycle
        region: Region = lifecycle.approval if verb in ON_ITEMS else lifecycle.case
        events = [each.event for each in region.transitions]
        if verb == "elapse":
            timed = (*lifecycle.case.transitions, *lifecycle.approval.transitions)
            events = ["elapse" for each in timed if each.by == "timer"]
        if EVENTS.get(verb, verb) not in events:
            yield self.source.problem(place, "unknown_name", verb, _MOVE, on_key=True)
        if verb in ON_ITEMS:
            yield from self.unknown(place, act.names, self._parts_of_items(act.names), _ITEM)
            if not act.names:
                yield self.source.problem(place, "rule", expected=_NO_ITEM)
        if verb == "correct":
            known = [*self._materials(), *(each.id for each in self.definition.form.fields)]
            yield from self.unknown(place, act.names, known, _CORRECTED)
        if verb == "hand_out" and not tried and not self._handed_out:
            yield self.source.problem(place, "rule", expected=_ONLY_DOWNLOAD, on_key=True)

    def seen(
        self,
        at: Path,
        case: str | None,
        items: Mapping[str, str],
        documents: Mapping[str, int] | None,
        key: str,
    ) -> Iterator[Problem]:
        """States and documents that there are."""
        lifecycle = self.definition.lifecycle
        if case is not None:
            place = (*at, "case") if self.source.value((*at, "case")) is not None else at
            yield from self.unknown(place, [case], lifecycle.case.states, _STATE)
        states = [*lifecycle.approval.states, *lifecycle.approval.steps]
        names = [name for name in items if name != EVERY]
        yield from self.unknown((*at, "items"), names, self._parts_of_items(names), _ITEM)
        for name, state in items.items():
            place = (*at, "items", name)
            yield from self.unknown(place, [state], states, _ITEM_STATE)
        kinds = get_args(DocumentKind)
        yield from self.unknown((*at, key), documents or (), kinds, _DOCUMENT)

    # ---- names -----------------------------------------------------------------------------------

    def _materials(self, *sources: str) -> list[str]:
        """The material of these sources, or all of it."""
        materials = self.definition.workflow.materials
        return [each.id for each in materials if not sources or each.source in sources]

    def _parts_of_items(self, names: Iterable[str]) -> list[str]:
        """The ids of all items, and those names that are one element of a `foreach` item."""
        items = {item.id: item for item in self.definition.workflow.items}
        elements = [
            name
            for name in names
            if (item := items.get(name.partition("/")[0])) is not None
            and item.foreach is not None
            and name.partition("/")[2].isdigit()
        ]
        return [*items, *elements]

    @cached_property
    def _handed_out(self) -> bool:
        return set(self.definition.workflow.issue.pickup) != {"download"}


def _fault(question: Question, value: Any) -> tuple[Words, str | None] | None:
    """What an answer should have been, and the option that was likely meant; None when it fits."""
    if question.type == "boolean":
        return None if isinstance(value, bool) else (_YES_NO, None)
    if question.type == "integer":
        low, high = question.min or 0, question.max or 0
        fits = type(value) is int and low <= value <= high
        return None if fits else (_BOUNDS.filled(low=low, high=high), None)
    options = [option.id for option in question.options]
    if value in options:
        return None
    return Words("、".join(options), ", ".join(options)), nearest_name(str(value), options)
