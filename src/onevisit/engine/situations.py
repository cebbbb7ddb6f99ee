"""Finds the finitely many situations of a service: every case that any answers can lead to.

Argument. Conditions only compare answers with constants (or with each other), so a whole number
matters only by the constants it lies between: one value for each such interval stands for all.
Items, routes and material whose conditions share no answer are chosen independently: each such
group is listed by itself and every situation of the service is one case of each group together.
Within a group the answers are gone through one after another; beginnings that have decided the
same conditions and agree on the answers still to be looked at have the same continuations, so one
of them is kept. A property test compares with going through all answers.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from math import prod
from typing import Any

from onevisit.definition.service import Definition, want
from onevisit.definition.workflow import Item, Material
from onevisit.engine.answers import Variable, aliases, variables
from onevisit.engine.selection import Part, Selection

MANY = 4096
MOST_BEGINNINGS = 20_000


class TooManySituations(Exception):
    """The conditions are entangled so that their cases cannot be listed; `names` are the answers
    they share."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        super().__init__(", ".join(names))


@dataclass(frozen=True)
class Case:
    """One case of a group: an example of answers that lead to it, the parts it adds, and which of
    the group's conditional materials are asked."""

    answers: Mapping[str, Any]
    parts: tuple[Part, ...]
    materials: frozenset[str]
    text: str


@dataclass(frozen=True)
class Group:
    """Items (and conditional material) that are chosen together; `cases` are all distinct ones."""

    names: tuple[str, ...]
    items: tuple[str, ...]
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class Situation:
    """One case of the whole service: example answers to every question asked, what they select,
    a description, and the case of each group that it is put together from."""

    answers: Mapping[str, Any]
    selection: Selection
    text: str
    cases: tuple[Case, ...] = ()


@dataclass(frozen=True)
class Situations:
    """All situations of a service as independent groups of cases."""

    definition: Definition
    groups: tuple[Group, ...]

    @property
    def count(self) -> int:
        """How many distinct situations there are (one that selects nothing included)."""
        return prod(len(group.cases) for group in self.groups)

    def __iter__(self) -> Iterator[Situation]:
        """Every situation that selects something; of more than MANY, each case of each group
        once beside the largest cases of the others."""
        if self.count <= MANY:
            choices: Iterator[tuple[Case, ...]] = product(*(each.cases for each in self.groups))
        else:
            choices = self._covering()
        for cases in choices:
            if any(case.parts for case in cases):
                yield self.together(cases)

    def together(self, cases: tuple[Case, ...]) -> Situation:
        """The situation in which each of these cases holds (at most one of each group)."""
        definition = self.definition
        answers = {key: value for case in cases for key, value in case.answers.items()}
        found: dict[str, list[Part]] = {}
        for case in cases:
            for part in case.parts:
                found.setdefault(part.item.id, []).append(part)
        parts = tuple(part for item in definition.workflow.items for part in found.get(item.id, ()))
        asked = frozenset[str]().union(*(case.materials for case in cases))
        materials = tuple(
            each
            for each in definition.workflow.materials
            if each.id in asked or (each.when is None and not found.keys().isdisjoint(each.items))
        )
        text = "；".join(case.text for case in cases if case.text)
        return Situation(answers, Selection(parts, materials), text or "所有情形", cases)

    def find(
        self,
        items: Iterable[str],
        materials: Iterable[str],
        test: Callable[[frozenset[str], frozenset[str]], bool],
    ) -> str | None:
        """Describes a situation in which `test` holds of the ids of chosen items and of asked
        conditional material, None when there is none; only these items and this material are
        looked at."""
        wanted, flags = frozenset(items), frozenset(materials)
        groups = [
            group
            for group in self.groups
            if not wanted.isdisjoint(group.items)
            or any(not flags.isdisjoint(case.materials) for case in group.cases)
        ]
        for cases in product(*(group.cases for group in groups)):
            chosen = frozenset(part.item.id for case in cases for part in case.parts)
            if test(chosen, frozenset[str]().union(*(case.materials for case in cases))):
                return "；".join(case.text for case in cases if case.text) or "所有情形"
        return None

    def _covering(self) -> Iterator[tuple[Case, ...]]:
        widest = tuple(max(each.cases, key=lambda case: len(case.parts)) for each in self.groups)
        yield widest
        for place, group in enumerate(self.groups):
            for case in group.cases:
                if case is not widest[place]:
                    yield (*widest[:place], case, *widest[place + 1 :])


