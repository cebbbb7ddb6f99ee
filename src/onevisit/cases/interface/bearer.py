"""Who comes with a key: the secret that was sent becomes the actor whom access rules speak of."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from onevisit.access import Actor, KeyValue
from onevisit.access.scopes import posts_of
from onevisit.cases.interface.keys import PREFIX, digest, state_of
from onevisit.documents.format import BEIJING
from onevisit.store.interface_tables import InterfaceKey
from onevisit.store.tables import Account

SECRET = re.compile(re.escape(PREFIX) + r"[A-Za-z0-9_-]{43}")
NOTED_EVERY = timedelta(minutes=15)
"""How exactly it is known when a key was last used; else every look would write."""
REFUSED = {
    "revoked": "这个接口密钥已被撤销，请向流程管理员另要一个",
    "over": "这个接口密钥已经到期，请向流程管理员另要一个",
    "later": "这个接口密钥还没有到开始使用的日子",
}


class NotLetIn(Exception):
    """请求头 Authorization 里没有可用的接口密钥：应当是 Bearer 加上 ovk_ 开头的密钥。"""


@dataclass(frozen=True)
class Bearer:
    """Whoever came with a key; `unnoted` when it is time to write down that it was used."""

    actor: Actor
    key_id: UUID
    unnoted: bool


def secret_in(header: str | None) -> str:
    """The secret that an Authorization header holds, not looked up yet; NotLetIn for none."""
    scheme, _, secret = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not SECRET.fullmatch(secret):
        raise NotLetIn(str(NotLetIn.__doc__))
    return secret


def bearer(session: Session, header: str | None, now: datetime) -> Bearer:
    """Whose key an Authorization header holds (RFC 6750); NotLetIn, with the reason only for who
    has the whole secret."""
    secret = secret_in(header)
    statement = (
        select(InterfaceKey, Account)
        .join(Account, col(Account.id) == col(InterfaceKey.account_id))
        .where(InterfaceKey.secret_hash == digest(secret))
    )
    found = session.exec(statement).first()
    if found is None:
        raise NotLetIn("没有这个接口密钥，请核对是否完整")
    row, account = found
    state = state_of(row, now.astimezone(BEIJING).date())
    if state != "now" or account.disabled:
        raise NotLetIn(REFUSED.get(state, REFUSED["revoked"]))
    key = KeyValue(row.id, frozenset(row.scopes))
    posts = posts_of(row.department, row.scopes)
    unnoted = row.last_used_at is None or now - row.last_used_at >= NOTED_EVERY
    return Bearer(Actor(account.id, account.name, posts, key), row.id, unnoted)


def note_use(session: Session, key_id: UUID, now: datetime) -> None:
    """Write down that a key was used."""
    statement = update(InterfaceKey).where(col(InterfaceKey.id) == key_id)
    session.connection().execute(statement.values(last_used_at=now))
