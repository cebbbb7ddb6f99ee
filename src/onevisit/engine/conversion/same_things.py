"""Finds what the items of a serial description ask for more than once, and who holds it.

Two things are the same when a title of one is a title of the other, but for words like 复印件.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from onevisit.definition.problem import DefinitionError, Problem, Words
from onevisit.definition.serial import (
    FORM,
    Consumed,
    SerialField,
    SerialItem,
    SerialMaterial,
    name_of,
    names_of,
)
from onevisit.definition.serial_file import Serial
from onevisit.definition.source import Path

Kind = Literal["applicant", "shared", "form", "prior"]
_APPLICATION = re.compile("(申请|申报)(表|书|单)$")
_ONE_FORM = "=form"
_ORIGINS_DIFFER = Words(
    "“{title}”的来源前后不一：{there}、{here}；同一样东西只能有一个来源",
    "“{title}” comes from {there} and from {here}: the same thing has one origin",
)


@dataclass(frozen=True)
class Mention:
    """One place where an item asks for, fills in or looks up a thing; `paper`: it is handed in."""

    item: SerialItem
    what: Consumed | SerialMaterial | SerialField
    at: Path

    @property
    def title(self) -> str:
        """What the thing is called here."""
        return self.what.what if isinstance(self.what, Consumed) else self.what.title

    @property
    def names(self) -> frozenset[str]:
        """The names that this place gives to the thing."""
        return names_of((self.title,)) if isinstance(self.what, Consumed) else self.what.names

    @property
    def paper(self) -> bool:
        """Whether the thing itself is handed in, and not only looked up."""
        if isinstance(self.what, Consumed):
            return self.what.as_ == "paper"
        return isinstance(self.what, SerialMaterial)


@dataclass(frozen=True)
class Origin:
    """Where a thing comes from: `name` is the item that makes it or the source.field it is in."""

    kind: Kind
    name: str = ""


@dataclass(frozen=True)
class Group:
    """All mentions of one thing, in today's order."""

    mentions: tuple[Mention, ...]
    names: frozenset[str]
    origin: Origin

    @property
    def title(self) -> str:
        """What it is called first."""
        return self.mentions[0].title

    @cached_property
    def users(self) -> tuple[str, ...]:
        """The ids of the items that mention it, in today's order."""
        return tuple(dict.fromkeys(each.item.id for each in self.mentions))


@dataclass(frozen=True)
class Things:
    """Everything that a serial description mentions, each thing once. What `consumes` names and
    somebody fills in is a field, all else a material. `held` says by name which field of a shared
    source (source.field) holds a thing."""

    materials: tuple[Group, ...]
    fields: tuple[Group, ...]
    held: Mapping[str, str]

    def holder(self, group: Group) -> str | None:
        """The field of a shared source that holds the group's thing."""
        return next((self.held[name] for name in sorted(group.names) if name in self.held), None)


def same_things(serial: Serial) -> Things:
    """The things of a serial description; DefinitionError when one has several origins."""
    papers = _Finder(serial, makers(serial), serial.held, papers=True)
    materials = papers.groups(_papers(serial))
    held = dict(serial.held)
    for group in materials:
        if group.origin.kind == "shared":
            held.update({name: group.origin.name for name in group.names if name not in held})
    blanks = {name for mention in _blanks(serial) for name in mention.names}
    brought = tuple(each for each in materials if not _only_a_blank(each, blanks))
    looked_up = [m for each in materials if _only_a_blank(each, blanks) for m in each.mentions]
    blank = _Finder(serial, makers(serial), held, papers=False)
    fields = blank.groups((*_blanks(serial), *looked_up))
    if papers.problems or blank.problems:
        raise DefinitionError((*papers.problems, *blank.problems))
    return Things(brought, fields, held)


def makers(serial: Serial) -> dict[str, str]:
    """By name, the item that makes the thing called so."""
    return {
        name: item.id
        for item in serial.process.items
        for produced in item.produces
        for name in produced.names
    }


