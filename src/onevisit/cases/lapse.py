"""Lapsing: a correction that nobody answered in time counts as withdrawn (浙江规定第十一条)."""

import uuid

from sqlmodel import col, select

from onevisit.cases.check import correction_of
from onevisit.cases.context import Context
from onevisit.cases.dossier import load
from onevisit.cases.turn import Turn
from onevisit.engine import CASE
from onevisit.store.tables import Case, Correction

EVENT = "lapse"


def overdue(ctx: Context, limit: int = 100) -> list[uuid.UUID]:
    """Cases whose correction was due before today and was not answered, the oldest first."""
    statement = (
        select(Case.id)
        .join(Correction, col(Correction.case_id) == col(Case.id))
        .where(
            Correction.due < ctx.today,
            col(Correction.answered_at).is_(None),
            col(Case.concluded_at).is_(None),
        )
        .order_by(col(Correction.due), col(Case.id))
        .limit(limit)
    )
    return list(ctx.session.exec(statement))


def lapse(ctx: Context, case_id: uuid.UUID) -> Case:
    """End the case if its correction is really overdue; NotPossible otherwise."""
    dossier = load(ctx, case_id, lock=True)
    turn = Turn(ctx, dossier)
    correction = correction_of(ctx, dossier)
    if correction is None or correction.answered_at or correction.due >= ctx.today:
        raise turn.not_possible(CASE, EVENT)
    turn.fire(EVENT)
    turn.write_documents()
    turn.save()
    return dossier.case
