"""The pages of standing acts on a whole case: the desk's, and what the government is asked for."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from onevisit.access import check_can_govern, check_can_take_in
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.errors import NotFound
from onevisit.cases.lights import Due, due_on
from onevisit.cases.turn import Turn
from onevisit.cases.views.office_sheets import (
    asks_extension,
    asks_to_grant,
    asks_to_refuse,
    asks_why_late,
)
from onevisit.cases.views.sheets import Sheet, sheet
from onevisit.engine import CASE
from onevisit.store.tables import Approval, Case
from onevisit.store.turn_tables import Extension

GOVERNMENT = "本级政府负责人"
OPEN = 200
"""As many requests as one page shows; more than a city has at a time."""


@dataclass(frozen=True)
class Request:
    """An extension that waits for whoever may grant it: of an item (with `approval_id`) or a
    whole case."""

    case_id: uuid.UUID
    approval_id: uuid.UUID | None
    number: str | None
    service: str
    item: str | None
    days: int
    reasons: str
    asked_at: datetime
    legal_due: Due | None


def desk_sheet(ctx: Context, case_id: uuid.UUID, event: str) -> Sheet:
    """The page of a clerk's act on a whole case; Forbidden, NotFound, NotPossible."""
    dossier = load(ctx, case_id)
    check_can_take_in(ctx.actor, dossier.case.applicant_id, dossier.case.agent_id)
    _check_standing(ctx, dossier, event)
    if event == "ask_extension":
        asks = asks_extension(ctx, dossier, CASE, GOVERNMENT)
    else:
        asks = asks_why_late(ctx, dossier, CASE)
    return sheet(ctx, dossier, CASE, event, asks)


def government_sheet(ctx: Context, case_id: uuid.UUID, event: str) -> Sheet:
    """The page on which the government's head grants or refuses; Forbidden, NotFound."""
    check_can_govern(ctx.actor)
    dossier = load(ctx, case_id)
    if dossier.case.accepted_at is None:  # not the government's business yet
        raise NotFound("这个办件")
    _check_standing(ctx, dossier, event)
    asks = asks_to_grant if event == "extend" else asks_to_refuse
    return sheet(ctx, dossier, CASE, event, asks(ctx, dossier, CASE))


def government_requests(ctx: Context) -> tuple[Request, ...]:
    """What waits for the government's head, the limit that ends first at the top."""
    check_can_govern(ctx.actor)
    statement = (
        select(Extension, Case)
        .join(Case, col(Case.id) == col(Extension.case_id))
        .where(Extension.state == "asked", Extension.region == CASE, col(Case.decided_at).is_(None))
        .where(col(Case.concluded_at).is_(None))
        .order_by(col(Case.legal_due), col(Extension.asked_at))
        .limit(OPEN)
    )
    return tuple(_request(ctx, row, case, None) for row, case in ctx.session.exec(statement))


def head_requests(ctx: Context) -> tuple[Request, ...]:
    """What waits for the head of the actor's departments; nothing for others."""
    own = [post.department for post in ctx.actor.posts if post.role == "head"]
    return tuple(_of_departments(ctx, [each for each in own if each])) if own else ()


def _of_departments(ctx: Context, departments: list[str]) -> Iterator[Request]:
    same = (col(Approval.case_id) == col(Extension.case_id)) & (
        col(Approval.region) == col(Extension.region)
    )
    statement = (
        select(Extension, Case, Approval)
        .join(Case, col(Case.id) == col(Extension.case_id))
        .join(Approval, same)
        .where(Extension.state == "asked", col(Approval.department).in_(departments))
        .where(col(Approval.decided_at).is_(None))
        .order_by(col(Approval.legal_due), col(Extension.asked_at))
        .limit(OPEN)
    )
    for row, case, approval in ctx.session.exec(statement):
        yield _request(ctx, row, case, approval)


def _request(ctx: Context, row: Extension, case: Case, approval: Approval | None) -> Request:
    definition = ctx.catalog.version(ctx.session, case.version_hash).definition
    item = None
    if approval is not None:
        item = definition.workflow.item(approval.item_id).title
        item = item if approval.element is None else f"{item}（第{approval.element}项）"
    due = case.legal_due if approval is None else approval.legal_due
    return Request(
        case_id=case.id,
        approval_id=approval.id if approval else None,
        number=case.number,
        service=definition.workflow.title,
        item=item,
        days=row.days,
        reasons=row.reasons,
        asked_at=row.asked_at,
        legal_due=due_on(definition.calendar, due),
    )


def _check_standing(ctx: Context, dossier: Dossier, event: str) -> None:
    if dossier.case.number is None:
        raise NotFound("这个办件")
    if dossier.standing(CASE, event) is None:
        raise Turn(ctx, dossier).not_possible(CASE, event)
