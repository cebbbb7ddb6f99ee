"""Declining: not our business, told at once, with whose it is and how to object."""

import uuid

from onevisit.cases.accept import taken_in
from onevisit.cases.context import Context
from onevisit.cases.snapshot import Particulars
from onevisit.cases.turn import Turn
from onevisit.engine import CASE
from onevisit.store.tables import Case

EVENT = "decline"


def decline(
    ctx: Context, case_id: uuid.UUID, reasons: str, belongs_to: str | None, revision: int
) -> Case:
    """Decline the case in writing (许可法第三十二条第一款第一、二项、第二款); reasons are due.

    belongs_to: the authority whose business it is, when it is another's.
    """
    dossier = taken_in(ctx, case_id)
    turn = Turn(ctx, dossier)
    turn.check_revision(CASE, revision)
    turn.fire(EVENT, reasons=reasons, text=reasons.strip(), belongs_to=belongs_to or None)
    definition = dossier.definition
    decision = {
        "item": definition.workflow.title,
        "result": "不予受理。",
        "reasons": reasons.strip(),
        "opinion": f"请向{belongs_to.strip()}提出申请。" if belongs_to else None,
        "basis": list(definition.workflow.basis),
        "remedies": list(definition.jurisdiction.remedies),
    }
    turn.write_documents({"decline": Particulars(decision=decision)})
    turn.save()
    return dossier.case
