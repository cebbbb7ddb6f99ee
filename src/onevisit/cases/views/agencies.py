"""Who may apply for whom (帮办代办), as both sides see it."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, or_, select

from onevisit.access import check_can_apply, check_can_end_agency
from onevisit.cases import authorise
from onevisit.cases.context import Context
from onevisit.cases.errors import NotFound
from onevisit.store.citizen_tables import Authorisation
from onevisit.store.tables import Account

LATEST = 50
ENDED = {"revoked": "已收回", "declined": "代办人已放弃", "expired": "已到期"}


@dataclass(frozen=True)
class AgencyRow:
    """One authorisation. `code` only for who gave it, while it is not taken on."""

    id: uuid.UUID
    principal: str
    agent: str
    services: tuple[str, ...]
    until: date
    state: str
    state_title: str
    code: str | None
    code_until: datetime | None
    since: datetime
    over: bool


@dataclass(frozen=True)
class Agencies:
    """What the signed-in person gave, what they hold, and how many offers wait for a code."""

    given: tuple[AgencyRow, ...]
    held: tuple[AgencyRow, ...]
    waiting: int


def agencies(ctx: Context) -> Agencies:
    """Both sides of the signed-in person, the newest first, the latest 50."""
    check_can_apply(ctx.actor)
    mine = or_(
        col(Authorisation.principal_id) == ctx.actor.id, col(Authorisation.agent_id) == ctx.actor.id
    )
    found = _rows(ctx, mine)
    given = tuple(row for own, row in found if own)
    held = tuple(row for own, row in found if not own)
    return Agencies(given, held, len(authorise.offers(ctx)))


def usable_for(ctx: Context, workflow_id: str) -> tuple[AgencyRow, ...]:
    """The people for whom the signed-in person may apply for this service now."""
    active = (col(Authorisation.agent_id) == ctx.actor.id) & (col(Authorisation.state) == "active")
    rows = [row for _, row in _rows(ctx, active) if not row.over]
    covering = {
        each.id
        for each in ctx.session.exec(select(Authorisation).where(active))
        if not each.services or workflow_id in each.services
    }
    return tuple(row for row in rows if row.id in covering)


def agency(ctx: Context, authorisation_id: uuid.UUID) -> AgencyRow:
    """One authorisation for either side; NotFound, Forbidden."""
    row = ctx.session.get(Authorisation, authorisation_id)
    if row is None:
        raise NotFound("这份授权")
    check_can_end_agency(ctx.actor, row.principal_id, row.agent_id)
    principal = ctx.session.get_one(Account, row.principal_id)
    return _row(ctx, row, principal.name, _titles(ctx))


def _rows(ctx: Context, which: object) -> list[tuple[bool, AgencyRow]]:
    """(whether the signed-in person gave it, the row) of each."""
    statement = (
        select(Authorisation, Account.name)
        .join(Account, col(Account.id) == col(Authorisation.principal_id))
        .where(which)  # type: ignore[arg-type]  # a condition
        .order_by(col(Authorisation.id).desc())
        .limit(LATEST)
    )
    titles = _titles(ctx)
    return [
        (row.principal_id == ctx.actor.id, _row(ctx, row, name, titles))
        for row, name in ctx.session.exec(statement)
    ]


def _titles(ctx: Context) -> dict[str, str]:
    workflows = (each.definition.workflow for each in ctx.catalog.list(ctx.session))
    return {each.id: each.title for each in workflows}


def _row(ctx: Context, row: Authorisation, principal: str, titles: dict[str, str]) -> AgencyRow:
    own = row.principal_id == ctx.actor.id
    open_offer = row.state == "offered" and row.tries < authorise.TRIES
    open_offer = open_offer and row.code_until is not None and row.code_until > ctx.now
    over = row.state in ("revoked", "declined") or row.until < ctx.today
    over = over or (row.state == "offered" and not open_offer)
    return AgencyRow(
        id=row.id,
        principal=principal,
        agent=row.agent_name,
        services=tuple(titles.get(each, each) for each in row.services),
        until=row.until,
        state=row.state,
        state_title=_state_title(ctx, row, open_offer=open_offer),
        code=row.code if own and open_offer and not over else None,
        code_until=row.code_until,
        since=row.created_at,
        over=over,
    )


def _state_title(ctx: Context, row: Authorisation, *, open_offer: bool) -> str:
    if row.state == "declined" or (row.state == "revoked" and row.ended_by is not None):
        return ENDED[row.state]
    if row.state == "revoked" or row.until < ctx.today:
        return ENDED["expired"]
    if row.state == "active":
        return "有效"
    return "等待代办人接受" if open_offer else "代办码已失效"
