"""The same request twice does a thing once: its answer is kept beside what it changed.

IETF draft “The Idempotency-Key HTTP Header Field”. Only what was done is kept; a request that was
refused has changed nothing and may be sent again under the same name.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from onevisit.cases.context import Context
from onevisit.cases.deadlines.look import Transaction
from onevisit.cases.errors import CaseError
from onevisit.catalog.catalog import Catalog
from onevisit.store.files import FileStore
from onevisit.store.interface_tables import KeptAnswer

KEPT_FOR = timedelta(hours=24)


class Reused(CaseError):
    """这个 Idempotency-Key 已经用于另一个内容不同的请求，请为新的请求另起一个。"""


class InProgress(CaseError):
    """同一个 Idempotency-Key 的请求正在处理，请稍候再查结果，不要同时重复发送。"""


@dataclass(frozen=True)
class Asked:
    """A request that changes something: the name that its sender gave it, and the SHA-256 of all
    that was sent."""

    name: str
    request_hash: str


@dataclass(frozen=True)
class Answer:
    """What a request was answered; `again` when it had been done before."""

    status: int
    etag: str | None
    body: str
    again: bool = False


def kept(ctx: Context, asked: Asked) -> Answer | None:
    """What the same request was answered before; None when it is new. Nobody else with this name
    gets past here until the transaction ends. Raises Reused, InProgress."""
    key_id = _key_id(ctx)
    if not _alone(ctx.session, key_id, asked.name):
        raise InProgress(str(InProgress.__doc__))
    row = ctx.session.get(KeptAnswer, (key_id, asked.name))
    if row is None:
        return None
    if row.at <= ctx.now - KEPT_FOR:  # the sweep has not come by yet
        ctx.session.delete(row)
        ctx.session.flush()
        return None
    if row.request_hash != asked.request_hash:
        raise Reused(str(Reused.__doc__))
    return Answer(row.status, row.etag, row.body, again=True)


def keep(ctx: Context, asked: Asked, answer: Answer) -> None:
    """Keep an answer, in the transaction that it tells of."""
    ctx.session.add(
        KeptAnswer(
            key_id=_key_id(ctx),
            name=asked.name,
            request_hash=asked.request_hash,
            status=answer.status,
            etag=answer.etag,
            body=answer.body,
            at=ctx.now,
        )
    )
    ctx.session.flush()


def run_expired(transaction: Transaction, _: Catalog, __: FileStore, now: datetime) -> int:
    """Throw away the answers that were kept long enough; how many there were."""
    with transaction() as session:
        old = col(KeptAnswer.at) <= now - KEPT_FOR
        if session.exec(select(KeptAnswer.name).where(old).limit(1)).first() is None:
            return 0
        return session.connection().execute(delete(KeptAnswer).where(old)).rowcount


def _key_id(ctx: Context) -> uuid.UUID:
    assert ctx.actor.key is not None, "only systems come here, each with its key"
    return ctx.actor.key.id


def _alone(session: Session, key_id: uuid.UUID, name: str) -> bool:
    """Whether no other transaction has the same request in hand. On SQLite there is only one that
    writes; PostgreSQL keeps a lock for us until this one ends."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    place = func.hashtextextended(f"{key_id}/{name}", 0)
    return bool(
        session.connection().execute(select(func.pg_try_advisory_xact_lock(place))).scalar()
    )
