"""Opens accounts for people who work here and gives them posts, each from a day to a day."""

import re
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from onevisit.access import OFFICE_ROLES, PostValue, check_can_appoint
from onevisit.access.duties import ROLES, conflicts, refused
from onevisit.cases.account import hash_password
from onevisit.cases.context import Context
from onevisit.cases.errors import Invalid, NotFound, NotPossible
from onevisit.cases.staff import password as passwords
from onevisit.cases.staff.changes import check_revision, posts_as_data, write_down
from onevisit.definition.form import FieldError
from onevisit.store.tables import Account, Post

USERNAME = r"[a-z][a-z0-9._-]{2,63}"
ASSIGNABLE = ROLES - {"applicant"}
"""Citizens open their own accounts; who works here applies with a private one."""


@dataclass(frozen=True)
class Appointment:
    """A post as it is asked for: a role, a department for the roles that have one, and the days
    between which it counts, both included; None is open."""

    role: str
    department: str | None = None
    first_day: date | None = None
    last_day: date | None = None

    @property
    def post(self) -> PostValue:
        """The post without its days."""
        return PostValue(self.role, self.department)


@dataclass(frozen=True)
class Person:
    """What is known of somebody who works here."""

    username: str
    name: str
    phone: str | None = None
    email: str | None = None


def open_account(
    ctx: Context,
    person: Person,
    posts: Sequence[Appointment],
    departments: Collection[str],
    *,
    aware: bool,
) -> tuple[Account, str]:
    """A new account with its posts, and the first password to hand out.

    `departments` are the ids that there are; `aware` as for `appoint`. Raises Forbidden, Invalid.
    """
    check_can_appoint(ctx.actor)
    errors = [*check_person(ctx.session, person), *_unfit_posts(posts, departments)]
    if errors:
        raise Invalid(errors)
    against = _against(posts, aware=aware)
    account = Account(
        username=person.username,
        name=person.name,
        phone=person.phone,
        email=person.email,
        staff=True,
        password_hash=hash_password(""),
    )
    first = passwords.first_password(account, ctx.now)
    ctx.session.add(account)
    try:
        ctx.session.flush()
    except IntegrityError:  # at the same moment by somebody else
        text = f"用户名“{person.username}”刚刚被使用，请换一个"
        raise Invalid([FieldError("username", text)]) from None
    rows = _add(ctx.session, account.id, posts)
    write_down(ctx, account, "open", None, {**_data(person), **_held(rows, against)})
    return account, first


def appoint(
    ctx: Context,
    account_id: uuid.UUID,
    posts: Sequence[Appointment],
    departments: Collection[str],
    revision: int,
    *,
    aware: bool,
) -> None:
    """The posts that somebody holds from now on, instead of all they held.

    `aware`: the administrator has read what speaks against one person holding them together.
    Raises Forbidden for one's own, Stale, Invalid, NotPossible for the last administrator.
    """
    account = opened(ctx, account_id, revision)
    errors = _unfit_posts(posts, departments)
    if errors:
        raise Invalid(errors)
    against = _against(posts, aware=aware)
    check_an_admin_stays(ctx, account, posts)
    statement = select(Post).where(Post.account_id == account.id)
    old = list(ctx.session.exec(statement.with_for_update()))
    before = posts_as_data(old)
    for row in old:
        ctx.session.delete(row)
    ctx.session.flush()
    rows = _add(ctx.session, account.id, posts)
    write_down(ctx, account, "posts", {"posts": before}, _held(rows, against))


def opened(ctx: Context, account_id: uuid.UUID, revision: int | None) -> Account:
    """The account of somebody else who works here, locked, as the page showed it."""
    check_can_appoint(ctx.actor)
    statement = select(Account).where(Account.id == account_id, col(Account.staff))
    account = ctx.session.exec(statement.with_for_update()).one_or_none()
    if account is None:
        raise NotFound("这个账号")
    check_can_appoint(ctx.actor, account.id)
    if revision is not None:
        check_revision(ctx, account, revision)
    return account


def check_an_admin_stays(
    ctx: Context, account: Account, posts: Sequence[Appointment] | None
) -> None:
    """NotPossible when this would take away the last administrator whose post has no last day.

    `posts` are those that the account will hold; None: it will be disabled. All such posts are
    locked, in order, so that two administrators cannot take each other away at once.
    """
    lasting = (
        select(Post.account_id)
        .join(Account, col(Account.id) == col(Post.account_id))
        .where(
            Post.role == "admin",
            col(Post.last_day).is_(None),
            col(Account.disabled).is_(False),
        )
        .order_by(col(Post.id))
        .with_for_update()
    )
    now = set(ctx.session.exec(lasting))
    keeps = posts is not None and any(
        each.role == "admin" and each.last_day is None and _begun(each, ctx.today) for each in posts
    )
    if account.id in now and not keeps and now == {account.id}:
        because = "这是最后一位长期任职的流程管理员，请先给另一个人流程管理员岗位"
        raise NotPossible("停用或者调离", "在用", None, because=because)


