"""Staff see a masked number whole only by asking for it here, with a reason, for one page view."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.errors import Invalid
from onevisit.cases.privacy import reveal
from onevisit.cases.privacy.reveal import Find, Hidden, Number
from onevisit.cases.seen import PAGE
from onevisit.definition.form import FieldError
from onevisit.web.edge import PostedForm, page, reading, text_of

router = APIRouter()
HIDDEN = "证件号码、电话等（已隐去）"


@router.get("/desk/{case_id}/reveal")
def ask_at_desk(request: Request, case_id: UUID) -> Response:
    """The numbers that the desk's page hides, to choose from."""
    return _ask(request, reveal.at_desk, case_id, f"/desk/{case_id}")


@router.post("/desk/{case_id}/reveal")
def show_at_desk(request: Request, case_id: UUID, form: PostedForm) -> Response:
    """The chosen ones whole, this once."""
    return _show(request, reveal.at_desk, case_id, f"/desk/{case_id}", form)


@router.get("/office/{approval_id}/reveal")
def ask_in_office(request: Request, approval_id: UUID) -> Response:
    """The numbers that the item's page hides, to choose from."""
    return _ask(request, reveal.in_office, approval_id, f"/office/{approval_id}")


@router.post("/office/{approval_id}/reveal")
def show_in_office(request: Request, approval_id: UUID, form: PostedForm) -> Response:
    """The chosen ones whole, this once."""
    return _show(request, reveal.in_office, approval_id, f"/office/{approval_id}", form)


@router.get("/window/{case_id}/reveal")
def ask_at_window(request: Request, case_id: UUID) -> Response:
    """The numbers that the window's page hides, to choose from."""
    return _ask(request, reveal.at_window, case_id, f"/window/{case_id}")


@router.post("/window/{case_id}/reveal")
def show_at_window(request: Request, case_id: UUID, form: PostedForm) -> Response:
    """The chosen ones whole, this once."""
    return _show(request, reveal.at_window, case_id, f"/window/{case_id}", form)


@router.get("/watch/ratings/{rating_id}/reveal")
def ask_of_rating(request: Request, rating_id: UUID) -> Response:
    """The telephone of whoever gave a bad rating."""
    return _ask(request, reveal.of_rating, rating_id, f"/watch/ratings/{rating_id}")


@router.post("/watch/ratings/{rating_id}/reveal")
def show_of_rating(request: Request, rating_id: UUID, form: PostedForm) -> Response:
    """The same whole, this once."""
    return _show(request, reveal.of_rating, rating_id, f"/watch/ratings/{rating_id}", form)


def _ask(request: Request, find: Find, id_: UUID, back: str) -> Response:
    with reading(request) as ctx:
        hidden = find(ctx, id_)
        ctx.seen.shown(hidden.case_id, PAGE, HIDDEN, department=hidden.department)
    return _draw(request, hidden, back)


def _show(request: Request, find: Find, id_: UUID, back: str, form: PostedForm) -> Response:
    chosen = [each for each in form.getlist("number") if isinstance(each, str)]
    reason, words = text_of(form, "reason"), text_of(form, "words")
    try:
        with reading(request) as ctx:
            hidden = find(ctx, id_)
            shown = reveal.reveal(ctx, hidden, chosen, reason, words)
    except Invalid as invalid:
        typed = (chosen, reason, words)
        return _draw(request, hidden, back, errors=invalid.errors, typed=typed)
    return _draw(request, hidden, back, shown)


def _draw(
    request: Request,
    hidden: Hidden,
    back: str,
    shown: Sequence[Number] = (),
    *,
    errors: Sequence[FieldError] = (),
    typed: tuple[Sequence[str], str, str] = ((), "", ""),
) -> Response:
    only = [each.id for each in hidden.numbers] if len(hidden.numbers) == 1 else []
    answer = page(
        request,
        "reveal.html",
        status=422 if errors else 200,
        hidden=hidden,
        shown=shown,
        back=back,
        reasons=reveal.REASONS,
        chosen=typed[0] or only,
        reason=typed[1],
        words=typed[2],
        most=reveal.MOST,
        errors=errors,
        wrong={each.path: each.message for each in errors},
    )
    answer.headers["cache-control"] = "no-store"
    return answer
