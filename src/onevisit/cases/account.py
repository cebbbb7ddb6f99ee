"""Opens accounts and proves who somebody is by password (argon2id)."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ColumnElement, and_
from sqlmodel import Session, col, or_, select

from onevisit.access import PostValue
from onevisit.store.tables import Account, Post

_hasher = PasswordHasher()
_SLOTS = BoundedSemaphore(4)
"""So many passwords are hashed at once (64 MiB each): a flood of them waits, memory does not run
out."""
_NOBODY = _hasher.hash("nobody has this account")
"""Checked when the name is unknown, so that the answer takes as long as for a wrong password."""


def hash_password(password: str) -> str:
    """The argon2id hash to keep instead of the password."""
    with _SLOTS:
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


@dataclass(frozen=True)
class Tried:
    """What a name and a password came to. `account_id`: whose name it is; `right`: they open it.
    `outdated`: the hash was made with older parameters. `first_until`: the password is a first one
    and holds until then."""

    account_id: uuid.UUID | None = None
    right: bool = False
    outdated: bool = False
    first_until: datetime | None = None


def authenticate(session: Session, username: str, password: str) -> Tried:
    """Whether this name and this password open an account. For an unknown name, a wrong password
    and a disabled account exactly one hash is made, so that all take the same time."""
    account = session.exec(select(Account).where(Account.username == username)).first()
    hashed = account.password_hash if account else _NOBODY
    holds = verify(hashed, password)
    if account is None:
        return Tried()
    right = holds and not account.disabled
    outdated = right and _hasher.check_needs_rehash(hashed)
    return Tried(account.id, right, outdated, account.temporary_until)


def verify(hashed: str, password: str) -> bool:
    """Whether this is the password behind an argon2id hash."""
    try:
        with _SLOTS:
            return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
