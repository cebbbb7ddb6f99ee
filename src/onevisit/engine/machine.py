"""The one place that knows `transitions`: builds a machine per region and reads its table off.

Machines are built single-threaded when a service is compiled and never shared live; `fire()`
moves markings by the table that was read off them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from transitions import Machine

from onevisit.definition.lifecycle import State
from onevisit.engine.chart import Move, RegionTable


@dataclass(frozen=True)
class RegionSpec:
    """What the compiler says of one region before a machine is built from it."""

    key: str
    title: str
    initial: str
    states: Mapping[str, State]
    moves: tuple[Move, ...]
    acts: tuple[Move, ...] = ()


class Holder:
    """The model of one machine: it stands in one state and sees the marking around it."""

    state: str
    marking: Mapping[str, str]

    def __init__(self, marking: Mapping[str, str]) -> None:
        self.marking = marking


class MoveGuard:
    """The condition of one transition: the compiled move's guard in the holder's marking."""

    def __init__(self, move: Move, holder: Holder) -> None:
        self.move = move
        self._holder = holder

    def __call__(self) -> bool:
        return self.move.may_fire(self._holder.marking)


def build(spec: RegionSpec, holder: Holder, *, moved: bool = True) -> Machine:
    """A `transitions` machine for one region; `holder` is its model, unless it is never `moved`."""
    machine = Machine(
        model=holder if moved else None,
        states=[{"name": name, "final": state.final} for name, state in spec.states.items()],
        initial=spec.initial,
        auto_transitions=False,
    )
    for move in spec.moves:
        machine.add_transition(
            trigger=move.event,
            source=move.source,
            dest=move.target,
            conditions=[MoveGuard(move, holder)],
        )
    return machine


def read_off(spec: RegionSpec, machine: Machine) -> RegionTable:
    """The table of a built machine: what it would do, as data."""
    moves: dict[str, list[Move]] = {name: [] for name in machine.states}
    for event in machine.events.values():
        for source, transitions in event.transitions.items():
            for each in transitions:
                guard = each.conditions[0].func
                assert isinstance(guard, MoveGuard)
                moves[source].append(guard.move)
    frozen = {name: tuple(each) for name, each in moves.items()}
    acts = {name: tuple(act for act in spec.acts if act.source == name) for name in machine.states}
    return RegionTable(
        spec.key,
        spec.title,
        str(machine.initial),
        spec.states,
        MappingProxyType(frozen),
        MappingProxyType(acts),
    )


def tables(specs: Iterable[RegionSpec]) -> Mapping[str, RegionTable]:
    """The tables of all regions, each read off its machine."""
    found = {spec.key: read_off(spec, build(spec, Holder({}), moved=False)) for spec in specs}
    return MappingProxyType(found)
