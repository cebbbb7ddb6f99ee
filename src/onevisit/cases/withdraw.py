"""Withdrawing: the applicant takes the application back while nothing has been decided."""

import uuid

from onevisit.access import check_can_edit
from onevisit.cases.context import Context
from onevisit.cases.dossier import load
from onevisit.cases.turn import Turn
from onevisit.engine import CASE
from onevisit.store.tables import Case

EVENT = "withdraw"


def withdraw(ctx: Context, case_id: uuid.UUID, reason: str, revision: int) -> Case:
    """Take the case back; every approval under way ends with it."""
    dossier = load(ctx, case_id, lock=True)
    check_can_edit(ctx.actor, dossier.case.applicant_id, dossier.case.agent_id)
    turn = Turn(ctx, dossier)
    turn.check_revision(CASE, revision)
    turn.fire(EVENT, reasons=reason, text=reason.strip())
    turn.write_documents()
    turn.save()
    return dossier.case
