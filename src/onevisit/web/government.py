"""The government's small portal: what is asked of its head, and one page for each answer."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases import Context
from onevisit.cases.turns import extend
from onevisit.cases.views.whole_sheets import government_requests, government_sheet
from onevisit.web.edge import page, reading
from onevisit.web.notice import said
from onevisit.web.sheet_pages import ActPage, Typed, add

router = APIRouter()


@router.get("/government")
def requests(request: Request) -> Response:
    """What waits for the head of the government, the limit that ends first at the top."""
    with reading(request) as ctx:
        rows = government_requests(ctx)
    return page(request, "government/requests.html", rows=rows, said=said(request))


def _extend(ctx: Context, case_id: UUID, _: Typed, revision: int) -> str:
    return extend.grant_whole(ctx, case_id, revision)


def _refuse_extension(ctx: Context, case_id: UUID, typed: Typed, revision: int) -> str:
    return extend.refuse_whole(ctx, case_id, typed["reasons"], revision)


for _event, _do in {"extend": _extend, "refuse_extension": _refuse_extension}.items():
    _page = ActPage(_event, government_sheet, _do, "/government", "延期报请", "/government")
    add(router, f"/government/{{case_id}}/{_event}", _page)
