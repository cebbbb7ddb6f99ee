"""What waits for a department's officer: a list by due date, with who has what in hand."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func
from sqlalchemy import select as rows_of
from sqlmodel import col, or_, select
from sqlmodel.sql.expression import Select

from onevisit.access import OFFICE_ROLES, Actor, Forbidden
from onevisit.cases.claim import Held, held
from onevisit.cases.context import Context
from onevisit.cases.lights import Ahead, Due, Light, due_on, left, light, pauses_ahead, pauses_of
from onevisit.cases.views.named import named
from onevisit.cases.views.parts import Badge, Page, badge
from onevisit.cases.views.typed import found_by
from onevisit.documents.format import BEIJING
from onevisit.store.beginning import only_checked
from onevisit.store.office_tables import Claim
from onevisit.store.tables import Account, Approval, Case, LedgerEntry

PAGE, MANY = 30, 500
NEVER = date(9999, 12, 31)
"""Stands, in the address of a page, for no due date: such rows come after all that have one."""
Found = Sequence[tuple[Approval, Case, str]]


@dataclass(frozen=True)
class Wanted:
    """What an officer looks for: part of a number or a name; late | soon; claimed by me | nobody;
    one service."""

    search: str = ""
    light: str = ""
    claimed: str = ""
    service: str = ""


ALL = Wanted()


@dataclass(frozen=True)
class InboxRow:
    """One approval in the list; `mine` when the present step is the officer's to sign, `new` when
    it came to this step today. `batch` names what can be signed together with it: the same item of
    the same service at the same step."""

    approval_id: uuid.UUID
    revision: int
    case_number: str | None
    service: str
    item: str
    applicant: str
    state: Badge
    mine: bool
    new: bool
    started_at: datetime | None
    arrived_at: datetime | None
    promise_due: Due | None
    legal_due: Due | None
    days_left: int | None
    light: Light
    claimed: Held | None
    batch: str


@dataclass(frozen=True)
class Following:
    """The next thing to do, as a link."""

    approval_id: uuid.UUID
    item: str
    case_number: str | None


def office_inbox(
    ctx: Context, tab: str = "mine", after: str | None = None, wanted: Wanted = ALL
) -> Page[InboxRow]:
    """The department's approvals: mine (my step now), department (open), done (newest first)."""
    done = tab == "done"
    order = (
        (col(Approval.decided_at).desc(), col(Approval.id).desc())
        if done
        else (col(Approval.promise_due).nulls_last(), col(Approval.id))
    )
    statement = (
        select(Approval, Case, Account.name)
        .join(Case, col(Case.id) == col(Approval.case_id))
        .join(Account, col(Account.id) == col(Case.applicant_id))
        .where(*_filters(ctx, wanted, tab))
        .order_by(*order)
        .limit(PAGE + 1)
    )
    if after:
        statement = statement.where(_beyond(after, done=done))
    found = ctx.session.exec(statement).all()
    rows = _rows(ctx, found[:PAGE], wanted.search)
    following = None
    if len(found) > PAGE:
        last = found[PAGE - 1][0]
        value = last.decided_at if done else (last.promise_due or NEVER)
        following = f"{value.isoformat() if value else ''}|{last.id}"
    return Page(rows, following)


def following(ctx: Context, approval_id: uuid.UUID) -> Following | None:
    """What is due first of all that waits for the officer besides this one."""
    statement = _mine(ctx).where(col(Approval.id) != approval_id).limit(1)
    for row, case, _ in ctx.session.exec(statement):
        workflow = ctx.catalog.version(ctx.session, case.version_hash).definition.workflow
        return Following(row.id, workflow.item(row.item_id).title, case.number)
    return None


def picked(ctx: Context, approvals: Sequence[uuid.UUID]) -> tuple[InboxRow, ...]:
    """Those of the approvals that wait for the officer, the first due at the top."""
    statement = _mine(ctx).where(col(Approval.id).in_(approvals)).limit(len(approvals))
    return _rows(ctx, ctx.session.exec(statement).all())


def services(ctx: Context) -> tuple[tuple[str, str], ...]:
    """The services of what waits for the officer, of the first MANY that are due: (id, title)."""
    first = (
        rows_of(col(Approval.case_id))
        .where(_tab(ctx.actor, "mine"))
        .order_by(col(Approval.promise_due).nulls_last(), col(Approval.id))
        .limit(MANY)
        .subquery()
    )
    statement = (
        select(Case.workflow_id, func.max(Case.version_hash))
        .join(first, first.c.case_id == col(Case.id))
        .group_by(col(Case.workflow_id))
        .order_by(col(Case.workflow_id))
    )
    return tuple(
        (name, ctx.catalog.version(ctx.session, version).definition.workflow.title)
        for name, version in ctx.session.exec(statement).all()
    )


