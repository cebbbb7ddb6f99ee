"""Shows what a material should look like, to whoever prepares it and to whoever checks it."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.errors import NotFound
from onevisit.documents import UnknownTemplate
from onevisit.documents.specimen import specimen
from onevisit.web.edge import site_of

router = APIRouter()


@router.get("/samples/{name}")
def sample(request: Request, name: str) -> Response:
    """The sample as a PDF; NotFound."""
    try:
        pdf = specimen(name, site_of(request).templates)
    except UnknownTemplate:
        raise NotFound("这份样例") from None
    headers = {"Content-Disposition": f'inline; filename="sample-{name}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)
