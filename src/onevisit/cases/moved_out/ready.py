"""Which closed cases may leave the database, and what still holds the others: whatever has a day to
come, waits for somebody, or is not counted and covered yet."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlmodel import Session, col

from onevisit.cases.checkpoints.logs import CaseLog
from onevisit.cases.checkpoints.outside import leaves_about
from onevisit.documents.format import BEIJING
from onevisit.store import ledger
from onevisit.store.checkpoint_tables import Uncovered
from onevisit.store.citizen_tables import Rating
from onevisit.store.evidence import verify_ledger
from onevisit.store.figure_tables import CountedDay
from onevisit.store.tables import Approval, Case, Document, LedgerEntry
from onevisit.store.turn_tables import Appointment, Certificate, Extension, Owed, PledgeCheck

RATED_FOR = timedelta(days=30)
"""So long the applicant is asked for a rating (cases/views/todo.py)."""
Where = Callable[[uuid.UUID], Sequence[ColumnElement[bool]]]


class Candidate(NamedTuple):
    """A closed case, in the order in which they are gone through."""

    concluded_at: datetime
    id: uuid.UUID
    number: str


def closed(
    session: Session, before: datetime, after: Candidate | None, limit: int
) -> list[Candidate]:
    """Closed cases that lie here and ended before a moment, by an index of those alone."""
    statement = select(col(Case.concluded_at), col(Case.id), col(Case.number)).where(*_here(before))
    if after is not None:
        same = and_(col(Case.concluded_at) == after.concluded_at, col(Case.id) > after.id)
        statement = statement.where(or_(col(Case.concluded_at) > after.concluded_at, same))
    ordered = statement.order_by(col(Case.concluded_at), col(Case.id)).limit(limit)
    return [Candidate(*row) for row in session.execute(ordered)]


def how_many(session: Session, before: datetime) -> int:
    """How many there are, for whoever waits."""
    counted: int = session.execute(
        select(func.count()).select_from(Case).where(*_here(before))
    ).scalar_one()
    return counted


def _here(before: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Case.concluded_at).is_not(None),
        col(Case.archived_at).is_(None),
        col(Case.concluded_at) < before,
        col(Case.number).is_not(None),
    )


HELD: tuple[tuple[str, Where], ...] = (
    ("还有事项没有结束，或者有期限在走", lambda each: (
        col(Approval.case_id) == each,
        or_(col(Approval.awaits).is_not(None), col(Approval.timer_due).is_not(None),
            col(Approval.alert_on).is_not(None)),
    )),
    ("还有文书没有生成", lambda each: (
        col(Document.case_id) == each, col(Document.state) != "made",
    )),
    ("容缺材料还没有补齐", lambda each: (
        col(Owed.case_id) == each, col(Owed.settled_at).is_(None),
    )),
    ("承诺核查还没有结果", lambda each: (
        col(PledgeCheck.case_id) == each, col(PledgeCheck.state).in_(("due", "broken")),
    )),
    ("还有安排好的核查或者到场", lambda each: (
        col(Appointment.case_id) == each, col(Appointment.state) == "called",
    )),
    ("还有延期申请没有答复", lambda each: (
        col(Extension.case_id) == each, col(Extension.state) == "asked",
    )),
    ("证照有有效期，期满以前要提醒延续、办理延续", lambda each: (
        col(Certificate.case_id) == each, col(Certificate.timer_due).is_not(None),
    )),
    ("持有人对证照的申请还没有答复", lambda each: (
        col(Certificate.case_id) == each, col(Certificate.asked).is_not(None),
    )),
    ("差评还没有回访", lambda each: (
        col(Rating.case_id) == each, col(Rating.contact_due).is_not(None),
        col(Rating.contacted_at).is_(None),
    )),
    ("正在重新办理", lambda each: (
        col(Case.reopens) == each, col(Case.awaits).is_not(None),
    )),
    ("最近的留痕还没有进入检查点", lambda each: (
        col(LedgerEntry.case_id) == each,
        col(LedgerEntry.id).in_(select(col(Uncovered.row_id)).where(
            col(Uncovered.log) == ledger.LOG, col(Uncovered.row_id) == col(LedgerEntry.id))),
    )),
)  # fmt: skip
"""What holds a case here, in words, and the rows that say so."""


def held(session: Session, case: Case, now: datetime) -> str | None:
    """What holds a case here; None when nothing does."""
    if case.archived_at is not None:
        return "已经归档"
    if case.number is None or case.concluded_at is None or case.awaits is not None:
        return "还没有办结"
    if case.timer_due is not None or case.alert_on is not None:
        return "还有期限在走"
    if case.concluded_at > now - RATED_FOR:
        return f"办结不满 {RATED_FOR.days} 日，申请人还可以评价"
    for because, where in HELD:
        if session.execute(_any(where(case.id))).first() is not None:
            return because
    return None if _counted(session, case.id) else "还没有计入统计"


def _any(where: Sequence[ColumnElement[bool]]) -> Select[tuple[int]]:
    return select(1).where(*where).limit(1)


def _counted(session: Session, case_id: uuid.UUID) -> bool:
    """Whether the figures hold every day on which something happened to the case."""
    newest = session.execute(
        select(func.max(col(LedgerEntry.at))).where(col(LedgerEntry.case_id) == case_id)
    ).scalar_one()
    counted = session.execute(select(func.max(col(CountedDay.day)))).scalar_one()
    return counted is not None and newest.astimezone(BEIJING).date() <= counted


def wrong(session: Session, case_id: uuid.UUID) -> Iterator[str]:
    """What the ledger and the checkpoints find wrong with a case: then it stays as it is."""
    for each in verify_ledger(session, case_id):
        yield each.text
    for fault in CaseLog().faults(session, leaves_about(session, ledger.LOG, case_id.hex)):
        yield fault.text
