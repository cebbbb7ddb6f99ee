"""What is arranged: the department's calendar for its officers, coming hearings for everybody."""

from datetime import date

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.views.calendar import calendar
from onevisit.cases.views.heard import public_hearings
from onevisit.cases.views.office_month import icalendar, month, week
from onevisit.store import session as store
from onevisit.web.edge import page, reading, site_of

router = APIRouter()
FAR = 3700
"""Days from today that the calendar can be turned: ten years."""


@router.get("/office/calendar")
def office_calendar(request: Request, view: str = "month", day: str = "") -> Response:
    """The department's coming inspections, appearances and hearings: the month (or week) of a day,
    and what is over but not recorded yet."""
    with reading(request) as ctx:
        days, today = calendar(ctx), ctx.today
        around = _day(day, today)
        span = (week if view == "week" else month)(ctx, days, around)
    return page(
        request,
        "office/calendar.html",
        span=span,
        late=[each for each in days if each.day < today],
        anything=bool(days),
        view="week" if view == "week" else "month",
        around=around,
        today=today,
    )


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
