"""What a department's officer sees: their inbox by due date, and one approval, no more."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from sqlalchemy import ColumnElement, and_, func
from sqlmodel import col, or_, select

from onevisit.access import (
    OFFICE_ROLES,
    Actor,
    Forbidden,
    check_can_see_approval,
    visible_materials,
    visible_sections,
)
from onevisit.cases import wording
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load, waits_for
from onevisit.cases.errors import NotFound
from onevisit.cases.lights import (
    Ahead,
    Due,
    Light,
    due_on,
    left,
    light,
    pauses_ahead,
    pauses_of,
)
from onevisit.cases.paper import latest_checks, live_uploads
from onevisit.cases.ready import check_ready
from onevisit.cases.recusal import recused
from onevisit.cases.views.history import entries, staff_history
from onevisit.cases.views.idle import idle
from onevisit.cases.views.lanes import Step, row_light, steps
from onevisit.cases.views.offered import is_offered
from onevisit.cases.views.papers import linked
from onevisit.cases.views.parts import (
    Act,
    Badge,
    DocumentLink,
    Event,
    MaterialRow,
    Page,
    Person,
    SectionRows,
    acts,
    badge,
    documents_of,
    material_rows,
    person,
    section_rows,
)
from onevisit.cases.views.sheets import hindrance
from onevisit.cases.views.standing import Line, standing
from onevisit.definition.lifecycle import APPOINTED
from onevisit.engine import Move, Part
from onevisit.store.tables import Account, Approval, Case

PAGE = 30
NEVER = date(9999, 12, 31)
"""Sorts what has no due date yet after everything that has one."""


@dataclass(frozen=True)
class InboxRow:
    """One approval in the list; `mine` when the present step is the officer's to sign."""

    approval_id: uuid.UUID
    case_number: str | None
    service: str
    item: str
    applicant: str
    state: Badge
    mine: bool
    started_at: datetime | None
    promise_due: Due | None
    legal_due: Due | None
    days_left: int | None
    light: Light


@dataclass(frozen=True)
class OfficeCase:
    """One approval with only those fields and materials that its department's items need."""

    approval_id: uuid.UUID
    revision: int
    case_number: str | None
    service: str
    item: str
    department: str
    route_title: str
    state: Badge
    steps: tuple[Step, ...]
    submitted_at: datetime | None
    started_at: datetime | None
    promise_due: Due | None
    legal_due: Due | None
    days_left: int | None
    light: Light
    applicant: Person
    sections: tuple[SectionRows, ...]
    materials: tuple[MaterialRow, ...]
    prior: tuple[DocumentLink, ...]
    acts: tuple[Act, ...]
    hindered: tuple[str, ...]
    waits: tuple[str, ...]
    events: tuple[Event, ...]
    documents: tuple[DocumentLink, ...]
    opinion: str | None
    reasons: str | None
    basis: tuple[str, ...]
    result_title: str | None
    standing: tuple[Line, ...]
    turns: tuple[Act, ...]


def office_inbox(ctx: Context, tab: str = "mine", after: str | None = None) -> Page[InboxRow]:
    """The department's approvals: mine (my step now), department (open), done (newest first)."""
    done = tab == "done"
    key = col(Approval.decided_at) if done else func.coalesce(col(Approval.promise_due), NEVER)
    order = (key.desc(), col(Approval.id).desc()) if done else (key, col(Approval.id))
    statement = (
        select(Approval, Case, Account.name)
        .join(Case, col(Case.id) == col(Approval.case_id))
        .join(Account, col(Account.id) == col(Case.applicant_id))
        .where(_tab(ctx.actor, tab))
        .order_by(*order)
        .limit(PAGE + 1)
    )
    if after:
        statement = statement.where(_beyond(after, done=done))
    found = ctx.session.exec(statement).all()
    ahead = pauses_ahead(ctx, [row.case_id for row, _, _ in found])
    rows = tuple(_row(ctx, ahead, *each) for each in found[:PAGE])
    following = None
    if len(found) > PAGE:
        last = found[PAGE - 1][0]
        value = last.decided_at if done else (last.promise_due or NEVER)
        following = f"{value.isoformat() if value else ''}|{last.id}"
    return Page(rows, following)


def _tab(actor: Actor, tab: str) -> ColumnElement[bool]:
    """Which approvals belong on a tab; Forbidden for whoever works in no department."""
    posts = [post for post in actor.posts if post.role in OFFICE_ROLES and post.department]
    if not posts:
        raise Forbidden("只有部门的承办、审核和决定人员可以查看部门待办")
    if tab == "mine":
        of_post = (
            and_(col(Approval.department) == post.department, col(Approval.awaits) == post.role)
            for post in posts
        )
        return or_(*of_post)
    own = and_(col(Approval.department).in_(actor.departments), col(Case.accepted_at).is_not(None))
    if tab == "done":
        return and_(own, col(Approval.decided_at).is_not(None))
    return and_(own, col(Approval.decided_at).is_(None))