def situations(definition: Definition) -> Situations:
    """The situations of a service; TooManySituations when they cannot be listed."""
    return Situations(definition, tuple(_Finder(definition).groups()))


@dataclass(frozen=True)
class _Begun:
    """A beginning: the answers so far and the words for them."""

    values: Mapping[str, Any]
    answers: Mapping[str, Any]
    texts: tuple[str, ...]


@dataclass
class _Finder:
    definition: Definition
    _truths: dict[tuple[str, tuple[Any, ...]], bool] = field(default_factory=dict)

    def groups(self) -> Iterator[Group]:
        """The groups in the order of their first question; those without a question first."""
        workflow = self.definition.workflow
        items = {item.id: self._names(*self._item_conditions(item)) for item in workflow.items}
        materials = {m.id: self._material_names(m, items) for m in workflow.materials if m.when}
        for item in workflow.items:
            if not items[item.id]:
                yield self._group((), (item,), ())
        certain = [each for each in workflow.materials if materials.get(each.id) == frozenset()]
        if certain:
            yield self._group((), (), certain)
        for names in self._bundles((*items.values(), *materials.values())):
            yield self._group(
                tuple(name for name in self._variables if name in names),
                [item for item in workflow.items if items[item.id] & names],
                [each for each in workflow.materials if materials.get(each.id, names) & names],
            )

    def _material_names(
        self, material: Material, items: Mapping[str, frozenset[str]]
    ) -> frozenset[str]:
        """The answers that decide whether conditional material is asked: its own condition, and
        whether any of its items is chosen (unless one always is)."""
        names = [items[name] for name in material.items]
        return self._names(material.when).union(*(names if all(names) else ()))

    def _bundles(self, linked: Iterable[frozenset[str]]) -> list[frozenset[str]]:
        """Answers that are looked at together, directly or not, make one bundle."""
        bundles: list[frozenset[str]] = []
        shown = (frozenset({v.name}) | self._names(v.when) for v in self._variables.values())
        for names in (*linked, *shown):
            apart = [each for each in bundles if each.isdisjoint(names)]
            joined = (each for each in bundles if not each.isdisjoint(names))
            bundles = [*apart, names.union(*joined)] if names else apart
        order = {name: place for place, name in enumerate(self._variables)}
        return sorted(bundles, key=lambda names: min(order[name] for name in names))

    def _group(
        self, names: tuple[str, ...], items: Sequence[Item], materials: Sequence[Material]
    ) -> Group:
        conditions = [
            *(each for item in items for each in self._item_conditions(item)),
            *(each.when for each in materials),
        ]
        found: dict[object, Case] = {}
        for begun in self._beginnings(names, [each for each in conditions if each is not None]):
            parts = tuple(part for item in items for part in self._parts(item, begun.values))
            chosen = {part.item.id for part in parts} | self._unconditional
            asked = frozenset(
                m.id
                for m in materials
                if self._holds(m.when, begun.values) and not chosen.isdisjoint(m.items)
            )
            key = (tuple((p.key, id(p.route), p.special, p.appointments) for p in parts), asked)
            if key not in found:
                found[key] = Case(begun.answers, parts, asked, "；".join(begun.texts))
        return Group(names, tuple(item.id for item in items), tuple(found.values()))

    def _beginnings(self, names: tuple[str, ...], conditions: list[str]) -> list[_Begun]:
        """One full set of answers for each way in which the conditions can come out."""
        begun = [_Begun({}, {}, ())]
        for place, name in enumerate(names):
            later = names[place + 1 :]
            decided = [each for each in conditions if self._names(each).isdisjoint(later)]
            undecided = [each for each in conditions if each not in decided]
            looked_at = self._names(*undecided, *(self._variables[n].when for n in later))
            kept: dict[object, _Begun] = {}
            for each in begun:
                for longer in self._answered(each, self._variables[name]):
                    still = tuple(longer.values.get(n) for n in names if n in looked_at)
                    truths = tuple(self._holds(c, longer.values) for c in decided)
                    kept.setdefault((still, truths), longer)
            if len(kept) > MOST_BEGINNINGS:
                raise TooManySituations(names)
            begun = list(kept.values())
        return begun

    def _answered(self, begun: _Begun, variable: Variable) -> Iterator[_Begun]:
        if not self._holds(variable.when, begun.values):
            yield begun
            return
        for choice in variable.choices:
            texts = (*begun.texts, choice.text) if choice.text else begun.texts
            own = {variable.name: choice.value}
            asked = {} if variable.name.startswith("form.") else own
            yield _Begun({**begun.values, **own}, {**begun.answers, **asked}, texts)

    @cached_property
    def _unconditional(self) -> frozenset[str]:
        """Items that are part of every case."""
        items = self.definition.workflow.items
        return frozenset(i.id for i in items if not self._names(*self._item_conditions(i)))

    # ---- conditions --------------------------------------------------------------------------

    @cached_property
    def _variables(self) -> Mapping[str, Variable]:
        return variables(self.definition)

    @cached_property
    def _aliases(self) -> Mapping[str, str]:
        return aliases(self.definition)

    def _names(self, *conditions: str | None) -> frozenset[str]:
        """The answers that these conditions look at."""
        return frozenset(
            self._aliases.get(name, name)
            for condition in conditions
            if condition is not None
            for name in self._named(condition)
        )

    def _named(self, condition: str) -> tuple[str, ...]:
        if condition not in self._mentioned:
            self._mentioned[condition] = tuple(self.definition.conditions.names(condition))
        return self._mentioned[condition]

    @cached_property
    def _mentioned(self) -> dict[str, tuple[str, ...]]:
        return {}

    @staticmethod
    def _item_conditions(item: Item) -> tuple[str | None, ...]:
        wanted = want(item.id) if item.optional else None
        return (
            item.when,
            wanted,
            *(each.when for each in item.routes),
            *(each.when for each in item.special),
            *(each.when for each in item.appointments),
        )

    def _holds(self, condition: str | None, values: Mapping[str, Any]) -> bool:
        if condition is None:
            return True
        names = self._named(condition)
        found = tuple(values.get(self._aliases.get(name, name)) for name in names)
        if (condition, found) not in self._truths:
            answers = dict(zip(names, found, strict=True))
            holds = self.definition.conditions.holds(condition, answers)
            self._truths[condition, found] = holds
        return self._truths[condition, found]

    def _parts(self, item: Item, values: Mapping[str, Any]) -> tuple[Part, ...]:
        """The item's parts with these answers; two stand for any number of elements."""
        if not self._holds(item.when, values):
            return ()
        if item.optional and not values.get(want(item.id), False):
            return ()
        route = next(each for each in item.routes if self._holds(each.when, values))
        special = tuple(each for each in item.special if self._holds(each.when, values))
        meetings = tuple(each for each in item.appointments if self._holds(each.when, values))
        if item.foreach is None:
            return (Part(item.id, item, route, None, special, meetings),)
        schema = self.definition.form.field(item.foreach).schema
        count = min(2, schema.get("maxItems", 2))
        keys = [(f"{item.id}/{n}", n) for n in range(1, count + 1)]
        return tuple(Part(key, item, route, n, special, meetings) for key, n in keys)
