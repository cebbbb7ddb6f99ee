"""What is still told of a case that lies in an archive file: its line, and how to see the rest."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select

from onevisit.access import check_can_see_case
from onevisit.cases.context import Context
from onevisit.cases.errors import NotFound
from onevisit.cases.views.parts import Badge, badge
from onevisit.store.tables import Case
from onevisit.store.turn_tables import Certificate


@dataclass(frozen=True)
class Held:
    """A certificate that the case led to, which can be verified as before."""

    title: str
    number: str
    valid_until: date | None


@dataclass(frozen=True)
class ArchivedView:
    """The line of an archived case, whom to ask for the rest, and its certificates."""

    number: str
    service: str
    state: Badge
    submitted_at: datetime | None
    concluded_at: datetime | None
    archived_at: datetime | None
    centre: str
    phone: str
    certificates: tuple[Held, ...]


def archived_view(ctx: Context, case_id: uuid.UUID) -> ArchivedView:
    """What somebody who may see all of a case is told of it while it lies in a file."""
    case = ctx.session.get(Case, case_id)
    if case is None:
        raise NotFound("这个办件")
    check_can_see_case(ctx.actor, case.applicant_id, case.agent_id)
    ctx.seen.opened(case.id, case.applicant_id, case.agent_id)
    definition = ctx.catalog.version(ctx.session, case.version_hash).definition
    issued = select(Certificate).where(Certificate.case_id == case_id)
    return ArchivedView(
        number=case.number or "",
        service=definition.workflow.title,
        state=badge(case.state, definition.lifecycle.case.states[case.state]),
        submitted_at=case.submitted_at,
        concluded_at=case.concluded_at,
        archived_at=case.archived_at,
        centre=definition.jurisdiction.centre,
        phone=definition.jurisdiction.phone,
        certificates=tuple(
            Held(row.title, row.number, row.valid_until)
            for row in ctx.session.exec(issued.order_by(col(Certificate.id)))
        ),
    )
