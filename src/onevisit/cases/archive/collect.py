"""Reads everything that an archive is made of, in one session and so of one moment."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from onevisit.cases.context import Context
from onevisit.cases.dossier import OF_A_CERTIFICATE, Dossier, load
from onevisit.cases.errors import NotFound
from onevisit.cases.paper import latest_checks
from onevisit.cases.views.history import staff_history
from onevisit.cases.views.parts import Event, documents_of
from onevisit.store.evidence import Problem, said, verify_ledger
from onevisit.store.ledger import CASE, Chained
from onevisit.store.numbers import case_number_holds
from onevisit.store.tables import (
    Account,
    Case,
    Check,
    Document,
    Handout,
    LedgerEntry,
    Upload,
    WorkflowVersion,
)
from onevisit.store.turn_tables import Certificate

Said = tuple[str, str, Any]
"""Region, name and value of something that the ledger vouches for."""


@dataclass(frozen=True)
class Record:
    """A case as it was at one moment. `entries` are by chain, the case's own first; `events` tell
    the same ones in words, in order of time, each with its entry; `problems` is what the ledger
    finds wrong with the rows."""

    dossier: Dossier
    entries: tuple[LedgerEntry, ...]
    events: tuple[tuple[LedgerEntry, Event], ...]
    chained: tuple[Chained, ...]
    said: tuple[Said, ...]
    uploads: tuple[Upload, ...]
    checks: dict[str, Check]
    documents: tuple[Document, ...]
    certificates: tuple[Certificate, ...]
    handout: Handout | None
    versions: tuple[WorkflowVersion, ...]
    people: dict[str, str]
    problems: tuple[Problem, ...]

    @property
    def number(self) -> str:
        """The case number; only what was submitted has a record."""
        assert self.dossier.case.number is not None
        return self.dossier.case.number


def collect(ctx: Context, case: str) -> Record:
    """The record of the case with this number or id; NotFound, which says what may be wrong."""
    dossier = load(ctx, _found(ctx.session, case.strip()))
    session, case_id = ctx.session, dossier.case.id
    entries = _entries(session, case_id)
    certificates = _certificates(session, case_id)
    approvals = tuple(dossier.approvals.values())
    vouched = tuple(said(session, dossier.case, approvals))
    mentioned = [vouched, [entry.model_dump() for entry in entries]]
    uploads = select(Upload).where(Upload.case_id == case_id).order_by(col(Upload.id))
    return Record(
        dossier=dossier,
        entries=entries,
        events=_events(session, dossier, entries),
        chained=(dossier.case, *approvals, *certificates),
        said=vouched,
        uploads=tuple(session.exec(uploads)),
        checks=latest_checks(ctx, dossier),
        documents=tuple(documents_of(ctx, case_id)),
        certificates=certificates,
        handout=session.exec(select(Handout).where(Handout.case_id == case_id)).one_or_none(),
        versions=_versions(
            session, {dossier.case.version_hash, *(e.version_hash for e in entries)}
        ),
        people=_people(session, set(_ids(mentioned))),
        problems=tuple(verify_ledger(session, case_id)),
    )


def _found(session: Session, case: str) -> uuid.UUID:
    row = session.exec(select(Case).where(Case.number == case)).one_or_none()
    if row is None:
        try:
            row = session.get(Case, uuid.UUID(case))
        except ValueError:
            digits = case.replace("-", "")
            if len(digits) == 21 and digits.isdecimal() and not case_number_holds(case):
                raise NotFound(f"办件“{case}”，编号的校验位不对，请核对有没有抄错") from None
    if row is None:
        raise NotFound(f"编号或者标识为“{case}”的办件")
    if row.number is None:
        raise NotFound(f"办件“{case}”的档案，它还没有提交")
    return row.id


def _entries(session: Session, case_id: uuid.UUID) -> tuple[LedgerEntry, ...]:
    rows = session.exec(select(LedgerEntry).where(LedgerEntry.case_id == case_id)).all()
    return tuple(sorted(rows, key=lambda row: (row.region != CASE, row.region, row.seq)))


def _events(
    session: Session, dossier: Dossier, entries: Sequence[LedgerEntry]
) -> tuple[tuple[LedgerEntry, Event], ...]:
    """The entries in words, the oldest first; what is issued comes after what is decided."""
    ordered = sorted(
        entries, key=lambda row: (row.at, row.region.startswith(OF_A_CERTIFICATE), row.id)
    )
    names = _people(session, {row.actor_id for row in ordered if row.actor_id})
    found = [(row, names.get(str(row.actor_id))) for row in ordered]
    return tuple(zip(ordered, staff_history(dossier, found), strict=True))


def _certificates(session: Session, case_id: uuid.UUID) -> tuple[Certificate, ...]:
    statement = select(Certificate).where(Certificate.case_id == case_id)
    return tuple(session.exec(statement.order_by(col(Certificate.id))))


def _versions(session: Session, hashes: set[str]) -> tuple[WorkflowVersion, ...]:
    """Every version that the case ever ran on, the oldest first."""
    statement = select(WorkflowVersion).where(col(WorkflowVersion.hash).in_(hashes))
    order = (col(WorkflowVersion.published_at), col(WorkflowVersion.hash))
    return tuple(session.exec(statement.order_by(*order)))


def _people(session: Session, ids: set[uuid.UUID]) -> dict[str, str]:
    """Names by account id; ids of other things are left out."""
    rows = session.exec(select(Account).where(col(Account.id).in_(ids)))
    return {str(row.id): row.name for row in rows}


def _ids(value: object) -> Iterator[uuid.UUID]:
    """Every id that is mentioned anywhere in a value."""
    if isinstance(value, uuid.UUID):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _ids(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _ids(each)
    elif isinstance(value, str) and len(value) == 36:
        try:
            yield uuid.UUID(value)
        except ValueError:
            return
