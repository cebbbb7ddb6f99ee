"""Who has an item in hand (领取、放回): it tells colleagues, and keeps nobody from acting.

A claim moves no state and proves nothing, so it is no act on the case and not in the ledger.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from onevisit.access import check_can_see_approval
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.outbox.telling import tell
from onevisit.definition.form import FieldError
from onevisit.store.office_tables import Claim
from onevisit.store.tables import Account, Approval


@dataclass(frozen=True)
class Held:
    """Who has an item in hand since when; `mine` when it is the one who asks."""

    name: str
    since: datetime
    mine: bool


def claim(ctx: Context, approval_id: uuid.UUID) -> None:
    """Take an open item in hand, also out of a colleague's, who is told.

    Raises NotFound, Forbidden for another department, Invalid for what is decided already.
    """
    row = _opened(ctx, approval_id)
    if row.decided_at is not None:
        raise Invalid([FieldError("", "这个事项已经办结，不需要领取")])
    present = ctx.session.get(Claim, approval_id)
    if present is None:
        ctx.session.add(
            Claim(
                approval_id=row.id,
                department=row.department,
                account_id=ctx.actor.id,
                claimed_at=ctx.now,
            )
        )
    elif present.account_id != ctx.actor.id:
        _tell(ctx, load(ctx, row.case_id), row, present, "接手")
        present.account_id, present.claimed_at = ctx.actor.id, ctx.now
        present.department = row.department
    ctx.session.flush()


def put_back(ctx: Context, approval_id: uuid.UUID) -> None:
    """Give back what one has in hand; nothing happens when it is not in one's own hand."""
    _opened(ctx, approval_id)
    present = ctx.session.get(Claim, approval_id)
    if present is not None and present.account_id == ctx.actor.id:
        ctx.session.delete(present)
        ctx.session.flush()


def let_go(ctx: Context, dossier: Dossier, region: str) -> str | None:
    """After a signature nobody has the item in hand any more; the name of the colleague who had,
    and who is told."""
    row = dossier.approvals[region]
    present = ctx.session.get(Claim, row.id)
    if present is None:
        return None
    ctx.session.delete(present)
    ctx.session.flush()
    if present.account_id == ctx.actor.id or present.department != row.department:
        return None
    _tell(ctx, dossier, row, present, "办理")
    return ctx.session.get_one(Account, present.account_id).name


def held(ctx: Context, rows: Sequence[Approval]) -> dict[uuid.UUID, Held]:
    """Who has which of these approvals in hand."""
    if not rows:
        return {}
    statement = (
        select(Claim, Account.name)
        .join(Account, col(Account.id) == col(Claim.account_id))
        .where(col(Claim.approval_id).in_([row.id for row in rows]))
    )
    departments = {row.id: row.department for row in rows if row.decided_at is None}
    return {
        each.approval_id: Held(name, each.claimed_at, each.account_id == ctx.actor.id)
        for each, name in ctx.session.exec(statement)
        if departments.get(each.approval_id) == each.department
    }


def _opened(ctx: Context, approval_id: uuid.UUID) -> Approval:
    """The locked approval, for an officer of its department once the case is accepted."""
    statement = select(Approval).where(Approval.id == approval_id)
    row = ctx.session.exec(statement.with_for_update(key_share=True)).one_or_none()
    if row is None:
        raise NotFound("这个事项")
    check_can_see_approval(ctx.actor, row.department)
    return row


def _tell(ctx: Context, dossier: Dossier, row: Approval, before: Claim, did: str) -> None:
    item = dossier.definition.workflow.item(row.item_id).title
    tell(
        ctx,
        f"claim/{row.id}/{before.claimed_at.isoformat()}",
        [before.account_id],
        f"您领取的事项已由同事{did}：{dossier.case.number}",
        f"{dossier.definition.workflow.title}“{item}”，{ctx.actor.name}已{did}，不用您再办。",
        link=f"/office/{row.id}",
        case_id=dossier.case.id,
    )