def office_case(ctx: Context, approval_id: uuid.UUID) -> OfficeCase:
    """One approval for an officer of its department."""
    dossier, row, part = opened_approval(ctx, approval_id)
    case, definition = dossier.case, dossier.definition
    ahead = pauses_ahead(ctx, [case.id])
    seen = visible_materials(dossier.selection.materials, {row.item_id})
    papers = documents_of(ctx, case.id)
    own = _own_moves(ctx, dossier, row.region)
    needed = {each.key for each in dossier.selection.parts if each.item.id in part.item.needs}
    return OfficeCase(
        approval_id=row.id,
        revision=row.revision,
        case_number=case.number,
        service=definition.workflow.title,
        item=wording.item_title(part),
        department=definition.directory.department(row.department).title,
        route_title=wording.ROUTES[row.route],
        state=badge(row.state, dossier.state(row.region)),
        steps=steps(dossier, part),
        submitted_at=case.submitted_at,
        started_at=row.started_at,
        promise_due=due_on(definition.calendar, row.promise_due),
        legal_due=due_on(definition.calendar, row.legal_due),
        days_left=left(definition.calendar, row, ctx.today, pauses_of(ahead, row)),
        light=row_light(ctx, dossier, row),
        applicant=person(dossier),
        sections=section_rows(visible_sections(definition.form, {row.item_id}), case.form),
        materials=material_rows(
            dossier, seen, live_uploads(ctx, dossier), latest_checks(ctx, dossier)
        ),
        prior=linked([each for each in papers if each.region in needed]),
        acts=acts([move for move, because in own if because is None]),
        hindered=_hindered([(move.title, because) for move, because in own if because]),
        waits=waits_for(dossier, part),
        events=staff_history(dossier, entries(ctx, dossier, row.region)),
        documents=linked([each for each in papers if each.region == row.region]),
        opinion=row.opinion,
        reasons=row.reasons,
        basis=part.item.basis,
        result_title=part.item.result.title if part.item.result else None,
        standing=standing(ctx, dossier, row.region),
        turns=_turns(ctx, dossier, row),
    )


def opened_approval(ctx: Context, approval_id: uuid.UUID) -> tuple[Dossier, Approval, Part]:
    """An accepted approval of the officer's department; NotFound or Forbidden otherwise."""
    found = ctx.session.get(Approval, approval_id)
    if found is None:
        raise NotFound("这个事项")
    check_can_see_approval(ctx.actor, found.department)
    dossier = load(ctx, found.case_id)
    if dossier.case.accepted_at is None:  # not the departments' business yet
        raise NotFound("这个事项")
    return dossier, dossier.approvals[found.region], dossier.selection.part(found.region)


def _own_moves(ctx: Context, dossier: Dossier, region: str) -> list[tuple[Move, str | None]]:
    """The moves that this officer's posts may make now, each with what still hinders it."""
    department = dossier.approvals[region].department
    mine = [move for move in dossier.possible(region) if ctx.actor.holds(move.by, department)]
    return [
        (
            move,
            recused(ctx, dossier, region, move)
            or hindrance(partial(check_ready, ctx, dossier, region, move.event)),
        )
        for move in mine
    ]


def _hindered(found: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """One sentence for each reason, naming all that waits for it."""
    titles: dict[str, list[str]] = {}
    for title, because in found:
        titles.setdefault(because, []).append(f"“{title}”")
    return tuple(f"还不能{'、'.join(names)}：{because}" for because, names in titles.items())


def _turns(ctx: Context, dossier: Dossier, row: Approval) -> tuple[Act, ...]:
    """The standing acts that this officer's posts may do and that have something to act on."""
    region, nothing = row.region, idle(ctx, dossier)
    mine = [
        act
        for act in dossier.acts(region)
        if _may_open(ctx.actor, row, act) and (region, act.event) not in nothing
    ]
    return acts([act for act in mine if is_offered(ctx, dossier, region, act.event)])


def _may_open(actor: Actor, row: Approval, act: Move) -> bool:
    """Whether the officer's posts may do a standing act; who is appointed is checked there."""
    return act.by in APPOINTED or actor.holds(act.by, row.department)


def _beyond(after: str, *, done: bool) -> ColumnElement[bool]:
    """The rows that follow the last one of the page before."""
    value, _, last = after.partition("|")
    if done:
        when = datetime.fromisoformat(value)
        same = and_(col(Approval.decided_at) == when, col(Approval.id) < uuid.UUID(last))
        return or_(col(Approval.decided_at) < when, same)
    key = func.coalesce(col(Approval.promise_due), NEVER)
    day = date.fromisoformat(value)
    return or_(key > day, and_(key == day, col(Approval.id) > uuid.UUID(last)))


def _row(ctx: Context, ahead: Ahead, row: Approval, case: Case, applicant: str) -> InboxRow:
    definition = ctx.catalog.version(ctx.session, case.version_hash).definition
    lifecycle = definition.lifecycle.approval
    known = lifecycle.states.get(row.state)
    if known is None:
        shown = Badge(row.state, lifecycle.steps[row.state].title, "active")
    else:
        shown = badge(row.state, known)
    item = definition.workflow.item(row.item_id)
    calendar = definition.calendar
    title = item.title if row.element is None else f"{item.title}（第{row.element}项）"
    return InboxRow(
        approval_id=row.id,
        case_number=case.number,
        service=definition.workflow.title,
        item=title,
        applicant=applicant,
        state=shown,
        mine=row.awaits is not None and ctx.actor.holds(row.awaits, row.department),
        started_at=row.started_at,
        promise_due=due_on(calendar, row.promise_due),
        legal_due=due_on(calendar, row.legal_due),
        days_left=left(calendar, row, ctx.today, pauses_of(ahead, row)),
        light=light(definition.jurisdiction.hours, row, ctx.local),
    )
