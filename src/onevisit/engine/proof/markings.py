"""Goes through every marking that fire() reaches and finds those from which no end can come."""

from collections.abc import Iterator
from dataclasses import dataclass

from onevisit.engine.chart import CASE, Chart, Marking, Move
from onevisit.engine.fire import Fired, fire, possible, settle


@dataclass(frozen=True)
class Stuck:
    """A marking that ends badly: nothing leads to an end, or (`open_regions`) the case has ended
    while approvals are still open. `moves` is a shortest way there."""

    marking: Marking
    moves: tuple[Move, ...]
    open_regions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Explored:
    """Everything reachable of one chart: whether it is sound, and every move that ever fires."""

    stuck: Stuck | None
    fired: frozenset[Move]
    count: int


def explore(chart: Chart) -> Explored:
    """All markings of a chart, breadth first, and the nearest one that ends badly."""
    first = settle(chart, chart.initial)
    came: dict[Marking, tuple[Marking | None, tuple[Move, ...]]] = {
        first.marking: (None, first.moves)
    }
    before: dict[Marking, list[Marking]] = {}
    order, fired = [first.marking], set(first.moves)
    for marking in order:
        for after in _steps(chart, marking):
            fired.update(after.moves)
            before.setdefault(after.marking, []).append(marking)
            if after.marking not in came:
                came[after.marking] = (marking, after.moves)
                order.append(after.marking)
    ends = [each for each in order if _final(chart, each, CASE)]
    stuck = _nearest(chart, order, before, ends)
    if stuck is None:
        return Explored(None, frozenset(fired), len(order))
    marking, opened = stuck
    return Explored(Stuck(marking, _way(came, marking), opened), frozenset(fired), len(order))


def _nearest(
    chart: Chart,
    order: list[Marking],
    before: dict[Marking, list[Marking]],
    ends: list[Marking],
) -> tuple[Marking, tuple[str, ...]] | None:
    """The first marking, in the order found, that is stuck or an end with open approvals."""
    ending, waiting = set(ends), list(ends)
    while waiting:
        for marking in before.get(waiting.pop(), ()):
            if marking not in ending:
                ending.add(marking)
                waiting.append(marking)
    ended = set(ends)
    for marking in order:
        opened = tuple(key for key in chart.regions if not _final(chart, marking, key))
        if marking not in ending or (marking in ended and opened):
            return marking, opened if marking in ended else ()
    return None


def _steps(chart: Chart, marking: Marking) -> Iterator[Fired]:
    """What fire() makes of every event that somebody could cause."""
    for region in chart.regions:
        for event in dict.fromkeys(move.event for move in possible(chart, marking, region)):
            yield fire(chart, marking, region, event)


def _final(chart: Chart, marking: Marking, region: str) -> bool:
    return chart.tables[region].states[marking[region]].final


def _way(
    came: dict[Marking, tuple[Marking | None, tuple[Move, ...]]], marking: Marking
) -> tuple[Move, ...]:
    moves: list[tuple[Move, ...]] = []
    at: Marking | None = marking
    while at is not None:
        at, step = came[at]
        moves.append(step)
    return tuple(move for step in reversed(moves) for move in step)
