"""Every change of an account is written down: who, what, when, before and after, no secrets."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from onevisit.cases.context import Context
from onevisit.cases.errors import Happened, Stale
from onevisit.cases.staff import owner
from onevisit.store.admin_tables import AccountChange
from onevisit.store.tables import Account, Post

ACTS = {
    "open": "开立账号",
    "details": "修改姓名或者联系方式",
    "posts": "调整岗位",
    "disable": "停用账号",
    "enable": "恢复账号",
    "reset": "重发首次密码",
    "password": "本人设定密码",
    "bind": "绑定统一身份认证",
    "unbind": "解除统一身份认证",
    "deputy": "安排代理",
    "no_deputy": "提前结束代理",
    "factor": "本人绑定动态码",
    "no_factor": "解除动态码",
    "end": "结束全部登录",
}
PAGE = 50


@dataclass(frozen=True)
class Told:
    """One change as a page shows it; `who` is None for the command line."""

    id: uuid.UUID
    at: datetime
    account_id: uuid.UUID
    account: str
    username: str
    who: str | None
    act: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def title(self) -> str:
        """What was done, in words."""
        return ACTS[self.act]


def posts_as_data(posts: Iterable[Post]) -> list[dict[str, str | None]]:
    """Posts as they are written down, in an order that does not depend on chance."""
    found = [
        {
            "role": post.role,
            "department": post.department,
            "first_day": post.first_day.isoformat() if post.first_day else None,
            "last_day": post.last_day.isoformat() if post.last_day else None,
        }
        for post in posts
    ]
    return sorted(found, key=lambda each: (each["role"] or "", each["department"] or ""))


def write_down(
    ctx: Context,
    account: Account,
    act: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """One row for what the actor has just done to an account, of which its owner is told; the
    account's revision moves on."""
    account.revision += 1
    change = AccountChange(
        account_id=account.id,
        actor_id=ctx.actor.id,
        act=act,
        at=ctx.now,
        before=dict(before) if before is not None else None,
        after=dict(after) if after is not None else None,
    )
    ctx.session.add_all((account, change))
    ctx.session.flush()
    by = None if ctx.actor.id == account.id else ctx.actor.name
    owner.tell(ctx.session, change, by)


def check_revision(ctx: Context, account: Account, revision: int) -> None:
    """Stale, with what was done meanwhile, when the page was drawn from another revision."""
    if account.revision == revision:
        return
    newest = listed(ctx.session, account.id, limit=1)
    if not newest:
        raise Stale(None)
    last = newest[0]
    mine = last.who is not None and last.who == ctx.actor.name
    raise Stale(Happened(last.who, last.at, last.title, mine=mine))


def listed(
    session: Session,
    account_id: uuid.UUID | None = None,
    before: uuid.UUID | None = None,
    limit: int = PAGE,
) -> list[Told]:
    """The changes of one account or of all, the newest first; `before` is where to go on."""
    statement = select(AccountChange).order_by(col(AccountChange.id).desc()).limit(limit)
    if account_id is not None:
        statement = statement.where(AccountChange.account_id == account_id)
    if before is not None:
        statement = statement.where(col(AccountChange.id) < before)
    rows = session.exec(statement).all()
    ids = {each.account_id for each in rows} | {each.actor_id for each in rows if each.actor_id}
    people = {
        each.id: each for each in session.exec(select(Account).where(col(Account.id).in_(ids)))
    }
    return [
        Told(
            row.id,
            row.at,
            row.account_id,
            people[row.account_id].name,
            people[row.account_id].username,
            people[row.actor_id].name if row.actor_id else None,
            row.act,
            row.before or {},
            row.after or {},
        )
        for row in rows
    ]
