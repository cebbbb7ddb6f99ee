"""Pages that explain the clocks of a case day by day, one for each who may look at them."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.views import clock, clock_words
from onevisit.web.edge import page, reading

router = APIRouter()


@router.get("/my/{case_id}/clock")
def of_my_case(request: Request, case_id: UUID) -> Response:
    """For the applicant's side."""
    with reading(request) as ctx:
        found = clock.my_clock(ctx, case_id)
    return _draw(request, found, f"/my/{case_id}", "办理进度", dense=False)


@router.get("/desk/{case_id}/clock")
def of_a_case(request: Request, case_id: UUID) -> Response:
    """For the clerks."""
    with reading(request) as ctx:
        found = clock.desk_clock(ctx, case_id)
    return _draw(request, found, f"/desk/{case_id}", "办件")


@router.get("/office/{approval_id}/clock")
def of_an_item(request: Request, approval_id: UUID) -> Response:
    """For the officers of an item's department."""
    with reading(request) as ctx:
        found = clock.office_clock(ctx, approval_id)
    return _draw(request, found, f"/office/{approval_id}", "事项办理")


@router.get("/watch/{case_id}/clock")
def of_a_watched_case(request: Request, case_id: UUID) -> Response:
    """For supervisors: time, and nothing else of the case."""
    with reading(request) as ctx:
        found = clock.watch_clock(ctx, case_id)
    return _draw(request, found, f"/watch/{case_id}", "办件")


def _draw(
    request: Request, found: clock.Explanation, back: str, back_title: str, *, dense: bool = True
) -> Response:
    return page(
        request,
        "clock/explain.html",
        found=found,
        clock_words=clock_words,
        back=back,
        back_title=back_title,
        staff=dense,
    )
