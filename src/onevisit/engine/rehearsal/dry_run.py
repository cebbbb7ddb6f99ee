"""The world of a rehearsal that is nothing but the engine: a marking, a calendar, and counting."""

from collections import Counter
from collections.abc import Mapping
from copy import copy
from datetime import date, timedelta

from onevisit.definition.scenario import EVENTS, ON_ITEMS, Act, Verb
from onevisit.definition.service import Definition
from onevisit.engine.chart import CASE, Move, RegionTable
from onevisit.engine.compile import compile_chart
from onevisit.engine.fire import NotPossible, fire, possible
from onevisit.engine.plan import plan
from onevisit.engine.proof.visits import visits
from onevisit.engine.rehearsal.application import DOWNLOAD, Application, downloadable, obstacles
from onevisit.engine.rehearsal.rehearse import Foreseen, Refused
from onevisit.engine.selection import select
from onevisit.engine.timers import runs_out, timer_due

DECISIONS = frozenset({"approve", "reject"})


def foresee(definition: Definition, applied: Application) -> Foreseen:
    """What follows from the answers alone, as the service tells it before anybody applies."""
    selection = select(definition, applied.answers)
    items = {part.item.id: part.route.kind for part in selection.parts}
    asked = tuple(each.id for each in selection.asked)
    if not selection.parts:
        return Foreseen(items, asked, None, None)
    days = plan(definition, selection).days
    return Foreseen(items, asked, days, visits(definition, selection).visits)


def next_signature(table: RegionTable, state: str, verb: Verb) -> str | None:
    """The event that brings an approval closer to `verb`: itself, a signature that is missing
    before it, or None when everything for `prepare` is done."""
    events = {move.event for move in table.moves[state]}
    if verb == "prepare":
        return None if events & DECISIONS else "forward"
    return verb if verb in events or verb not in DECISIONS else "forward"


