"""Deputies (代理): from day to day somebody holds another's post in a department, on the record.

Whoever signs is named with whom they stand in for; it ends by itself with its last day, or with the
principal's post. What the posts may not be together they may not be for a week either.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import aliased
from sqlmodel import col, select

from onevisit.access import OFFICE_ROLES, Forbidden, PostValue, can_deputise, check_can_deputise
from onevisit.access.duties import conflicts, refused
from onevisit.cases.account import counts_on
from onevisit.cases.context import Context
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.staff import owner
from onevisit.cases.staff.changes import write_down
from onevisit.cases.staff.posts import posts_of
from onevisit.definition.form import FieldError
from onevisit.store.identity_tables import Deputy
from onevisit.store.tables import Account, Post

AT_MOST = 366
"""Days; whoever is away for longer gives the post up."""
LONGEST_REASON = 200
SHOWN = 100
KEPT = timedelta(days=90)
"""For how long a deputyship that is over stays on the page."""


@dataclass(frozen=True)
class Wish:
    """A deputyship as it is asked for; days None: something that is no day was typed."""

    post: tuple[uuid.UUID, str] | None
    department: str
    deputy_id: uuid.UUID | None
    first_day: date | None
    last_day: date | None
    reason: str


@dataclass(frozen=True)
class Told:
    """One deputyship as the page shows it; `when` is now, later, over or ended."""

    id: uuid.UUID
    principal: str
    deputy: str
    role: str
    department: str
    first_day: date
    last_day: date
    reason: str
    made_by: str
    when: str


@dataclass(frozen=True)
class Choice:
    """Whom one may choose in a department: posts of people, and people."""

    posts: Sequence[tuple[uuid.UUID, str, str]]
    people: Sequence[tuple[uuid.UUID, str]]


def departments_of(ctx: Context, known: Collection[str]) -> list[str]:
    """The departments whose deputies the actor may arrange. Forbidden when there are none."""
    found = [each for each in known if can_deputise(ctx.actor, each)]
    if not found:
        raise Forbidden("只有流程管理员和本部门负责人可以安排代理")
    return found


def choices(ctx: Context, department: str) -> Choice:
    """Everybody who holds a post of the department today, by name."""
    check_can_deputise(ctx.actor, department)
    statement = (
        select(Account.id, Account.name, Post.role)
        .join(Post, col(Post.account_id) == col(Account.id))
        .where(Post.department == department, col(Post.role).in_(OFFICE_ROLES))
        .where(counts_on(ctx.today), col(Account.disabled).is_(False))
        .order_by(col(Account.name), col(Account.id), col(Post.role))
    )
    rows = ctx.session.exec(statement).all()
    people = dict.fromkeys((key, name) for key, name, _ in rows)
    return Choice([(key, role, name) for key, name, role in rows], list(people))


def appoint(ctx: Context, wish: Wish, *, aware: bool) -> Deputy:
    """Somebody stands in for another. `aware`: what speaks against it was read.

    Raises Forbidden, Invalid.
    """
    principal_id, role = wish.post or (None, "")
    check_can_deputise(ctx.actor, wish.department, wish.deputy_id, principal_id)
    chosen = choices(ctx, wish.department)
    errors = _unfit(ctx, wish, chosen)
    if errors or not (principal_id and wish.deputy_id and wish.first_day and wish.last_day):
        raise Invalid(errors)
    against = _against(ctx, wish, role, aware=aware)
    principal = ctx.session.get_one(Account, principal_id, with_for_update=True)
    if _standing(ctx, principal_id, role, wish):
        text = "这个岗位在这些天里已经有人代理，请先提前结束，或者另选日期"
        raise Invalid([FieldError("first_day", text)])
    row = Deputy(
        principal_id=principal_id, deputy_id=wish.deputy_id, role=role,
        department=wish.department, first_day=wish.first_day, last_day=wish.last_day,
        reason=wish.reason.strip(), made_by=ctx.actor.id, made_at=ctx.now,
    )  # fmt: skip
    ctx.session.add(row)
    ctx.session.flush()
    said = _said(ctx, row) | ({"aware": against} if against else {})
    write_down(ctx, principal, "deputy", None, said)
    _tell(ctx, row, "deputy")
    return row


def end(ctx: Context, deputy_row_id: uuid.UUID) -> None:
    """It is over from now on; what was signed stays signed. Again: nothing happens."""
    row = ctx.session.get(Deputy, deputy_row_id, with_for_update=True)
    if row is None:
        raise NotFound("这项代理")
    check_can_deputise(ctx.actor, row.department)
    if row.ended_at is not None or row.last_day < ctx.today:
        return
    row.ended_at, row.ended_by = ctx.now, ctx.actor.id
    ctx.session.add(row)
    principal = ctx.session.get_one(Account, row.principal_id, with_for_update=True)
    write_down(ctx, principal, "no_deputy", _said(ctx, row))
    _tell(ctx, row, "no_deputy")


def listed(ctx: Context, departments: Collection[str]) -> list[Told]:
    """The deputyships of these departments that count, are to come or were over lately."""
    principal, deputy, maker = aliased(Account), aliased(Account), aliased(Account)
    statement = (
        select(Deputy, principal.name, deputy.name, maker.name)
        .join(principal, principal.id == Deputy.principal_id)  # type: ignore[arg-type]  # columns
        .join(deputy, deputy.id == Deputy.deputy_id)  # type: ignore[arg-type]  # of the classes
        .join(maker, maker.id == Deputy.made_by)  # type: ignore[arg-type]  # as above
        .where(col(Deputy.department).in_(departments), Deputy.last_day >= ctx.today - KEPT)
        .order_by(col(Deputy.last_day).desc(), col(Deputy.id).desc())
        .limit(SHOWN)
    )
    return [
        Told(row.id, whose, who, row.role, row.department, row.first_day, row.last_day,
             row.reason, by, _when(row, ctx.today))
        for row, whose, who, by in ctx.session.exec(statement)
    ]  # fmt: skip


def _when(row: Deputy, today: date) -> str:
    if row.ended_at is not None:
        return "ended"
    if row.last_day < today:
        return "over"
    return "later" if row.first_day > today else "now"


def _unfit(ctx: Context, wish: Wish, chosen: Choice) -> list[FieldError]:
    errors = []
    if wish.post not in {(key, role) for key, role, _ in chosen.posts}:
        errors.append(FieldError("post", "请选择要代理的岗位"))
    if wish.deputy_id not in {key for key, _ in chosen.people}:
        errors.append(FieldError("deputy", "请选择本部门的代理人"))
    elif wish.post is not None and wish.deputy_id == wish.post[0]:
        errors.append(FieldError("deputy", "代理人不能是本人，请另选一位"))
    if not 0 < len(wish.reason.strip()) <= LONGEST_REASON:
        text = f"请写明代理的原因，例如“年休假”，不超过 {LONGEST_REASON} 个字"
        errors.append(FieldError("reason", text))
    return errors + _unfit_days(ctx, wish)


def _unfit_days(ctx: Context, wish: Wish) -> list[FieldError]:
    errors = [
        FieldError(name, "请写成 2026-01-31 这样的日期；代理要有起止日期")
        for name, day in (("first_day", wish.first_day), ("last_day", wish.last_day))
        if day is None
    ]
    if errors or wish.first_day is None or wish.last_day is None:
        return errors
    if wish.last_day < wish.first_day:
        errors.append(FieldError("last_day", "最后一天不能早于第一天"))
    elif wish.last_day < ctx.today:
        errors.append(FieldError("last_day", "最后一天已经过去了"))
    elif (wish.last_day - wish.first_day).days >= AT_MOST:
        text = f"代理最长 {AT_MOST} 天；更久的，请调整岗位"
        errors.append(FieldError("last_day", text))
    return errors


def _against(ctx: Context, wish: Wish, role: str, *, aware: bool) -> list[str]:
    """What speaks against the deputy holding this post too; Invalid when nobody has read it."""
    assert wish.deputy_id is not None and wish.first_day is not None
    own = posts_of(ctx.session, wish.deputy_id, max(wish.first_day, ctx.today))
    posts = [*own, PostValue(role, wish.department)]
    barred = refused(posts)
    if barred:
        raise Invalid([FieldError("deputy", each) for each in barred])
    against = [each for each in conflicts(posts) if each not in conflicts(own)]
    if against and not aware:
        raise Invalid([FieldError("aware", each) for each in against])
    return against


def _standing(ctx: Context, principal_id: uuid.UUID, role: str, wish: Wish) -> bool:
    """Whether somebody stands in for the post on one of these days already."""
    statement = select(Deputy.id).where(
        Deputy.principal_id == principal_id,
        Deputy.role == role,
        Deputy.department == wish.department,
        col(Deputy.ended_at).is_(None),
        col(Deputy.first_day) <= wish.last_day,
        col(Deputy.last_day) >= wish.first_day,
    )
    return ctx.session.exec(statement).first() is not None


def _tell(ctx: Context, row: Deputy, act: str) -> None:
    """The deputy learns that they hold another post, or no longer."""
    owner.tell_deputy(ctx.session, row, act, ctx.actor.name, ctx.now)


def _said(ctx: Context, row: Deputy) -> dict[str, object]:
    deputy = ctx.session.get_one(Account, row.deputy_id)
    return {
        "deputy": deputy.name,
        "role": row.role,
        "department": row.department,
        "first_day": row.first_day.isoformat(),
        "last_day": row.last_day.isoformat(),
        "reason": row.reason,
    }
