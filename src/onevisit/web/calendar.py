"""What is arranged: the department's calendar for its officers, coming hearings for everybody."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.views.calendar import calendar
from onevisit.cases.views.heard import public_hearings
from onevisit.store import session as store
from onevisit.web.edge import page, reading, site_of

router = APIRouter()


@router.get("/office/calendar")
def office_calendar(request: Request) -> Response:
    """The department's coming inspections, appearances and hearings."""
    with reading(request) as ctx:
        days = calendar(ctx)
        today = ctx.today
    return page(request, "office/calendar.html", days=days, today=today)


@router.get("/hearings")
def hearings(request: Request) -> Response:
    """Hearings are held in public (许可法第四十六条、第四十八条): which are coming."""
    site = site_of(request)
    with store.reading(site.engine) as session:
        found = public_hearings(session, site.catalog)
    return page(request, "public/hearings.html", hearings=found)