def _mine(ctx: Context) -> Select[Approval, Case, str]:
    return (
        select(Approval, Case, Account.name)
        .join(Case, col(Case.id) == col(Approval.case_id))
        .join(Account, col(Account.id) == col(Case.applicant_id))
        .where(_tab(ctx.actor, "mine"))
        .order_by(col(Approval.promise_due).nulls_last(), col(Approval.id))
    )


def _tab(actor: Actor, tab: str) -> ColumnElement[bool]:
    """Which approvals belong on a tab; Forbidden for whoever works in no department."""
    posts = [post for post in actor.posts if post.role in OFFICE_ROLES and post.department]
    if not (posts if tab == "mine" else actor.departments):
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


def _filters(ctx: Context, wanted: Wanted, tab: str) -> list[ColumnElement[bool]]:
    found = [_tab(ctx.actor, tab)]
    if wanted.search and tab == "done":  # which only grows: looked up, not searched through
        cases = rows_of(col(Case.id)).where(found_by(ctx.session, wanted.search))
        found = [
            col(Approval.case_id).in_(cases),
            only_checked(Approval.department).in_(ctx.actor.departments),
            col(Approval.decided_at).is_not(None),
        ]
    elif wanted.search:
        like = f"%{wanted.search}%"
        found.append(or_(col(Case.number).like(like), col(Account.name).like(like)))
    if wanted.service:
        found.append(col(Case.workflow_id) == wanted.service)
    if wanted.light == "late":
        found.append(col(Approval.promise_due) < ctx.today)
    if wanted.light == "soon":
        near = and_(col(Approval.yellow_on) <= ctx.today, col(Approval.promise_due) >= ctx.today)
        found.append(near)
    claims = select(Claim.approval_id).where(
        col(Claim.approval_id) == col(Approval.id),
        col(Claim.department) == col(Approval.department),
    )
    if wanted.claimed == "me":
        found.append(claims.where(col(Claim.account_id) == ctx.actor.id).exists())
    if wanted.claimed == "nobody":
        found.append(~claims.exists())
    return found


def _beyond(after: str, *, done: bool) -> ColumnElement[bool]:
    """The rows that follow the last one of the page before."""
    value, _, last = after.partition("|")
    if done:
        when = datetime.fromisoformat(value)
        same = and_(col(Approval.decided_at) == when, col(Approval.id) < uuid.UUID(last))
        return or_(col(Approval.decided_at) < when, same)
    key, beyond = col(Approval.promise_due), col(Approval.id) > uuid.UUID(last)
    day = date.fromisoformat(value)
    if day == NEVER:
        return and_(key.is_(None), beyond)
    return or_(key.is_(None), key > day, and_(key == day, beyond))


def _rows(ctx: Context, found: Found, search: str = "") -> tuple[InboxRow, ...]:
    ahead = pauses_ahead(ctx, [row.case_id for row, _, _ in found])
    claimed = held(ctx, [row for row, _, _ in found])
    arrived = _arrived(ctx, [row for row, _, _ in found])
    return tuple(
        replace(
            _row(ctx, ahead, each, claimed.get(each[0].id), arrived.get(each[0].id)),
            applicant=named(ctx, *each[1:], search, each[0].department),
        )
        for each in found
    )


def _arrived(ctx: Context, rows: Sequence[Approval]) -> dict[uuid.UUID, datetime]:
    """When each approval came to its present step."""
    if not rows:
        return {}
    places = [(row.case_id, row.region) for row in rows]
    statement = (
        select(LedgerEntry.case_id, LedgerEntry.region, func.max(LedgerEntry.at))
        .where(  # by the case: SQLite has no index for pairs
            col(LedgerEntry.case_id).in_({case_id for case_id, _ in places}),
            col(LedgerEntry.from_state) != col(LedgerEntry.to_state),
        )
        .group_by(col(LedgerEntry.case_id), col(LedgerEntry.region))
    )
    last = {(case_id, region): at for case_id, region, at in ctx.session.exec(statement)}
    return {row.id: last[place] for row, place in zip(rows, places, strict=True) if place in last}


def _row(
    ctx: Context,
    ahead: Ahead,
    found: tuple[Approval, Case, str],
    claimed: Held | None,
    arrived: datetime | None,
) -> InboxRow:
    row, case, applicant = found
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
    mine = row.awaits is not None and ctx.actor.holds(row.awaits, row.department)
    return InboxRow(
        approval_id=row.id,
        revision=row.revision,
        case_number=case.number,
        service=definition.workflow.title,
        item=title,
        applicant=applicant,
        state=shown,
        mine=mine,
        new=mine and arrived is not None and arrived.astimezone(BEIJING).date() == ctx.today,
        started_at=row.started_at,
        arrived_at=arrived,
        promise_due=due_on(calendar, row.promise_due),
        legal_due=due_on(calendar, row.legal_due),
        days_left=left(calendar, row, ctx.today, pauses_of(ahead, row)),
        light=light(definition.jurisdiction.hours, row, ctx.local),
        claimed=claimed,
        batch=f"{case.workflow_id}/{row.item_id}/{row.department}/{row.state}",
    )
