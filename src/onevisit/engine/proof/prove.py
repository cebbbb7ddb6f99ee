"""Proves a service before a single case runs: every obligation, or the path that refutes it.

The meaning of each obligation is docs/proof.md; a proof is exhaustive over the compiled
statechart and over all situations, never a sample.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from onevisit.definition.problem import Words
from onevisit.definition.service import Definition
from onevisit.engine.groups import TooManySituations
from onevisit.engine.plan import plan, wait_of
from onevisit.engine.presence import duties
from onevisit.engine.proof.asked import asked_again, supplied
from onevisit.engine.proof.findings import Finding, Obligation, proven, refuted
from onevisit.engine.proof.law import unlawful
from onevisit.engine.proof.measures import Games, sizes
from onevisit.engine.proof.promise import Costly, broken, costliest
from onevisit.engine.proof.ratchet import loosened
from onevisit.engine.proof.report import Before, Figures, Report, Row
from onevisit.engine.proof.soundness import needs_loop, unsound
from onevisit.engine.proof.timing import Worst, late, with_special, worst
from onevisit.engine.situations import Situations, situations

MOST_ROWS = 128
_HOLDS = {
    "soundness": Words("每一步都能走到办结，没有走不到的环节", "every case can reach its end"),
    "visits": Words("无论部门怎样决定，跑动不超过承诺", "the promised visits hold"),
    "time": Words("最长用时不超过承诺，承诺不超过法定", "the promised days hold"),
    "asked_once": Words("同一份材料、同一个字段只要一次", "nothing is asked twice"),
    "law": Words("理由、救济、依据、期限后果齐备", "reasons, remedies and bases are given"),
    "ratchet": Words("没有比上一版多要材料、跑动或时间", "asks no more than the last version"),
    "names": Words("所有名称都有所指", "everything named exists"),
}


def prove(definition: Definition, previous: Definition | None = None) -> Report:
    """Every obligation of a service and its figures; `previous` is the version before it."""
    loop = needs_loop(definition)
    if loop is not None:
        return _given_up(definition, loop)
    try:
        found = _Proof(definition)
        before = None if previous is None else _Proof(previous)
    except TooManySituations as error:
        return _given_up(definition, _entangled(error))
    return Report(
        definition.workflow.id,
        definition.workflow.title,
        tuple(found.obligations(before)),
        found.figures,
    )


def _given_up(definition: Definition, finding: Finding) -> Report:
    """The report on a service of which nothing else can be said."""
    workflow = definition.workflow
    obligation = refuted(definition, "soundness", finding)
    return Report(workflow.id, workflow.title, (obligation,), None)


class _Proof:
    """What has been found out about one version of a service."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.situations = situations(definition)
        games = Games(self.situations)
        self.costly = costliest(games.played())
        self.worst = worst(self.situations, with_special(definition))
        self.figures = _figures(definition, self.situations, self.costly, self.worst, games)

    def obligations(self, before: "_Proof | None") -> Iterator[Obligation]:
        definition, found = self.definition, self.situations
        yield from self._told("soundness", unsound(_moving(definition), found))
        yield from self._told("visits", broken(definition, self.costly))
        yield from self._told("time", late(definition, found, self.worst))
        yield from self._told("asked_once", asked_again(found))
        yield from self._told("law", unlawful(definition, found))
        if before is not None:
            more = loosened(found, self.figures, before.situations, before.figures)
            yield from self._told("ratchet", more)
        yield from self._told("names", ())

    def _told(self, obligation: str, findings: Iterable[Finding]) -> Iterator[Obligation]:
        against = [refuted(self.definition, obligation, each) for each in findings]
        yield from against or [proven(self.definition, obligation, _HOLDS[obligation])]


def _moving(definition: Definition) -> Definition:
    """The service with nothing but its moves: standing acts change no marking (see `Act`), so
    that soundness is the same without them, and found in four fifths of the time."""
    life = definition.lifecycle
    case, approval = (each.model_copy(update={"acts": ()}) for each in (life.case, life.approval))
    moves = life.model_copy(update={"case": case, "approval": approval})
    return replace(definition, lifecycle=moves)


def _figures(
    definition: Definition, found: Situations, costly: Costly, longest: Worst, games: Games
) -> Figures:
    workflow, size = definition.workflow, sizes(found)
    outside = workflow.submission.acceptance + workflow.issue.days
    base = workflow.baseline
    return Figures(
        visits=costly.free.visits.visits,
        visits_counter=costly.counter.visits.visits_counter,
        visits_with_correction=costly.free_corrected.visits.visits_with_correction,
        visits_counter_with_correction=(
            costly.counter_corrected.visits.visits_counter_with_correction
        ),
        presences=size.presences,
        days_promised=workflow.promise.days,
        days_worst=longest.days + outside,
        wait_days=worst(found, wait_of).days,
        materials=size.materials,
        fields=size.fields,
        steps=size.steps,
        situations=found.count,
        baseline=Before(base.visits, base.materials, base.days, base.steps, base.source),
        critical=tuple(leg.part.item.title for leg in longest.chain),
        advice=costly.free.visits.advice,
        supplied=supplied(definition),
        list_rows=partial(_rows, definition, found, games),
    )


def _rows(definition: Definition, found: Situations, games: Games) -> Iterator[Row]:
    for each in found if found.count <= MOST_ROWS else ():
        schedule, figures = plan(definition, each.selection), games.visits(each)
        yield Row(
            text=each.text,
            answers=dict(each.answers),
            items=tuple(row.title for row in schedule.rows),
            materials=schedule.materials_asked,
            days=schedule.days,
            visits=figures.visits,
            visits_counter=figures.visits_counter,
            presences=len(duties(definition, each.selection).inspections),
        )


def _entangled(error: TooManySituations) -> Finding:
    names = "、".join(error.names)
    words = Words(
        f"条件互相牵连（{names}），情形多到无法逐一证明，请拆开条件",
        f"the conditions on {names} are entangled: too many situations to prove",
    )
    return Finding(words, ("situations",))
