"""What is arranged: the department's calendar for its officers, coming hearings for everybody."""

from datetime import date
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.context import Context
from onevisit.cases.views.calendar import calendar, of_day, overdue
from onevisit.cases.views.heard import public_hearings
from onevisit.cases.views.office_month import icalendar, month, one_day, week
from onevisit.store import session as store
from onevisit.web.edge import page, reading, redirect, site_of

router = APIRouter()
VIEWS = ("month", "week", "day", "late")
FAR = 3700
"""Days from today that the calendar can be turned: ten years."""


@router.get("/office/calendar")
def office_calendar(
    request: Request, view: str = "month", day: str = "", after: str | None = None
) -> Response:
    """The department's coming inspections, appearances and hearings: the month (or week) of a day
    with the first few of each, a whole day, or all that is over and not recorded yet (`late`)."""
    try:
        with reading(request) as ctx:
            around = _day(day, ctx.today)
            shown = _shown(ctx, view if view in VIEWS else "month", around, after)
            today = ctx.today
    except ValueError:
        if after is None:
            raise
        return redirect("/office/calendar")  # an address that none of our pages made
    return page(
        request,
        "office/calendar_list.html" if "rows" in shown else "office/calendar.html",
        around=around,
        today=today,
        **shown,
    )


def _shown(ctx: Context, view: str, around: date, after: str | None) -> dict[str, Any]:
    if view == "late":
        return {"view": view, "rows": overdue(ctx, after)}
    if view == "day":
        return {"view": view, "rows": of_day(ctx, around, after), "span": one_day(around)}
    span = (week if view == "week" else month)(ctx, around)
    return {"view": view, "span": span, "late": span.late}


@router.get("/office/calendar.ics")
def for_programs(request: Request) -> Response:
    """The same for a calendar program."""
    with reading(request) as ctx:
        days, now = calendar(ctx), ctx.now
    text = icalendar(days, now, site_of(request).pages.place.centre)
    named = {"Content-Disposition": 'attachment; filename="calendar.ics"'}
    return Response(text, media_type="text/calendar; charset=utf-8", headers=named)


def _day(text: str, today: date) -> date:
    """The day in an address; today for one that none of our pages made."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return today
    return found if abs(found - today).days < FAR else today


@router.get("/hearings")
def hearings(request: Request) -> Response:
    """Hearings are held in public (许可法第四十六条、第四十八条): which are coming."""
    site = site_of(request)
    with store.reading(site.engine) as session:
        found = public_hearings(session, site.catalog)
    return page(request, "public/hearings.html", hearings=found)