def change_details(ctx: Context, account_id: uuid.UUID, person: Person, revision: int) -> None:
    """Another name, telephone or e-mail address; the user name stays."""
    account = opened(ctx, account_id, revision)
    errors = _unfit(Person(account.username, person.name, person.phone, person.email))
    if errors:
        raise Invalid(errors)
    before = _data(account)
    account.name, account.phone, account.email = person.name, person.phone, person.email
    if before != _data(account):
        write_down(ctx, account, "details", before, _data(account))


def _against(posts: Sequence[Appointment], *, aware: bool) -> list[str]:
    """What speaks against one person holding all these posts; Invalid when nobody has read it, or
    when nobody may hold them together on any day (职责分离)."""
    barred = dict.fromkeys(each for day in _days(posts) for each in refused(_on(posts, day)))
    if barred:
        raise Invalid([FieldError("posts.0.role", each) for each in barred])
    against = list(conflicts([each.post for each in posts]))
    if against and not aware:
        raise Invalid([FieldError("aware", each) for each in against])
    return against


def _held(rows: Sequence[Post], against: list[str]) -> dict[str, object]:
    """The posts as they are written down, with what was read and accepted all the same."""
    return {"posts": posts_as_data(rows)} | ({"aware": against} if against else {})


def _days(posts: Sequence[Appointment]) -> set[date]:
    """The days on which what somebody holds grows."""
    return {each.first_day or date.min for each in posts}


def _on(posts: Sequence[Appointment], day: date) -> list[PostValue]:
    """The posts that count on a day."""
    return [
        each.post
        for each in posts
        if (each.first_day or date.min) <= day <= (each.last_day or date.max)
    ]


def _begun(post: Appointment, today: date) -> bool:
    return post.first_day is None or post.first_day <= today


def _add(session: Session, account_id: uuid.UUID, posts: Sequence[Appointment]) -> list[Post]:
    rows = [
        Post(
            account_id=account_id,
            role=each.role,
            department=each.department,
            first_day=each.first_day,
            last_day=each.last_day,
        )
        for each in posts
    ]
    session.add_all(rows)
    session.flush()
    return rows


def _data(person: Person | Account) -> dict[str, object]:
    return {
        "username": person.username,
        "name": person.name,
        "phone": person.phone,
        "email": person.email,
    }


def check_person(session: Session, person: Person) -> list[FieldError]:
    """What is wrong with somebody's new account, the user name being somebody else's included."""
    errors = _unfit(person)
    taken = session.exec(select(Account.id).where(Account.username == person.username)).first()
    if taken is not None:
        text = f"用户名“{person.username}”已经有人使用，请换一个"
        errors.append(FieldError("username", text))
    return errors


def _unfit(person: Person) -> list[FieldError]:
    errors = []
    if not re.fullmatch(USERNAME, person.username):
        text = "用户名用小写英文字母开头，可以有数字和 . _ -，3 到 64 个字符"
        errors.append(FieldError("username", text))
    if not 1 <= len(person.name) <= 50:
        errors.append(FieldError("name", "请填写姓名，不超过 50 个字"))
    if person.phone and not re.fullmatch(r"\+?[0-9-]{5,20}", person.phone):
        errors.append(FieldError("phone", "电话号码只用数字和 -，例如 0990-0000000"))
    if person.email and not re.fullmatch(r"[^@\s]{1,64}@[^@\s]{1,180}", person.email):
        errors.append(FieldError("email", "电子邮箱的写法不对，例如 name@example.com"))
    return errors


def _unfit_posts(posts: Sequence[Appointment], departments: Collection[str]) -> list[FieldError]:
    errors, seen = [], set()
    for place, each in enumerate(posts):
        at = f"posts.{place}"
        if each.role not in ASSIGNABLE:
            errors.append(FieldError(f"{at}.role", "请选择岗位"))
        elif each.role in OFFICE_ROLES and each.department not in departments:
            errors.append(FieldError(f"{at}.department", "这个岗位属于一个部门，请选择部门"))
        elif each.role not in OFFICE_ROLES and each.department:
            text = "这个岗位面向整个中心，不分部门；请把部门留空"
            errors.append(FieldError(f"{at}.department", text))
        elif each.post in seen:
            errors.append(FieldError(f"{at}.role", "同一个岗位写了两次，请删去一行"))
        if each.first_day and each.last_day and each.last_day < each.first_day:
            errors.append(FieldError(f"{at}.last_day", "最后一天不能早于第一天"))
        seen.add(each.post)
    return errors
