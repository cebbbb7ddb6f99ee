"""Rating pages (好差评): the applicant's side after the end, supervision for the bad ones."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases import rating
from onevisit.cases.errors import Invalid
from onevisit.cases.views import ratings as views
from onevisit.definition.form import FieldError
from onevisit.web.edge import PostedForm, page, reading, redirect, text_of, transaction
from onevisit.web.notice import said, say

router = APIRouter()


@router.get("/my/{case_id}/rate")
def ask(request: Request, case_id: UUID) -> Response:
    """Five grades, and what may be ticked with them; later, what was given and what came of it."""
    return _rating_page(request, case_id, {"grade": "", "reasons": [], "words": ""}, ())


@router.post("/my/{case_id}/rate")
def rate(request: Request, case_id: UUID, form: PostedForm) -> Response:
    """Keep the rating."""
    grade, words = text_of(form, "grade"), text_of(form, "words")
    reasons = [each for each in form.getlist("reasons") if isinstance(each, str)]
    try:
        with transaction(request) as ctx:
            number = int(grade) if grade in {"1", "2", "3", "4", "5"} else None
            rating.rate(ctx, case_id, number, reasons, words)
    except Invalid as invalid:
        typed = {"grade": grade, "reasons": reasons, "words": words}
        return _rating_page(request, case_id, typed, invalid.errors)
    say(request, "谢谢您的评价。")
    return redirect(f"/my/{case_id}/rate")


@router.post("/my/{case_id}/skip_rating")
def skip(request: Request, case_id: UUID) -> Response:
    """Not now, and not asked again."""
    with transaction(request) as ctx:
        rating.skip(ctx, case_id)
    say(request, "好的，不再提醒您评价这个办件。")
    return redirect("/my")


def _rating_page(
    request: Request, case_id: UUID, typed: Mapping[str, object], errors: Sequence[FieldError]
) -> Response:
    with reading(request) as ctx:
        view = views.rating_form(ctx, case_id)
    return page(
        request,
        "applicant/rate.html",
        status=422 if errors else 200,
        view=view,
        grades=rating.GRADES,
        typed=typed,
        errors=tuple(errors),
        said=said(request),
    )


@router.get("/watch/ratings")
def listed(request: Request, tab: str = "open", after: str | None = None) -> Response:
    """The bad ratings that somebody has to follow up, or that somebody did."""
    tab = tab if tab in views.TABS else "open"
    try:
        with reading(request) as ctx:
            rows = views.bad_ratings(ctx, tab, after)
    except ValueError:  # an address that none of our pages made
        return redirect("/watch/ratings")
    tabs = list(views.TABS.items())
    return page(request, "watch/ratings.html", rows=rows, tab=tab, tabs=tabs, said=said(request))


@router.get("/watch/ratings/{rating_id}")
def opened(request: Request, rating_id: UUID) -> Response:
    """One bad rating, whom to speak to, and what was done."""
    return _follow_up_page(request, rating_id, "", ())


@router.post("/watch/ratings/{rating_id}")
def follow_up(request: Request, rating_id: UUID, form: PostedForm) -> Response:
    """Write down what was done about it."""
    outcome = text_of(form, "outcome")
    try:
        with transaction(request) as ctx:
            rating.follow_up(ctx, rating_id, outcome)
    except Invalid as invalid:
        return _follow_up_page(request, rating_id, outcome, invalid.errors)
    say(request, "已登记，评价人会收到回复。")
    return redirect("/watch/ratings")


def _follow_up_page(
    request: Request, rating_id: UUID, outcome: str, errors: Sequence[FieldError]
) -> Response:
    with reading(request) as ctx:
        view = views.follow_up_view(ctx, rating_id)
    return page(
        request,
        "watch/rating.html",
        status=422 if errors else 200,
        view=view,
        given=view.given,
        outcome=outcome,
        errors=tuple(errors),
    )
