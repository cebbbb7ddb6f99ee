"""What lies beside an approval that a signature has to look at: asked in one question, as most
approvals have nothing of the kind."""

import uuid

from sqlalchemy import BindParameter, bindparam, exists, select

from onevisit.cases.context import Context
from onevisit.cases.dossier import Beside, Dossier
from onevisit.store.office_tables import Claim
from onevisit.store.plain import ask, columns
from onevisit.store.turn_tables import Hearing, Owed, Pause

_CASE: BindParameter[uuid.UUID] = bindparam("case")
_REGION: BindParameter[str] = bindparam("region")
_HEARINGS, _OWED = columns(Hearing), columns(Owed)
_PAUSES, _CLAIMS = columns(Pause), columns(Claim)
THERE = select(
    exists().where(_HEARINGS.case_id == _CASE, _HEARINGS.region == _REGION),
    exists().where(_OWED.case_id == _CASE),
    exists().where(_PAUSES.case_id == _CASE, _PAUSES.region == _REGION),
    exists().where(_CLAIMS.approval_id == bindparam("approval")),
)


def beside(ctx: Context, dossier: Dossier, region: str) -> Beside:
    """What is there now; the dossier remembers it, so an act asks before it changes anything."""
    row = dossier.approvals[region]
    asked = {"case": row.case_id, "region": region, "approval": row.id}
    ((hearing, owed, pause, claim),) = ask(ctx.session, THERE, **asked)
    found = Beside(bool(hearing), bool(owed), bool(pause), bool(claim))
    dossier.there[region] = found
    return found
