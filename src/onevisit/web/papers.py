"""Sees to it that nobody waits at a counter for a paper that could be made in a moment."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import structlog
from starlette.requests import Request

from onevisit.cases.context import Context
from onevisit.cases.hand_out import NotMade
from onevisit.cases.outbox import documents
from onevisit.store import session as store
from onevisit.web.edge import site_of, transaction

log = structlog.get_logger()
Answer = TypeVar("Answer")


def with_papers(request: Request, act: Callable[[Context], Answer]) -> Answer:
    """Do what hands results out, in a transaction of its own; where papers are missing, make them
    now and do it once more. Raises NotMade when one of them cannot be made.

    Whether the person may have them is checked before any is made: `act` refuses first.
    """
    try:
        with transaction(request) as ctx:
            return act(ctx)
    except NotMade as missing:
        _make(request, missing)
    with transaction(request) as ctx:
        return act(ctx)


def _make(request: Request, missing: NotMade) -> None:
    """Try each of them; what fails stays with the background worker, which tries again later."""
    site = site_of(request)
    begin = partial(store.writing, site.engine)
    for document_id in missing.papers:
        try:
            documents.make(begin, site.files, site.printing, document_id)
        except Exception:  # whatever it is, the page says which paper is missing
            log.exception("document_not_made", document=str(document_id))
