"""Proves the promised number of visits, or shows the shortest path that breaks it and where."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from onevisit.definition.problem import Words
from onevisit.definition.service import Definition
from onevisit.definition.source import Path
from onevisit.engine.proof.acts import AT_COUNTER
from onevisit.engine.proof.advice import with_meetings
from onevisit.engine.proof.findings import Finding
from onevisit.engine.proof.visits import Best, Plays, Visits, plays
from onevisit.engine.situations import Situation

NEVER = 1_000_000
"""Stands for “cannot be guaranteed” when figures are compared."""


@dataclass(frozen=True)
class Found:
    """One situation with its figures."""

    situation: Situation
    visits: Visits


@dataclass(frozen=True)
class Costly:
    """The situation that costs most for each figure."""

    free: Found
    counter: Found
    free_corrected: Found
    counter_corrected: Found


def costliest(played: Iterable[tuple[Situation, Visits]]) -> Costly:
    """The worst situation by each figure."""
    found = [Found(situation, visits) for situation, visits in played]

    def worst(figure: str) -> Found:
        def cost(each: Found) -> int:
            value: int | None = getattr(each.visits, figure)
            return NEVER if value is None else value

        return max(found, key=cost)

    return Costly(
        free=worst("visits"),
        counter=worst("visits_counter"),
        free_corrected=worst("visits_with_correction"),
        counter_corrected=worst("visits_counter_with_correction"),
    )


def broken(definition: Definition, costly: Costly) -> Iterator[Finding]:
    """How the promised visits can be exceeded, by anybody and by whoever never goes online."""
    promised = definition.workflow.promise.visits
    free, counter = costly.free.visits, costly.counter.visits
    for found, value, path, never_online in (
        (costly.free, free.visits, free.path, False),
        (costly.counter, counter.visits_counter, counter.path_counter, True),
    ):
        if value is None:
            yield _impossible(found, never_online)
        elif value > promised:
            played = plays(definition, found.situation.selection)
            best = played.counter if never_online else played.free
            chinese = "从不上网的申请人最多要" if never_online else "最多要"
            english = " by somebody who never goes online" if never_online else ""
            words = Words(
                f"{chinese}跑 {value} 次，超过承诺的 {promised} 次",
                f"takes {value} visits{english}, more than the {promised} promised",
            )
            at = _cause(definition, played, best, promised)
            yield Finding(words, at, (*_until(path, promised + 1), _where(found)))


def _impossible(found: Found, never_online: bool) -> Finding:
    who = "从不上网的申请人" if never_online else "申请人"
    english = "somebody who never goes online" if never_online else "the applicant"
    words = Words(
        f"{who}没有任何办法保证办成：缺少能用的提交或领取方式",
        f"no way of applying or collecting lets {english} finish",
    )
    return Finding(words, ("submission",), (_where(found),))


def _where(found: Found) -> str:
    return f"情形：{found.situation.text}"


def _until(path: tuple[str, ...], visit: int) -> tuple[str, ...]:
    """The path up to the visit that is one too many."""
    ends = [step.endswith(f"第 {visit} 次到场") for step in path]
    return path[: ends.index(True) + 1]


def _cause(definition: Definition, played: Plays, best: Best, promised: int) -> Path:
    """Where the definition asks for the visit that is one too many."""
    paid = [edge.label for edge in with_meetings(played.counted, best.acts) if edge.cost]
    act = paid[promised]
    wanted = set(act.bring) or {act.what}
    named = [at for at, title in _titled(definition) if title in wanted]
    if named:
        return named[0]
    if act.kind in ("submit", "answer"):
        return ("submission", "channels" if act.kind == "submit" else "correction")
    return _only_at_counter(definition)


def _titled(definition: Definition) -> Iterator[tuple[Path, str]]:
    """Everything that may bring the applicant to the counter by its own title."""
    for place, item in enumerate(definition.workflow.items):
        for number, meeting in enumerate(item.appointments):
            yield ("items", place, "appointments", number), meeting.title
    for place, material in enumerate(definition.workflow.materials):
        yield ("materials", place, "carried" if material.carried else "original"), material.title


def _only_at_counter(definition: Definition) -> Path:
    """The result that can be had at the counter only, else the service's own ways."""
    for place, item in enumerate(definition.workflow.items):
        if item.result is not None and set(item.result.pickup) == {AT_COUNTER}:
            return ("items", place, "result", "pickup")
    return ("issue", "pickup")
