"""What lies beside an approval that a signature has to look at: asked in one question, as most
approvals have nothing of the kind."""

import uuid
from dataclasses import dataclass

from sqlalchemy import BindParameter, bindparam
from sqlmodel import col, exists, select

from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.store.office_tables import Claim
from onevisit.store.turn_tables import Hearing, Owed, Pause

_CASE: BindParameter[uuid.UUID] = bindparam("case")
_REGION: BindParameter[str] = bindparam("region")
THERE = select(
    exists().where(col(Hearing.case_id) == _CASE, col(Hearing.region) == _REGION),
    exists().where(col(Owed.case_id) == _CASE),
    exists().where(col(Pause.case_id) == _CASE, col(Pause.region) == _REGION),
    exists().where(col(Claim.approval_id) == bindparam("approval")),
)


@dataclass(frozen=True)
class Beside:
    """Whether there is a hearing of the approval, material that the case owed, a pause of the
    approval's clocks, and somebody who has it in hand; over or not."""

    hearing: bool
    owed: bool
    pause: bool
    claim: bool


def beside(ctx: Context, dossier: Dossier, region: str) -> Beside:
    """What is there now."""
    row = dossier.approvals[region]
    asked = {"case": row.case_id, "region": region, "approval": row.id}
    hearing, owed, pause, claim = ctx.session.exec(THERE, params=asked).one()
    return Beside(bool(hearing), bool(owed), bool(pause), bool(claim))
