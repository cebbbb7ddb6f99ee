"""What the one screen of an intake at the counter shows, and which intakes are not finished."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select as sql_select
from sqlalchemy.orm import aliased
from sqlmodel import col

from onevisit.access import check_can_take_in
from onevisit.cases import walk_in, walk_in_end, wording
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.draft import asked_data, form_of
from onevisit.cases.paper import latest_checks, live_uploads
from onevisit.cases.pickup import Recipient, recipient_of, ways
from onevisit.cases.shared_data import FactView, fact_views
from onevisit.cases.views.lanes import ItemLine, item_lines
from onevisit.cases.views.parts import MaterialRow, Person, material_rows, person
from onevisit.definition.form import FieldError, Form
from onevisit.definition.service import Definition
from onevisit.store.desk_tables import Intake, Ticket
from onevisit.store.tables import Account, Case, WorkflowVersion

PAGE = 20


@dataclass(frozen=True)
class WalkIn:
    """An application that a clerk writes down. `outstanding` is what still stands in the way of
    acceptance; `deferrals` what follows from deferring a material, in a sentence."""

    id: uuid.UUID
    revision: int
    service: str
    definition: Definition
    applicant: Person
    answers: Mapping[str, Any]
    data: Mapping[str, Any]
    form: Form
    materials: tuple[MaterialRow, ...]
    deferrals: Mapping[str, str]
    items: tuple[ItemLine, ...]
    pickups: tuple[tuple[str, str], ...]
    pickup: str | None
    recipient: Recipient
    confirmed: str | None
    pledged: bool
    pledges: tuple[tuple[str, str], ...]
    outstanding: tuple[FieldError, ...]
    missing_fields: tuple[str, ...]
    ticket: str | None
    facts: tuple[FactView, ...]


@dataclass(frozen=True)
class Unfinished:
    """One intake that somebody began and nobody has handed in."""

    id: uuid.UUID
    applicant: str
    service: str
    begun_by: str
    begun_at: datetime
    mine: bool


def walk_in_view(ctx: Context, case_id: uuid.UUID) -> WalkIn:
    """The screen as it was last kept; raises as walk_in.opened."""
    dossier, intake = walk_in.opened(ctx, case_id, lock=False)
    case = dossier.case
    rows = walk_in_end.rows_of(ctx, dossier)
    ticket = ctx.session.get(Ticket, intake.ticket_id) if intake.ticket_id else None
    offered = ways(dossier) or dossier.definition.workflow.issue.pickup
    materials = dossier.selection.materials
    return WalkIn(
        id=case.id,
        revision=case.revision,
        service=dossier.definition.workflow.title,
        definition=dossier.definition,
        applicant=person(dossier),
        answers=case.answers,
        data=asked_data(dossier),
        form=form_of(dossier),
        materials=material_rows(
            dossier, materials, live_uploads(ctx, dossier), latest_checks(ctx, dossier)
        ),
        deferrals=_deferrals(dossier),
        items=item_lines(dossier),
        pickups=tuple((way, wording.PICKUPS[way]) for way in offered),
        pickup=case.pickup,
        recipient=recipient_of(dossier),
        confirmed=intake.confirmed,
        pledged=intake.pledged,
        pledges=tuple(walk_in_end.pledged(dossier)),
        outstanding=tuple(walk_in_end.faults(ctx, dossier, intake, rows)),
        missing_fields=tuple(each.field for each in walk_in_end.missing_fields(dossier)),
        ticket=ticket.label if ticket else None,
        facts=fact_views(ctx, dossier),
    )


def _deferrals(dossier: Dossier) -> dict[str, str]:
    """What to tell the person when a material is deferred (浙江规定第十一条)."""
    return {
        each.id: f"受理后 {each.defer.days} 个工作日内补交；"
        f"{wording.DEFERRAL_CONSEQUENCES[each.defer.on_timeout]}"
        for each in dossier.selection.materials
        if each.defer is not None
    }


def unfinished(ctx: Context) -> tuple[Unfinished, ...]:
    """The latest intakes that are not handed in, newest first; anybody at the desk may go on."""
    check_can_take_in(ctx.actor)
    clerk = aliased(Account)
    statement = (
        sql_select(
            col(Case.id), col(Account.name), col(WorkflowVersion.title), col(clerk.name), Intake
        )
        .join(Intake, col(Intake.case_id) == col(Case.id))
        .join(Account, col(Account.id) == col(Case.applicant_id))
        .join(WorkflowVersion, col(WorkflowVersion.hash) == col(Case.version_hash))
        .join(clerk, col(clerk.id) == col(Intake.begun_by))
        .where(col(Intake.ended_at).is_(None), col(Case.number).is_(None))
        .where(col(Case.applicant_id) != ctx.actor.id)
        .order_by(col(Intake.id).desc())
        .limit(PAGE)
    )
    return tuple(
        Unfinished(case_id, name, title, by, row.begun_at, mine=row.begun_by == ctx.actor.id)
        for case_id, name, title, by, row in ctx.session.execute(statement).all()
    )
