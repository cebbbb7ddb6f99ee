"""Keys of departments' systems: an administrator makes one, which is shown once, and revokes it.

A key has an account of its own, which nobody can sign in to, so that the ledger knows it from
people. Whoever is head of the department is told of every key that is made or revoked for it.
"""

import secrets
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from sqlmodel import col, select

from onevisit.access import check_can_appoint
from onevisit.access.scopes import SCOPES, unfit
from onevisit.cases.account import hash_password, open_account
from onevisit.cases.context import Context
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.outbox.telling import holders, tell
from onevisit.definition.form import FieldError
from onevisit.store.interface_tables import InterfaceKey
from onevisit.store.tables import Account

PREFIX = "ovk_"
"""How every key begins, so that scanners find one that was published by mistake."""
SHOWN = len(PREFIX) + 4
LONGEST = timedelta(days=366)
"""From the first day through the last: a year at most, then another key."""
PAGE = 50
MADE = "这个密钥刚才已经开通，内容只显示一次；没有记下的，请在列表里撤销，再另开一个"


@dataclass(frozen=True)
class Wish:
    """A key as it is asked for: whose system it is, what it may do, and on which days."""

    name: str
    department: str
    scopes: tuple[str, ...]
    first_day: date
    last_day: date


@dataclass(frozen=True)
class Shown:
    """A key as the list shows it, without its secret. `state`: now | later | over | revoked."""

    id: uuid.UUID
    name: str
    department: str
    scopes: tuple[str, ...]
    hint: str
    first_day: date
    last_day: date
    state: str
    created_by: str
    created_at: datetime
    revoked_by: str | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True)
class Page:
    """Some of the keys; `next` is where the following page begins."""

    keys: tuple[Shown, ...]
    next: uuid.UUID | None


def digest(secret: str) -> str:
    """What is kept of a key: its SHA-256 (hex). It is random, so no slow hash is needed."""
    return sha256(secret.encode()).hexdigest()


def make(
    ctx: Context, wish: Wish, departments: Collection[str], key_id: uuid.UUID
) -> tuple[InterfaceKey, str]:
    """A new key, and the secret to hand over: 256 random bits after PREFIX, told this one time.

    `departments` are the ids that there are; `key_id` was drawn with the form, so that a button
    pressed twice makes one key. Raises Forbidden, Invalid.
    """
    check_can_appoint(ctx.actor)
    errors = _errors(wish, departments, ctx.today)
    if ctx.session.get(InterfaceKey, key_id) is not None:
        errors = [FieldError("", MADE)]
    if errors:
        raise Invalid(errors)
    secret = PREFIX + secrets.token_urlsafe(32)
    account = Account(
        username=f"key.{key_id.hex}",
        name=f"{wish.name}（系统接口）",
        password_hash=hash_password(secrets.token_urlsafe(32)),
    )
    open_account(ctx.session, account, ())
    row = InterfaceKey(
        id=key_id,
        account_id=account.id,
        department=wish.department,
        name=wish.name,
        scopes=[scope for scope in SCOPES if scope in wish.scopes],
        secret_hash=digest(secret),
        hint=secret[:SHOWN],
        first_day=wish.first_day,
        last_day=wish.last_day,
        created_by=ctx.actor.id,
        created_at=ctx.now,
    )
    ctx.session.add(row)
    ctx.session.flush()
    _tell_head(ctx, row, "开通", f"可以{'、'.join(SCOPES[each] for each in row.scopes)}")
    return row, secret


def revoke(ctx: Context, key_id: uuid.UUID) -> None:
    """The key opens nothing from this moment on; what was done with it stays on the record."""
    check_can_appoint(ctx.actor)
    statement = select(InterfaceKey).where(InterfaceKey.id == key_id)
    row = ctx.session.exec(statement.with_for_update()).one_or_none()
    if row is None:
        raise NotFound("这个接口密钥")
    if row.revoked_at is None:
        row.revoked_by, row.revoked_at = ctx.actor.id, ctx.now
        ctx.session.get_one(Account, row.account_id).disabled = True
        ctx.session.flush()
        _tell_head(ctx, row, "撤销", "即刻起不能再使用")


def listed(ctx: Context, department: str = "", before: uuid.UUID | None = None) -> Page:
    """All keys, the newest first, or those of one department; PAGE at a time."""
    check_can_appoint(ctx.actor)
    statement = select(InterfaceKey).order_by(col(InterfaceKey.id).desc()).limit(PAGE + 1)
    if department:
        statement = statement.where(InterfaceKey.department == department)
    if before is not None:
        statement = statement.where(col(InterfaceKey.id) < before)
    rows = ctx.session.exec(statement).all()
    following = rows[PAGE - 1].id if len(rows) > PAGE else None
    return Page(_shown(ctx, rows[:PAGE]), following)


def one(ctx: Context, key_id: uuid.UUID) -> Shown:
    """One key without its secret; NotFound."""
    check_can_appoint(ctx.actor)
    row = ctx.session.get(InterfaceKey, key_id)
    if row is None:
        raise NotFound("这个接口密钥")
    return _shown(ctx, [row])[0]


def state_of(row: InterfaceKey, today: date) -> str:
    """revoked, later, over, or now."""
    if row.revoked_at is not None:
        return "revoked"
    return "later" if today < row.first_day else "over" if today > row.last_day else "now"


def _shown(ctx: Context, rows: Sequence[InterfaceKey]) -> tuple[Shown, ...]:
    ids = {each for row in rows for each in (row.created_by, row.revoked_by) if each}
    people = select(Account.id, Account.name).where(col(Account.id).in_(ids))
    names = dict(ctx.session.exec(people).all())
    return tuple(
        Shown(
            row.id, row.name, row.department, tuple(row.scopes), row.hint, row.first_day,
            row.last_day, state_of(row, ctx.today), names[row.created_by], row.created_at,
            names[row.revoked_by] if row.revoked_by else None, row.revoked_at, row.last_used_at,
        )
        for row in rows
    )  # fmt: skip


def _errors(wish: Wish, departments: Collection[str], today: date) -> list[FieldError]:
    errors = []
    if not 2 <= len(wish.name) <= 50:
        errors.append(FieldError("name", "请写明是哪个系统，2 到 50 个字，例如“市场监管审批系统”"))
    if wish.department not in departments:
        errors.append(FieldError("department", "请选择这个系统属于哪个部门"))
    wrong = unfit(wish.scopes)
    if wrong:
        errors.append(FieldError("scopes", wrong))
    if wish.last_day < max(wish.first_day, today):
        errors.append(FieldError("last_day", "最后一天不能早于第一天，也不能早于今天"))
    elif wish.last_day - wish.first_day >= LONGEST:
        errors.append(FieldError("last_day", "密钥最长使用一年，到期前请另开一个换上"))
    return errors


def _tell_head(ctx: Context, row: InterfaceKey, did: str, more: str) -> None:
    """So that nobody makes a key for a department without its knowledge."""
    tell(
        ctx,
        f"interface-key/{row.id}/{did}",
        holders(ctx, "head", row.department),
        f"本部门的系统接口密钥已{did}：{row.name}",
        f"{ctx.actor.name}已{did}密钥“{row.name}”（{row.hint}…），{more}。"
        f"有效期{row.first_day}至{row.last_day}。不是本部门要求的，请立即联系流程管理员撤销。",
    )
