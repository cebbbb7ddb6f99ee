"""States that end by themselves: corrections lapse, public notices elapse, batches begin.

The rows are the truth: `timer_due` is the last day, and whoever looks later than that may fire it.
"""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select as rows_of
from sqlmodel import col

from onevisit.cases import check
from onevisit.cases.awaiting import is_over
from onevisit.cases.context import Context
from onevisit.cases.deadlines import deemed
from onevisit.cases.deadlines.look import Batch, Last, Look, Transaction, found
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.turn import Turn
from onevisit.catalog.catalog import Catalog
from onevisit.documents.format import BEIJING
from onevisit.engine import CASE, Move
from onevisit.engine.clocks import received_on
from onevisit.engine.timers import OF_THE_AUTHORITY, runs_out
from onevisit.store.files import FileStore
from onevisit.store.tables import Approval, Case

Due = tuple[uuid.UUID, str]


def run_due(transaction: Transaction, catalog: Catalog, files: FileStore, now: datetime) -> int:
    """Fire every timer whose last day is over, each in a transaction of its own; how many fired.

    `transaction` opens a committing session. What somebody else moved meanwhile is left alone.
    """
    look = Look(transaction, catalog, files, now)
    return sum(
        look.all_of(find, lambda ctx, due: fire_due(ctx, *due))
        for find in (due_cases, due_approvals)
    )


def due_cases(ctx: Context, after: Last | None = None) -> Batch[Due]:
    """(case id, CASE) of the cases whose timer's last day has come, the oldest first."""
    day = col(Case.timer_due)
    statement = rows_of(day, col(Case.id)).where(day <= ctx.today)
    rows, last = found(ctx, statement, day, Case.id, after)
    return Batch([(case_id, CASE) for _, case_id in rows], last)


def due_approvals(ctx: Context, after: Last | None = None) -> Batch[Due]:
    """(case id, region) of the approvals whose timer's last day has come, the oldest first."""
    day = col(Approval.timer_due)
    statement = rows_of(day, col(Approval.id), col(Approval.case_id), col(Approval.region))
    rows, last = found(ctx, statement.where(day <= ctx.today), day, Approval.id, after)
    return Batch([(case_id, region) for *_, case_id, region in rows], last)


def fire_due(ctx: Context, case_id: uuid.UUID, region: str) -> bool:
    """Fire the timer of one region if its last day is over and it may fire; whether it did.

    A batch item whose needs are not met stays, and begins when a later look finds them met.
    """
    dossier = load(ctx, case_id, lock=True)
    moves = [move for move in dossier.possible(region) if runs_out(move)]
    turn = Turn(ctx, dossier, _starts(ctx, dossier, moves))
    if not moves or not is_over(ctx, dossier, region):
        return False
    turn.fire(moves[0].event, region)
    if moves[0].after in OF_THE_AUTHORITY:
        turn.write_documents({"acceptance": deemed.particulars(dossier, turn.starts)})
        deemed.announce(ctx, dossier, turn.starts)
    else:
        turn.write_documents()
    turn.save()
    return True


def _starts(ctx: Context, dossier: Dossier, moves: Sequence[Move]) -> date | None:
    """Where what is missing was not told in time, the case is accepted from the day on which the
    material was received (许可法第三十二条第一款第四项)."""
    if not moves or moves[0].after not in OF_THE_AUTHORITY:
        return None
    correction = check.correction_of(ctx, dossier)
    answered = correction.answered_at if correction is not None else None
    received = answered or dossier.case.submitted_at
    assert received is not None, "what is not told in time has been received"
    hours, calendar = dossier.definition.jurisdiction.hours, dossier.definition.calendar
    return received_on(calendar, hours, received.astimezone(BEIJING))
