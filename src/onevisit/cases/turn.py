"""One turn of a case: moves fired on the statechart become rows, documents and ledger entries.

A turn is the only way in which a case changes once it is submitted. Every changed row is written
by one UPDATE that names the revision it was read at; when somebody else was faster, Stale is
raised and the caller's transaction is rolled back as a whole.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm.attributes import set_committed_value

from onevisit.cases import paper
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, last_happened, waits_for
from onevisit.cases.errors import Invalid, NotPossible, Stale
from onevisit.cases.lights import days_between
from onevisit.cases.snapshot import Particulars
from onevisit.definition.form import FieldError
from onevisit.definition.values import Limit
from onevisit.engine import CASE, Move
from onevisit.engine import NotPossible as EngineNotPossible
from onevisit.engine import fire as engine_fire
from onevisit.engine.clocks import add_working_days, due
from onevisit.engine.timers import timer_due
from onevisit.store import evidence, ledger
from onevisit.store.tables import Approval, Case, Document

REASONS_NEEDED = "请写明理由：不予受理、不予许可和退回都必须说明理由（行政许可法第三十八条）"


@dataclass
class _Record:
    """One ledger entry to be: made when everything it vouches for is known."""

    region: str
    act: str
    role: str
    actor: uuid.UUID | None
    source: str | None
    target: str | None
    detail: dict[str, Any]
    vouchers: list[Callable[[], evidence.Evidence]] = field(default_factory=list)


class Turn:
    """Collects what one request changes; `save()` writes all of it, or raises Stale."""

    def __init__(self, ctx: Context, dossier: Dossier) -> None:
        self.ctx = ctx
        self.dossier = dossier
        self.moves: tuple[Move, ...] = ()
        self.documents: list[Document] = []
        self._changes: dict[str, dict[str, Any]] = {}
        self._records: list[_Record] = []

    def check_revision(self, region: str, revision: int) -> None:
        """Raises Stale when the page showed an older state of the row."""
        if self.dossier.row(region).revision != revision:
            raise Stale(last_happened(self.ctx, self.dossier, region))

    def fire(
        self, event: str, region: str = CASE, *, reasons: str | None = None, **detail: Any
    ) -> tuple[Move, ...]:
        """Make the move and all that follow from it, in memory; `detail` goes into the ledger.

        Raises NotPossible telling what happened instead, and Invalid where reasons are due.
        """
        try:
            fired = engine_fire(self.dossier.chart, self.dossier.marking, region, event)
        except EngineNotPossible as error:
            raise self.not_possible(region, event) from error
        if fired.moves[0].reasons and not (reasons or "").strip():
            raise Invalid([FieldError("reasons", REASONS_NEEDED)])
        for place, move in enumerate(fired.moves):
            person = place == 0 and move.by != "timer"
            said = {**detail, "reasons": reasons} if reasons else detail
            self._enter(move, person=person, detail=said if place == 0 else {})
        self.moves = fired.moves
        return fired.moves

    def not_possible(self, region: str, event: str) -> NotPossible:
        """What to raise when the event cannot happen any more."""
        title = self.dossier.move_title(region, event)
        state = self.dossier.state(region)
        moves = self.dossier.chart.tables[region].moves[self.dossier.row(region).state]
        waits: Sequence[str] = ()
        if region != CASE and any(move.event == event for move in moves):
            waits = waits_for(self.dossier, self.dossier.selection.part(region))
        happened = last_happened(self.ctx, self.dossier, region)
        return NotPossible(title, state.title, happened, waits)

    def note(self, act: str, role: str, region: str = CASE, **detail: Any) -> None:
        """Record an act that moves nothing."""
        state = self.dossier.row(region).state
        actor = self.ctx.actor.id
        self._records.append(_Record(region, act, role, actor, state, state, detail))

    def vouch(self, give: Callable[[], evidence.Evidence], place: int = 0) -> None:
        """Let the entry of move number `place` vouch for rows as they are when saved."""
        self._records[place].vouchers.append(give)

    def set(self, region: str, **values: Any) -> None:
        """Change columns of a region's row: visible at once, written by `save()`."""
        row = self.dossier.row(region)
        self._changes.setdefault(region, {}).update(values)
        for name, value in values.items():
            set_committed_value(row, name, value)

    def write_documents(self, particulars: Mapping[str, Particulars] | None = None) -> None:
        """Write the documents that the fired moves call for."""
        wanted = paper.orders(self.dossier, self.moves, particulars or {})
        for order, document in paper.write(self.ctx, self.dossier, wanted):
            self.documents.append(document)
            record = self._records[order.move]
            record.detail.setdefault("documents", []).append(document.number)
            record.vouchers.append(lambda row=document: evidence.of_document(row))  # type: ignore[misc]  # the default binds the row

    def save(self) -> None:
        """Write every changed row, then the ledger entries; raises Stale."""
        entries = []
        for record in self._records:
            entry = ledger.next_entry(self.dossier.row(record.region), self._act(record))
            self.set(record.region, ledger_seq=entry["seq"], ledger_hash=entry["hash"])
            entries.append(entry)
        self._settle_turn()
        for region in sorted(self._changes, key=lambda key: (key != CASE, key)):
            self._update(region)
        ledger.write(self.ctx.session, entries)

    def _act(self, record: _Record) -> ledger.Act:
        detail = dict(record.detail)
        row = self.dossier.row(record.region)
        vouched = evidence.of_approval(row) if isinstance(row, Approval) else {}
        for give in record.vouchers:
            vouched |= give()
        if vouched:
            detail["evidence"] = vouched
        if record.region == CASE and self.dossier.approvals:
            detail["heads"] = ledger.heads(list(self.dossier.approvals.values()))
        return ledger.Act(
            act=record.act,
            at=self.ctx.now,
            actor_id=record.actor,
            actor_role=record.role,
            from_state=record.source,
            to_state=record.target,
            version_hash=self.dossier.case.version_hash,
            detail=detail,
        )

    def _update(self, region: str) -> None:
        """The conditional UPDATE of one row; whoever read an older revision changes nothing."""
        row = self.dossier.row(region)
        table = Case if isinstance(row, Case) else Approval
        statement = (
            update(table)
            .where(table.id == row.id, table.revision == row.revision)  # type: ignore[arg-type]  # columns on the class
            .values(**self._changes[region], revision=row.revision + 1)
            .execution_options(synchronize_session=False)
        )
        if self.ctx.session.connection().execute(statement).rowcount != 1:
            raise Stale(last_happened(self.ctx, self.dossier, region))
        set_committed_value(row, "revision", row.revision + 1)

    def _enter(self, move: Move, *, person: bool, detail: dict[str, Any]) -> None:
        """What entering a state means for the row: clocks start, moments are remembered."""
        actor = self.ctx.actor.id if person else None
        ends = self._timer(move.region, move.target)
        self.set(move.region, state=move.target, timer_due=ends)
        if move.region == CASE:
            self._enter_case(move)
        else:
            self._enter_approval(move, actor)
        self._records.append(
            _Record(move.region, move.event, move.by, actor, move.source, move.target, dict(detail))
        )

    def _enter_case(self, move: Move) -> None:
        table = self.dossier.chart.tables[CASE]
        source, target = table.states[move.source], table.states[move.target]
        if move.source == table.initial and self.dossier.case.submitted_at is None:
            self.set(CASE, submitted_at=self.ctx.now)
        if target.regions and not source.regions:
            self.set(CASE, accepted_at=self.ctx.now, **self._case_dues())
        if source.regions and not target.regions:
            self.set(CASE, decided_at=self.ctx.now)
        if target.final:
            self.set(CASE, concluded_at=self.ctx.now)

    def _timer(self, region: str, state: str) -> date | None:
        part = None if region == CASE else self.dossier.selection.part(region)
        return timer_due(self.dossier.definition, self.dossier.chart, part, state, self.ctx.today)

    def _enter_approval(self, move: Move, actor: uuid.UUID | None) -> None:
        table = self.dossier.chart.tables[move.region]
        if table.states[move.target].final:
            self.set(move.region, decided_at=self.ctx.now, decided_by=actor)
        elif move.source == table.initial:
            part = self.dossier.selection.part(move.region)
            calendar, today = self.dossier.definition.calendar, self.ctx.today
            promise = part.route.promise or part.item.promise
            self.set(
                move.region,
                started_at=self.ctx.now,
                promise_due=due(calendar, today, promise),
                legal_due=due(calendar, today, part.item.limit),
            )
        elif move.target == self.dossier.definition.lifecycle.approval.notice:
            self._pause_promise(move.region)

    def _pause_promise(self, region: str) -> None:
        """A public notice is outside the promised limit (滨州并联审批规定); the law's goes on."""
        row, calendar = self.dossier.approvals[region], self.dossier.definition.calendar
        if row.promise_due is not None and row.timer_due is not None:
            days = days_between(calendar, self.ctx.today, row.timer_due)
            later = add_working_days(calendar, row.promise_due, days)
            self.set(region, promise_due=later)

    def _case_dues(self) -> dict[str, Any]:
        """When the whole case is promised and due by law, counted from acceptance.

        One item: its own limit; several handled jointly: 行政许可法第四十二条第二款.
        """
        definition, today = self.dossier.definition, self.ctx.today
        parts = self.dossier.selection.parts
        joint = Limit(days=definition.jurisdiction.joint_limit.days)
        legal = parts[0].item.limit if len(parts) == 1 else joint
        promised = add_working_days(definition.calendar, today, definition.workflow.promise.days)
        return {"promise_due": promised, "legal_due": due(definition.calendar, today, legal)}

    def _settle_turn(self) -> None:
        """Write down whose turn it is now, for the lists."""
        if CASE in self._changes:
            self.set(CASE, awaits=case_awaits(self.dossier))
        for region in [key for key in self._changes if key != CASE]:
            self.set(region, awaits=approval_awaits(self.dossier, region))


def case_awaits(dossier: Dossier) -> str | None:
    """Whose turn it is with the case: "office" in review, else the role that moves it on."""
    state = dossier.state()
    if state.final:
        return None
    if state.regions:
        return "office"
    moves: Sequence[Move] = dossier.chart.tables[CASE].moves[dossier.case.state]
    roles = {move.by for move in moves}
    return next((role for role in ("clerk", "window", "applicant") if role in roles), None)


def approval_awaits(dossier: Dossier, region: str) -> str | None:
    """The role that signs the present step of an approval."""
    row = dossier.approvals[region]
    moves = dossier.chart.tables[region].moves[row.state]
    return next((move.by for move in moves if move.by not in ("automatic", "timer")), None)
