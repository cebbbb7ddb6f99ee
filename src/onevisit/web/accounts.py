"""Who somebody is: an account and its posts become the actor that access rules speak of."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session, col, not_, select

from onevisit.access import Actor
from onevisit.access.duties import counting
from onevisit.cases.signing_in.sessions import Held, Terms
from onevisit.cases.staff.posts import posts_of
from onevisit.cases.walk_in_person import USERNAME
from onevisit.store.tables import Account, Post
from onevisit.web.portals import role_title

CITIZENS, STAFF = 4, 300
"""How many people of a demonstration its sign-in page lists."""


@dataclass(frozen=True)
class DemoAccount:
    """One line of the demo accounts on the sign-in page."""

    username: str
    name: str
    roles: str
    department: str | None


def actor_of(session: Session, account_id: UUID, day: date | None = None) -> Actor | None:
    """The person with this account and the posts that count on a day, those of others included
    whose deputy they are (None: all of their own, whatever their days); None when the account is
    gone or disabled."""
    account = session.get(Account, account_id)
    if account is None or account.disabled:
        return None
    return Actor(account.id, account.name, counting(posts_of(session, account_id, day)))


def signed_in(
    session: Session, held: Held | None, day: date, terms: Terms, now: datetime
) -> Actor | None:
    """Whose session this is today; None when it is none, waits for its second step, or nothing
    was asked in it for so long that somebody else may sit there."""
    if held is None or held.stage != "whole":
        return None
    actor = actor_of(session, held.account_id, day)
    return actor if actor and now - held.seen_at < terms.idle(actor.roles) else None


def waiting(session: Session, held: Held, stage: str, day: date) -> Actor | None:
    """Who has given the right password and has this second step before them."""
    return actor_of(session, held.account_id, day) if held.stage == stage else None


def is_open(account: Account) -> bool:
    """Whether somebody can simply sign in with this account."""
    return not account.disabled and account.temporary_until is None


def demo_accounts(session: Session) -> list[DemoAccount]:
    """The people of a demonstration with their roles in words, for its sign-in page: those who
    work there and the first few of the citizens, however many there are. Without those that the
    desk opened for people at the counter, which nobody can sign in to."""
    accounts = [*_first(session, False, CITIZENS), *_first(session, True, STAFF)]
    held: dict[UUID, list[Post]] = {each.id: [] for each in accounts}
    for post in session.exec(select(Post).where(col(Post.account_id).in_(held))):
        held[post.account_id].append(post)
    return [
        DemoAccount(
            account.username,
            account.name,
            role_title({post.role for post in held[account.id]}),
            next((post.department for post in held[account.id] if post.department), None),
        )
        for account in accounts
        if held[account.id] and is_open(account)
    ]


def _first(session: Session, staff: bool, limit: int) -> list[Account]:
    """The first accounts by user name of those who work here, or of the others."""
    statement = (
        select(Account)
        .where(col(Account.staff).is_(staff), not_(col(Account.username).startswith(USERNAME)))
        .order_by(col(Account.username))
        .limit(limit)
    )
    return sorted(session.exec(statement), key=lambda each: each.id)
