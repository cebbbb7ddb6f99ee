"""Sends what people are told by the ways out that a site has; each attempt holds its row's claim.

A dispatch is sent at least once, and always under the same key and in the same words: where a
process dies between sending and writing that down, the receiver can tell that it has it already.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col

from onevisit.cases.deadlines.look import Transaction
from onevisit.cases.outbox import claims
from onevisit.cases.outbox.claims import DISPATCHES, Claim
from onevisit.store.work_tables import Dispatch, Message


class NotSent(Exception):
    """没有发出。

    `permanent`: sending the same once more would fail as well. `wait`: what the receiver asks for.
    """

    def __init__(self, why: str, *, permanent: bool = False, wait: timedelta | None = None) -> None:
        super().__init__(why)
        self.permanent, self.wait = permanent, wait


@dataclass(frozen=True)
class Outgoing:
    """What leaves the house. `id` is the key by which a receiver knows a repeated one; `link` is a
    path on this site."""

    id: uuid.UUID
    address: str
    subject: str
    text: str
    link: str | None
    written_at: datetime


WayOut = Callable[[Outgoing], str]
"""Sends one and returns the receiver's reference for it; raises NotSent."""


def switch_off(session: Session, ways: Mapping[str, WayOut]) -> int:
    """What waits for a way out that the site does not have will not be sent; how many."""
    statement = (
        update(Dispatch)
        .where(col(Dispatch.state) == "waiting", col(Dispatch.channel).not_in(list(ways)))
        .values(state="off", claim=None, claimed_until=None)
    )
    return session.connection().execute(statement).rowcount


def send_next(
    transaction: Transaction,
    ways: Mapping[str, WayOut],
    clock: Callable[[], datetime],
    node: str,
) -> bool:
    """Send the dispatch that waits longest; False when none is due."""
    with transaction() as session:
        claim = claims.claim_next(session, DISPATCHES, clock(), node)
        if claim is None:
            return False
        channel, outgoing = _outgoing(session, claim)
    try:
        reference = ways[channel](outgoing)
    except NotSent as error:
        _failed(transaction, claim, clock(), error)
    except Exception as error:  # a fault of ours is an attempt that failed, seen by the operator
        _failed(transaction, claim, clock(), NotSent(f"{type(error).__name__}: {error}"))
    else:
        now = clock()
        with transaction() as session:
            claims.settle(
                session,
                DISPATCHES,
                claim,
                state="sent",
                sent_at=now,
                reference=reference[:200],
                error=None,
            )
    return True


def _outgoing(session: Session, claim: Claim) -> tuple[str, Outgoing]:
    row = session.get_one(Dispatch, claim.row_id)
    message = session.get_one(Message, row.message_id)
    return row.channel, Outgoing(
        row.id, row.address, row.subject, row.text, message.link, message.created_at
    )


def _failed(transaction: Transaction, claim: Claim, now: datetime, why: NotSent) -> None:
    with transaction() as session:
        claims.give_back(
            session, DISPATCHES, claim, now, str(why), permanent=why.permanent, wait=why.wait
        )
