"""The public look-up: a number and a check code in, what a stranger may see out.

A wrong code, a wrong number and a paper from before there were codes look all the same: None.
"""

import hmac
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlmodel import Session, col, select

from onevisit.cases.verification import typed
from onevisit.cases.verification.no_longer import GRANTED, acts_that_take_back, taken_back
from onevisit.cases.verification.standing import (
    ISSUED,
    REPLACED,
    Issuer,
    Standing,
    Status,
    day_of,
    of_certificate,
    of_paper,
)
from onevisit.catalog.catalog import Catalog
from onevisit.store.tables import Case, Document, LedgerEntry
from onevisit.store.turn_tables import Certificate

CERTIFICATE = "certificate"


def look_up(
    session: Session, catalog: Catalog, number: str, check_code: str, today: date
) -> Standing | None:
    """What a stranger may see of the paper with this number and check code, both as they were
    typed; None when there is no such paper. `today` is the local day."""
    document = _found(session, number, check_code)
    if document is None:
        return None
    if document.kind != CERTIFICATE:
        return _notice(session, catalog, document, today)
    return _certificate(session, catalog, document, today)


def holder_matches(session: Session, number: str, check_code: str, name: str) -> bool | None:
    """Whether the full name that somebody reads from a paper is the one on record: the holder's
    on a certificate, the applicant's on a notice. None when there is no such paper."""
    document = _found(session, number, check_code)
    if document is None:
        return None
    snapshot = document.snapshot
    printed = snapshot["certificate"]
    known = printed["holder"] if printed is not None else snapshot["applicant"]["name"]
    return _same(typed.name(known), typed.name(name))


def sha256_of(session: Session, number: str) -> str | None:
    """The SHA-256 (hex) of the file that was made for this number, to compare another with; None
    when there is no such paper or it was never made."""
    statement = select(Document.sha256).where(col(Document.number).in_(typed.numbers(number)))
    return session.exec(statement).first()


def _found(session: Session, number: str, check_code: str) -> Document | None:
    """The paper with this number, if the code is right; codes are compared in constant time, and
    against something even when there is nothing to compare with."""
    statement = select(Document).where(col(Document.number).in_(typed.numbers(number)))
    document = session.exec(statement).first()
    known = document.snapshot.get("check_code") if document is not None else None
    right = _same(str(known or "-"), typed.code(check_code))
    return document if right and known else None


def _same(known: str, given: str) -> bool:
    return hmac.compare_digest(known.encode(), given.encode())


def _notice(session: Session, catalog: Catalog, document: Document, today: date) -> Standing:
    back = taken_back(document, acts_that_take_back(session, document.case_id))
    told = _told(document, back or Status("issued", ISSUED))
    row = _register(session, document)
    if back is not None or row is None or document.template not in GRANTED:
        return told
    right = _right(session, catalog, row, today)
    if right.holds:
        return told
    return replace(told, remark=f"依据这份决定发出的证照现在的状态是“{right.word}”")


def _certificate(session: Session, catalog: Catalog, document: Document, today: date) -> Standing:
    printed, row = document.snapshot["certificate"], _register(session, document)
    until = printed["valid_until"]
    told = replace(
        _told(document, of_paper(printed, today)),
        holder=printed["holder_shown"],
        valid_from=date.fromisoformat(printed["valid_from"]),
        valid_until=date.fromisoformat(until) if until else None,
    )
    if row is None:
        return told
    right = _right(session, catalog, row, today)
    if row.document_id == document.id:
        return replace(told, status=right, valid_from=row.valid_from, valid_until=row.valid_until)
    following = _following(session, document)
    replaced = Status("replaced", REPLACED, day_of(following.created_at), following.number)
    return replace(told, status=replaced if right.holds else right, replaced_by=row.number)


def _told(document: Document, status: Status) -> Standing:
    """What stands over and under every paper, and its status."""
    authority = document.snapshot["authority"]
    return Standing(
        kind=document.kind,
        title=document.title,
        number=document.number,
        issuer=Issuer(authority["title"], authority["uscc"]),
        issued_on=day_of(document.created_at),
        status=status,
    )


def _register(session: Session, document: Document) -> Certificate | None:
    """The certificate of the item that a paper is about, if it led to one."""
    statement = select(Certificate).where(
        Certificate.case_id == document.case_id, Certificate.region == document.region
    )
    return session.exec(statement).one_or_none()


def _right(session: Session, catalog: Catalog, row: Certificate, today: date) -> Status:
    """How the right stands that the certificate shows."""
    statement = select(LedgerEntry).where(
        LedgerEntry.case_id == row.case_id, LedgerEntry.region == row.chain
    )
    chain: Sequence[LedgerEntry] = session.exec(statement.order_by(col(LedgerEntry.seq))).all()
    published = catalog.version(session, session.get_one(Case, row.case_id).version_hash)
    return of_certificate(published, row, chain, today)


def _following(session: Session, document: Document) -> Document:
    """The paper that replaced this one."""
    statement = select(Document).where(
        Document.case_id == document.case_id,
        Document.kind == CERTIFICATE,
        Document.region == document.region,
        col(Document.id) > document.id,
    )
    return session.exec(statement.order_by(col(Document.id)).limit(1)).one()
