"""Moves a marking: the one `fire()` that both the running cases and the proofs use."""

from dataclasses import dataclass

from onevisit.engine.chart import Chart, Marking, Move


class NotPossible(Exception):
    """The event cannot happen in the region's present state."""

    def __init__(self, region: str, event: str, state: str, possible: tuple[str, ...]) -> None:
        self.region, self.event, self.state, self.possible = region, event, state, possible
        super().__init__(f"{region}: {event} is not possible in {state}; possible: {possible}")


@dataclass(frozen=True)
class Fired:
    """The marking after an event and every move it made, the automatic ones last."""

    marking: Marking
    moves: tuple[Move, ...]


def possible(chart: Chart, marking: Marking, region: str) -> tuple[Move, ...]:
    """The moves of a region that somebody could make now (none of the automatic ones)."""
    return tuple(
        move
        for move in chart.tables[region].moves[marking[region]]
        if move.by != "automatic" and move.may_fire(marking)
    )


def fire(chart: Chart, marking: Marking, region: str, event: str) -> Fired:
    """The marking after `event` in `region` and all automatic moves that follow from it.

    Raises NotPossible when no move of that name leaves the region's state or its guard fails.
    """
    for move in chart.tables[region].moves[marking[region]]:
        if move.event == event and move.by != "automatic" and move.may_fire(marking):
            return settle(chart, marking.with_state(region, move.target), (move,))
    events = tuple(dict.fromkeys(move.event for move in possible(chart, marking, region)))
    raise NotPossible(region, event, marking[region], events)


def settle(chart: Chart, marking: Marking, moves: tuple[Move, ...] = ()) -> Fired:
    """Fires automatic moves, region by region in order, until none is left."""
    while True:
        following = _first_automatic(chart, marking)
        if following is None:
            return Fired(marking, moves)
        marking = marking.with_state(following.region, following.target)
        moves = (*moves, following)


def _first_automatic(chart: Chart, marking: Marking) -> Move | None:
    for region, table in chart.tables.items():
        for move in table.moves[marking[region]]:
            if move.by == "automatic" and move.may_fire(marking):
                return move
    return None
