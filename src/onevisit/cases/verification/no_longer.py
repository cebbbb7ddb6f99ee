"""Papers that no longer hold: certificates replaced, revoked or cancelled, and notices that a
later act took back."""

import uuid
from collections import defaultdict
from collections.abc import Sequence

from sqlmodel import Session, col, or_, select

from onevisit.cases.verification.standing import WITHDRAWN, Status, day_of
from onevisit.store.tables import Document, LedgerEntry
from onevisit.store.turn_tables import Certificate

REVOKE_ACCEPTANCE, REOPEN, REVOKE = "revoke_acceptance", "reopen", "revoke_certificate"
TAKES_BACK = (REVOKE_ACCEPTANCE, REOPEN, REVOKE)
"""Acts that take earlier papers back; cancelling ends a right and leaves its decision standing."""
TAKEN_BACK_BY = ("revocation", "reopening", "certificate_revocation")
"""The kinds of document by which they are told."""
ACCEPTED = ("acceptance", "deferral")
DECIDED = ("notices/approval", "notices/rejection")
GRANTED = ("notices/approval", "notices/renewal")
"""Templates of the decisions themselves; a kind alone also stands for answers to later requests."""


def revoked_numbers(session: Session) -> list[str]:
    """The numbers of all papers that no longer hold, sorted, for the published trust list."""
    return sorted({*_certificates(session), *_notices(session)})


def taken_back(document: Document, entries: Sequence[LedgerEntry]) -> Status | None:
    """By which of the acts of its case a notice was taken back; None when it stands."""
    for entry in entries:
        if entry.at >= document.created_at and _concerns(document, entry):
            by = entry.detail.get("documents", [None])[0]
            return Status("withdrawn", WITHDRAWN, day_of(entry.at), by)
    return None


def acts_that_take_back(session: Session, case_id: uuid.UUID) -> Sequence[LedgerEntry]:
    """What of a case may have taken papers back, the earliest first."""
    statement = select(LedgerEntry).where(
        LedgerEntry.case_id == case_id, col(LedgerEntry.act).in_(TAKES_BACK)
    )
    return session.exec(statement.order_by(col(LedgerEntry.at), col(LedgerEntry.id))).all()


def _concerns(document: Document, entry: LedgerEntry) -> bool:
    """Revoked acceptance (浙江规定第十一条), decisions set aside by a review and handled anew,
    licences revoked (许可法第六十九条) with the decisions that granted and renewed them."""
    if entry.act == REVOKE_ACCEPTANCE:
        return document.kind in ACCEPTED
    if entry.act == REOPEN:
        return document.template in DECIDED and document.region in entry.detail["items"]
    of_item = entry.region.removeprefix("certificate/")
    return document.template in GRANTED and document.region == of_item


def _certificates(session: Session) -> Sequence[str]:
    same = (col(Certificate.case_id) == col(Document.case_id)) & (
        col(Certificate.region) == col(Document.region)
    )
    statement = (
        select(Document.number)
        .join(Certificate, same)
        .where(
            Document.kind == "certificate",
            or_(
                col(Certificate.document_id) != col(Document.id),
                col(Certificate.state).in_(("revoked", "cancelled")),
            ),
        )
    )
    return session.exec(statement).all()


def _notices(session: Session) -> list[str]:
    cases = select(Document.case_id).where(col(Document.kind).in_(TAKEN_BACK_BY))
    acts = select(LedgerEntry).where(
        col(LedgerEntry.case_id).in_(cases), col(LedgerEntry.act).in_(TAKES_BACK)
    )
    by_case: dict[uuid.UUID, list[LedgerEntry]] = defaultdict(list)
    for entry in session.exec(acts):
        by_case[entry.case_id].append(entry)
    statement = select(Document).where(col(Document.case_id).in_(cases))
    return [row.number for row in session.exec(statement) if taken_back(row, by_case[row.case_id])]
