"""The worst figures over all situations, without going through them one by one.

Counting figures are unions of things (material, fields, steps): things that only one group of
situations can bring are counted inside it, those that several can bring are kept by name while
the groups are put together. The game of visits depends only on what a case asks in person; cases
that ask the same are played once. Where that depends on which approvals wait for which, every
combination is played. A property test compares with every situation.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from onevisit.engine.groups import Case, TooManySituations
from onevisit.engine.plan import fields_asked
from onevisit.engine.presence import Duties, duties, errands, is_slow
from onevisit.engine.proof.relevant import relevant
from onevisit.engine.proof.visits import Visits, visits
from onevisit.engine.selection import Selection
from onevisit.engine.situations import MANY, Situation, Situations

Tokens = frozenset[str]


@dataclass(frozen=True)
class Sizes:
    """The most that any situation asks: material to hand in, fields to fill, the applicant's own
    steps, and on-site checks."""

    materials: int
    fields: int
    steps: int
    presences: int


def sizes(situations: Situations) -> Sizes:
    """The worst of each count, each in its own worst situation."""
    definition = situations.definition

    def counted(tokens: Callable[[Selection], Iterator[str]]) -> int:
        return most(situations, lambda case: frozenset(tokens(_alone(situations, case))))

    return Sizes(
        materials=counted(lambda s: (each.id for each in s.asked)),
        fields=counted(lambda s: iter(fields_asked(definition, s))),
        steps=counted(lambda s: iter(errands(definition, s))),
        presences=counted(lambda s: (each.key for each in duties(definition, s).inspections)),
    )


def _alone(situations: Situations, case: Case) -> Selection:
    """What one case selects by itself."""
    return situations.together((case,)).selection


def most(situations: Situations, tokens: Callable[[Case], Tokens]) -> int:
    """The largest number of different tokens that any situation brings together."""
    groups = [[tokens(case) for case in group.cases] for group in situations.groups]
    seen = Counter(token for group in groups for token in frozenset[str]().union(*group))
    shared = {token for token, times in seen.items() if times > 1}
    best: dict[Tokens, int] = {frozenset(): 0}
    for group in groups:
        longer: dict[Tokens, int] = {}
        for before, count in best.items():
            for found in group:
                kept = before | (found & shared)
                longer[kept] = max(longer.get(kept, 0), count + len(found - shared))
        best = longer
    return max(len(kept) + count for kept, count in best.items())


class Games:
    """The games of visits of a service; situations that ask the same in person share theirs."""

    def __init__(self, situations: Situations) -> None:
        self._situations = situations
        cases = [case for group in situations.groups for case in group.cases]
        self._profiles = {id(case): _profile(situations, case) for case in cases}
        self._entangled = any(each is None for each in self._profiles.values())
        self._known: dict[object, Visits] = {}

    def visits(self, situation: Situation) -> Visits:
        """The figures of one situation (its words may name the items of another like it)."""
        key = self._played_by(situation) if self._entangled else self._key(situation.cases)
        if key not in self._known:
            self._known[key] = visits(self._situations.definition, situation.selection)
        return self._known[key]

    def played(self) -> Iterator[tuple[Situation, Visits]]:
        """A situation for each different game; the worst of each figure is among them."""
        kept: dict[object, tuple[Case, ...]] = {frozenset(): ()}
        for group in self._situations.groups:
            longer: dict[object, tuple[Case, ...]] = {}
            for cases in kept.values():
                for case in group.cases:
                    tokens, own = self._key((*cases, case))
                    if own >= self._key(longer.get(tokens, ()))[1]:
                        longer[tokens] = (*cases, case)
            if len(longer) > MANY:
                raise TooManySituations(tuple(n for g in self._situations.groups for n in g.names))
            kept = longer
        for cases in kept.values():
            situation = self._situations.together(cases)
            if situation.selection.parts:
                yield situation, self.visits(situation)

    def _played_by(self, situation: Situation) -> object:
        """Everything that goes into the game of one situation, approvals left out aside."""
        definition, selection = self._situations.definition, situation.selection
        found = duties(definition, selection)
        kept = relevant(definition, selection, found)
        parts = tuple((part.key, part.route, part.appointments) for part in kept.selection.parts)
        return parts, frozenset(_tokens(found)), found.carries, len(kept.counted)

    def _key(self, cases: tuple[Case, ...]) -> tuple[object, int]:
        """What the game sees of these cases together."""
        if self._entangled:
            return tuple(id(case) for case in cases), 0
        found = [self._profiles[id(case)] or (frozenset(), 0) for case in cases]
        return frozenset[str]().union(*(tokens for tokens, _ in found)), sum(n for _, n in found)


def _profile(situations: Situations, case: Case) -> tuple[Tokens, int] | None:
    """What the game of visits sees of a case: tokens, and appointments of its own that only
    count; None when the order of approvals matters."""
    selection = _alone(situations, case)
    found = duties(situations.definition, selection)
    slow = {part.key for part in selection.parts if is_slow(part)}
    if any(each.carried for each in situations.definition.workflow.materials):
        return None
    if any(each.held == "review" and not slow & {*each.parts} for each in found.meetings):
        return None
    tokens = set(_tokens(found))
    tokens |= {"slow" if part.key in slow else "spot" for part in selection.parts}
    own = sum(1 for each in found.meetings if each.held == "review" and not each.joint)
    return frozenset(tokens), own


def _tokens(found: Duties) -> Iterator[str]:
    for material in found.originals:
        yield "original " + " ".join(sorted(material.original))
    if found.paper:
        yield "paper"
    for each in found.handovers:
        yield "ways " + " ".join(sorted(each.ways)) if each.part else "a decision without a result"
    for meeting in found.meetings:
        if meeting.held == "submission":
            yield "meeting at submission"
        elif meeting.joint:
            yield f"meeting {meeting.key}"
