"""Whoever guesses waits longer and longer: by name, by browser and by address, over all processes.

Nobody can lock another out (docs/decisions/0017): a browser in which somebody has signed in before
has a place of its own for that name, which strangers' guesses do not touch. Places are fixed in
number and chosen by a keyed hash, so that no flood of names lets the table grow and nobody can aim
at another's place.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from onevisit.store.sign_in_tables import Knock, Missed

FIRST, LONGEST = timedelta(seconds=30), timedelta(minutes=15)
"""The wait after one wrong try too many; it doubles with each further one, up to the longest."""
FORGOTTEN = timedelta(days=1)
SPREAD = 1 << 16
"""Places of each kind."""


@dataclass(frozen=True)
class Kind:
    """What a place stands for: `free` wrong tries cost nothing, one is forgotten every `leak`."""

    number: int
    free: int
    leak: timedelta


NAME = Kind(0, 5, timedelta(minutes=15))
"""A user name, tried from browsers that are strange to it."""
BROWSER = Kind(1, 5, timedelta(minutes=15))
"""A user name, tried from one browser in which its owner has signed in before."""
ADDRESS = Kind(2, 60, timedelta(minutes=1))
"""A network address; a whole building may share one."""
CODE = Kind(3, 5, timedelta(minutes=15))
"""The second factor of one account."""


@dataclass(frozen=True)
class Place:
    """Where tries are counted: `number` is one of SPREAD of its kind."""

    kind: Kind
    number: int


def place(key: str, kind: Kind, subject: str) -> Place:
    """The place of a name, browser or address; `key` is the server's secret."""
    made = hmac.digest(key.encode(), f"{kind.number} {subject}".encode(), "sha256")
    return Place(kind, kind.number * SPREAD + int.from_bytes(made[:2], "big"))


def take(session: Session, asked: Sequence[Place], now: datetime) -> datetime | None:
    """Take one try at each of these places before anything is looked at, so that many at once are
    no way around; until when one has to wait (and none is taken) when some place is closed."""
    rows = _locked(session, asked, now)
    closed = max((row.opens_at for row in rows if row.opens_at > now), default=None)
    if closed is not None:
        return closed
    for each, row in zip(_in_order(asked), rows, strict=True):
        _count(each.kind, row, now)
    session.flush()
    return None


def closed(session: Session, asked: Place, now: datetime) -> datetime | None:
    """Until when a place is closed; None when it is open."""
    row = session.get(Knock, asked.number)
    return row.opens_at if row is not None and row.opens_at > now else None


def count(session: Session, asked: Place, now: datetime) -> None:
    """One wrong try at a place where many people's right ones may be under way at once."""
    [row] = _locked(session, [asked], now)
    _count(asked.kind, row, now)
    session.flush()


def open_again(session: Session, asked: Sequence[Place]) -> None:
    """The try was right: what was wrong before it is forgotten."""
    numbers = [each.number for each in asked]
    session.connection().execute(delete(Knock).where(col(Knock.place).in_(numbers)))


def forget(session: Session, now: datetime) -> None:
    """Take away the places at which nothing was tried for a day."""
    session.connection().execute(delete(Knock).where(col(Knock.last_at) < now - FORGOTTEN))


def are_old(session: Session, now: datetime) -> bool:
    """Whether there is something to forget."""
    statement = select(Knock.place).where(Knock.last_at < now - FORGOTTEN).limit(1)
    return session.exec(statement).first() is not None


def note_missed(session: Session, account_id: UUID, now: datetime, *, code: bool = False) -> None:
    """A wrong password or code for this account, for its owner to be told."""
    row = session.get(Missed, account_id, with_for_update=True)
    row = row or Missed(account_id=account_id, last_at=now)
    row.passwords, row.codes = row.passwords + (not code), row.codes + code
    row.last_at = now
    session.add(row)
    session.flush()


def missed(session: Session, account_id: UUID) -> Missed | None:
    """What was tried at an account since its owner was last there; it is forgotten with this."""
    row = session.get(Missed, account_id, with_for_update=True)
    if row is not None:
        session.delete(row)
        session.flush()
    return row


def _locked(session: Session, asked: Sequence[Place], now: datetime) -> list[Knock]:
    """The rows of these places, made where there are none, locked in order of their numbers."""
    numbers = [each.number for each in _in_order(asked)]
    connection = session.connection()
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    blank = [{"place": each, "wrong": 0, "last_at": now, "opens_at": now} for each in numbers]
    connection.execute(dialect.insert(Knock).on_conflict_do_nothing().values(blank))
    statement = (
        select(Knock)
        .where(col(Knock.place).in_(numbers))
        .order_by(col(Knock.place))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(session.exec(statement))


def _in_order(asked: Sequence[Place]) -> list[Place]:
    return sorted(set(asked), key=lambda each: each.number)


def _count(kind: Kind, row: Knock, now: datetime) -> None:
    """One wrong try more, less what has been forgotten since the last."""
    leaked = max(now - row.last_at, timedelta()) // kind.leak
    row.wrong = max(row.wrong - leaked, 0) + 1
    row.last_at, row.opens_at = now, now + wait_after(row.wrong, kind.free)


def wait_after(wrong: int, free: int) -> timedelta:
    """How long to wait after so many wrong tries: nothing at first, then twice as long each."""
    if wrong < free:
        return timedelta()
    return min(FIRST * (1 << min(wrong - free, 16)), LONGEST)
