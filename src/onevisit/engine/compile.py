"""Compiles a service and a selection into its statechart: `needs` and joins become guards."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from onevisit.definition.lifecycle import Act, Guard, Region, State, Transition
from onevisit.definition.service import Definition
from onevisit.engine.chart import CASE, CERTIFICATE, Chart, Clause, Move
from onevisit.engine.machine import RegionSpec, tables
from onevisit.engine.selection import Part, Selection

Ways = list[tuple[Clause, ...]]


def compile_chart(definition: Definition, selection: Selection) -> Chart:
    """The statechart of a case with this selection."""
    compiler = _Compiler(definition, selection)
    specs = [compiler.case(), *(compiler.approval(part) for part in selection.parts)]
    workflow = definition.workflow
    return Chart(workflow.id, workflow.title, tables(specs))


def compile_certificate(definition: Definition) -> Chart | None:
    """The life of one certificate after it is issued, as a chart of a single region; None when
    this kind of service has none."""
    region = definition.lifecycle.certificate
    if region is None:
        return None
    nothing_selected = Selection((), ())
    spec = _Compiler(definition, nothing_selected).plain(CERTIFICATE, "证照", region)
    return Chart(definition.workflow.id, definition.workflow.title, tables([spec]))


@dataclass
class _Compiler:
    definition: Definition
    selection: Selection

    @cached_property
    def final(self) -> frozenset[str]:
        return self._approval_states("final")

    @cached_property
    def granted(self) -> frozenset[str]:
        return self._approval_states("granted")

    @cached_property
    def in_review(self) -> frozenset[str]:
        return self._case_states(regions=True)

    def case(self) -> RegionSpec:
        """The case's own region."""
        return self.plain(CASE, self.definition.workflow.title, self.definition.lifecycle.case)

    def plain(self, key: str, title: str, region: Region) -> RegionSpec:
        """A region that is written without placeholders."""
        moves = [
            move
            for each in region.transitions
            for source in each.from_
            for move in self._moves(key, None, each, source, each.to)
        ]
        acts = [
            act
            for each in region.acts
            for source in each.from_
            for act in self._moves(key, None, each, source, source)
        ]
        return RegionSpec(key, title, region.initial, region.states, tuple(moves), tuple(acts))

    def approval(self, part: Part) -> RegionSpec:
        region = self.definition.lifecycle.approval
        stages = self._stages(part)
        states: dict[str, State] = {region.initial: region.states[region.initial]}
        states.update(
            {
                name: State(title=region.steps[name].title)
                if name in region.steps
                else region.states[name]
                for name in stages
            }
        )
        beside = {region.initial, region.notice}
        states.update({name: each for name, each in region.states.items() if name not in beside})
        moves = [
            move
            for each in region.transitions
            for source, target in expand(each, stages, region.notice)
            for move in self._moves(part.key, part, each, source, target)
        ]
        acts = [
            act
            for each in region.acts
            for source in _sources(each.from_, stages, region.notice)
            for act in self._moves(part.key, part, each, source, source)
        ]
        title = part.item.title
        return RegionSpec(part.key, title, region.initial, states, tuple(moves), tuple(acts))

    def _stages(self, part: Part) -> tuple[str, ...]:
        """The steps of the part's route, with its public notice before the last of them."""
        steps = part.route.steps
        notice = self.definition.lifecycle.approval.notice
        if part.item.wait is None or notice is None:
            return steps
        return (*steps[:-1], notice, steps[-1])

    def _by(self, transition: Transition | Act, source: str) -> str:
        if transition.by != "step":
            return transition.by
        return self.definition.lifecycle.approval.steps[source].role

    def _moves(
        self, key: str, part: Part | None, transition: Transition | Act, source: str, target: str
    ) -> Iterator[Move]:
        """One move for each way in which the guards can hold together."""
        after = transition.after if isinstance(transition, Transition) else None
        if after == "deferral" and not self._may_owe(part):
            return
        alternatives: Ways = [()]
        for guard in transition.when:
            ways = self._ways(guard, part)
            alternatives = [(*before, *way) for before in alternatives for way in ways]
        for clauses in alternatives:
            yield Move(
                region=key,
                event=transition.event,
                source=source,
                target=target,
                title=transition.title,
                by=self._by(transition, source),
                guard=clauses,
                reasons=transition.reasons,
                documents=transition.documents,
                after=after,
                clock=transition.clock if isinstance(transition, Act) else None,
            )

    def _ways(self, guard: Guard, part: Part | None) -> Ways:
        """The guard in disjunctive form: it holds when all clauses of one way hold."""
        keys = [each.key for each in self.selection.parts]
        needs = self._needed(part) if part is not None else []
        for_start = part is not None and part.item.needs_for == "start"
        final, granted = self.final, self.granted
        refused = final - granted
        ways: dict[Guard, Callable[[], Ways]] = {
            "case_in_review": lambda: [((CASE, self.in_review),)],
            "case_left_review": lambda: [((CASE, self._case_states_after_review()),)],
            "start_needs_met": lambda: [tuple((n, granted) for n in needs) if for_start else ()],
            "decision_needs_met": lambda: [() if for_start else tuple((n, granted) for n in needs)],
            "a_need_refused": lambda: [((need, refused),) for need in needs],
            "nothing_decided": lambda: [tuple((key, self._undecided(key)) for key in keys)],
            "fatal_rejection": lambda: [((key, refused),) for key in self._fatal_keys()],
            "all_closed_some_granted": lambda: [
                (*((key, final) for key in keys), (one, granted)) for one in keys
            ],
            "all_closed_none_granted": lambda: [tuple((key, refused) for key in keys)],
            "batched": lambda: [()] if part is not None and part.item.batch else [],
            "not_batched": lambda: [] if part is not None and part.item.batch else [()],
        }
        return ways[guard]()

    def _may_owe(self, part: Part | None) -> bool:
        """Whether deferred material (容缺) can be owed to the part, or to any for None."""
        return any(
            each.need == "deferrable" and (part is None or part.item.id in each.items)
            for each in self.selection.materials
        )

    def _needed(self, part: Part) -> list[str]:
        """Region keys of the selected items this part needs; unselected ones are not waited for."""
        return [each.key for each in self.selection.parts if each.item.id in part.item.needs]

    def _approval_states(self, flag: str) -> frozenset[str]:
        states = self.definition.lifecycle.approval.states
        return frozenset(name for name, state in states.items() if getattr(state, flag))

    def _decided_states(self) -> frozenset[str]:
        """States reached by a person's decision (not by an automatic ending)."""
        final = self._approval_states("final")
        transitions = self.definition.lifecycle.approval.transitions
        return frozenset(t.to for t in transitions if t.to in final and t.by != "automatic")

    def _undecided(self, key: str) -> frozenset[str]:
        stages = self._stages(self.selection.part(key))
        states = frozenset((*self.definition.lifecycle.approval.states, *stages))
        return states - self._decided_states()

    def _fatal_keys(self) -> list[str]:
        return [part.key for part in self.selection.parts if part.item.on_reject == "case"]

    def _case_states(self, *, regions: bool) -> frozenset[str]:
        states: Mapping[str, State] = self.definition.lifecycle.case.states
        return frozenset(name for name, state in states.items() if state.regions == regions)

    def _case_states_after_review(self) -> frozenset[str]:
        """States from which review can no longer be reached: approvals end there."""
        region = self.definition.lifecycle.case
        before: set[str] = set(self._case_states(regions=True))
        while more := {s for t in region.transitions if t.to in before for s in t.from_} - before:
            before |= more
        return self._case_states(regions=False) - before


def expand(
    transition: Transition, stages: tuple[str, ...], notice: str | None
) -> Iterator[tuple[str, str]]:
    """(source, target) pairs of a transition written with placeholders like $step and $next."""
    steps = tuple(stage for stage in stages if stage != notice)
    signed = steps[:-1] if transition.to == "$next" else steps
    for source in _sources(transition.from_, stages, notice, signed):
        if transition.to == "$first":
            yield source, steps[0]
        elif transition.to == "$next":
            yield source, stages[stages.index(source) + 1]
        else:
            yield source, transition.to


def _sources(
    written: Iterable[str],
    stages: tuple[str, ...],
    notice: str | None,
    signed: tuple[str, ...] | None = None,
) -> Iterator[str]:
    """The states that `from` names; `signed` are those that $step stands for, all if None."""
    steps = tuple(stage for stage in stages if stage != notice)
    meant: dict[str, tuple[str, ...]] = {
        "$step": steps if signed is None else signed,
        "$later": steps[1:],
        "$first": steps[:1],
        "$last": steps[-1:],
        "$notice": tuple(stage for stage in stages if stage == notice),
    }
    for each in written:
        yield from meant.get(each, (each,))
