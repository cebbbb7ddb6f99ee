"""How often the applicant has to come, at the least they can guarantee: the game of visits.

The meaning is fixed in docs/proof.md, “跑动次数”; the government's moves are those of fire().
"""

from collections.abc import Callable
from dataclasses import dataclass

from onevisit.definition.service import Definition
from onevisit.engine.compile import compile_chart
from onevisit.engine.presence import Duties, Meeting, duties
from onevisit.engine.proof.acts import Act
from onevisit.engine.proof.advice import advice_for, told
from onevisit.engine.proof.arena import Arena
from onevisit.engine.proof.game import Edge, Graph, play, solve
from onevisit.engine.proof.relevant import relevant
from onevisit.engine.selection import Selection


@dataclass(frozen=True)
class Visits:
    """The figures of one situation; None where no way of applying can guarantee an end.

    `visits`: free choice of channels. `visits_counter`: an applicant who never goes online.
    `…_with_correction`: with one round of correction. `presences`: on-site checks at the
    applicant's premises. `advice` is the strategy that reaches the figures, `path` (`path_counter`)
    the play that costs that much, step by step.
    """

    visits: int | None
    visits_counter: int | None
    visits_with_correction: int | None
    visits_counter_with_correction: int | None
    presences: int
    advice: tuple[str, ...]
    path: tuple[str, ...]
    path_counter: tuple[str, ...]


@dataclass(frozen=True)
class Best:
    """The value of one game and the acts of a play that reaches it."""

    value: int | None
    acts: tuple[Edge[Act], ...]


@dataclass(frozen=True)
class Plays:
    """The games of one situation, played out: by anybody, by an applicant who never goes online,
    and both again with one round of correction."""

    duties: Duties
    counted: tuple[Meeting, ...]
    free: Best
    counter: Best
    free_corrected: Best
    counter_corrected: Best


def plays(definition: Definition, selection: Selection) -> Plays:
    """The four games of a case with this selection (at least one part)."""
    found = duties(definition, selection)
    kept = relevant(definition, selection, found)
    chart = compile_chart(definition, kept.selection)
    games = [
        _Game(Arena(definition, kept.selection, chart, kept.duties, correction), len(kept.counted))
        for correction in (False, True)
    ]
    free, corrected = (game.best(_anybody) for game in games)
    counter, counter_corrected = (game.best(_offline) for game in games)
    return Plays(found, kept.counted, free, counter, corrected, counter_corrected)


def visits(definition: Definition, selection: Selection) -> Visits:
    """The figures and the strategy for a case with this selection (at least one part)."""
    found = plays(definition, selection)
    return Visits(
        visits=found.free.value,
        visits_counter=found.counter.value,
        visits_with_correction=found.free_corrected.value,
        visits_counter_with_correction=found.counter_corrected.value,
        presences=len(found.duties.inspections),
        advice=advice_for(found.duties, found.counted, found.free.acts, found.counter.acts),
        path=told(found.duties, found.counted, found.free.acts),
        path_counter=told(found.duties, found.counted, found.counter.acts),
    )


def _anybody(act: Act) -> bool:
    return True


def _offline(act: Act) -> bool:
    return act.offline


class _Game:
    def __init__(self, arena: Arena, counted: int) -> None:
        self._arena, self._counted = arena, counted
        self._graph, self._nodes = arena.graph()

    def best(self, keep: Callable[[Act], bool]) -> Best:
        """The value when only acts that `keep` lets through are open, and a play that shows it."""
        graph: Graph[Act] = self._graph.only(keep)
        values = solve(graph)
        value = values[0]
        if value is None:
            return Best(None, ())
        granted = {n for n in graph.ends if self._arena.granted(self._nodes[n])}
        edges = play(graph, values, granted) or play(graph, values, graph.ends) or []
        return Best(value + self._counted, tuple(edges))