class DryRun:
    """One case that exists only as a marking."""

    def __init__(self, definition: Definition, applied: Application) -> None:
        self._definition, self._applied = definition, applied
        self._selection = select(definition, applied.answers, applied.form)
        self._chart = compile_chart(definition, self._selection)
        self._marking = self._chart.initial
        self._made: Counter[str] = Counter()
        self._dues: dict[str, date] = {}
        self._today = applied.day

    def foresee(self) -> Foreseen:
        """What the applicant is told before applying."""
        return foresee(self._definition, self._applied)

    def states(self) -> Mapping[str, str]:
        """The states of the case and of its approvals."""
        return dict(self._marking)

    def documents(self) -> Mapping[str, int]:
        """How many documents of each kind there are."""
        return dict(self._made)

    def can(self, act: Act) -> bool:
        """Whether the act could be done now, tried on a copy."""
        trial = copy(self)
        trial._made, trial._dues = Counter(self._made), dict(self._dues)
        try:
            trial.do(act)
        except Refused:
            return False
        return True

    def do(self, act: Act) -> None:
        """Do it; Refused when it cannot be done."""
        verb = act.verbs[0]
        if verb in ON_ITEMS:
            for name in act.names:
                self._sign(name, verb)
        elif verb == "elapse":
            self._elapse()
        else:
            self._check(act)
            self._fire(CASE, EVENTS.get(verb, verb))
        if verb == "submit":
            for part in self._selection.parts:
                self._wind(part.key)
        elif verb == "accept" and self._owes():
            self._made["deferral"] += 1

    def _owes(self) -> bool:
        """Whether something is deferred at acceptance (容缺), which a notice of its own tells."""
        return any(
            each.need == "deferrable" and each.id not in self._applied.handed_in
            for each in self._selection.materials
        )

    # ---- the case ------------------------------------------------------------------------------

    def _check(self, act: Act) -> None:
        """What the verbs of a running case look at beside the statechart."""
        verb, definition, selection = act.verbs[0], self._definition, self._selection
        if verb == "submit":
            faults = tuple(obstacles(definition, selection, self._applied, self._today))
            if faults:
                raise Refused("；".join(faults))
        elif verb == "correct":
            self._check_correction(act.names)
        elif verb == "collect" and not downloadable(definition, selection):
            raise Refused("这些结果不能下载领取")
        elif verb == "hand_out" and set(definition.workflow.issue.pickup) == {DOWNLOAD}:
            raise Refused("这项服务只能下载领取")

    def _check_correction(self, names: tuple[str, ...]) -> None:
        form = self._definition.form.for_items(self._selection.item_ids)
        known = {each.id for each in self._selection.materials}
        known |= {each.id for each in form.fields if each.answer is None}
        strange = [name for name in names if name not in known]
        if strange:
            raise Refused(f"这次没有要交或要填的 {'、'.join(strange)}")
        if not names:
            raise Refused("没有写明要补正什么")

    # ---- approvals -----------------------------------------------------------------------------

    def _sign(self, name: str, verb: Verb) -> None:
        """The signatures of one item, or of each of its elements."""
        keys = [p.key for p in self._selection.parts if name in (p.key, p.item.id)]
        if not keys:
            raise Refused(f"这次没有办“{name}”")
        for key in keys:
            event: str | None = ""
            while event != verb:
                event = next_signature(self._chart.tables[key], self._marking[key], verb)
                if event is None:
                    break
                self._fire(key, event)

    # ---- time ----------------------------------------------------------------------------------

    def _elapse(self) -> None:
        """The first day on which something happens by itself, and all that happens on it."""
        due = [day for key, day in self._dues.items() if self._timed(key)]
        if not due:
            raise Refused("没有到期会自动发生的事")
        self._today = max(self._today, min(due) + timedelta(days=1))
        for key in sorted(self._dues, key=lambda key: (key != CASE, self._dues[key])):
            moves = self._timed(key)
            if moves and self._dues[key] < self._today:
                self._fire(key, moves[0].event)

    def _timed(self, key: str) -> list[Move]:
        """What could happen to a region by itself once its day is over."""
        return [m for m in possible(self._chart, self._marking, key) if runs_out(m)]

    def _wind(self, key: str) -> None:
        """Remembers when the present state of a region ends by itself, if it does."""
        part = None if key == CASE else self._selection.part(key)
        state = self._marking[key]
        due = timer_due(self._definition, self._chart, part, state, self._today)
        self._dues.pop(key, None)
        if due is not None:
            self._dues[key] = due

    # ---- moves ---------------------------------------------------------------------------------

    def _fire(self, key: str, event: str) -> None:
        try:
            fired = fire(self._chart, self._marking, key, event)
        except NotPossible as error:
            raise Refused(self._why(key, event)) from error
        self._marking = fired.marking
        for move in fired.moves:
            self._wind(move.region)
            for kind in move.documents:
                self._made[kind] += self._results() if kind == "certificate" else 1

    def _results(self) -> int:
        """How many certificates there are to make: one for each granted result."""
        return sum(
            part.item.result is not None
            and self._chart.state(part.key, self._marking[part.key]).granted
            for part in self._selection.parts
        )

    def _why(self, key: str, event: str) -> str:
        """Where the region stands, what else stands in the way, and what could be done instead."""
        table = self._chart.tables[key]
        awaited = [
            move
            for move in table.moves[self._marking[key]]
            if move.event == event
            or (move.by == "automatic" and not table.states[move.target].final)
        ]
        others = {
            region
            for move in awaited
            for region, states in move.guard
            if self._marking[region] not in states
        }
        told = "，".join(self._stands(each) for each in (key, *sorted(others)))
        moves = possible(self._chart, self._marking, key)
        events = {move.event for move in moves if move.by != "timer"}
        return told + (f"；可以：{'、'.join(sorted(events))}" if events else "")

    def _stands(self, key: str) -> str:
        name = "整个办件" if key == CASE else f"“{key}”"
        state = self._marking[key]
        return f"{name}现在是 {state}（{self._chart.state(key, state).title}）"
