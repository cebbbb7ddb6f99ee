"""What departments see of the checks after pledges (事后核查), the next that is due at the top."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import ColumnElement, func
from sqlmodel import and_, col, or_, select

from onevisit.access import (
    OFFICE_ROLES,
    Actor,
    Forbidden,
    check_can_see_approval,
    visible_materials,
)
from onevisit.cases import wording
from onevisit.cases.afterwards.aftermath import aftermath
from onevisit.cases.afterwards.pledge import CHECK, CONFIRM, REVOKE
from onevisit.cases.context import Context
from onevisit.cases.dossier import load
from onevisit.cases.errors import NotFound, NotPossible
from onevisit.cases.lights import Due, Light, days_between, due_on, period_light
from onevisit.cases.paper import latest_checks, live_uploads
from onevisit.cases.views.named import named
from onevisit.cases.views.papers import linked
from onevisit.cases.views.parts import (
    Badge,
    DocumentLink,
    MaterialRow,
    Page,
    Person,
    documents_of,
    material_rows,
    person,
)
from onevisit.documents.format import BEIJING
from onevisit.store.tables import Account, Approval, Case
from onevisit.store.turn_tables import Certificate, PledgeCheck

PAGE = 30
DAY = func.coalesce(PledgeCheck.mend_by, PledgeCheck.due)
"""The day that counts now: for mending what was found, else for checking."""
_OWN = and_(
    col(Approval.case_id) == col(PledgeCheck.case_id),
    col(Approval.region) == col(PledgeCheck.region),
)
TONES = {
    "due": "waiting",
    "kept": "done",
    "broken": "attention",
    "mended": "done",
    "failed": "refused",
}
BY = {CHECK: "handler", CONFIRM: "handler", REVOKE: "decider"}
"""The posts that do each act; the lifecycle says the same, and the acts themselves ask it."""
NEXT = {"due": (CHECK,), "broken": (CONFIRM, REVOKE)}


@dataclass(frozen=True)
class PledgeRow:
    """One check in the list; `due` is the day that counts now: for checking, or for mending."""

    id: uuid.UUID
    case_number: str | None
    service: str
    item: str
    applicant: str
    state: Badge
    due: Due | None
    light: Light
    days_left: int | None


@dataclass(frozen=True)
class PledgeView:
    """One check with what was pledged, what was found, and what the officer may do now."""

    id: uuid.UUID
    revision: int
    approval_id: uuid.UUID
    certificate_id: uuid.UUID | None
    case_number: str | None
    service: str
    item: str
    department: str
    applicant: Person
    state: Badge
    decided_at: datetime | None
    due: Due | None
    mend_by: Due | None
    finding: str | None
    materials: tuple[MaterialRow, ...]
    documents: tuple[DocumentLink, ...]
    acts: tuple[str, ...]
    hindrance: str | None


def office_pledges(
    ctx: Context, tab: Literal["open", "done"] = "open", after: str | None = None
) -> Page[PledgeRow]:
    """The checks of the officer's departments: open ones by the day that counts, done ones newest
    first."""
    own = {post.department for post in ctx.actor.posts if post.role in OFFICE_ROLES}
    if not own - {None}:
        raise Forbidden("只有部门的承办、审核和决定人员可以查看事后核查")
    is_open = col(PledgeCheck.state).in_(("due", "broken"))
    order = (DAY, col(PledgeCheck.id)) if tab == "open" else (col(PledgeCheck.id).desc(),)
    statement = (
        select(PledgeCheck, Approval, Case, Account.name)
        .join(Approval, _OWN)
        .join(Case, col(Case.id) == col(PledgeCheck.case_id))
        .join(Account, col(Account.id) == col(Case.applicant_id))
        .where(col(Approval.department).in_(own - {None}))
        .where(is_open if tab == "open" else ~is_open)
        .order_by(*order)
        .limit(PAGE + 1)
    )
    if after:
        statement = statement.where(_beyond(tab, after))
    found = ctx.session.exec(statement).all()
    rows = tuple(_row(ctx, *each) for each in found[:PAGE])
    return Page(rows, _following(found))


def _beyond(tab: str, after: str) -> ColumnElement[bool]:
    """The rows that follow the last one of the page before."""
    value, _, last = after.partition("|")
    key = uuid.UUID(last)
    if tab != "open":
        return col(PledgeCheck.id) < key
    seen = date.fromisoformat(value)
    return or_(seen < DAY, and_(seen == DAY, col(PledgeCheck.id) > key))


def _following(found: Sequence[tuple[PledgeCheck, Approval, Case, str]]) -> str | None:
    if len(found) <= PAGE:
        return None
    last = found[PAGE - 1][0]
    return f"{(last.mend_by or last.due).isoformat()}|{last.id}"


def office_pledge(ctx: Context, check_id: uuid.UUID) -> PledgeView:
    """One check for an officer of the department that decided."""
    check, row = _opened(ctx, check_id)
    dossier = load(ctx, check.case_id)
    part, definition = dossier.selection.part(check.region), dossier.definition
    certificate = select(Certificate.id).where(
        Certificate.case_id == check.case_id, Certificate.region == check.region
    )
    seen = visible_materials(dossier.selection.materials, {row.item_id})
    papers = [each for each in documents_of(ctx, check.case_id) if each.region == check.region]
    revision, hindrance = _target(ctx, check)
    return PledgeView(
        id=check.id,
        revision=revision,
        approval_id=row.id,
        certificate_id=ctx.session.exec(certificate).one_or_none(),
        case_number=dossier.case.number,
        service=definition.workflow.title,
        item=wording.item_title(part),
        department=definition.directory.department(row.department).title,
        applicant=person(dossier),
        state=_badge(check),
        decided_at=row.decided_at,
        due=due_on(definition.calendar, check.due),
        mend_by=due_on(definition.calendar, check.mend_by),
        finding=check.finding,
        materials=material_rows(
            dossier, seen, live_uploads(ctx, dossier), latest_checks(ctx, dossier)
        ),
        documents=linked(papers),
        acts=() if hindrance else _acts(ctx.actor, check, row),
        hindrance=hindrance,
    )


def _opened(ctx: Context, check_id: uuid.UUID) -> tuple[PledgeCheck, Approval]:
    check = ctx.session.get(PledgeCheck, check_id)
    if check is None:
        raise NotFound("这项核查")
    statement = select(Approval).where(
        Approval.case_id == check.case_id, Approval.region == check.region
    )
    row = ctx.session.exec(statement).one()
    check_can_see_approval(ctx.actor, row.department)
    return check, row


def _target(ctx: Context, check: PledgeCheck) -> tuple[int, str | None]:
    """The revision of what the act is done to, and why it cannot be done yet."""
    try:
        return aftermath(ctx, check.case_id, check.region, lock=False).revision, None
    except NotPossible as error:
        return 0, str(error)


def _acts(actor: Actor, check: PledgeCheck, row: Approval) -> tuple[str, ...]:
    """What the officer's posts may do now."""
    return tuple(
        event for event in NEXT.get(check.state, ()) if actor.holds(BY[event], row.department)
    )


def _badge(check: PledgeCheck) -> Badge:
    return Badge(check.state, wording.PLEDGE_CHECKS[check.state], TONES[check.state])


def _row(ctx: Context, check: PledgeCheck, row: Approval, case: Case, applicant: str) -> PledgeRow:
    definition = ctx.catalog.version(ctx.session, case.version_hash).definition
    item, calendar = definition.workflow.item(row.item_id), definition.calendar
    began = check.checked_at if check.state == "broken" else row.decided_at
    counts = (check.mend_by or check.due) if check.state in NEXT else None
    start = began.astimezone(BEIJING).date() if began is not None else ctx.today
    return PledgeRow(
        id=check.id,
        case_number=case.number,
        service=definition.workflow.title,
        item=item.title if row.element is None else f"{item.title}（第{row.element}项）",
        applicant=named(ctx, case, applicant, ""),
        state=_badge(check),
        due=due_on(calendar, counts or check.mend_by or check.due),
        light=period_light(definition, start, counts, ctx.local),
        days_left=days_between(calendar, ctx.today, counts) if counts else None,
    )
