"""Binds accounts to the city's unified sign-in: citizens by proof, staff by an administrator.

Nobody becomes staff by signing in: a subject that no administrator has bound gets an account of an
applicant, or the one that is theirs already.
"""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from onevisit.access import Forbidden, PostValue
from onevisit.cases.account import hash_password, open_account
from onevisit.cases.context import Context
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.staff import owner
from onevisit.cases.staff.appoint import opened
from onevisit.cases.staff.changes import write_down
from onevisit.cases.walk_in_person import USERNAME as AT_THE_COUNTER
from onevisit.definition.faults import FORMATS
from onevisit.definition.form import FieldError
from onevisit.store.identity_tables import Identity, IdentityOffer
from onevisit.store.kept import sought
from onevisit.store.read_tables import Closing
from onevisit.store.tables import Account, Post

OFFERED = timedelta(minutes=15)
UNIFIED = "unified-"
"""How the user names of accounts begin that only the issuer opens."""
NAMELESS = "统一认证用户"
CLOSED = "这个账号已经停用，不能登录；有疑问请联系政务服务中心"


@dataclass(frozen=True)
class Proven:
    """Who an issuer says somebody is, as far as accounts are concerned. `id_number` is one that
    the issuer has verified."""

    issuer: str
    subject: str
    name: str
    id_number: str | None
    acr: str | None
    amr: Sequence[str]


def arrive(session: Session, who: Proven, now: datetime) -> Account | str:
    """The account of somebody who has just proven who they are at the issuer: the one bound to
    them, one without a password that carries their number, or a new one. A text is the key of an
    offer: an account with their number exists and has a password, which they must prove too.

    Raises Forbidden for an account that is closed.
    """
    try:
        with session.begin_nested():
            return _arrived(session, who, now)
    except IntegrityError:  # the same person in another tab was faster by a moment
        return _arrived(session, who, now)


def _arrived(session: Session, who: Proven, now: datetime) -> Account | str:
    bound = _bound(session, who.issuer, who.subject)
    if bound is not None:
        account = session.get_one(Account, bound.account_id)
        _check_open(account)
        bound.acr, bound.amr, bound.used_at = who.acr, list(who.amr), now
        session.add(bound)
        return account
    number = who.id_number if who.id_number and FORMATS.conforms(who.id_number, "cn-id") else None
    found = _owner(session, number) if number else None
    if found is not None:
        _check_open(found)
        if not found.username.startswith(AT_THE_COUNTER):
            return _offer(session, found, who, now)
    account = found or _new_account(session, who, number)
    row = _bind(session, account, who, account.id, now)
    if found is not None:
        owner.tell_bound(session, row)
    return account


def offered(session: Session, key: str, now: datetime) -> Account | None:
    """Whose password would take up the offer that a browser holds the key of; None when it is over,
    or the account was closed meanwhile."""
    row = session.get(IdentityOffer, _hashed(key))
    if row is None or row.expires_at <= now:
        return None
    account = session.get_one(Account, row.account_id)
    return None if account.disabled else account


def take_up(session: Session, key: str, account_id: uuid.UUID, now: datetime) -> None:
    """Bind the account, whose owner has just proven it, to the subject of the offer; once.

    Raises NotFound when the offer is over or is of another account.
    """
    row = session.get(IdentityOffer, _hashed(key), with_for_update=True)
    if row is None or row.expires_at <= now or row.account_id != account_id:
        raise NotFound("这次绑定")
    if _bound(session, row.issuer, row.subject) is None:
        who = Proven(row.issuer, row.subject, "", None, row.acr, row.amr or ())
        account = session.get_one(Account, account_id)
        owner.tell_bound(session, _bind(session, account, who, account.id, now))
    session.delete(row)
    session.flush()


def bind(ctx: Context, account_id: uuid.UUID, issuer: str, subject: str, revision: int) -> None:
    """An administrator says whose subject it is: somebody who works here. Raises Invalid."""
    account = opened(ctx, account_id, revision)
    if not 0 < len(subject) <= 255:
        raise Invalid(
            [FieldError("subject", "请填写统一身份认证里的用户标识（sub），不超过 255 个字符")]
        )
    taken = _bound(ctx.session, issuer, subject)
    if taken is not None:
        holder = ctx.session.get_one(Account, taken.account_id)
        whose = f"工作人员“{holder.name}”" if holder.staff else "一位申请人的账号"
        raise Invalid([FieldError("subject", f"这个用户标识已经绑定{whose}，请先核对")])
    _bind(ctx.session, account, Proven(issuer, subject, "", None, None, ()), ctx.actor.id, ctx.now)
    write_down(ctx, account, "bind", None, {"issuer": issuer, "subject": subject})


