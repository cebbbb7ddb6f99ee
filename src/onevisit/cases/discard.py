"""Throwing a draft away: by its owner, or when it has been kept for as long as the place says.

What was typed and uploaded is deleted (个人信息保护法第四十七条: its purpose is gone); that shared
data was read for it stays written down.
"""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func
from sqlalchemy import select as rows_of
from sqlmodel import col, select

from onevisit.access import check_can_edit
from onevisit.cases.context import Context
from onevisit.cases.deadlines.look import Look, Transaction
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.turn import Turn
from onevisit.catalog.catalog import Catalog
from onevisit.documents.format import BEIJING
from onevisit.engine import CASE
from onevisit.store import discarded
from onevisit.store.citizen_tables import SharedFact
from onevisit.store.files import FileStore
from onevisit.store.office_tables import Scan
from onevisit.store.tables import Case, Upload
from onevisit.store.work_tables import Dispatch, Message

DISCARD = "discard"


def discard(ctx: Context, case_id: uuid.UUID, revision: int) -> None:
    """Throw one's own draft away. Raises Stale, and NotPossible for what was handed in or what a
    clerk has taken in."""
    dossier = load(ctx, case_id, lock=True)
    check_can_edit(ctx.actor, dossier.case.applicant_id, dossier.case.agent_id)
    Turn(ctx, dossier).check_revision(CASE, revision)
    _delete(ctx, dossier)


def kept_until(dossier: Dossier, last: datetime) -> date | None:
    """Through which day a draft is kept that was last worked on at `last`; None: for good."""
    rules = dossier.definition.jurisdiction.drafts
    return last.astimezone(BEIJING).date() + timedelta(days=rules.days) if rules else None


def last_worked_on(ctx: Context, case: Case) -> datetime:
    """When something was last typed or uploaded."""
    newest = select(func.max(Upload.uploaded_at)).where(Upload.case_id == case.id)
    uploaded = ctx.session.exec(newest).one()
    return max(each for each in (case.created_at, case.saved_at, uploaded) if each is not None)


def run_expired(transaction: Transaction, catalog: Catalog, files: FileStore, now: datetime) -> int:
    """Delete the drafts that were kept for long enough; how many there were."""
    return Look(transaction, catalog, files, now).each(_old, _expire)


def _old(ctx: Context) -> Sequence[uuid.UUID]:
    """Drafts that nobody has saved for the shortest time that any place keeps them."""
    places = [each.definition.jurisdiction for each in ctx.catalog.list(ctx.session)]
    days = min((each.drafts.days for each in places if each.drafts), default=None)
    if days is None:
        return ()
    saved = func.coalesce(col(Case.saved_at), col(Case.created_at))
    statement = (
        select(Case.id)
        .where(Case.awaits == "applicant", col(Case.submitted_at).is_(None))
        .where(col(Case.number).is_(None), Case.ledger_seq == 0)
        .where(saved < ctx.now - timedelta(days=days))
    )
    return ctx.session.exec(statement.order_by(saved).limit(500)).all()


def _expire(ctx: Context, case_id: uuid.UUID) -> bool:
    dossier = load(ctx, case_id, lock=True)
    last = kept_until(dossier, last_worked_on(ctx, dossier.case))
    if last is None or last >= ctx.today or not _is_draft(dossier):
        return False
    _delete(ctx, dossier)
    return True


def _is_draft(dossier: Dossier) -> bool:
    return dossier.case.number is None and dossier.case.ledger_seq == 0


def _delete(ctx: Context, dossier: Dossier) -> None:
    if not _is_draft(dossier):
        because = "已经提交的或者由窗口登记的申请不能删除；不办了可以撤回"
        raise dossier.hindered(CASE, DISCARD, because)
    case_id, session = dossier.case.id, ctx.session
    uploads = session.exec(select(Upload).where(Upload.case_id == case_id)).all()
    keys = [each.storage_key for each in uploads]
    own = rows_of(col(Upload.id)).where(col(Upload.case_id) == case_id)
    told = rows_of(col(Message.id)).where(col(Message.case_id) == case_id)
    connection = session.connection()
    connection.execute(delete(Scan).where(col(Scan.upload_id).in_(own)))
    connection.execute(delete(Upload).where(col(Upload.case_id) == case_id))
    connection.execute(delete(SharedFact).where(col(SharedFact.case_id) == case_id))
    connection.execute(delete(Dispatch).where(col(Dispatch.message_id).in_(told)))
    connection.execute(delete(Message).where(col(Message.case_id) == case_id))
    connection.execute(delete(Case).where(col(Case.id) == case_id))
    discarded.discard(session, ctx.files, keys, ctx.now)


def remove_files(transaction: Transaction, _: Catalog, files: FileStore, now: datetime) -> int:
    """Remove the files of what was thrown away or erased, where that did not succeed at once."""
    return discarded.remove_due(transaction, files, now)
