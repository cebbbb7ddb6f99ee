"""The inbox of whoever is signed in: what they were told, and the way to what it is about."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.outbox import messages
from onevisit.cases.views.messages import inbox
from onevisit.web.edge import page, reading, redirect, transaction
from onevisit.web.notice import said, say

router = APIRouter()


TABS = {"all": "全部", "new": "未读"}


@router.get("/messages")
def listed(request: Request, tab: str = "all", after: str | None = None) -> Response:
    """All messages, or those that were not read, newest first."""
    tab = tab if tab in TABS else "all"
    try:
        with reading(request) as ctx:
            rows = inbox(ctx, after, new=tab == "new")
    except ValueError:  # an address that none of our pages made
        return redirect("/messages")
    return page(request, "messages/inbox.html", rows=rows, tab=tab, tabs=TABS, said=said(request))


@router.post("/messages")
def read_all(request: Request) -> Response:
    """Mark all as read."""
    with transaction(request) as ctx:
        number = messages.read_all(ctx)
    say(request, f"{number} 条消息已标为已读。" if number else "没有未读的消息。")
    return redirect("/messages")


@router.get("/messages/{message_id}")
def opened(request: Request, message_id: UUID) -> Response:
    """Open one: it counts as read, and leads to what it is about."""
    with transaction(request) as ctx:
        link = messages.open_message(ctx, message_id).link
    return redirect(link or "/messages")
