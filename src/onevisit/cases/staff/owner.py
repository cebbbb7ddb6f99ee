"""Whoever owns an account is told of what was changed at its door, by themselves or by somebody in
their name (OWASP ASVS 5.0, 6.3.7): so that a change by a thief does not stay unseen."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from onevisit.cases.outbox.telling import Telling, tell_at
from onevisit.cases.privacy.shown import POSTS
from onevisit.documents.format import BEIJING, cn_date, cn_datetime
from onevisit.store.admin_tables import AccountChange
from onevisit.store.identity_tables import Deputy, Identity
from onevisit.store.tables import Account

TITLES = {
    "details": "您账号的联系方式已修改",
    "posts": "您的岗位已调整",
    "disable": "您的账号已停用",
    "enable": "您的账号已恢复使用",
    "reset": "您的密码已重置",
    "password": "您的密码已修改",
    "bind": "您的账号已绑定统一身份认证",
    "unbind": "您的账号已解除统一身份认证",
    "deputy": "您的岗位已安排代理",
    "no_deputy": "您的岗位的代理已结束",
    "factor": "动态码已绑定",
    "no_factor": "动态码已解除",
    "end": "您的全部登录已结束",
}
"""By the act of a change; `open` is not told, as its owner stands there and gets the password."""
UNLESS = "不是您本人要求的，请马上修改密码，并联系流程管理员或者政务服务中心。"
WHERE = "/me/sessions"


def tell(session: Session, change: AccountChange, by: str | None) -> None:
    """Tell the owner of the account of one change; `by` is the name of who made it for them. Where
    an address has changed, it is the former one that is written to."""
    title = TITLES.get(change.act)
    if title is None:
        return
    before, after = change.before or {}, change.after or {}
    more, former = _more(change.act, before, after), _former(change.act, before)
    key = f"account-change/{change.id}"
    _send(session, key, change.account_id, change.at, title, by=by, more=more, former=former)


def tell_bound(session: Session, row: Identity) -> None:
    """Tell somebody that from now on the unified sign-in opens the account that they had before."""
    _send(session, f"identity/{row.id}", row.account_id, row.bound_at, TITLES["bind"])


def tell_codes(session: Session, account_id: uuid.UUID, now: datetime) -> None:
    """Tell somebody that they have other recovery codes from now on."""
    key = f"recovery-codes/{account_id}/{now.isoformat()}"
    _send(session, key, account_id, now, "恢复码已重新生成")


def tell_deputy(session: Session, row: Deputy, act: str, by: str, now: datetime) -> None:
    """Tell a deputy of the post that they hold for another, or hold no longer (`no_deputy`)."""
    title = "您将代理一个岗位" if act == "deputy" else "您的代理已结束"
    whose = session.get_one(Account, row.principal_id).name
    more = f"{whose}的岗位：{_role(row.role)}，{cn_date(row.first_day)}至{cn_date(row.last_day)}"
    _send(session, f"{act}/{row.id}", row.deputy_id, now, title, by=by, more=more)


def _send(
    session: Session,
    key: str,
    account_id: uuid.UUID,
    now: datetime,
    title: str,
    *,
    by: str | None = None,
    more: str = "",
    former: Mapping[str, str] | None = None,
) -> None:
    """The message names who and what; what leaves the house only says that it happened."""
    who = f"由{by}办理" if by else "由您的账号本人操作"
    at = cn_datetime(now.astimezone(BEIJING))
    body = f"{title}。{at}，{who}。{f'{more}。' if more else ''}{UNLESS}"
    telling = Telling(key, title, body, link=WHERE, outside=f"{title}。{UNLESS}")
    tell_at(session, now, telling, [account_id], instead=former)


def _former(act: str, before: Mapping[str, Any]) -> dict[str, str]:
    """The addresses that were written to before, where they may have changed."""
    if act != "details":
        return {}
    known = (("email", before.get("email")), ("sms", before.get("phone")))
    return {channel: str(address) for channel, address in known if address}


def _more(act: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What was changed, as far as the title does not say it."""
    if act == "posts":
        old, new = _held(before.get("posts", ())), _held(after.get("posts", ()))
        return "；".join(
            f"{what}：{'、'.join(_role(role) for role, _ in sorted(found))}"
            for what, found in (("新增", new - old), ("取消", old - new))
            if found
        )
    if act == "details":
        named = {"name": "姓名", "phone": "电话", "email": "电子邮箱"}
        changed = (name for key, name in named.items() if before.get(key) != after.get(key))
        return f"修改了{'、'.join(changed)}"
    if act in {"deputy", "no_deputy"}:
        said = after or before
        return f"代理人{said['deputy']}，岗位{_role(said['role'])}"
    return ""


def _held(posts: Iterable[Mapping[str, Any]]) -> set[tuple[str, str]]:
    """Posts by role and department, whatever their days."""
    return {(str(each["role"]), str(each.get("department") or "")) for each in posts}


def _role(role: str) -> str:
    return POSTS.get(role, role)
