"""Whether the agent of a case (代办人) still acts for its applicant, asked at every act."""

from onevisit.access import Agency, check_can_apply_for
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.store.citizen_tables import Authorisation


def acting_for(ctx: Context, dossier: Dossier) -> dict[str, str]:
    """What the ledger says when an agent acts: for whom, and by which authorisation; nothing when
    anybody else does. Forbidden once it is over, even before the sweep has noticed."""
    case = dossier.case
    if ctx.actor.id != case.agent_id or ctx.actor.id == case.applicant_id:
        return {}
    if case.authorisation_id is None:
        return {"acts_for": str(case.applicant_id)}
    row = ctx.session.get_one(Authorisation, case.authorisation_id)
    check_can_apply_for(ctx.actor, agency_of(row), case.workflow_id, ctx.today)
    return {"acts_for": str(case.applicant_id), "authorisation": str(row.id)}


def agency_of(row: Authorisation) -> Agency:
    """An authorisation as the access rules speak of it."""
    agent_id = row.agent_id if row.state == "active" else None
    return Agency(agent_id, frozenset(row.services), row.until)
