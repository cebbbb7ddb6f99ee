"""Certificates whose last day of validity is over: they expire, or count as renewed.

许可法第五十条第二款: what was asked for in time and not decided by the last day is renewed by law;
第七十条第一项: what nobody renews has ended.
"""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from onevisit.cases.afterwards.certificate import CertificateTurn, held
from onevisit.cases.afterwards.renewal import TACITLY, prolong
from onevisit.cases.context import Context
from onevisit.cases.deadlines.look import Batch, Last, Look, Transaction, found
from onevisit.cases.outbox.telling import applicant_side, tell
from onevisit.catalog.catalog import Catalog
from onevisit.documents.format import cn_date
from onevisit.store.files import FileStore
from onevisit.store.turn_tables import Certificate

BY_LAW = "至有效期届满未作出是否准予延续的决定，依法视为准予延续，{}。"


def run_due(transaction: Transaction, catalog: Catalog, files: FileStore, now: datetime) -> int:
    """End or renew every certificate whose last day is over, each in a transaction of its own."""
    return Look(transaction, catalog, files, now).all_of(ended, end_term)


def ended(ctx: Context, after: Last | None = None) -> Batch[uuid.UUID]:
    """Certificates whose last day is over, the oldest first."""
    day = col(Certificate.timer_due)
    statement = select(day, col(Certificate.id)).where(day < ctx.today)
    rows, last = found(ctx, statement, day, Certificate.id, after)
    return Batch([certificate_id for _, certificate_id in rows], last)


def end_term(ctx: Context, certificate_id: uuid.UUID) -> bool:
    """What the end of a term does to one certificate; whether it did anything."""
    turn = CertificateTurn(ctx, held(ctx, certificate_id, lock=True))
    moves = [move for move in turn.held.possible() if move.after == "validity"]
    if not moves or not turn.is_over:
        return False
    turn.fire(moves[0].event)
    if moves[0].event == TACITLY:
        prolong(turn, BY_LAW)
    else:
        _tell_holder(turn)
    turn.save()
    return True


def _tell_holder(turn: CertificateTurn) -> None:
    """No paper says that a certificate has ended; its holder's side reads it in the inbox."""
    row, dossier = turn.row, turn.held.dossier
    assert row.valid_until is not None, "what holds for good does not end"
    ended = f"{row.title}的有效期已于{cn_date(row.valid_until)}届满"
    service = dossier.definition.workflow.title
    tell(
        turn.ctx,
        f"expired/{row.id}/{row.valid_until.isoformat()}",
        applicant_side(dossier),
        "证照有效期已经届满",
        f"{ended}。需要继续的，请重新申请“{service}”。",
        link=f"/my/certificates/{row.id}",
        case_id=row.case_id,
    )
