"""Acts after a decision: on the certificate it led to, or, where it led to none, on the approval.

Both keep their acts on a ledger chain of their own; what is told and vouched for is the same.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from onevisit.access import check_can_act
from onevisit.cases import paper
from onevisit.cases.afterwards.certificate import CertificateTurn, announce, held, of_region
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.errors import NotPossible
from onevisit.cases.paper import Order
from onevisit.cases.signing import involved
from onevisit.cases.snapshot import Particulars
from onevisit.cases.turn import Turn
from onevisit.engine import CERTIFICATE
from onevisit.store import evidence
from onevisit.store.tables import Row


class Aftermath(Protocol):
    """What an act after a decision may do, whatever it is done to."""

    dossier: Dossier
    region: str

    @property
    def revision(self) -> int:
        """The revision of the row that is acted on."""

    def admit(self, event: str, revision: int) -> None:
        """Forbidden unless the actor holds the post that does it in the department; Stale when
        the page showed an older state."""

    def note(self, event: str, **detail: Any) -> None:
        """Record an act that moves nothing."""

    def fire(self, event: str, *, reasons: str | None = None, **detail: Any) -> None:
        """Make a move of the certificate; without one, record it."""

    def vouch(self, *rows: Row) -> None:
        """Vouch for rows as they are when saved."""

    def write(self, papers: Mapping[str, Particulars]) -> None:
        """Write the documents, by kind, and tell the applicant's side."""

    def save(self) -> None:
        """Write all of it; Stale."""

    def hindered(self, event: str, because: str) -> NotPossible:
        """What to raise when something stands in the way."""


def aftermath(ctx: Context, case_id: uuid.UUID, region: str, *, lock: bool = True) -> Aftermath:
    """What later acts on an item of a case are done to: its certificate while that is in force,
    else its approval. NotPossible while the certificate is still to come."""
    certificate_id = of_region(ctx, case_id, region)
    if certificate_id is not None:
        found = held(ctx, certificate_id, lock=lock)
        if not found.state.final:
            return OnCertificate(CertificateTurn(ctx, found))
    dossier = load(ctx, case_id, lock=lock)
    after = OnApproval(ctx, dossier, region)
    result = dossier.selection.part(region).item.result
    if certificate_id is None and result is not None and not dossier.state().final:
        raise after.hindered("check_pledge", "证照要等整件汇总后发出，发出后再核查")
    return after


class OnCertificate:
    """Acts on a certificate that is in force."""

    def __init__(self, turn: CertificateTurn) -> None:
        self._turn = turn
        self.dossier, self.region = turn.held.dossier, turn.row.region

    @property
    def revision(self) -> int:
        """The revision of the certificate."""
        return self._turn.row.revision

    def admit(self, event: str, revision: int) -> None:
        """As the certificate's own turn."""
        self._turn.admit(event, revision)

    def note(self, event: str, **detail: Any) -> None:
        """A standing act of the certificate."""
        self._turn.act(event, **detail)

    def fire(self, event: str, *, reasons: str | None = None, **detail: Any) -> None:
        """A move of the certificate."""
        self._turn.fire(event, reasons=reasons, **detail)

    def vouch(self, *rows: Row) -> None:
        """By the entry of the last move."""
        for row in rows:
            self._turn.vouch(lambda row=row: evidence.of_row(row))  # type: ignore[misc]  # the default binds the row

    def write(self, papers: Mapping[str, Particulars]) -> None:
        """The documents that the certificate's moves call for."""
        self._turn.write_documents(papers)

    def save(self) -> None:
        """The certificate and its chain."""
        self._turn.save()

    def hindered(self, event: str, because: str) -> NotPossible:
        """In the certificate's words."""
        return self._turn.not_possible(event, because)


@dataclass
class OnApproval:
    """Acts on a decision that led to no certificate, or to one that is no longer in force: they
    are recorded on the approval's own chain and move nothing."""

    ctx: Context
    dossier: Dossier
    region: str
    _turn: Turn = field(init=False)

    def __post_init__(self) -> None:
        self._turn = Turn(self.ctx, self.dossier)

    @property
    def revision(self) -> int:
        """The revision of the approval."""
        return self.dossier.approvals[self.region].revision

    def admit(self, event: str, revision: int) -> None:
        """The post that the lifecycle names for the same act on a certificate."""
        people = involved(self.ctx, self.dossier)
        department = self.dossier.approvals[self.region].department
        check_can_act(self.ctx.actor, department, self._role(event), people)
        self._turn.check_revision(self.region, revision)

    def note(self, event: str, **detail: Any) -> None:
        """An entry of the approval's chain."""
        self._turn.note(event, self._role(event), self.region, **detail)

    def fire(self, event: str, *, reasons: str | None = None, **detail: Any) -> None:
        """An entry of the approval's chain."""
        self.note(event, reasons=reasons, **detail)

    def vouch(self, *rows: Row) -> None:
        """By the first entry."""
        for row in rows:
            self._turn.vouch(lambda row=row: evidence.of_row(row))  # type: ignore[misc]  # the default binds the row

    def write(self, papers: Mapping[str, Particulars]) -> None:
        """The documents, in the order of their kinds."""
        wanted = [Order(kind, self.region, 0, told) for kind, told in papers.items()]
        for _, document in paper.write(self.ctx, self.dossier, wanted):
            self._turn.vouch(lambda row=document: evidence.of_document(row))  # type: ignore[misc]  # as above
            announce(self.ctx, self.dossier, document, f"/my/{self.dossier.case.id}")

    def save(self) -> None:
        """The approval's chain."""
        self._turn.save()

    def hindered(self, event: str, because: str) -> NotPossible:
        """In the approval's words."""
        return self.dossier.hindered(self.region, event, because)

    def _role(self, event: str) -> str:
        chart = self.ctx.catalog.version(
            self.ctx.session, self.dossier.case.version_hash
        ).certificate
        assert chart is not None, "checks are only made where the life of certificates is described"
        table = chart.tables[CERTIFICATE]
        moves = (*table.moves.values(), *table.acts.values())
        return next(move.by for each in moves for move in each if move.event == event)
