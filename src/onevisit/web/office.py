"""The departments' office: an inbox by due date, and one approval with only what its item needs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases import claim, decide, views
from onevisit.cases.errors import Invalid
from onevisit.cases.phrases import GENERAL
from onevisit.cases.views.office_inbox import InboxRow, Wanted, following, services
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
from onevisit.web.office_files import first_file, looked_at
from onevisit.web.office_tabs import ELSEWHERE, TABS
from onevisit.web.searching import NAME, Search
from onevisit.web.turn_pages import pages_below

router = APIRouter()

PAGES = "/office/{approval_id}/"
"""Every standing act of an officer with a page has it below this address."""


WORDS = ("event", "opinion", "reasons", "false_material")


@router.get("/office")
def inbox(  # noqa: PLR0917 -- the filters of one list
    request: Request,
    typed: Search,
    tab: str = "mine",
    after: str | None = None,
    light: str = "",
    claimed: str = "",
    service: str = "",
) -> Response:
    """What waits for the signed-in officer, soonest due first."""
    if tab in ELSEWHERE:
        return redirect(ELSEWHERE[tab])
    tab = tab if tab in TABS else "mine"
    wanted = Wanted(typed.text, light, claimed, service[:63])
    try:
        with reading(request) as ctx:
            rows = views.office_inbox(ctx, tab, after, wanted)
            asked = head_requests(ctx)
            served = services(ctx)
    except ValueError:  # an address that none of our pages made
        return redirect("/office")
    filters = {NAME: typed.sealed, "light": light, "claimed": claimed, "service": service}
    filters = {name: text for name, text in filters.items() if text}
    return page(
        request,
        "office/inbox.html",
        rows=rows,
        asked=asked,
        tab=tab,
        tabs=TABS,
        wanted=wanted,
        services=served,
        filters=urlencode(filters),
        batches=_batches(rows.rows),
        said=said(request),
    )


def _batches(rows: Sequence[InboxRow]) -> frozenset[str]:
    """What more than one row of the page can be signed of together."""
    counted = Counter(row.batch for row in rows if row.mine)
    return frozenset(name for name, count in counted.items() if count > 1)


@router.post("/office/{approval_id}/claim")
def take(request: Request, approval_id: UUID, form: PostedForm) -> Response:
    """Take an item in hand, so that colleagues see it; they may act all the same."""
    try:
        with transaction(request) as ctx:
            claim.claim(ctx, approval_id)
    except Invalid as invalid:
        return _draw(request, approval_id, None, {}, invalid.errors)
    say(request, "已领取：同事会看到这件在您手上，仍然可以办理。")
    return redirect(f"/office/{approval_id}")


@router.post("/office/{approval_id}/put_back")
def put_back(request: Request, approval_id: UUID, form: PostedForm) -> Response:
    """Put an item back for anybody of the department."""
    with transaction(request) as ctx:
        claim.put_back(ctx, approval_id)
    say(request, "已放回。")
    return redirect(f"/office/{approval_id}")


@router.get("/office/{approval_id}")
def approval(request: Request, approval_id: UUID, file: str = "") -> Response:
    """One item of one case: its fields, materials, steps, and what may be done now; with one of
    its files beside it (`file`: an id)."""
    return _draw(request, approval_id, None, {}, file=file)


@router.post("/office/{approval_id}")
def act(request: Request, approval_id: UUID, form: PostedForm) -> Response:
    """One signature; which acts there are, the definition says."""
    words = {name: text_of(form, name) for name in WORDS}
    file = text_of(form, "file")
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
        return _draw(request, approval_id, revision, words, invalid.errors, file=file)
    say(request, message)
    return redirect(f"/office/{approval_id}")


def _draw(
    request: Request,
    approval_id: UUID,
    revision: int | None,
    typed: Mapping[str, str],
    errors: Sequence[FieldError] = (),
    *,
    file: str = "",
) -> Response:
    with reading(request) as ctx:
        view = views.office_case(ctx, approval_id)
        next_one = following(ctx, approval_id)
        shelf = looked_at(ctx, view, file)
    return page(
        request,
        "office/approval.html",
        status=422 if errors else 200,
        view=view,
        revision_shown=view.revision if revision is None else revision,
        typed=dict.fromkeys(WORDS, "") | dict(typed),
        following=next_one,
        shelf=shelf.with_pages() if shelf else None,
        first=first_file(view),
        general=GENERAL,
        pages=pages_below(request, PAGES),
        errors=errors,
        wrong={error.path: error.message for error in errors},
        said=said(request),
    )
