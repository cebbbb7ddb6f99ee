"""Keeps of today's order only what is true: an item waits for another whose result it works with.

Argument for leaving out what is implied: if C needs B and B needs A, then B is approved only after
A, so C needs not name A; but only where B is there whenever both C and A are, because an item that
was not chosen is not waited for. A link that leads around a left-out one may be left out itself:
what leads around that is finer, so in the end, the links being finite and without loops, all on
the way are written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Literal

from onevisit.definition.problem import DefinitionError, Problem, Words
from onevisit.definition.serial import SerialItem, name_of
from onevisit.definition.serial_file import Serial
from onevisit.definition.source import Path
from onevisit.engine.conversion.same_things import Group, Things

_LOOP = Words("事项互相等待，谁也不能先办：{path}", "these items wait for each other: {path}")
_STEP = Words("“{user}”要用“{maker}”的“{thing}”", "“{user}” uses “{thing}” of “{maker}”")


@dataclass(frozen=True)
class Use:
    """One item works with what another makes: `thing` is part of `result`; `paper`: the thing
    itself is handed in. `at` is where the description says so."""

    user: str
    maker: str
    thing: str
    result: str
    paper: bool
    at: Path


@dataclass(frozen=True)
class Needs:
    """What one item waits for: `needs` as they are written, `implied` are true as well but follow
    from those; `uses` say why. Pre-review runs beside the earlier items (`decision`) when nothing
    of theirs is handed in as paper."""

    needs: tuple[str, ...]
    implied: tuple[str, ...]
    needs_for: Literal["start", "decision"]
    uses: tuple[Use, ...]


def uses(serial: Serial, things: Things) -> tuple[Use, ...]:
    """Every use of one item's result by another, in today's order; DefinitionError when items wait
    for each other."""
    found = tuple(_uses(serial, things))
    loops = tuple(_loops(serial, found))
    if loops:
        raise DefinitionError(loops)
    return tuple(sorted(found, key=lambda use: (use.at[1], str(use.at[2]), use.at[3])))


def true_needs(serial: Serial, found: tuple[Use, ...]) -> dict[str, Needs]:
    """By item id, what it waits for."""
    items, pairs = serial.process.items, {(use.user, use.maker) for use in found}
    direct = {item.id: [each.id for each in items if (item.id, each.id) in pairs] for item in items}
    return {item.id: _needs(serial, direct, found, item) for item in items}


def always_with(user: SerialItem, maker: SerialItem) -> bool:
    """Whether `maker`, another item, is handled in every case in which `user` is."""
    if maker.optional:
        return False
    if maker.only_if is None:
        return True
    return user.only_if is not None and name_of(user.only_if) == name_of(maker.only_if)


def _uses(serial: Serial, things: Things) -> Iterator[Use]:
    groups: tuple[Group, ...] = (*things.materials, *things.fields)
    for group in groups:
        if group.origin.kind == "prior":
            maker = group.origin.name
            result = _result(serial.process.item(maker), group)
            for each in group.mentions:
                yield Use(each.item.id, maker, each.title, result, each.paper, each.at)


def _result(maker: SerialItem, group: Group) -> str:
    """The title of the maker's result that is meant, or in which the thing stands."""
    for produced in maker.produces:
        if not produced.names.isdisjoint(group.names):
            return produced.title
    return maker.produces[0].title if maker.produces else group.title


def _needs(
    serial: Serial, direct: Mapping[str, list[str]], found: tuple[Use, ...], item: SerialItem
) -> Needs:
    own = tuple(each for each in found if each.user == item.id)
    implied = {need for need in direct[item.id] if _follows(serial, direct, item.id, need)}
    return Needs(
        tuple(each for each in direct[item.id] if each not in implied),
        tuple(each for each in direct[item.id] if each in implied),
        "start" if any(each.paper for each in own) else "decision",
        own,
    )


def _follows(serial: Serial, direct: Mapping[str, list[str]], user: str, maker: str) -> bool:
    """Whether `user` waits for `maker` by way of items that are there whenever both are."""
    ends = (serial.process.item(user), serial.process.item(maker))
    waiting, seen = [each for each in direct[user] if each != maker], set[str]()
    while waiting:
        via = waiting.pop()
        if via in seen or not any(always_with(end, serial.process.item(via)) for end in ends):
            continue
        if maker in direct[via]:
            return True
        seen.add(via)
        waiting += direct[via]
    return False


def _loops(serial: Serial, found: tuple[Use, ...]) -> Iterator[Problem]:
    """Each loop once: a link of one that was told is taken out before the next is looked for."""
    links = {(use.user, use.maker): use for use in found}
    while True:
        graph: dict[str, set[str]] = {}
        for user, maker in links:
            graph.setdefault(user, set()).add(maker)
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            loop: list[str] = error.args[1]
        else:
            return
        path = [links[user, maker] for maker, user in pairwise(loop)][::-1]
        yield serial.source.problem(path[0].at, "rule", expected=_told(serial, path))
        del links[path[0].user, path[0].maker]


def _told(serial: Serial, path: list[Use]) -> Words:
    """A loop as its links, each with the line that makes it."""
    steps = []
    for use in path:
        line = serial.source.problem(use.at, "rule").line
        user, maker = (serial.process.item(each).title for each in (use.user, use.maker))
        words = _STEP.filled(user=user, maker=maker, thing=use.thing)
        steps.append(Words(f"{words}（第 {line} 行）", f"{words.en} (line {line})"))
    path_en = "; ".join(each.en for each in steps)
    return Words(_LOOP.format(path="；".join(steps)), _LOOP.en.format(path=path_en))
