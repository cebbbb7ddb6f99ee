"""The departments' office: an inbox by due date, and one approval with only what its item needs."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases import decide, views
from onevisit.cases.errors import Invalid
from onevisit.cases.views.whole_sheets import head_requests
from onevisit.definition.form import FieldError
from onevisit.web.edge import (
    PostedForm,
    page,
    reading,
    redirect,
    revision_of,
    text_of,
    transaction,
)
from onevisit.web.notice import said, say
from onevisit.web.office_tabs import ELSEWHERE, TABS
from onevisit.web.turn_pages import pages_below

router = APIRouter()

PAGES = "/office/{approval_id}/"
"""Every standing act of an officer with a page has it below this address."""


WORDS = ("event", "opinion", "reasons", "false_material")


@router.get("/office")
def inbox(request: Request, tab: str = "mine", after: str | None = None) -> Response:
    """What waits for the signed-in officer, soonest due first."""
    if tab in ELSEWHERE:
        return redirect(ELSEWHERE[tab])
    tab = tab if tab in TABS else "mine"
    try:
        with reading(request) as ctx:
            rows = views.office_inbox(ctx, tab, after)
            asked = head_requests(ctx)
    except ValueError:  # an address that none of our pages made
        return redirect("/office")
    return page(
        request,
        "office/inbox.html",
        rows=rows,
        asked=asked,
        tab=tab,
        tabs=TABS,
        said=said(request),
    )


@router.get("/office/{approval_id}")
def approval(request: Request, approval_id: UUID) -> Response:
    """One item of one case: its fields, materials, steps, and what may be done now."""
    return _draw(request, approval_id, None, {})


@router.post("/office/{approval_id}")
def act(request: Request, approval_id: UUID, form: PostedForm) -> Response:
    """One signature; which acts there are, the definition says."""
    words = {name: text_of(form, name) for name in WORDS}
    revision = revision_of(form)
    try:
        with transaction(request) as ctx:
            outcome = decide.act(
                ctx,
                approval_id,
                words["event"],
                words["opinion"],
                words["reasons"],
                revision,
                false_material=words["false_material"] == "yes",
            )
            message = outcome.message
    except Invalid as invalid:
        return _draw(request, approval_id, revision, words, invalid.errors)
    say(request, message)
    return redirect(f"/office/{approval_id}")


def _draw(
    request: Request,
    approval_id: UUID,
    revision: int | None,
    typed: Mapping[str, str],
    errors: Sequence[FieldError] = (),
) -> Response:
    with reading(request) as ctx:
        view = views.office_case(ctx, approval_id)
        following = next(
            (row for row in views.office_inbox(ctx, "mine").rows if row.approval_id != approval_id),
            None,
        )
    return page(
        request,
        "office/approval.html",
        status=422 if errors else 200,
        view=view,
        revision_shown=view.revision if revision is None else revision,
        typed=dict.fromkeys(WORDS, "") | dict(typed),
        following=following,
        pages=pages_below(request, PAGES),
        errors=errors,
        wrong={error.path: error.message for error in errors},
        said=said(request),
    )
