"""One turn of a case: moves fired on the statechart become rows, documents and ledger entries.

A turn is the only way in which a case changes once it is submitted. Every changed row is written
by one UPDATE that names the revision it was read at; when somebody else was faster, Stale is
raised and the caller's transaction is rolled back as a whole.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Update, bindparam, update
from sqlalchemy.orm.attributes import set_committed_value

from onevisit.access import Actor
from onevisit.cases import clock, paper, pickup
from onevisit.cases.afterwards import issued
from onevisit.cases.agency import acting_for
from onevisit.cases.awaiting import approval_awaits, case_awaits, running_out
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, last_happened, waits_for
from onevisit.cases.errors import Invalid, NotPossible, Stale
from onevisit.cases.outbox import announce
from onevisit.cases.snapshot import Particulars
from onevisit.cases.standing_in import stood_in
from onevisit.definition.form import FieldError
from onevisit.documents.format import cn_date
from onevisit.engine import CASE, Move
from onevisit.engine import NotPossible as EngineNotPossible
from onevisit.engine import fire as engine_fire
from onevisit.engine.clocks import add_working_days, received_on
from onevisit.engine.timers import OF_THE_AUTHORITY, timer_due
from onevisit.store import evidence, ledger
from onevisit.store.tables import METADATA, Approval, Case, Document
from onevisit.store.turn_tables import Pause

OF_ROW, READ_AT = "of_row", "read_at"
REASONS_NEEDED = "请写明理由：不予、退回、中止、延长等决定都必须说明理由（行政许可法第三十八条）"


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
    """Collects what one request changes; `save()` writes all of it, or raises Stale.

    `starts` is the day (not counted) from which clocks that start in this turn run: today, or
    the day of receipt when the case is accepted by law (视为受理).
    """

    def __init__(self, ctx: Context, dossier: Dossier, starts: date | None = None) -> None:
        self.ctx = ctx
        self.dossier = dossier
        self.starts = starts or ctx.today
        self.moves: tuple[Move, ...] = ()
        self.documents: list[Document] = []
        self._changes: dict[str, dict[str, Any]] = {}
        self._records: list[_Record] = []
        self._made: list[_Record] = []
        self._pauses: list[Pause] = []
        self._issued: list[dict[str, Any]] = []
        self._agency: dict[str, str] = {}

    def check_revision(self, region: str, revision: int) -> None:
        """Raises Stale when the page showed an older state of the row."""
        if self.dossier.row(region).revision != revision:
            raise Stale(last_happened(self.ctx, self.dossier, region))

    def fire(
        self,
        event: str,
        region: str = CASE,
        *,
        reasons: str | None = None,
        by: str | None = None,
        **detail: Any,
    ) -> tuple[Move, ...]:
        """Make the move and all that follow from it, in memory; `detail` goes into the ledger.

        `by`: the role of whoever does it in the place of the one whose move it is (a clerk who
        takes in for the applicant).

        Raises NotPossible telling what happened instead, and Invalid where reasons are due.
        """
        try:
            fired = engine_fire(self.dossier.chart, self.dossier.marking, region, event)
        except EngineNotPossible as error:
            raise self.not_possible(region, event) from error
        if fired.moves[0].by != "timer":
            self.check_in_time(region, event)
        _check_reasons(fired.moves[0], reasons)
        for place, move in enumerate(fired.moves):
            person = place == 0 and move.by != "timer"
            said = {**detail, "reasons": reasons} if reasons else detail
            first = place == 0
            self._enter(move, person=person, detail=said if first else {}, by=by if first else None)
        self.moves = (*self.moves, *fired.moves)
        return fired.moves

    def act(
        self, event: str, region: str = CASE, *, reasons: str | None = None, **detail: Any
    ) -> Move:
        """Do one of the region's standing acts, which moves no state; `detail` as in `fire`.

        Raises NotPossible, and Invalid where reasons are due. What the act does to the clocks is
        done by `reckon` once its rows are there.
        """
        act = self.dossier.standing(region, event)
        if act is None:
            raise self.not_possible(region, event)
        self.check_in_time(region, event)
        _check_reasons(act, reasons)
        said = {**detail, "reasons": reasons} if reasons else detail
        state = self.dossier.row(region).state
        self._record(act.event, act.by, region, self.ctx.actor.id, state, state, said)
        self._made.append(self._records[-1])
        self.moves = (*self.moves, act)
        return act

    def reckon(self, region: str) -> None:
        """Run the clocks of a region, and of the whole case, once more: something has stopped,
        started or extended them. The dossier must be locked, since the case's row changes too."""
        for each in dict.fromkeys((region, CASE)):
            values = clock.columns(self.ctx, self.dossier, each)
            if values:
                self.set(each, **values)

    def check_in_time(self, region: str, event: str) -> None:
        """Nobody acts after the last day of a state, even before the sweep has noticed."""
        move, row = running_out(self.ctx, self.dossier, region), self.dossier.row(region)
        if move is not None and row.timer_due is not None:
            because = f"{move.title}，期限已于{cn_date(row.timer_due)}届满"
            raise self.dossier.hindered(region, event, because)

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
        """Record an act that moves nothing; with role `timer`, what nobody did in person."""
        state = self.dossier.row(region).state
        actor = None if role == "timer" else self.ctx.actor.id
        self._record(act, role, region, actor, state, state, detail)

    def _record(  # noqa: PLR0917 -- the columns of an entry, in their order
        self,
        act: str,
        role: str,
        region: str,
        actor: uuid.UUID | None,
        source: str | None,
        target: str | None,
        detail: dict[str, Any],
    ) -> None:
        record = _Record(region, act, role, actor, source, target, dict(detail))
        self._records.append(record)

    def vouch(self, give: Callable[[], evidence.Evidence], place: int = 0) -> None:
        """Let the entry of move number `place` vouch for rows as they are when saved."""
        self._records[place].vouchers.append(give)

    def set(self, region: str, **values: Any) -> None:
        """Change columns of a region's row: visible at once, written by `save()`."""
        row = self.dossier.row(region)
        self._changes.setdefault(region, {}).update(values)
        for name, value in values.items():
            set_committed_value(row, name, value)

    def write_documents(
        self, particulars: Mapping[str, Particulars] | None = None, also: Sequence[str] = ()
    ) -> None:
        """Write the documents that the fired moves call for, and tell the applicant's side.

        `also`: kinds that the first move calls for this time, since something special came with
        it (material that is deferred at acceptance).
        """
        wanted = paper.orders(self.dossier, self.moves, particulars or {}, also)
        written = paper.write(self.ctx, self.dossier, wanted)
        for order, document in written:
            self.documents.append(document)
            record = self._made[order.move]
            record.detail.setdefault("documents", []).append(document.number)
            record.vouchers.append(lambda row=document: evidence.of_document(row))  # type: ignore[misc]  # the default binds the row
            if document.kind == "certificate":
                self._begin_certificate(record, document)
        announce.documents(self.ctx, self.dossier, [document for _, document in written])

    def save(self) -> None:
        """Write every changed row, then the ledger entries; raises Stale, and Forbidden for an
        agent whose authorisation is over."""
        self._agency = acting_for(self.ctx, self.dossier)
        entries = []
        for pause in self._pauses:
            self._records[0].vouchers.append(lambda row=pause: evidence.of_row(row))  # type: ignore[misc]  # the default binds the row
        for record in self._records:
            entry = ledger.next_entry(self.dossier.row(record.region), self._act(record))
            self.set(record.region, ledger_seq=entry["seq"], ledger_hash=entry["hash"])
            entries.append(entry)
        self._settle_turn()
        for region in sorted(self._changes, key=lambda key: (key != CASE, key)):
            self._update(region)
        ledger.write(self.ctx.session, [*entries, *self._issued])

    def _begin_certificate(self, record: _Record, document: Document) -> None:
        """A certificate begins a life and a chain of its own when its document is written."""
        begun = issued.start_life(self.ctx, self.dossier, document)
        if begun is not None:
            self._issued.append(begun.entry)
            record.vouchers.append(lambda: evidence.of_certificate(begun.row))

    def _act(self, record: _Record) -> ledger.Act:
        detail = dict(record.detail)
        if record.actor is not None:
            detail |= self._agency | _by_interface(self.ctx.actor)
        row = self.dossier.row(record.region)
        if record.actor is not None and isinstance(row, Approval):
            detail |= stood_in(self.ctx.actor, record.role, row.department)
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
        values = self._changes[region] | {"revision": row.revision + 1}
        statement = _update_of(type(row), tuple(values))
        found = values | {OF_ROW: row.id, READ_AT: row.revision}
        if self.ctx.session.connection().execute(statement, found).rowcount != 1:
            raise Stale(last_happened(self.ctx, self.dossier, region))
        set_committed_value(row, "revision", row.revision + 1)

    def _enter(
        self, move: Move, *, person: bool, detail: dict[str, Any], by: str | None = None
    ) -> None:
        """What entering a state means for the row: clocks start, moments are remembered."""
        actor = self.ctx.actor.id if person else None
        ends = self._timer(move.region, move.target)
        self.set(move.region, state=move.target, timer_due=ends)
        if move.region == CASE:
            self._enter_case(move)
        else:
            self._enter_approval(move, actor)
        role = by or move.by
        self._record(move.event, role, move.region, actor, move.source, move.target, detail)
        self._made.append(self._records[-1])

    def _enter_case(self, move: Move) -> None:
        table = self.dossier.chart.tables[CASE]
        source, target = table.states[move.source], table.states[move.target]
        if move.source == table.initial and self.dossier.case.submitted_at is None:
            self.set(CASE, submitted_at=self.ctx.now)
        if target.regions and not source.regions:
            dues = clock.first_dues(self.dossier, CASE, self.starts)
            self.set(CASE, accepted_at=self.ctx.now, **dues)
        if source.regions and not target.regions:
            self._decided()
            if not target.final:
                self.set(CASE, pickup_code=pickup.draw_code(self.dossier))
        if target.final:
            self.set(CASE, concluded_at=self.ctx.now, alert_on=None)

    def _decided(self) -> None:
        """All is decided: the law's clock for handing out begins (许可法第四十四条)."""
        definition = self.dossier.definition
        days = definition.jurisdiction.delivery.days
        due = add_working_days(definition.calendar, self.ctx.today, days)
        self.set(CASE, decided_at=self.ctx.now, delivery_due=due, alert_on=due)

    def _timer(self, region: str, state: str) -> date | None:
        """The last day of a state entered now; what people hand in after closing counts as
        received on the next working day (民法典第二百零三条)."""
        definition, chart = self.dossier.definition, self.dossier.chart
        part = None if region == CASE else self.dossier.selection.part(region)
        start = self.ctx.today
        if any(move.after in OF_THE_AUTHORITY for move in chart.tables[region].moves[state]):
            hours = definition.jurisdiction.hours
            start = received_on(definition.calendar, hours, self.ctx.local)
        return timer_due(definition, chart, part, state, start)

    def _enter_approval(self, move: Move, actor: uuid.UUID | None) -> None:
        table = self.dossier.chart.tables[move.region]
        if table.states[move.target].final:
            self.set(move.region, decided_at=self.ctx.now, decided_by=actor, alert_on=None)
            self._end_pauses(move.region)
        elif move.source == table.initial:
            dues = clock.first_dues(self.dossier, move.region, self.starts)
            self.set(move.region, started_at=self.ctx.now, **dues)
        elif move.target == self.dossier.definition.lifecycle.approval.notice:
            self._pause_for_notice(move.region)

    def _end_pauses(self, region: str) -> None:
        """A pause ends with its item, so that the clock of the whole runs again."""
        there = self.dossier.there.get(region)
        if there is not None and not there.pause and not self._pauses:
            return
        still = clock.running(self.ctx, self.dossier, region)
        for pause in still:
            pause.ended = self.ctx.today
            self._pauses.append(pause)
        if still:
            self.reckon(CASE)

    def _pause_for_notice(self, region: str) -> None:
        """A public notice is outside the promised limit (滨州并联审批规定); the law's goes on."""
        row, part = self.dossier.approvals[region], self.dossier.selection.part(region)
        assert part.item.wait is not None, "only items with a public notice have that state"
        assert row.timer_due is not None, "a public notice has its last day"
        pause = Pause(
            case_id=row.case_id,
            region=region,
            kind="notice",
            title=part.item.wait.title,
            reasons=f"{part.item.wait.title}{part.item.wait.days}日",
            basis=part.item.wait.basis,
            stops_legal=False,
            stops_promise=True,
            began=self.ctx.today,
            planned=row.timer_due,
        )
        self.ctx.session.add(pause)
        self.reckon(region)
        self._pauses.append(pause)

    def _settle_turn(self) -> None:
        """Write down whose turn it is now, for the lists."""
        if CASE in self._changes:
            self.set(CASE, awaits=case_awaits(self.dossier))
        for region in [key for key in self._changes if key != CASE]:
            self.set(region, awaits=approval_awaits(self.dossier, region))


@cache
def _update_of(table: type[Case | Approval], columns: tuple[str, ...]) -> Update:
    """The conditional UPDATE of these columns; said once, as saying it takes longer than doing."""
    rows = METADATA.tables[str(table.__tablename__)]
    same = (rows.c.id == bindparam(OF_ROW), rows.c.revision == bindparam(READ_AT))
    return update(rows).where(*same).values({name: bindparam(name) for name in columns})


def _by_interface(actor: Actor) -> dict[str, str]:
    """What the ledger says when a department's system acts: by which key."""
    return {"interface": str(actor.key.id)} if actor.key else {}


def _check_reasons(move: Move, reasons: str | None) -> None:
    if move.reasons and not (reasons or "").strip():
        raise Invalid([FieldError("reasons", REASONS_NEEDED)])
