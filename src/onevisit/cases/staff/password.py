"""Passwords that an administrator hands out open nothing but the page where another one is chosen:
nobody else ever knows a password that lasts."""

import secrets
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, select

from onevisit.cases.account import hash_password
from onevisit.cases.context import Context
from onevisit.cases.errors import Invalid, NotPossible
from onevisit.cases.staff.changes import write_down
from onevisit.definition.form import FieldError
from onevisit.store.tables import Account

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are taken for one another on paper: i l o 0 1."""
GROUPS, GROUP = 4, 4
FIRST_DAYS = 7
"""Days in which a first password has to be used; then the administrator hands out another."""
LEAST, MOST = 10, 128
_hasher = PasswordHasher()


def first_password(account: Account, now: datetime) -> str:
    """A fresh first password for an account (79 bits), which holds for FIRST_DAYS days; the text
    to give to the person. Only its argon2id hash is kept."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
    password = "-".join(groups)
    account.password_hash = hash_password(password)
    account.temporary_until = now + timedelta(days=FIRST_DAYS)
    return password


def choose(ctx: Context, present: str | None, password: str, again: str) -> None:
    """The person's own password, typed twice; `present` is the one that held, None when it was a
    first one and has just opened the page. Raises Invalid; NotPossible when none is to be chosen.
    """
    account = _locked(ctx.session, ctx)
    if present is None and account.temporary_until is None:
        raise NotPossible("设定密码", "已经设定过密码", None)
    errors = [] if present is None else _wrong_present(account, present)
    errors += unfit(account, password, again)
    if errors:
        raise Invalid(errors)
    account.password_hash = hash_password(password)
    account.temporary_until = None
    write_down(ctx, account, "password")


def unfit(account: Account, password: str, again: str) -> list[FieldError]:
    """Why this cannot be somebody's password: too short, too simple, or the one it replaces."""
    if not LEAST <= len(password) <= MOST:
        return [FieldError("password", f"密码要有 {LEAST} 到 {MOST} 个字符")]
    plain = password.casefold()
    if len(set(plain)) < LEAST // 2:
        return [FieldError("password", "密码里重复的字符太多，请换一个")]
    if account.username.casefold() in plain or (account.phone and account.phone in plain):
        return [FieldError("password", "密码里不要有用户名或者电话号码")]
    if matches(account, password):
        return [FieldError("password", "不能与原来的密码相同，请换一个")]
    if password != again:
        return [FieldError("again", "两次输入的密码不一样")]
    return []


def matches(account: Account, password: str) -> bool:
    """Whether this is the account's password."""
    try:
        return _hasher.verify(account.password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _wrong_present(account: Account, present: str) -> list[FieldError]:
    return [] if matches(account, present) else [FieldError("present", "现在的密码不正确")]


def _locked(session: Session, ctx: Context) -> Account:
    statement = select(Account).where(Account.id == ctx.actor.id).with_for_update()
    return session.exec(statement).one()
