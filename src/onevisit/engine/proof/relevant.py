"""Leaves out of the game of visits the approvals that cannot change its value.

Argument (a property test compares with the game over every approval). An appointment costs its
visit whenever it is held; what it may save is another act in the same visit. Approvals whose
moves take time clear `here` when they are decided, so their appointments save nothing unless a
paper has to be carried between approvals that follow from them: they are counted instead of
played. What is then left of an approval without duties is only that deciding it clears `here`
and that the case ends after it. Of all such approvals that wait for the same played ones, one is
enough: the government cannot stall with several longer than with one, since the applicant can
always wait; and where every played approval takes time, so that whatever the government does
clears `here`, none is needed. Of the steps of an approval that can be sent back, the first and the
last do: the government goes to and fro between them as it likes. Refusals only take duties away,
so everything left out counts as granted.
"""

from dataclasses import dataclass, replace

from onevisit.definition.service import Definition
from onevisit.engine.plan import needs_of
from onevisit.engine.presence import Duties, Meeting, is_slow
from onevisit.engine.selection import Part, Selection

Signature = tuple[frozenset[str], frozenset[str]]


@dataclass(frozen=True)
class Relevant:
    """The approvals to play, the duties that are played, and the appointments that only count."""

    selection: Selection
    duties: Duties
    counted: tuple[Meeting, ...]


def relevant(definition: Definition, selection: Selection, duties: Duties) -> Relevant:
    """The smallest part of the case in which the game of visits has the same value."""
    finder = _Finder(definition, selection, duties)
    counted = finder.counted()
    played = finder.played(counted)
    kept = played | finder.stand_ins(played)
    parts = tuple(finder.shortened(part) for part in selection.parts if part.key in kept)
    meetings = tuple(each for each in duties.meetings if each not in counted)
    return Relevant(replace(selection, parts=parts), replace(duties, meetings=meetings), counted)


@dataclass
class _Finder:
    definition: Definition
    selection: Selection
    duties: Duties

    def __post_init__(self) -> None:
        self._needs = {p.key: needs_of(self.selection, p) for p in self.selection.parts}
        self._parts = {p.key: p for p in self.selection.parts}

    def counted(self) -> tuple[Meeting, ...]:
        """Appointments that cost exactly their own visit: one of their approvals takes time after
        it and follows from no paper that is carried."""
        carried = {key for each in self.duties.carries for key in (*each.origins, *each.targets)}
        after = {key for key in self._parts if self._before(key) & carried} | carried
        return tuple(
            each
            for each in self.duties.meetings
            if each.held == "review"
            and any(is_slow(self._parts[key]) and key not in after for key in each.parts)
        )

    def played(self, counted: tuple[Meeting, ...]) -> frozenset[str]:
        """Approvals with duties that depend on when they are done, and what these need."""
        keys = {key for each in self.duties.carries for key in (*each.origins, *each.targets)}
        keys |= {
            key
            for each in self.duties.meetings
            if each.held == "review" and each not in counted
            for key in each.parts
        }
        return self._closed(keys)

    def stand_ins(self, played: frozenset[str]) -> frozenset[str]:
        """For the approvals that are not played: one that takes time for each way in which they
        wait for the played ones (several when it cannot be dwelt on); any one if none does."""
        if played and all(is_slow(self._parts[key]) for key in played):
            return frozenset()
        groups: dict[Signature, list[Part]] = {}
        for part in self.selection.parts:
            if part.key not in played and is_slow(part):
                groups.setdefault(self._signature(part.key, played), []).append(part)
        chosen: set[str] = set()
        for group in groups.values():
            best = min(group, key=lambda p: (-self._length(p), len(self._before(p.key))))
            dwelt_on = not played or self._length(best) > 1
            chosen |= {best.key} if dwelt_on else {part.key for part in group}
        if not chosen and not played:
            chosen = {min(self._parts, key=lambda key: len(self._before(key)))}
        return self._closed(chosen)

    def shortened(self, part: Part) -> Part:
        """The part with its first and last step only, if it can be sent back between them."""
        steps = part.route.steps
        if len(steps) < 3 or self._length(part) < 2:
            return part
        route = part.route.model_copy(update={"steps": (steps[0], steps[-1])})
        return replace(part, route=route)

    def _length(self, part: Part) -> int:
        """2 when the department can go to and fro between steps for as long as it likes."""
        returns = any(
            each.to == "$first" and "$later" in each.from_ and each.by == "step"
            for each in self.definition.lifecycle.approval.transitions
        )
        return 2 if returns and len(part.route.steps) > 1 else 1

    def _before(self, key: str) -> frozenset[str]:
        return self._closed({key}) - {key}

    def _closed(self, keys: set[str]) -> frozenset[str]:
        """These approvals and everything they need, directly or not."""
        found: set[str] = set()
        waiting = list(keys)
        while waiting:
            key = waiting.pop()
            if key not in found:
                found.add(key)
                waiting += self._needs[key]
        return frozenset(found)

    def _signature(self, key: str, played: frozenset[str]) -> Signature:
        """The played approvals that must be granted before this one starts, and before it ends."""
        start, end = set[str](), set[str]()
        for need in self._needs[key]:
            before = {need} if need in played else set(self._signature(need, played)[1])
            end |= before
            start |= before if self._parts[key].item.needs_for == "start" else set()
        return frozenset(start), frozenset(end)
