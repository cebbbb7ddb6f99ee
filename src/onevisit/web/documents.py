"""Hands receipts, notices and certificates out as PDF to those who may see them."""

from functools import partial
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.outbox import documents
from onevisit.store import session as store
from onevisit.web.edge import SignInNeeded, keep_seen, site_of, visitor
from onevisit.web.sending import sent

router = APIRouter()


@router.get("/documents/{document_id}")
def document(request: Request, document_id: UUID) -> Response:
    """The PDF of one document, made now if it has not been made yet."""
    actor = visitor(request)
    if actor is None:
        raise SignInNeeded
    site = site_of(request)
    begin = partial(store.writing, site.engine)
    pdf = documents.pdf(begin, site.files, site.printing, actor, document_id)
    keep_seen(request, actor, [pdf.seen], site.clock())
    return sent(pdf.stored, "application/pdf", pdf.filename, inline=True)
