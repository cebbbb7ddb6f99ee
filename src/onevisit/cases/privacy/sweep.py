"""What the sweep does by itself: seal who read what, and delete what nothing rests on once its time
is over (messages, call numbers, reads). Cases are deleted by an operator who has read the list."""

from datetime import datetime

from sqlalchemy import delete, func
from sqlalchemy import select as rows_of
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from onevisit.cases.context import Context
from onevisit.cases.deadlines.look import NOBODY, Transaction
from onevisit.cases.privacy.keeping import longest, years_before
from onevisit.catalog.catalog import Catalog
from onevisit.store import read_seals
from onevisit.store.columns import first_id
from onevisit.store.desk_tables import Intake, Ticket
from onevisit.store.files import FileStore
from onevisit.store.read_tables import Read, ReadBlock, ReadErasure
from onevisit.store.work_tables import Dispatch, Message

MOST = 500
DONE = ("sent", "failed", "off")


def seal_reads(transaction: Transaction, _: Catalog, __: FileStore, now: datetime) -> int:
    """Seal what was read since the last look; nothing when another node is just doing it."""
    try:
        with transaction() as session:
            return read_seals.seal_block(session, now)
    except IntegrityError:
        return 0


def run_expired(transaction: Transaction, catalog: Catalog, files: FileStore, now: datetime) -> int:
    """Delete some of what nothing rests on and whose time is over; how many rows."""
    with transaction() as session:
        ctx = Context(session, catalog, files, NOBODY, now)
        rules = longest(ctx)
        done = 0
        if "message" in rules:
            done += _messages(ctx, years_before(now, rules["message"].years))
        if "ticket" in rules:
            done += _tickets(ctx, years_before(now, rules["ticket"].years))
        if "read" in rules:
            done += _reads(ctx, years_before(now, rules["read"].years), rules["read"].basis)
        return done


def _messages(ctx: Context, before: datetime) -> int:
    """Messages with what was sent of them; none of which something still waits to go out."""
    waiting = select(Dispatch.id).where(
        col(Dispatch.message_id) == col(Message.id), col(Dispatch.state).not_in(DONE)
    )
    old = select(Message.id).where(Message.created_at < before, ~waiting.exists())
    old = old.where(Message.id < first_id(before))  # where the index of ids ends
    ids = ctx.session.exec(old.order_by(col(Message.id)).limit(MOST)).all()
    connection = ctx.session.connection()
    connection.execute(delete(Dispatch).where(col(Dispatch.message_id).in_(ids)))
    return connection.execute(delete(Message).where(col(Message.id).in_(ids))).rowcount


def _tickets(ctx: Context, before: datetime) -> int:
    """Call numbers; not those that an intake names, which go with its case."""
    named = rows_of(col(Intake.ticket_id)).where(col(Intake.ticket_id).is_not(None))
    old = select(Ticket.id).where(Ticket.day < before.date(), col(Ticket.id).not_in(named))
    ids = ctx.session.exec(old.order_by(col(Ticket.id)).limit(MOST)).all()
    return ctx.session.connection().execute(delete(Ticket).where(col(Ticket.id).in_(ids))).rowcount


def _reads(ctx: Context, before: datetime, basis: str) -> int:
    """The rows of whole blocks, a few blocks at a time; the blocks themselves stay."""
    erased = read_seals.erased_through(ctx.session)
    statement = select(func.max(ReadBlock.number)).where(
        ReadBlock.number > erased, ReadBlock.number <= erased + 10
    )
    through: int | None = ctx.session.exec(statement.where(ReadBlock.sealed_at < before)).one()
    if through is None:
        return 0
    ctx.session.add(ReadErasure(at=ctx.now, through=through, basis=basis[:300]))
    gone = delete(Read).where(col(Read.block) <= through)
    return ctx.session.connection().execute(gone).rowcount
