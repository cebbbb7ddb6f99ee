"""Passwords that an administrator hands out open nothing but the page where another one is chosen:
nobody else ever knows a password that lasts."""

import secrets
from datetime import datetime, timedelta

from sqlmodel import Session, select
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from onevisit.cases.account import hash_password, verify
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
LEAST, MOST = 8, 128
GUESSED = 2
"""The least score (0 to 4) of zxcvbn: fewer than a hundred million guesses are too few."""
OURS = ("onevisit", "yiciban", "yijianshi", "zuiduopaoyici", "zhengwu", "fuwuzhongxin", "shouli",
        "chengban", "shenhe", "jueding", "chujian", "ducha", "yibanshi", "zongchuang")  # fmt: skip
"""Words of this house that somebody would try first (OWASP ASVS 5.0, 6.1.2 and 6.2.11): product,
place and posts."""
COMMONEST = frozenset(FREQUENCY_LISTS["passwords"])
"""30,000 passwords from leaks, in small letters."""


def first_password(account: Account, now: datetime) -> str:
    """A fresh first password for an account (79 bits), which holds for FIRST_DAYS days; the text
    to give to the person. Only its argon2id hash is kept."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
    password = "-".join(groups)
    account.password_hash = hash_password(password)
    account.temporary_until = now + timedelta(days=FIRST_DAYS)
    return password


def choose(ctx: Context, password: str, again: str, *, first: bool) -> None:
    """The person's own password, typed twice; whoever calls this has just proven the one that
    held, or (`first`) a first one. Raises Invalid; NotPossible when none is to be chosen."""
    account = _locked(ctx.session, ctx)
    if first and account.temporary_until is None:
        raise NotPossible("设定密码", "已经设定过密码", None)
    errors = unfit(account, password, again)
    if errors:
        raise Invalid(errors)
    account.password_hash = hash_password(password)
    account.temporary_until = None
    write_down(ctx, account, "password")


def unfit(account: Account, password: str, again: str) -> list[FieldError]:
    """Why this cannot be somebody's password: too short, too easily guessed, or the one that it
    replaces. Any characters will do (OWASP ASVS 5.0, 6.2)."""
    guessed = _guessed(account, password)
    if guessed:
        return [FieldError("password", guessed)]
    if matches(account, password):
        return [FieldError("password", "不能与原来的密码相同，请换一个")]
    if password != again:
        return [FieldError("again", "两次输入的密码不一样")]
    return []


def _guessed(account: Account, password: str) -> str:
    """Why somebody else would soon find this password, in a sentence; "" when nobody would."""
    if not LEAST <= len(password) <= MOST:
        return f"密码要有 {LEAST} 到 {MOST} 个字符"
    plain = password.casefold()
    known = [each.casefold() for each in (account.username, account.name, account.phone) if each]
    if any(each in plain for each in known):
        return "密码里不要有姓名、用户名或者电话号码"
    if plain in COMMONEST:
        return "这是最常见的密码之一，很多人会先试它，请换一个"
    if int(zxcvbn(password[:72], [*known, *OURS])["score"]) < GUESSED:
        return "这个密码太容易猜到：请写得长一些，例如一句只有自己知道的话，不要用重复、连续的字符"
    return ""


def matches(account: Account, password: str) -> bool:
    """Whether this is the account's password."""
    return verify(account.password_hash, password)


def _locked(session: Session, ctx: Context) -> Account:
    statement = select(Account).where(Account.id == ctx.actor.id).with_for_update()
    return session.exec(statement).one()
