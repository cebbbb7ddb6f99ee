"""Call numbers (叫号): the terminal at the entrance, the clerk's panel, and the hall's display."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.access import check_can_draw_ticket, check_can_take_in
from onevisit.cases import Context, tickets
from onevisit.cases.errors import Invalid
from onevisit.cases.views.tickets import board, drawn
from onevisit.documents.format import BEIJING
from onevisit.store import session as store
from onevisit.web.edge import PostedForm, page, reading, redirect, site_of, text_of, transaction
from onevisit.web.notice import say

router = APIRouter()

BACK = frozenset({"/desk", "/desk/walk-in"})
"""The pages that hold the clerk's panel."""


@router.get("/tickets/take")
def choose(request: Request) -> Response:
    """What somebody who comes in can draw a number for."""
    with reading(request) as ctx:
        check_can_draw_ticket(ctx.actor)
    return page(request, "tickets/take.html", queues=tickets.QUEUES)


@router.post("/tickets/take")
def take(request: Request, form: PostedForm) -> Response:
    """Draw a number and show it."""
    with transaction(request) as ctx:
        queue = text_of(form, "queue")
        row = tickets.draw(ctx, queue, priority=queue == "priority")
    return redirect(f"/tickets/{row.id}")


@router.get("/tickets/display")
def display(request: Request) -> Response:
    """Which number goes to which window, for everybody who waits; no word about anybody."""
    return _board(request, "tickets/display.html")


@router.get("/tickets/display/board")
def refreshed(request: Request) -> Response:
    """The part of the display that changes."""
    return _board(request, "tickets/_board.html")


def _board(request: Request, template: str) -> Response:
    site = site_of(request)
    now = site.clock().astimezone(BEIJING)
    with store.reading(site.engine) as session:
        shown = board(session, now.date())
    return page(request, template, board=shown, now=now)


@router.get("/tickets/{ticket_id}")
def number(request: Request, ticket_id: UUID) -> Response:
    """The number just drawn, to be printed, and how many are before it."""
    with reading(request) as ctx:
        shown = drawn(ctx, ticket_id)
    return page(request, "tickets/number.html", drawn=shown)


@router.get("/desk/calls")
def called(request: Request) -> Response:
    """Whoever reloads the answer to a press is back at the list."""
    with reading(request) as ctx:
        check_can_take_in(ctx.actor)
    return redirect("/desk")


@router.post("/desk/calls")
def call(request: Request, form: PostedForm) -> Response:
    """One press on the clerk's panel: window, next, once more, has come, served, did not come."""
    back = text_of(form, "back")
    try:
        with transaction(request) as ctx:
            check_can_take_in(ctx.actor)
            done = _done(ctx, text_of(form, "do"), text_of(form, "ticket"), form)
    except Invalid as invalid:
        done = str(invalid)
    say(request, done)
    return redirect(back if back in BACK else "/desk")


def _done(ctx: Context, do: str, ticket: str, form: PostedForm) -> str:
    """Do it and say what was done."""
    ticket_id = _id(ticket)
    if do == "sit":
        return f"今天您在 {tickets.sit(ctx, text_of(form, 'counter')).counter} 号窗口。"
    if do in ("next", "missed"):
        how = "missed" if do == "missed" else "done"
        row = tickets.call_next(ctx, ticket_id, how)
        return f"请 {row.label} 到 {row.counter} 号窗口。" if row else "现在没有人等候。"
    if ticket_id is None:
        raise Invalid([])
    if do == "recall":
        return f"已重呼 {tickets.recall(ctx, ticket_id).label}。"
    if do == "serve":
        return f"{tickets.serve(ctx, ticket_id).label} 已到窗口。"
    return f"{tickets.end(ctx, ticket_id, 'done').label} 已办完。"


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
