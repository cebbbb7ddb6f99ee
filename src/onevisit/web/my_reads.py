"""Citizens see who at work looked at their data: of one case, and of all of them."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.privacy import shown
from onevisit.web.edge import page, reading, redirect

router = APIRouter(prefix="/my")


@router.get("/{case_id}/reads")
def of_case(request: Request, case_id: UUID, after: str | None = None) -> Response:
    """Who looked at this case, when, at what and why."""
    try:
        with reading(request) as ctx:
            view = shown.reads_of_case(ctx, case_id, after)
    except ValueError:  # an address that none of our pages made
        return redirect(f"/my/{case_id}/reads")
    return page(
        request,
        "applicant/reads.html",
        view=view,
        looked=view.looked,
        href=f"/my/{case_id}/reads",
        first=after is None,
    )


@router.get("/reads")
def of_all(request: Request, after: str | None = None) -> Response:
    """The same for everything that one has here."""
    try:
        with reading(request) as ctx:
            looked = shown.my_reads(ctx, after)
    except ValueError:
        return redirect("/my/reads")
    return page(
        request,
        "applicant/reads.html",
        view=None,
        looked=looked,
        href="/my/reads",
        first=after is None,
    )
