"""The applicant's right to a hearing, and the hearings that the public may attend."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from onevisit.access import check_can_edit
from onevisit.cases import wording
from onevisit.cases.context import Context
from onevisit.cases.dossier import load
from onevisit.cases.errors import NotFound
from onevisit.cases.meetings import hearing
from onevisit.cases.turn import Turn
from onevisit.catalog.catalog import Catalog
from onevisit.store.tables import Approval, Case
from onevisit.store.turn_tables import Hearing

AT_MOST = 200


@dataclass(frozen=True)
class RightView:
    """What was told on one item: until when one may ask, and within how many days it is held."""

    case_id: uuid.UUID
    revision: int
    item: str
    interests: str
    parties: str
    ask_by: date
    hold: int


@dataclass(frozen=True)
class PublicHearing:
    """A hearing that is called: nothing about who applies (第四十八条第一款第二项: 公开举行)."""

    service: str
    item: str
    department: str
    at: datetime
    place: str
    on_own: bool


def right(ctx: Context, case_id: uuid.UUID, region: str, event: str) -> RightView:
    """What the applicant reads before asking or giving up; NotFound, Forbidden, NotPossible."""
    dossier = load(ctx, case_id)
    check_can_edit(ctx.actor, dossier.case.applicant_id, dossier.case.agent_id)
    if region not in dossier.approvals:
        raise NotFound("这个事项")
    if dossier.standing(region, event) is None:
        raise Turn(ctx, dossier).not_possible(region, event)
    row = hearing.of_region(ctx, dossier, region)
    if row is None:
        raise dossier.hindered(region, event, "这个事项没有告知听证权利")
    hearing.check_may(dossier, row, event, ctx.today)
    return RightView(
        case_id=dossier.case.id,
        revision=dossier.approvals[region].revision,
        item=wording.item_title(dossier.selection.part(region)),
        interests=row.interests,
        parties=row.parties or "",
        ask_by=row.ask_by,
        hold=hearing.rules_of(dossier, region, event).hold,
    )


def public_hearings(session: Session, catalog: Catalog) -> tuple[PublicHearing, ...]:
    """Every hearing that is still to be held, the next first."""
    statement = (
        select(Hearing, Approval, Case.version_hash)
        .join(
            Approval,
            (col(Approval.case_id) == col(Hearing.case_id))
            & (col(Approval.region) == col(Hearing.region)),
        )
        .join(Case, col(Case.id) == col(Hearing.case_id))
        .where(
            col(Hearing.called_at).is_not(None),
            col(Hearing.recorded_at).is_(None),
            col(Approval.decided_at).is_(None),
        )
        .order_by(col(Hearing.held_at), col(Hearing.id))
        .limit(AT_MOST)
    )
    found = []
    for row, approval, version in session.exec(statement).all():
        definition = catalog.version(session, version).definition
        assert row.held_at is not None, "a called hearing has its moment"
        found.append(
            PublicHearing(
                service=definition.workflow.title,
                item=definition.workflow.item(approval.item_id).title,
                department=definition.directory.department(approval.department).title,
                at=row.held_at,
                place=row.place or "",
                on_own=row.on_own,
            )
        )
    return tuple(found)
