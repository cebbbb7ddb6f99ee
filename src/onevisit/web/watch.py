"""The supervisors' page: which lights are on, where, since when, and why."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.views.watch import KINDS, watch
from onevisit.web.edge import page, reading, redirect

router = APIRouter()


@router.get("/watch")
def lights(request: Request, kind: str = "supervision", after: str | None = None) -> Response:
    """The open lights of one kind, those that have been on longest first."""
    kind = kind if kind in KINDS else "supervision"
    try:
        with reading(request) as ctx:
            view = watch(ctx, kind, after)
    except ValueError:  # an address that none of our pages made
        return redirect("/watch")
    tabs = [(each, f"{title} {view.open[each]}") for each, title in KINDS.items()]
    return page(request, "watch/lights.html", view=view, kinds=KINDS, tabs=tabs)
