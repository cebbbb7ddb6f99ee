"""Finds which items and material are chosen together, and every way in which they can be.

Items, routes and material whose conditions share no answer are chosen independently: each such
group is listed by itself. Within a group the answers are gone through one after another;
beginnings that have decided the same conditions and agree on the answers still to be looked at
have the same continuations, so one of them is kept.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from onevisit.definition.service import Definition, want
from onevisit.definition.workflow import Item, Material
from onevisit.engine.answers import Variable, aliases, variables
from onevisit.engine.selection import Part

MOST_BEGINNINGS = 16_384


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


def groups(definition: Definition) -> tuple[Group, ...]:
    """The groups in the order of their first question, those without a question first;
    TooManySituations when they cannot be listed."""
    return tuple(_Finder(definition).groups())


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
                [m for m in workflow.materials if materials.get(m.id, frozenset()) & names],
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
