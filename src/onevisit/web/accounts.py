"""Who somebody is: an account and its posts become the actor that access rules speak of."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, select

from onevisit.access import Actor, PostValue
from onevisit.store.tables import Account, Post
from onevisit.web.portals import role_title


@dataclass(frozen=True)
class DemoAccount:
    """One line of the demo accounts on the sign-in page."""

    username: str
    name: str
    roles: str
    department: str | None


def actor_of(session: Session, account_id: UUID) -> Actor | None:
    """The person with this account and all posts; None when it is gone or disabled."""
    account = session.get(Account, account_id)
    if account is None or account.disabled:
        return None
    posts = session.exec(select(Post).where(Post.account_id == account_id)).all()
    return Actor(account.id, account.name, tuple(PostValue(p.role, p.department) for p in posts))


def demo_accounts(session: Session) -> list[DemoAccount]:
    """All accounts with their roles in words, for the sign-in page of a demo."""
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
        if (held := posts.get(account.id, [])) and not account.disabled
    ]
