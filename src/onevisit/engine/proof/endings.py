"""What a move means for the applicant: results in hand, a refusal, acceptance, or none of these."""

from dataclasses import dataclass
from functools import cached_property

from onevisit.definition.lifecycle import State
from onevisit.engine.chart import CASE, Chart, Marking, Move


@dataclass(frozen=True)
class Endings:
    """Reads a chart's states for the game of visits."""

    chart: Chart

    def closes(self, move: Move) -> bool:
        """Whether the move puts the results into the applicant's hands."""
        state = self.state_of(move)
        return move.region == CASE and state.final and state.granted

    def refuses(self, move: Move) -> bool:
        """Whether the move ends its region without granting (in kinds of life that grant)."""
        state = self.state_of(move)
        return state.final and not state.granted and (move.region != CASE or self._can_grant)

    def accepts(self, move: Move) -> bool:
        """Whether review begins with the move."""
        states = self.chart.tables[move.region].states
        return states[move.target].regions and not states[move.source].regions

    def told(self, move: Move) -> str:
        """The move in words; of an approval only how it ends."""
        if move.region == CASE:
            return move.title
        table = self.chart.tables[move.region]
        return f"“{table.title}”{move.title}" if table.states[move.target].final else ""

    def state_of(self, move: Move) -> State:
        """The state that the move leads to."""
        return self.chart.tables[move.region].states[move.target]

    def state(self, marking: Marking, region: str) -> State:
        """The state that a region is in."""
        return self.chart.tables[region].states[marking[region]]

    @cached_property
    def awaiting(self) -> frozenset[str]:
        """Case states between submission and acceptance."""
        table = self.chart.tables[CASE]
        reviewing = {name for name, state in table.states.items() if state.regions}
        moves = [move for some in table.moves.values() for move in some]
        found = set(reviewing)
        while more := {move.source for move in moves if move.target in found} - found:
            found |= more
        return frozenset(found - reviewing - {table.initial})

    @cached_property
    def _can_grant(self) -> bool:
        return any(each.final and each.granted for each in self.chart.tables[CASE].states.values())
