"""Which posts somebody holds on a day: their own, and those of others whose deputy they are."""

import uuid
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Uuid, and_, cast, literal, null
from sqlmodel import Session, col, select, union_all

from onevisit.access import PostValue, Principal
from onevisit.cases.account import counts_on
from onevisit.store.identity_tables import Deputy
from onevisit.store.tables import Account, Post


def posts_of(
    session: Session, account_id: uuid.UUID, day: date | None = None
) -> tuple[PostValue, ...]:
    """The posts of an account that count on a day (None: all of its own, whatever their days), in
    one question."""
    own = select(
        Post.role, Post.department, cast(null(), Uuid).label("id"), literal("").label("name")
    ).where(Post.account_id == account_id)
    if day is None:
        rows = session.execute(own)
        return tuple(PostValue(role, department) for role, department, _, _ in rows)
    held = (
        select(Post.role, Post.department, Account.id, Account.name)
        .join(Deputy, _of_the_post())
        .join(Account, col(Account.id) == col(Post.account_id))
        .where(Deputy.deputy_id == account_id, stands_on(day), counts_on(day))
        .where(col(Account.disabled).is_(False))
    )
    both: CompoundSelect[Any] = union_all(own.where(counts_on(day)), held)
    return tuple(
        PostValue(role, department, Principal(_uuid(whose), name) if whose else None)
        for role, department, whose, name in session.execute(both)
    )


def stands_on(day: date) -> ColumnElement[bool]:
    """The condition that a deputy stands in on a day."""
    return and_(
        col(Deputy.first_day) <= day, col(Deputy.last_day) >= day, col(Deputy.ended_at).is_(None)
    )


def _of_the_post() -> ColumnElement[bool]:
    return and_(
        col(Deputy.principal_id) == col(Post.account_id),
        col(Deputy.role) == col(Post.role),
        col(Deputy.department) == col(Post.department),
    )


def _uuid(value: uuid.UUID | str) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))
