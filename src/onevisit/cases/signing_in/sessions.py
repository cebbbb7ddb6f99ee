"""Sessions are rows behind a random cookie: what the server has ended is dead at once, wherever a
copy of the cookie may be (OWASP ASVS 5.0, 7.2 to 7.4)."""

import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, update
from sqlmodel import Session, col, func, select

from onevisit.store.sign_in_tables import SignIn
from onevisit.store.tables import Account

WAITING = timedelta(minutes=15)
"""How long a session waits for its second step."""
PROVEN = timedelta(minutes=15)
"""How long a password counts for what only its owner may do; then it is asked for again."""
SEEN = timedelta(minutes=1)
"""How often, at most, it is written down that somebody is still there."""
AT_ONCE = 10
"""Sessions of one account; the oldest ends when one more begins."""
KEPT = timedelta(days=90)
"""How long an ended session stays in its owner's list."""
SWEPT = 500
"""Rows that one look of the sweep takes away at most."""


@dataclass(frozen=True)
class Terms:
    """How long sessions last: at most, and without a request from staff or from citizens."""

    longest: timedelta = timedelta(hours=12)
    staff: timedelta = timedelta(minutes=30)
    citizens: timedelta = timedelta(minutes=30)

    def idle(self, roles: Collection[str]) -> timedelta:
        """How long somebody with these roles may do nothing; a kiosk waits for people all day."""
        at_work = set(roles) - {"applicant"}
        if at_work == {"kiosk"}:
            return self.longest
        return self.staff if at_work else self.citizens


@dataclass(frozen=True)
class Held:
    """One session as a request holds it. It outlives the look at the database, taken back or not:
    what it says are values, and the row of its account is only held so that the same look does not
    ask for it again."""

    id: uuid.UUID
    account_id: uuid.UUID
    stage: str
    seen_at: datetime
    proven_at: datetime
    row: Account = field(compare=False, repr=False)

    def is_proven(self, now: datetime) -> bool:
        """Whether the password was given a short while ago."""
        return now - self.proven_at < PROVEN

    def is_unseen(self, now: datetime) -> bool:
        """Whether it is time to write down that somebody is there."""
        return now - self.seen_at >= SEEN


def digest(token: str) -> str:
    """What is kept of a cookie's token (256 random bits, so that a plain hash will do)."""
    return sha256(token.encode()).hexdigest()


def start(
    session: Session,
    account_id: uuid.UUID,
    now: datetime,
    terms: Terms,
    *,
    stage: str = "whole",
    way: str = "password",
    agent: str = "",
) -> tuple[SignIn, str]:
    """A new session and the token for its cookie; the oldest beyond AT_ONCE end."""
    token = secrets.token_urlsafe(32)
    row = SignIn(
        token=digest(token),
        account_id=account_id,
        stage=stage,
        way=way,
        agent=agent,
        begun_at=now,
        seen_at=now,
        proven_at=now,
        ends_at=now + (terms.longest if stage == "whole" else WAITING),
    )
    for old in open_rows(session, account_id, now)[AT_ONCE - 1 :]:
        _end(old, now, "many")
    session.add(row)
    session.flush()
    return row, token


def find(session: Session, token: str, now: datetime) -> Held | None:
    """The session that this token opens, its account with it in one question; None when it is
    over, or the account is disabled. Whether it lay idle for too long depends on the roles."""
    statement = (
        select(SignIn, Account)
        .join(Account, col(Account.id) == col(SignIn.account_id))
        .where(SignIn.token == digest(token), col(SignIn.ended_at).is_(None))
        .where(SignIn.ends_at > now, col(Account.disabled).is_(False))
    )
    found = session.exec(statement).one_or_none()
    if found is None:
        return None
    row, account = found
    return Held(row.id, row.account_id, row.stage, row.seen_at, row.proven_at, account)


def see(session: Session, sign_in_id: uuid.UUID, now: datetime) -> None:
    """Write down that somebody is there."""
    session.connection().execute(
        update(SignIn).where(col(SignIn.id) == sign_in_id).values(seen_at=now)
    )


def renew(
    session: Session, sign_in_id: uuid.UUID, now: datetime, ends_at: datetime | None = None
) -> str:
    """Another token for a session whose owner has just proven who they are; the one before is
    worth nothing. With `ends_at` a session that waited for its second step becomes a whole one."""
    token = secrets.token_urlsafe(32)
    row = session.get_one(SignIn, sign_in_id)
    row.token, row.seen_at, row.proven_at = digest(token), now, now
    if ends_at is not None:
        row.stage, row.ends_at = "whole", ends_at
    session.add(row)
    session.flush()
    return token


def open_rows(session: Session, account_id: uuid.UUID, now: datetime) -> list[SignIn]:
    """Sessions of an account that are not over, the newest first."""
    statement = (
        select(SignIn)
        .where(SignIn.account_id == account_id, col(SignIn.ended_at).is_(None))
        .where(SignIn.ends_at > now)
        .order_by(col(SignIn.id).desc())
    )
    return list(session.exec(statement))


def counted(session: Session, now: datetime, limit: int) -> int:
    """How many sessions are not over, of all accounts; no further than one beyond the limit."""
    rows = select(SignIn.id).where(col(SignIn.ends_at) > now, col(SignIn.ended_at).is_(None))
    return session.exec(select(func.count()).select_from(rows.limit(limit + 1).subquery())).one()


def end(session: Session, token: str, now: datetime, by: str) -> uuid.UUID | None:
    """End the session of this token; whose it was, None when there is none."""
    statement = select(SignIn).where(SignIn.token == digest(token), col(SignIn.ended_at).is_(None))
    row = session.exec(statement).one_or_none()
    if row is None:
        return None
    _end(row, now, by)
    session.add(row)
    return row.account_id


def end_all(
    session: Session,
    account_id: uuid.UUID,
    now: datetime,
    by: str,
    but: uuid.UUID | None = None,
) -> int:
    """End the sessions of an account, all or all `but` one, whatever the time; how many."""
    statement = (
        select(SignIn)
        .where(SignIn.account_id == account_id, col(SignIn.ended_at).is_(None))
        .with_for_update()
    )
    rows = [row for row in session.exec(statement) if row.id != but]
    for row in rows:
        _end(row, now, by)
        session.add(row)
    session.flush()
    return len(rows)


def listed(session: Session, account_id: uuid.UUID, limit: int = 20) -> list[SignIn]:
    """The last sessions of an account, the newest first, ended ones too."""
    statement = (
        select(SignIn)
        .where(SignIn.account_id == account_id)
        .order_by(col(SignIn.id).desc())
        .limit(limit)
    )
    return list(session.exec(statement))


def old_rows(session: Session, now: datetime) -> list[uuid.UUID]:
    """Sessions that were over long ago, some of them."""
    statement = select(SignIn.id).where(SignIn.ends_at < now - KEPT).limit(SWEPT)
    return list(session.exec(statement))


def forget(session: Session, ids: Collection[uuid.UUID]) -> None:
    """Take these sessions away for good."""
    session.connection().execute(delete(SignIn).where(col(SignIn.id).in_(ids)))


def _end(row: SignIn, now: datetime, by: str) -> None:
    row.ended_at, row.ended_by = now, by
