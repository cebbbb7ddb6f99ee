"""Opens accounts and proves who somebody is by password (argon2id)."""

import uuid
from collections.abc import Iterable
from datetime import date

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ColumnElement, and_
from sqlmodel import Session, col, or_, select

from onevisit.access import PostValue
from onevisit.store.tables import Account, Post

_hasher = PasswordHasher()
_NOBODY = _hasher.hash("nobody has this account")
"""Checked when the name is unknown, so that the answer takes as long as for a wrong password."""


def hash_password(password: str) -> str:
    """The argon2id hash to keep instead of the password."""
    return _hasher.hash(password)


def open_account(session: Session, account: Account, posts: Iterable[PostValue]) -> Account:
    """Stores a new account, whose `password_hash` comes from hash_password, with its posts."""
    posts = tuple(posts)
    account.staff = any(post.role != "applicant" for post in posts)
    session.add(account)
    session.flush()
    for post in posts:
        session.add(Post(account_id=account.id, role=post.role, department=post.department))
    session.flush()
    return account


def counts_on(day: date) -> ColumnElement[bool]:
    """The condition that a post counts on a day: begun, and not over."""
    first, last = col(Post.first_day), col(Post.last_day)
    return and_(or_(first.is_(None), first <= day), or_(last.is_(None), last >= day))


def authenticate(session: Session, username: str, password: str) -> uuid.UUID | None:
    """The account that this name and password open; None for any mismatch or a disabled one."""
    account = session.exec(select(Account).where(Account.username == username)).first()
    try:
        _hasher.verify(account.password_hash if account else _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return None
    return account.id if account and not account.disabled else None