def unbind(ctx: Context, account_id: uuid.UUID, identity_id: uuid.UUID, revision: int) -> None:
    """An administrator ends it; the row stays. NotFound when it is not this account's."""
    account = opened(ctx, account_id, revision)
    row = ctx.session.get(Identity, identity_id, with_for_update=True)
    if row is None or row.account_id != account.id or row.ended_at is not None:
        raise NotFound("这个绑定")
    row.ended_at, row.ended_by = ctx.now, ctx.actor.id
    ctx.session.add(row)
    write_down(ctx, account, "unbind", {"issuer": row.issuer, "subject": row.subject})


def has_password(account: Account) -> bool:
    """Whether the owner of the account may know a password of it: nobody knows the one of an
    account that the unified sign-in or the counter opened."""
    return account.staff or not account.username.startswith((UNIFIED, AT_THE_COUNTER))


def forget(session: Session, account_id: uuid.UUID, now: datetime, *, erased: bool) -> None:
    """The account is closed: its subjects open it no more, and nothing of them is left where
    nothing of the person is to be."""
    offers = delete(IdentityOffer).where(col(IdentityOffer.account_id) == account_id)
    session.connection().execute(offers)
    mine = col(Identity.account_id) == account_id
    if erased:
        session.connection().execute(delete(Identity).where(mine))
        return
    ended = update(Identity).where(mine, col(Identity.ended_at).is_(None))
    session.connection().execute(ended.values(ended_at=now, ended_by=account_id))


def of_account(session: Session, account_id: uuid.UUID) -> list[Identity]:
    """What an account is bound to now."""
    statement = select(Identity).where(
        Identity.account_id == account_id, col(Identity.ended_at).is_(None)
    )
    return list(session.exec(statement.order_by(col(Identity.id))))


def offers_are_over(session: Session, now: datetime) -> bool:
    """Whether there are offers to take away; the table only holds those of a quarter of an hour."""
    over = select(IdentityOffer.key).where(col(IdentityOffer.expires_at) <= now)
    return session.exec(over.limit(1)).first() is not None


def clear_offers(session: Session, now: datetime) -> int:
    """Takes away offers that are over."""
    over = delete(IdentityOffer).where(col(IdentityOffer.expires_at) <= now)
    return session.connection().execute(over).rowcount


def _owner(session: Session, number: str) -> Account | None:
    """The applicant's account that carries this number; also one that was disabled, but none that
    its owner has closed: they may begin anew."""
    statement = (
        select(Account)
        .join(Post, col(Post.account_id) == col(Account.id))
        .where(Account.id_number_hash == sought(number), Post.role == "applicant")
        .where(col(Account.id).not_in(select(Closing.account_id)))
        .order_by(col(Account.id))
    )
    return session.exec(statement).first()


def _bound(session: Session, issuer: str, subject: str) -> Identity | None:
    statement = select(Identity).where(
        Identity.issuer == issuer, Identity.subject == subject, col(Identity.ended_at).is_(None)
    )
    return session.exec(statement.with_for_update()).one_or_none()


def _bind(
    session: Session, account: Account, who: Proven, by: uuid.UUID, now: datetime
) -> Identity:
    used = now if by == account.id else None
    row = Identity(
        account_id=account.id, issuer=who.issuer, subject=who.subject, bound_at=now,
        bound_by=by, acr=who.acr, amr=list(who.amr) or None, used_at=used,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _offer(session: Session, account: Account, who: Proven, now: datetime) -> str:
    clear_offers(session, now)
    key = secrets.token_urlsafe(32)
    session.add(
        IdentityOffer(
            key=_hashed(key), account_id=account.id, issuer=who.issuer, subject=who.subject,
            acr=who.acr, amr=list(who.amr) or None, expires_at=now + OFFERED,
        )
    )  # fmt: skip
    session.flush()
    return key


def _new_account(session: Session, who: Proven, number: str | None) -> Account:
    """An applicant's account that only the issuer opens; its user name follows from the subject, so
    that two tabs at once open one."""
    mark = hashlib.sha256(f"{who.issuer}\n{who.subject}".encode()).hexdigest()[:32]
    account = Account(
        username=UNIFIED + mark,
        name=who.name or NAMELESS,
        password_hash=hash_password(secrets.token_urlsafe(32)),
        id_number=number,
    )
    return open_account(session, account, [PostValue("applicant")])


def _check_open(account: Account) -> None:
    if account.disabled:
        raise Forbidden(CLOSED)


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
