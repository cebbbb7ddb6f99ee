"""Call numbers (叫号): drawn at the entrance, called by a window, each by one window only.

They are rows, so a restart forgets nothing, and they begin anew each day. Places for the old, the
disabled and whoever else the law names come first (无障碍环境建设法第三十九条、第四十条).
"""

import re
import uuid

from sqlalchemy import func
from sqlmodel import col, select

from onevisit.access import check_can_draw_ticket, check_can_take_in
from onevisit.cases.context import Context
from onevisit.cases.errors import Invalid, NotFound
from onevisit.definition.form import FieldError
from onevisit.store.desk_tables import Counter, Ticket
from onevisit.store.numbers import draw as draw_number

QUEUES = {
    "general": ("A", "综合业务"),
    "person": ("B", "个人办事"),
    "enterprise": ("C", "企业办事"),
    "priority": ("V", "优先服务"),
}
"""Each line with the letter of its numbers and its title."""
COUNTER = re.compile(r"[A-Z]?[0-9]{1,3}")
ENDS = {"done": "办完", "missed": "过号"}


def draw(ctx: Context, queue: str, *, priority: bool = False) -> Ticket:
    """A new number of today's; Invalid for a line that does not exist."""
    check_can_draw_ticket(ctx.actor)
    if queue not in QUEUES:
        raise Invalid([FieldError("queue", "请选择要办的业务")])
    letter = QUEUES["priority" if priority else queue][0]
    number = draw_number(ctx.session, f"ticket/{ctx.today:%Y%m%d}/{letter}")
    row = Ticket(
        day=ctx.today,
        label=f"{letter}{number:03d}",
        queue=queue,
        priority=priority or queue == "priority",
        taken_at=ctx.now,
    )
    ctx.session.add(row)
    ctx.session.flush()
    return row


def sit(ctx: Context, counter: str) -> Counter:
    """At which window the clerk sits today; Invalid, path `counter`."""
    check_can_take_in(ctx.actor)
    number = counter.strip().upper().removesuffix("号").removesuffix("窗口")
    if not COUNTER.fullmatch(number):
        raise Invalid([FieldError("counter", "请填写窗口号，如 3 或者 A3")])
    row = ctx.session.get(Counter, (ctx.actor.id, ctx.today))
    if row is None:
        row = Counter(account_id=ctx.actor.id, day=ctx.today, counter=number)
        ctx.session.add(row)
    row.counter = number
    ctx.session.flush()
    return row


def counter_of(ctx: Context) -> str | None:
    """The clerk's window today; None until they have said so."""
    row = ctx.session.get(Counter, (ctx.actor.id, ctx.today))
    return row.counter if row else None


def current(ctx: Context) -> Ticket | None:
    """Whom the clerk has called or is serving today; None when nobody."""
    statement = (
        select(Ticket)
        .where(Ticket.day == ctx.today, Ticket.called_by == ctx.actor.id)
        .where(col(Ticket.state).in_(("called", "serving")))
        .order_by(col(Ticket.called_at).desc())
        .limit(1)
    )
    return ctx.session.exec(statement).first()


def call_next(
    ctx: Context, ended: uuid.UUID | None, how: str = "done", queue: str | None = None
) -> Ticket | None:
    """Call whoever is next; None when nobody waits.

    `ended` is the number that the page showed as being served, which ends `how` (done, missed). A
    page that is out of date (a second press of the button) changes nothing: the present number is
    given again. Two windows at once never call the same number.
    """
    check_can_take_in(ctx.actor)
    counter = counter_of(ctx)
    if counter is None:
        raise Invalid([FieldError("counter", "请先填写您今天的窗口号")])
    _one_at_a_time(ctx)
    present = current(ctx)
    if present is not None and present.id != ended:
        return present
    if present is not None:
        _end(ctx, present, how)
    row = _first_waiting(ctx, queue)
    if row is not None:
        row.state, row.called_by, row.counter = "called", ctx.actor.id, counter
        row.called_at, row.calls = ctx.now, row.calls + 1
        ctx.session.flush()
    return row


def _one_at_a_time(ctx: Context) -> None:
    """Two presses by the same clerk see each other: the second finds what the first called."""
    own = select(Counter).where(Counter.account_id == ctx.actor.id, Counter.day == ctx.today)
    ctx.session.exec(own.with_for_update()).one()


def _first_waiting(ctx: Context, queue: str | None) -> Ticket | None:
    """The next to be called, locked; a number that another window is just taking is passed over."""
    statement = (
        select(Ticket)
        .where(Ticket.day == ctx.today, Ticket.state == "waiting")
        .order_by(col(Ticket.priority).desc(), col(Ticket.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if queue in QUEUES:
        statement = statement.where(Ticket.queue == queue)
    return ctx.session.exec(statement).first()


def _end(ctx: Context, row: Ticket, how: str) -> None:
    if how not in ENDS:
        raise Invalid([FieldError("how", "请选择办完或者过号")])
    row.state, row.ended_at = how, ctx.now
    ctx.session.flush()


def _own(ctx: Context, ticket_id: uuid.UUID) -> Ticket:
    """A number of today's that this clerk called, locked; NotFound."""
    check_can_take_in(ctx.actor)
    statement = select(Ticket).where(Ticket.id == ticket_id, Ticket.day == ctx.today)
    row = ctx.session.exec(statement.with_for_update()).one_or_none()
    if row is None or row.called_by != ctx.actor.id:
        raise NotFound("这个号")
    return row


def recall(ctx: Context, ticket_id: uuid.UUID) -> Ticket:
    """Call once more; also a number that was missed, unless somebody else is being served."""
    row = _own(ctx, ticket_id)
    present = current(ctx)
    if row.state == "missed" and present is None:
        row.state, row.ended_at = "called", None
    if row.state == "called":
        row.called_at, row.calls = ctx.now, row.calls + 1
        ctx.session.flush()
    return row


def serve(ctx: Context, ticket_id: uuid.UUID) -> Ticket:
    """The person has come to the window."""
    row = _own(ctx, ticket_id)
    if row.state in ("called", "missed"):
        row.state, row.ended_at = "serving", None
        ctx.session.flush()
    return row


def end(ctx: Context, ticket_id: uuid.UUID, how: str) -> Ticket:
    """The person is served, or did not come."""
    row = _own(ctx, ticket_id)
    if row.state in ("called", "serving"):
        _end(ctx, row, how)
    return row


def ahead_of(ctx: Context, row: Ticket) -> int:
    """How many are called before this number, as things stand."""
    statement = select(func.count()).where(Ticket.day == row.day, Ticket.state == "waiting")
    if row.priority:
        statement = statement.where(col(Ticket.priority).is_(True), col(Ticket.id) < row.id)
    else:
        statement = statement.where(col(Ticket.priority).is_(True) | (col(Ticket.id) < row.id))
    return int(ctx.session.exec(statement).one())
