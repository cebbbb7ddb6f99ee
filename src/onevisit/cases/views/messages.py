"""The list of an inbox, newest first."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from onevisit.cases.context import Context
from onevisit.cases.views.parts import Page
from onevisit.store.work_tables import Message

PAGE = 30


@dataclass(frozen=True)
class MessageRow:
    """One message as its owner reads it."""

    id: uuid.UUID
    title: str
    body: str
    at: datetime
    read: bool
    opens: bool


def inbox(ctx: Context, after: str | None = None, *, new: bool = False) -> Page[MessageRow]:
    """The messages of whoever asks, newest first, or only those not read yet (`new`); ValueError
    for an `after` we never gave."""
    statement = select(Message).where(Message.account_id == ctx.actor.id)
    if new:
        statement = statement.where(col(Message.read_at).is_(None))
    if after:
        statement = statement.where(col(Message.id) < uuid.UUID(after))
    statement = statement.order_by(col(Message.id).desc()).limit(PAGE + 1)
    found = ctx.session.exec(statement).all()
    rows = tuple(
        MessageRow(
            each.id,
            each.title,
            each.body,
            each.created_at,
            each.read_at is not None,
            each.link is not None,
        )
        for each in found[:PAGE]
    )
    return Page(rows, str(found[PAGE - 1].id) if len(found) > PAGE else None)
