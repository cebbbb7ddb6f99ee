"""The statechart a case runs on: regions, states, guarded moves, and the marking they move."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from onevisit.definition.lifecycle import After, ClockEffect, DocumentKind, State

CASE = "case"
CERTIFICATE = "certificate"
Clause = tuple[str, frozenset[str]]


@dataclass(frozen=True)
class Move:
    """One legal move of one region. `guard` holds when every named region is in one of the
    states beside its name. `by` is a role, or `automatic`, `timer` (then `after` names the
    deadline). A standing act is a move that stays where it is; `clock` is what it does to time."""

    region: str
    event: str
    source: str
    target: str
    title: str
    by: str
    guard: tuple[Clause, ...] = ()
    reasons: bool = False
    documents: tuple[DocumentKind, ...] = ()
    after: After | None = None
    clock: ClockEffect | None = None

    def may_fire(self, marking: Mapping[str, str]) -> bool:
        """Whether the guard holds in this marking."""
        for region, states in self.guard:  # noqa: SIM110 - proofs ask this a hundred thousand times
            if marking[region] not in states:
                return False
        return True


class Marking(Mapping[str, str]):
    """Which state each region is in: the whole state of a case. Immutable and hashable."""

    __slots__ = ("_hash", "_index", "_states")

    def __init__(self, index: Mapping[str, int], states: tuple[str, ...]) -> None:
        self._index = index
        self._states = states
        self._hash = hash(states)

    def __getitem__(self, region: str) -> str:
        return self._states[self._index[region]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def __len__(self) -> int:
        return len(self._states)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Marking) and self._states == other._states

    def __repr__(self) -> str:
        return f"Marking({dict(self)})"

    def with_state(self, region: str, state: str) -> "Marking":
        """This marking with one region moved."""
        place = self._index[region]
        return Marking(self._index, (*self._states[:place], state, *self._states[place + 1 :]))


@dataclass(frozen=True)
class RegionTable:
    """All states and moves of one region; `moves` maps each state to the moves out of it, `acts`
    to what may be done in it without leaving it."""

    key: str
    title: str
    initial: str
    states: Mapping[str, State]
    moves: Mapping[str, tuple[Move, ...]]
    acts: Mapping[str, tuple[Move, ...]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def final(self) -> frozenset[str]:
        """The states that end this region."""
        return frozenset(name for name, state in self.states.items() if state.final)


@dataclass(frozen=True)
class Chart:
    """The compiled service: region "case" first, then one region per approval."""

    workflow_id: str
    title: str
    tables: Mapping[str, RegionTable]
    index: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        places = {key: place for place, key in enumerate(self.tables)}
        object.__setattr__(self, "index", MappingProxyType(places))

    @property
    def regions(self) -> tuple[str, ...]:
        """The region keys, "case" first."""
        return tuple(self.tables)

    @property
    def initial(self) -> Marking:
        """The marking in which a case begins."""
        return Marking(self.index, tuple(table.initial for table in self.tables.values()))

    def marking(self, states: Mapping[str, str]) -> Marking:
        """The marking with these states; KeyError when a region is missing."""
        return Marking(self.index, tuple(states[key] for key in self.tables))

    def state(self, region: str, name: str) -> State:
        """What the definition says of one state."""
        return self.tables[region].states[name]
