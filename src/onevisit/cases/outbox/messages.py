"""The inbox: what somebody was told, what of it is unread, and opening it, which reads it."""

import uuid

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from onevisit.cases.context import Context
from onevisit.cases.errors import NotFound
from onevisit.store.work_tables import Message


def unread(session: Session, account_id: uuid.UUID) -> int:
    """How many messages this person has not opened."""
    statement = select(func.count()).where(
        col(Message.account_id) == account_id, col(Message.read_at).is_(None)
    )
    return session.exec(statement).one()


def open_message(ctx: Context, message_id: uuid.UUID) -> Message:
    """A message of one's own, read from now on; NotFound, also for somebody else's."""
    message = ctx.session.get(Message, message_id)
    if message is None or message.account_id != ctx.actor.id:
        raise NotFound("这条消息")
    if message.read_at is None:
        message.read_at = ctx.now
    return message


def read_all(ctx: Context) -> int:
    """Mark everything that was told up to now as read; how many were not."""
    statement = (
        update(Message)
        .where(col(Message.account_id) == ctx.actor.id, col(Message.read_at).is_(None))
        .values(read_at=ctx.now)
    )
    return ctx.session.connection().execute(statement).rowcount
