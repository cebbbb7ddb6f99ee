"""How much background work waits, as figures for whoever watches over the machines."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from onevisit.cases.outbox.claims import Kind
from onevisit.store.tables import Document
from onevisit.store.work_tables import Dispatch, Message

COUNTED = 10_000
"""How far is counted; one more stands for any number beyond."""


@dataclass(frozen=True)
class Waiting:
    """Pieces that wait and that failed; the age of the oldest that waits in seconds, 0 for none."""

    waiting: int
    failed: int
    oldest: float


def waiting(session: Session, kind: Kind, now: datetime) -> Waiting:
    """The figures of one kind of work; the ids of rows sort by age."""
    counts = [_count(session, kind, state) for state in (kind.waiting, "failed")]
    since = _oldest(session, kind)
    age = max(0.0, (now - since).total_seconds()) if since else 0.0
    return Waiting(counts[0], counts[1], age)


def _oldest(session: Session, kind: Kind) -> datetime | None:
    if kind.table is Document:
        written = select(Document.created_at).where(Document.state == kind.waiting)
        return session.exec(written.order_by(col(Document.id)).limit(1)).first()
    told = select(Message.created_at).join(Dispatch, col(Dispatch.message_id) == Message.id)
    waits = told.where(Dispatch.state == kind.waiting)
    return session.exec(waits.order_by(col(Dispatch.id)).limit(1)).first()


def _count(session: Session, kind: Kind, state: str) -> int:
    rows = select(kind.table.id).where(kind.table.state == state).limit(COUNTED + 1)
    return session.exec(select(func.count()).select_from(rows.subquery())).one()