def _papers(serial: Serial) -> Iterator[Mention]:
    for place, item in enumerate(serial.process.items):
        for number, material in enumerate(item.materials):
            yield Mention(item, material, ("items", place, "materials", number))
        for number, consumed in enumerate(item.consumes):
            yield Mention(item, consumed, ("items", place, "consumes", number))


def _blanks(serial: Serial) -> tuple[Mention, ...]:
    return tuple(
        Mention(item, field, ("items", place, "fields", number))
        for place, item in enumerate(serial.process.items)
        for number, field in enumerate(item.fields)
    )


def _only_a_blank(group: Group, blanks: Iterable[str]) -> bool:
    """Whether a thing that is only looked up is one that people fill in."""
    return group.origin.kind != "prior" and all(
        isinstance(each.what, Consumed) and not each.names.isdisjoint(blanks)
        for each in group.mentions
    )


class _Finder:
    def __init__(
        self,
        serial: Serial,
        made_by: Mapping[str, str],
        held: Mapping[str, str],
        *,
        papers: bool,
    ) -> None:
        self._serial, self._made_by, self._held = serial, made_by, held
        self._papers = papers
        self.problems: list[Problem] = []

    def groups(self, mentions: Iterable[Mention]) -> tuple[Group, ...]:
        """The mentions put together by what they mean, in the order of their first mention."""
        found: list[tuple[frozenset[str], list[Mention]]] = []
        for mention in mentions:
            names = mention.names | self._marks(mention)
            same = [each for each in found if not names.isdisjoint(each[0])]
            joined = [one for _, some in same for one in some]
            names = names.union(*(each[0] for each in same))
            if same:
                found[found.index(same[0])] = (names, [*joined, mention])
                found = [each for each in found if each not in same[1:]]
            else:
                found.append((names, [mention]))
        ordered = [(names, sorted(some, key=lambda each: each.at[1])) for names, some in found]
        return tuple(
            Group(tuple(some), names, self._origin(some, names)) for names, some in ordered
        )

    def _marks(self, mention: Mention) -> frozenset[str]:
        """What makes mentions the same beside their names: application forms become the one form;
        blanks that one field of a shared source answers are one."""
        known = frozenset(f"={self._held[name]}" for name in mention.names if name in self._held)
        if not self._papers:
            return known
        made = not mention.names.isdisjoint(self._made_by)
        if known or made or mention.what.from_ not in (None, FORM):
            return frozenset()
        return frozenset({_ONE_FORM}) if _APPLICATION.search(name_of(mention.title)) else known

    def _origin(self, mentions: list[Mention], names: frozenset[str]) -> Origin:
        """Who holds a thing: as somebody says, else the item that makes it, else a shared source,
        else the form, else the applicant."""
        said = [(each, each.what.from_) for each in mentions if each.what.from_ is not None]
        made = [
            (each, self._made_by[name])
            for each in mentions
            for name in sorted(each.names)
            if name in self._made_by
        ]
        kept = sorted(self._held[name] for name in names if name in self._held)
        for first, *others in filter(None, (said or made,)):
            self._check_one(first, others)
        if said:
            return self._said(said[0][1])
        if made:
            return Origin("prior", made[0][1])
        if kept:
            return Origin("shared", kept[0])
        return Origin("form" if _ONE_FORM in names else "applicant")

    def _said(self, hint: str) -> Origin:
        if hint == FORM:
            return Origin("form")
        items = {each.id for each in self._serial.process.items}
        return Origin("prior" if hint in items else "shared", hint)

    def _check_one(self, first: tuple[Mention, str], others: list[tuple[Mention, str]]) -> None:
        """All these mentions must name one origin."""
        for mention, origin in others:
            if origin != first[1]:
                words = _ORIGINS_DIFFER.filled(title=mention.title, there=first[1], here=origin)
                problem = self._serial.source.problem(mention.at, "rule", expected=words)
                self.problems.append(problem)
