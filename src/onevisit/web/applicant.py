"""The applicant's cases: start one, see where each stands, withdraw it, collect its results."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit import engine
from onevisit.cases import draft, hand_out, views, withdraw
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.views import agencies
from onevisit.web import situation
from onevisit.web.edge import (
    PostedForm,
    page,
    pairs_of,
    published,
    reading,
    redirect,
    revision_of,
    text_of,
    transaction,
)
from onevisit.web.papers import with_papers
from onevisit.web.turn_pages import pages_below

router = APIRouter(prefix="/my")

CASE_PAGES, ITEM_PAGES = "/my/{case_id}/", "/my/{case_id}/items/{region:path}/"
"""Every standing act of the applicant with a page has it below one of these addresses."""


@router.get("")
def my_cases(request: Request, after: UUID | None = None) -> Response:
    """All cases of the signed-in applicant, newest first."""
    with reading(request) as ctx:
        cases = views.my_cases(ctx, after=str(after) if after else None)
    return page(request, "applicant/cases.html", cases=cases)


@router.post("/start/{service_id}")
def start(request: Request, service_id: str, form: PostedForm) -> Response:
    """Begin a draft with the situation answers of the page before."""
    raw = dict(pairs_of(form))
    whose = raw.pop("_for", "")
    raw.pop("revision", None)
    definition = published(request, service_id).definition
    answers, errors = engine.read_answers(definition, raw)
    if errors:
        return redirect(f"/services/{service_id}/start?{situation.address(raw)}")
    with transaction(request) as ctx:
        held = () if whose else agencies.usable_for(ctx, service_id)
        if not held:
            case = draft.start(ctx, service_id, answers, authorisation_id=_agency(whose))
            return redirect(f"/my/{case.id}")
    service = definition.workflow.title
    return page(
        request,
        "applicant/for_whom.html",
        service_id=service_id,
        service=service,
        answers=situation.as_texts(answers),
        agencies=held,
    )


def _agency(whose: str) -> UUID | None:
    """The authorisation that was chosen; None for oneself. NotFound for what no page sent."""
    if whose in ("", "self"):
        return None
    try:
        return UUID(whose)
    except ValueError:
        raise NotFound("这份授权") from None


@router.get("/{case_id}")
def case(request: Request, case_id: UUID) -> Response:
    """A draft's task list, or how far a submitted case has come."""
    with reading(request) as ctx:
        draft_view = views.draft_view(ctx, case_id)
        if draft_view.editable and draft_view.correction is None:
            return page(request, "applicant/tasks.html", view=draft_view)
        view = views.progress(ctx, case_id)
    return page(request, "applicant/progress.html", view=view, turns=_turns(request, view))


def _turns(request: Request, view: views.Progress) -> list[tuple[str, str, str]]:
    """(region, title, address) of the standing acts that have a page, on the case or an item."""
    of_case, of_item = pages_below(request, CASE_PAGES), pages_below(request, ITEM_PAGES)
    return [
        (turn.region, turn.title, f"/my/{view.id}/{turn.event}")
        if turn.region == engine.CASE
        else (turn.region, turn.title, f"/my/{view.id}/items/{turn.region}/{turn.event}")
        for turn in view.turns
        if turn.event in (of_case if turn.region == engine.CASE else of_item)
    ]


@router.get("/{case_id}/withdraw")
def ask_to_withdraw(request: Request, case_id: UUID) -> Response:
    """Say what withdrawing means before it is done."""
    with reading(request) as ctx:
        view = views.progress(ctx, case_id)
    if not any(act.event == withdraw.EVENT for act in view.acts):
        return redirect(f"/my/{case_id}")
    return page(request, "applicant/withdraw.html", view=view, reason="", errors=())


@router.post("/{case_id}/withdraw")
def withdraw_case(request: Request, case_id: UUID, form: PostedForm) -> Response:
    """Withdraw the whole case."""
    reason = text_of(form, "reason")
    try:
        with transaction(request) as ctx:
            withdraw.withdraw(ctx, case_id, reason, revision_of(form))
    except Invalid as invalid:
        with reading(request) as ctx:
            view = views.progress(ctx, case_id)
        return page(
            request,
            "applicant/withdraw.html",
            status=422,
            view=view,
            reason=reason,
            errors=invalid.errors,
        )
    return redirect(f"/my/{case_id}")


@router.post("/{case_id}/collect")
def collect(request: Request, case_id: UUID, form: PostedForm) -> Response:
    """Collect the results by download, which concludes the case."""
    revision = revision_of(form)
    with_papers(request, lambda ctx: hand_out.collect(ctx, case_id, revision))
    return redirect(f"/my/{case_id}#documents")
