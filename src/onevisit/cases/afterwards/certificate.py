"""A certificate after it is issued: one small turn that moves it by the lifecycle's own region.

Like the turn of a case: the move is made by the engine's `fire()`, the row is written by one UPDATE
that names the revision it was read at, and the entry goes onto the certificate's own chain.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import col, select

from onevisit.access import check_can_act, check_can_see_approval
from onevisit.cases import paper
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, last_happened, load
from onevisit.cases.errors import Happened, Invalid, NotFound, NotPossible, Stale
from onevisit.cases.outbox.announce import OTHERWISE
from onevisit.cases.outbox.telling import applicant_side, tell
from onevisit.cases.paper import Order
from onevisit.cases.signing import involved
from onevisit.cases.snapshot import Particulars
from onevisit.cases.standing_in import stood_in
from onevisit.cases.turn import REASONS_NEEDED
from onevisit.definition.form import FieldError
from onevisit.definition.lifecycle import DocumentKind, State
from onevisit.documents.format import cn_date
from onevisit.engine import CERTIFICATE, Chart, Marking, Move, fire, possible
from onevisit.engine import NotPossible as EngineNotPossible
from onevisit.store import evidence, ledger
from onevisit.store.tables import Document
from onevisit.store.turn_tables import Certificate

STYLES: Mapping[tuple[str, DocumentKind], tuple[str, str]] = {
    ("ask_renewal", "receipt"): ("延续申请收件回执", "renewal_receipt"),
    ("refuse_renewal", "rejection"): ("不予延续决定书", "renewal_refusal"),
    ("ask_reissue", "receipt"): ("证照申请收件回执", "certificate_request"),
    ("ask_cancellation", "receipt"): ("证照申请收件回执", "certificate_request"),
    ("refuse_request", "rejection"): ("不予办理决定书", "certificate_request_refusal"),
}
"""Title and template of a document where its kind alone does not tell."""
REPLACED = "您申请的{case}，《{title}》已经发出新的一份，原来的一份作废，请登录后查看。"


@dataclass(frozen=True)
class Held:
    """A certificate with the case it came from and the chart of its life."""

    row: Certificate
    dossier: Dossier
    chart: Chart

    @property
    def marking(self) -> Marking:
        """The state it stands in, as the engine takes it."""
        return self.chart.marking({CERTIFICATE: self.row.state})

    @property
    def state(self) -> State:
        """What the lifecycle says of its present state."""
        return self.chart.state(CERTIFICATE, self.row.state)

    @property
    def acts(self) -> tuple[Move, ...]:
        """What may be done in its present state without leaving it."""
        return self.chart.tables[CERTIFICATE].acts.get(self.row.state, ())

    def possible(self) -> tuple[Move, ...]:
        """The moves that somebody, or time, could make now."""
        return possible(self.chart, self.marking, CERTIFICATE)

    def title(self, event: str) -> str:
        """The title of an event."""
        return self.dossier.move_title(self.row.chain, event)


def held(ctx: Context, certificate_id: uuid.UUID, *, lock: bool = False) -> Held:
    """A certificate; NotFound. With `lock`, nobody else moves it until the commit."""
    statement = select(Certificate).where(Certificate.id == certificate_id)
    statement = statement.execution_options(populate_existing=True)
    if lock:
        statement = statement.with_for_update(key_share=True)
    row = ctx.session.exec(statement).one_or_none()
    if row is None:
        raise NotFound("这份证照")
    return of_row(ctx, row)


def of_row(ctx: Context, row: Certificate) -> Held:
    """A certificate whose row is at hand."""
    dossier = load(ctx, row.case_id)
    chart = ctx.catalog.version(ctx.session, dossier.case.version_hash).certificate
    assert chart is not None, "a certificate is only made where its life is described"
    return Held(row, dossier, chart)


def of_region(ctx: Context, case_id: uuid.UUID, region: str) -> uuid.UUID | None:
    """The id of the certificate that an item of a case led to, if it did."""
    statement = select(Certificate.id).where(
        Certificate.case_id == case_id, Certificate.region == region
    )
    return ctx.session.exec(statement).one_or_none()


@dataclass
class _Record:
    """One entry to be: made when everything it vouches for is known."""

    move: Move
    actor: uuid.UUID | None
    detail: dict[str, Any]
    vouchers: list[Callable[[], evidence.Evidence]] = field(default_factory=list)


class CertificateTurn:
    """Collects what one request changes of a certificate; `save()` writes it, or raises Stale."""

    def __init__(self, ctx: Context, held: Held) -> None:
        self.ctx, self.held, self.row = ctx, held, held.row
        self.documents: list[Document] = []
        self._changes: dict[str, Any] = {}
        self._records: list[_Record] = []

    def check_revision(self, revision: int) -> None:
        """Raises Stale when the page showed an older state of the row."""
        if self.row.revision != revision:
            raise Stale(self._happened())

    def admit(self, event: str, revision: int) -> None:
        """Forbidden for another department, Stale for an old page, then `check_post`."""
        check_can_see_approval(self.ctx.actor, self.row.department)
        self.check_revision(revision)
        self.check_post(event)

    def check_post(self, event: str) -> None:
        """Forbidden unless the actor holds the post that makes the move in the department that
        issued the certificate, and neither took the case in nor applied for it (回避)."""
        roles = [move.by for move in self._named(event)]
        if not roles:
            raise self.not_possible(event)
        people = involved(self.ctx, self.held.dossier)
        check_can_act(self.ctx.actor, self.row.department, roles[0], people)

    def fire(self, event: str, *, reasons: str | None = None, **detail: Any) -> Move:
        """Make the move in memory; NotPossible, and Invalid where reasons are due.

        Nobody acts after the last day of validity, even before the sweep has looked.
        """
        try:
            fired = fire(self.held.chart, self.held.marking, CERTIFICATE, event)
        except EngineNotPossible as error:
            raise self.not_possible(event) from error
        move = fired.moves[0]
        if move.by != "timer" and self.is_over:
            raise self._over(event)
        target = self.held.chart.state(CERTIFICATE, move.target)
        self._record(move, reasons, detail)
        self.set(state=move.target)
        if target.final:
            self.set(timer_due=None)
        return move

    def act(self, event: str, *, reasons: str | None = None, **detail: Any) -> Move:
        """Do a standing act, which moves no state; as `fire`."""
        move = next((each for each in self.held.acts if each.event == event), None)
        if move is None:
            raise self.not_possible(event)
        if self.is_over:
            raise self._over(event)
        self._record(move, reasons, detail)
        return move

    @property
    def is_over(self) -> bool:
        """Whether the last day of validity has passed."""
        return self.row.timer_due is not None and self.row.timer_due < self.ctx.today

    def vouch(self, give: Callable[[], evidence.Evidence]) -> None:
        """Let the entry of the last move vouch for rows as they are when saved."""
        self._records[-1].vouchers.append(give)

    def set(self, **values: Any) -> None:
        """Change columns of the row: visible at once, written by `save()`."""
        if "detail" in values:
            values["asked"] = values["detail"].get("request", {}).get("kind")
        self._changes.update(values)
        for name, value in values.items():
            set_committed_value(self.row, name, value)

    def write_documents(self, particulars: Mapping[str, Particulars]) -> None:
        """Write the documents that the moves call for, and tell the holder of them."""
        for place, record in enumerate(self._records):
            for kind in record.move.documents:
                title, template = STYLES.get((record.move.event, kind), (None, None))
                told = particulars[kind]
                order = Order(kind, self.row.region, place, told, title, template)
                self._write(record, order)

    def save(self) -> None:
        """Write the row, then the ledger entries; raises Stale."""
        entries = []
        for record in self._records:
            record.vouchers.append(lambda: evidence.of_certificate(self.row))
            entry = ledger.next_entry(self.row, self._act(record))
            self.set(ledger_seq=entry["seq"], ledger_hash=entry["hash"])
            entries.append(entry)
        statement = (
            update(Certificate)
            .where(
                col(Certificate.id) == self.row.id, col(Certificate.revision) == self.row.revision
            )
            .values(**self._changes, revision=self.row.revision + 1)
            .execution_options(synchronize_session=False)
        )
        if self.ctx.session.connection().execute(statement).rowcount != 1:
            raise Stale(self._happened())
        set_committed_value(self.row, "revision", self.row.revision + 1)
        ledger.write(self.ctx.session, entries)

    def not_possible(self, event: str, because: str | None = None) -> NotPossible:
        """What to raise when the event cannot happen now."""
        happened = None if because else self._happened()
        title = self.held.title(event)
        return NotPossible(title, self.held.state.title, happened, because=because)

    def _over(self, event: str) -> NotPossible:
        assert self.row.timer_due is not None
        return self.not_possible(event, f"有效期已于{cn_date(self.row.timer_due)}届满")

    def _named(self, event: str) -> list[Move]:
        moves = self.held.chart.tables[CERTIFICATE].moves[self.row.state]
        found = (*moves, *self.held.acts)
        return [move for move in found if move.event == event and move.by != "timer"]

    def _record(self, move: Move, reasons: str | None, detail: Mapping[str, Any]) -> None:
        if move.reasons and not (reasons or "").strip():
            raise Invalid([FieldError("reasons", REASONS_NEEDED)])
        said = {**detail, "reasons": reasons} if reasons else dict(detail)
        actor = None if move.by == "timer" else self.ctx.actor.id
        self._records.append(_Record(move, actor, said))

    def _write(self, record: _Record, order: Order) -> None:
        ctx, dossier = self.ctx, self.held.dossier
        for _, document in paper.write(ctx, dossier, [order]):
            self.documents.append(document)
            record.detail.setdefault("documents", []).append(document.number)
            record.vouchers.append(lambda row=document: evidence.of_document(row))  # type: ignore[misc]  # the default binds the row
            if order.kind == "certificate":
                record.detail["replaces"] = self.row.number
                self.set(document_id=document.id, number=document.number)
            announce(ctx, dossier, document, f"/my/certificates/{self.row.id}")

    def _act(self, record: _Record) -> ledger.Act:
        detail = dict(record.detail)
        if record.actor is not None:
            detail |= stood_in(self.ctx.actor, record.move.by, self.row.department)
        vouched: evidence.Evidence = {}
        for give in record.vouchers:
            vouched |= give()
        return ledger.Act(
            act=record.move.event,
            at=self.ctx.now,
            actor_id=record.actor,
            actor_role=record.move.by,
            from_state=record.move.source,
            to_state=record.move.target,
            version_hash=self.held.dossier.case.version_hash,
            detail={**detail, "evidence": vouched},
        )

    def _happened(self) -> Happened | None:
        return last_happened(self.ctx, self.held.dossier, self.row.chain)


def announce(ctx: Context, dossier: Dossier, document: Document, link: str) -> None:
    """Tell the applicant's side, once, of a document that came after the results."""
    case = document.snapshot["case"]
    named = f"“{case['service']}”（办件号{case['number']}）"
    sentence = REPLACED if document.kind == "certificate" else OTHERWISE
    text = sentence.format(case=named, title=document.title)
    tell(
        ctx,
        f"document/{document.id}",
        applicant_side(dossier),
        document.title,
        text,
        kind=document.kind,
        link=link,
        case_id=dossier.case.id,
        outside=text,
    )
