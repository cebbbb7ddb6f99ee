"""Who somebody is: an account and its posts become the actor that access rules speak of."""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from sqlmodel import Session, select

from onevisit.access import Actor, PostValue
from onevisit.cases.account import counts_on
from onevisit.cases.walk_in_person import USERNAME
from onevisit.store.tables import Account, Post
from onevisit.web.portals import role_title


@dataclass(frozen=True)
class DemoAccount:
    """One line of the demo accounts on the sign-in page."""

    username: str
    name: str
    roles: str
    department: str | None


def actor_of(session: Session, account_id: UUID, day: date | None = None) -> Actor | None:
    """The person with this account and the posts that count on a day (None: all of them, whatever
    their days); None when the account is gone or disabled."""
    account = session.get(Account, account_id)
    if account is None or account.disabled:
        return None
    statement = select(Post).where(Post.account_id == account_id)
    posts = session.exec(statement if day is None else statement.where(counts_on(day))).all()
    return Actor(account.id, account.name, tuple(PostValue(p.role, p.department) for p in posts))


def mark_of(session: Session, account_id: UUID) -> str:
    """What a session's cookie carries of the password it was begun with, so that a new password
    ends all sessions of the old one; "" when there is no such account."""
    account = session.get(Account, account_id)
    return sha256(account.password_hash.encode()).hexdigest()[:16] if account else ""


def signed_in(session: Session, account_id: UUID, mark: object, day: date) -> Actor | None:
    """Whose session this is today; None when the account is gone or disabled, or its password has
    changed or was handed out anew since."""
    account = session.get(Account, account_id)
    if account is None or account.temporary_until is not None:
        return None
    return actor_of(session, account_id, day) if mark == mark_of(session, account_id) else None


def newcomer(session: Session, account_id: UUID, mark: object, day: date) -> Actor | None:
    """Who has signed in with a first password and has to choose their own before anything else."""
    account = session.get(Account, account_id)
    if account is None or account.temporary_until is None:
        return None
    return actor_of(session, account_id, day) if mark == mark_of(session, account_id) else None


def first_password_until(session: Session, account_id: UUID) -> datetime | None:
    """Until when the account's first password holds; None when the person has chosen their own."""
    account = session.get(Account, account_id)
    return account.temporary_until if account else None


def is_open(account: Account) -> bool:
    """Whether somebody can simply sign in with this account."""
    return not account.disabled and account.temporary_until is None


def demo_accounts(session: Session) -> list[DemoAccount]:
    """All accounts with their roles in words, for the sign-in page of a demo; without those that
    the desk opened for people at the counter, which nobody can sign in to."""
    posts: dict[UUID, list[Post]] = {}
    for post in session.exec(select(Post)).all():
        posts.setdefault(post.account_id, []).append(post)
    accounts = session.exec(select(Account).order_by(Account.id)).all()  # type: ignore[arg-type]  # SQLModel types a column as its value
    return [
        DemoAccount(
            account.username,
            account.name,
            role_title({post.role for post in held}),
            next((post.department for post in held if post.department), None),
        )
        for account in accounts
        if (held := posts.get(account.id, []))
        and is_open(account)
        and not account.username.startswith(USERNAME)
    ]
