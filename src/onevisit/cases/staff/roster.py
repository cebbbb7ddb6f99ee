"""Who works here, found by name or user name, page by page."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, or_, select

from onevisit.access import check_can_appoint
from onevisit.cases.context import Context
from onevisit.cases.errors import NotFound
from onevisit.store.tables import Account, Post

PAGE = 50
SHOWN = ("all", "open", "disabled")


@dataclass(frozen=True)
class Held:
    """One post of somebody; `when` says whether it counts today."""

    role: str
    department: str | None
    first_day: date | None
    last_day: date | None
    when: str

    @classmethod
    def of(cls, post: Post, today: date) -> "Held":
        """`when` is "now", "later" or "over"."""
        later = post.first_day is not None and post.first_day > today
        over = post.last_day is not None and post.last_day < today
        when = "later" if later else "over" if over else "now"
        return cls(post.role, post.department, post.first_day, post.last_day, when)


@dataclass(frozen=True)
class Member:
    """Somebody who works here."""

    id: uuid.UUID
    username: str
    name: str
    phone: str | None
    email: str | None
    disabled: bool
    temporary_until: datetime | None
    revision: int
    posts: tuple[Held, ...]


@dataclass(frozen=True)
class Roster:
    """One page of the list; `next` is the user name after which the next page begins."""

    members: tuple[Member, ...]
    next: str | None


def roster(
    ctx: Context, q: str = "", shown: str = "all", after: str = "", department: str = ""
) -> Roster:
    """The people whose name or user name contains `q`, with a post in this department if one is
    named, by user name, PAGE at a time."""
    check_can_appoint(ctx.actor)
    statement = select(Account).where(col(Account.staff), col(Account.username) > after)
    if q:
        name, username = col(Account.name), col(Account.username)
        found = or_(name.contains(q, autoescape=True), username.contains(q, autoescape=True))
        statement = statement.where(found)
    if department:
        posts = select(Post.id).where(
            Post.account_id == Account.id, col(Post.department) == department
        )
        statement = statement.where(posts.exists())
    if shown in ("open", "disabled"):
        statement = statement.where(col(Account.disabled).is_(shown == "disabled"))
    statement = statement.order_by(col(Account.username)).limit(PAGE + 1)
    rows = ctx.session.exec(statement).all()
    members = _members(ctx.session, rows[:PAGE], ctx.today)
    return Roster(members, rows[PAGE - 1].username if len(rows) > PAGE else None)


def member(ctx: Context, account_id: uuid.UUID) -> Member:
    """One of them; NotFound for anybody else, citizens included."""
    check_can_appoint(ctx.actor)
    account = ctx.session.get(Account, account_id)
    if account is None or not account.staff:
        raise NotFound("这个账号")
    return _members(ctx.session, [account], ctx.today)[0]


def _members(session: Session, rows: Sequence[Account], today: date) -> tuple[Member, ...]:
    held: dict[uuid.UUID, list[Held]] = {row.id: [] for row in rows}
    statement = select(Post).where(col(Post.account_id).in_(held))
    for post in session.exec(statement.order_by(col(Post.role), col(Post.department))):
        held[post.account_id].append(Held.of(post, today))
    return tuple(
        Member(
            row.id, row.username, row.name, row.phone, row.email, row.disabled,
            row.temporary_until, row.revision, tuple(held[row.id]),
        )
        for row in rows
    )  # fmt: skip
