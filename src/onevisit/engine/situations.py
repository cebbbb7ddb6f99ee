"""Finds the finitely many situations of a service: every case that any answers can lead to.

Argument. Conditions only compare answers with constants (or with each other), so a whole number
matters only by the constants it lies between: one value for each such interval stands for all.
Groups of items that share no answer are chosen independently (`groups`), so every situation is
one case of each group together. A property test compares with going through all answers.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from onevisit.definition.service import Definition
from onevisit.engine.groups import Case, Group, groups
from onevisit.engine.selection import Part, Selection

MANY = 4096


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
    return Situations(definition, groups(definition))
