"""Who is called where: for the clerk who calls, and for everybody who waits."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from onevisit.access import check_can_draw_ticket, check_can_take_in
from onevisit.cases import tickets
from onevisit.cases.context import Context
from onevisit.cases.errors import NotFound
from onevisit.store.desk_tables import Ticket

SHOWN = 8
"""Numbers on the public display; more could not be read from the chairs."""


@dataclass(frozen=True)
class Called:
    """A number and its window: all that the public display shows of anybody."""

    label: str
    counter: str
    at: datetime | None
    calls: int


@dataclass(frozen=True)
class Mine:
    """The number that a clerk has called or is serving; `missed` when it is their last missed."""

    id: uuid.UUID
    label: str
    queue: str
    state: str
    calls: int
    priority: bool


@dataclass(frozen=True)
class Calls:
    """What a clerk needs to call: the window, whom they have, the last who did not come, and how
    many wait in each line."""

    counter: str | None
    mine: Mine | None
    missed: Mine | None
    waiting: int
    lines: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class Board:
    """The public display."""

    called: tuple[Called, ...]
    waiting: int


@dataclass(frozen=True)
class Drawn:
    """A number as its owner takes it home."""

    label: str
    queue: str
    taken_at: datetime
    ahead: int
    state: str
    counter: str | None


def calls(ctx: Context) -> Calls:
    """The clerk's own panel."""
    check_can_take_in(ctx.actor)
    present = tickets.current(ctx)
    counts = _waiting(ctx.session, ctx.today)
    lines = tuple((key, title, counts.get(key, 0)) for key, (_, title) in tickets.QUEUES.items())
    missed = _last_missed(ctx) if present is None else None
    return Calls(
        counter=tickets.counter_of(ctx),
        mine=_mine(present) if present else None,
        missed=_mine(missed) if missed else None,
        waiting=sum(counts.values()),
        lines=lines,
    )


def _mine(row: Ticket) -> Mine:
    title = tickets.QUEUES[row.queue][1]
    return Mine(row.id, row.label, title, row.state, row.calls, row.priority)


def _last_missed(ctx: Context) -> Ticket | None:
    statement = (
        select(Ticket)
        .where(Ticket.day == ctx.today, Ticket.called_by == ctx.actor.id)
        .where(Ticket.state == "missed")
        .order_by(col(Ticket.called_at).desc())
        .limit(1)
    )
    return ctx.session.exec(statement).first()


def _waiting(session: Session, day: date) -> dict[str, int]:
    """How many of today's numbers wait, by line."""
    statement = (
        select(Ticket.queue, func.count())
        .where(Ticket.day == day, Ticket.state == "waiting")
        .group_by(Ticket.queue)
    )
    return dict(session.exec(statement).all())


def board(session: Session, day: date) -> Board:
    """What everybody in the hall sees of a day: the last called, the newest first."""
    statement = (
        select(Ticket)
        .where(Ticket.day == day, col(Ticket.called_at).is_not(None))
        .where(col(Ticket.state).in_(("called", "serving")))
        .order_by(col(Ticket.called_at).desc())
        .limit(SHOWN)
    )
    called = tuple(
        Called(row.label, row.counter or "", row.called_at, row.calls)
        for row in session.exec(statement)
    )
    return Board(called, sum(_waiting(session, day).values()))


def drawn(ctx: Context, ticket_id: uuid.UUID) -> Drawn:
    """One number of today's; NotFound."""
    check_can_draw_ticket(ctx.actor)
    row = ctx.session.get(Ticket, ticket_id)
    if row is None or row.day != ctx.today:
        raise NotFound("这个号")
    title = tickets.QUEUES["priority" if row.priority else row.queue][1]
    ahead = tickets.ahead_of(ctx, row) if row.state == "waiting" else 0
    return Drawn(row.label, title, row.taken_at, ahead, row.state, row.counter)
