"""Proves that every case of a service can be brought to an end, without going through them all.

Argument. An approval sees of the others only whether those it needs are granted or refused, and
the case sees only whether all are closed, some granted, a fatal one refused, or some decided. So
whatever can go wrong with one approval goes wrong already beside at most two others: two that it
needs (granted and refused, or one refused before the other), one it needs and one that ends the
case, or one unrelated. For each approval of a different kind, all such trios are compiled and
every marking that fire() reaches in them is visited; in the others of a trio only the last step
is kept, since nobody sees which step another department is at. Approvals of the same kind are
interchangeable. Where a fatal approval is always there as well, a trio that is stuck is tried again
beside it, since refusing everything refuses that one too. A property test compares with going
through whole services.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter

from onevisit.definition.problem import Words
from onevisit.definition.service import Definition
from onevisit.engine.chart import CASE, Chart, Move
from onevisit.engine.compile import compile_chart
from onevisit.engine.proof.findings import Finding
from onevisit.engine.proof.markings import Stuck, explore
from onevisit.engine.proof.reached import never_arriving, never_reached
from onevisit.engine.selection import Part, Selection
from onevisit.engine.situations import Situations

Kind = tuple[object, ...]
MoveKey = tuple[bool, str, str]


def unsound(definition: Definition, situations: Situations) -> Iterator[Finding]:
    """Everything by which a case of this service could get stuck, and what can never happen."""
    life = definition.lifecycle.model_dump_json()
    fired: set[MoveKey] = set()
    made: dict[MoveKey, str] = {}
    waits: dict[str, None] = {}
    owing = _owing(definition)
    for trio, fatal in trios(situations):
        found = _found(_Neighbourhood(definition, trio, (life, _shape(trio, owing))))
        for beside in [(*trio, each) for each in fatal] or [trio] if found.stuck else []:
            stuck = explore(compile_chart(definition, _alone(definition, beside))).stuck
            if stuck is not None:
                yield _stuck(definition, beside, stuck)
                return
        fired |= found.fired
        made |= found.made
        waits |= dict.fromkeys(found.waits)
    yield from (_dead(title) for key, title in made.items() if key not in fired)
    yield from map(_endless, waits)
    yield from never_reached(situations)
    yield from never_arriving(situations)


@dataclass(frozen=True)
class _Neighbourhood:
    """A trio; equal to any other of the same shape in a case with the same life."""

    definition: Definition = field(compare=False)
    trio: tuple[Part, ...] = field(compare=False)
    kind: Kind


@dataclass(frozen=True)
class _Found:
    """What every trio of one shape does: is it stuck somewhere, which moves are there and which
    of them ever fire, and the titles of states that nothing is sure to end."""

    stuck: bool
    fired: frozenset[MoveKey]
    made: Mapping[MoveKey, str]
    waits: tuple[str, ...]


@lru_cache(maxsize=1024)
def _found(neighbourhood: _Neighbourhood) -> _Found:
    definition, trio = neighbourhood.definition, neighbourhood.trio
    chart = compile_chart(definition, _alone(definition, trio))
    explored = explore(chart)
    return _Found(
        explored.stuck is not None,
        frozenset(map(_move_key, explored.fired)),
        {_move_key(move): move.title for move in _made_by_somebody(chart)},
        tuple(_waits(chart)),
    )


def _alone(definition: Definition, trio: tuple[Part, ...]) -> Selection:
    """The trio as if nothing else were selected, with the material that can be owed to it."""
    ids = [item.id for item in definition.workflow.items]
    parts = tuple(sorted(trio, key=lambda each: ids.index(each.item.id)))
    chosen = {part.item.id for part in trio}
    owed = (each for each in definition.workflow.materials if each.need == "deferrable")
    return Selection(parts, tuple(each for each in owed if chosen & {*each.items}))


def _owing(definition: Definition) -> frozenset[str]:
    """Ids of the items to which deferred material can be owed."""
    materials = definition.workflow.materials
    return frozenset(i for each in materials if each.need == "deferrable" for i in each.items)


def trios(situations: Situations) -> Iterator[tuple[tuple[Part, ...], tuple[Part, ...]]]:
    """Every kind of neighbourhood of one approval that occurs in some situation: the approval
    with all its steps first, then at most two others with their last step only; and the fatal
    approvals of which each of these situations has one beside it, if all have."""
    seen: set[Kind] = set()
    finder = _Finder(situations)
    for part in finder.parts:
        for others in finder.neighbourhoods(part):
            trio = (part, *map(finder.shortened, others))
            fatal = tuple(map(finder.shortened, finder.always_fatal(part, *others)))
            kind = (*_shape(trio, finder.owing), *(_kind(each, finder.owing) for each in fatal))
            if kind not in seen:
                seen.add(kind)
                yield trio, fatal


class _Finder:
    """Finds for an approval which others can be there with it, one of each kind."""

    def __init__(self, situations: Situations) -> None:
        found: dict[object, Part] = {}
        self._cases: dict[int, tuple[int, set[int]]] = {}
        for number, group in enumerate(situations.groups):
            for place, case in enumerate(group.cases):
                for each in case.parts:
                    part = found.setdefault((each.key, id(each.route)), each)
                    self._cases.setdefault(id(part), (number, set()))[1].add(place)
        self.parts = tuple(found.values())
        self.fatal = tuple(each for each in self.parts if each.item.on_reject == "case")
        self._all = [set(range(len(group.cases))) for group in situations.groups]
        self.owing = _owing(situations.definition)
        self._goes_on = any(
            each.to == "$next" and "$step" in each.from_ and each.by == "step" and not each.when
            for each in situations.definition.lifecycle.approval.transitions
        )

    def neighbourhoods(self, part: Part) -> Iterator[tuple[Part, ...]]:
        """Up to two others beside the part: any one, or one it needs and any other."""
        yield ()
        for other in self._beside(part):
            yield (other,)
            if other.item.id in part.item.needs:
                for third in self._beside(part, other):
                    yield (other, third)

    def _beside(self, *trio: Part) -> list[Part]:
        found: dict[Kind, Part] = {}
        there = {each.item.id for each in trio}
        for each in self.parts:
            kind = (
                _kind(self.shortened(each), self.owing),
                _needs_among((*trio, each)),
                bool(each.item.needs),
            )
            if each.item.id not in there and kind not in found and self._together(*trio, each):
                found[kind] = each
        return list(found.values())

    def shortened(self, part: Part) -> Part:
        """The part with its last step only, if nothing can keep it from getting there."""
        steps = part.route.steps[-1:] if self._goes_on else part.route.steps
        return replace(part, route=part.route.model_copy(update={"steps": steps}))

    def always_fatal(self, *trio: Part) -> tuple[Part, ...]:
        """Fatal approvals beside the trio of which every situation with the trio has one."""
        places, there = self._places(trio), {each.item.id for each in trio}
        for number, every in enumerate(self._all):
            cases = places.get(number, every)
            others = [each for each in self.fatal if self._cases[id(each)][0] == number]
            others = [each for each in others if each.item.id not in there]
            if cases <= set().union(*(self._cases[id(each)][1] for each in others)):
                return tuple(each for each in others if self._cases[id(each)][1] & cases)
        return ()

    def _together(self, *parts: Part) -> bool:
        """Whether some situation holds all these parts."""
        return all(self._places(parts).values())

    def _places(self, parts: tuple[Part, ...]) -> dict[int, set[int]]:
        """By group, the cases that hold all these parts."""
        places: dict[int, set[int]] = {}
        for each in parts:
            number, cases = self._cases[id(each)]
            places[number] = places[number] & cases if number in places else cases
        return places


def _kind(part: Part, owing: frozenset[str]) -> Kind:
    """Everything about one part that the compiler looks at, other parts aside."""
    item, waits = part.item, part.item.wait is not None
    owes = item.id in owing
    return (part.route.steps, item.needs_for, item.on_reject, item.batch, waits, owes)


def _shape(trio: tuple[Part, ...], owing: frozenset[str]) -> Kind:
    """A trio up to names: the kinds of its parts and which of them need which."""
    return (*(_kind(part, owing) for part in trio), _needs_among(trio))


def _needs_among(parts: tuple[Part, ...]) -> tuple[bool, ...]:
    return tuple(each.item.id in one.item.needs for one in parts for each in parts)


def _stuck(definition: Definition, trio: tuple[Part, ...], stuck: Stuck) -> Finding:
    titles = {part.key: part.item.title for part in trio}
    path = tuple(
        move.title if move.region == CASE else f"“{titles[move.region]}”{move.title}"
        for move in stuck.moves
    )
    places = {item.id: place for place, item in enumerate(definition.workflow.items)}
    first = next((part for part in trio if part.key in stuck.open_regions), trio[0])
    if stuck.open_regions:
        names = "、".join(f"“{titles[key]}”" for key in stuck.open_regions)
        words = Words(f"办件已经结束，{names}却还开着", f"the case has ended but {names} is open")
    else:
        case = definition.lifecycle.case.states[stuck.marking[CASE]].title
        words = Words(
            f"办件会卡在“{case}”，再也走不到办结", f"the case can get stuck in “{case}” for ever"
        )
    return Finding(words, ("items", places[first.item.id]), path)


def _made_by_somebody(chart: Chart) -> Iterator[Move]:
    """Moves of people and deadlines; the automatic ones only tidy up, and harm nobody unused."""
    for table in chart.tables.values():
        for moves in table.moves.values():
            yield from (move for move in moves if move.by != "automatic")


def _move_key(move: Move) -> MoveKey:
    return move.region == CASE, move.event, move.source


def _dead(title: str) -> Finding:
    words = Words(f"动作“{title}”在任何情形下都走不到", f"the move “{title}” can never be made")
    return Finding(words, ("lifecycle",))


def _endless(title: str) -> Finding:
    """A state that only the applicant could end: without a deadline it may last for ever."""
    words = Words(
        f"在“{title}”状态只能等申请人，没有期限来结束等待",
        f"in “{title}” only the applicant can act and no deadline ends the wait",
    )
    return Finding(words, ("lifecycle",))


def _waits(chart: Chart) -> Iterator[str]:
    for region, table in chart.tables.items():
        for name, state in table.states.items():
            begins = region == CASE and name == table.initial
            ended = any(move.by != "applicant" for move in table.moves[name])
            if not (state.final or begins or ended):
                yield state.title


def needs_loop(definition: Definition) -> Finding | None:
    """A loop of items that each wait for the next, if there is one."""
    titles = {item.id: item.title for item in definition.workflow.items}
    try:
        TopologicalSorter({i.id: i.needs for i in definition.workflow.items}).prepare()
    except CycleError as error:
        words = " → ".join(titles.get(each, each) for each in error.args[1])
        message = Words(f"前置关系成环：{words}", f"the needs form a loop: {words}")
        return Finding(message, ("items",))
    return None
