"""The applicant's cases: start one, see where each stands, withdraw it, collect its results."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit import engine
from onevisit.cases import discard, draft, hand_out, renew, views, withdraw
from onevisit.cases.errors import Archived, Invalid, NotFound
from onevisit.cases.views import agencies
from onevisit.cases.views.archived import archived_view
from onevisit.cases.views.drafts import my_drafts
from onevisit.cases.views.todo import todo
from onevisit.definition.form import FieldError
from onevisit.web import asking, situation
from onevisit.web.asking import Sheet
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
from onevisit.web.notice import said, say
from onevisit.web.papers import with_papers
from onevisit.web.turn_pages import pages_below

router = APIRouter(prefix="/my")

CASE_PAGES, ITEM_PAGES = "/my/{case_id}/", "/my/{case_id}/items/{region:path}/"
"""Every standing act of the applicant with a page has it below one of these addresses."""


@router.get("")
def my_cases(request: Request, after: UUID | None = None, running: UUID | None = None) -> Response:
    """What needs the applicant now, what they are filling in, what runs, what is over."""
    first = after is None and running is None
    with reading(request) as ctx:
        return page(
            request,
            "applicant/cases.html",
            todo=todo(ctx) if first else (),
            drafts=views.my_cases(ctx, None, "drafts") if first else None,
            running=views.my_cases(ctx, _text(running), "running") if after is None else None,
            closed=views.my_cases(ctx, _text(after), "closed") if running is None else None,
            first=first,
            said=said(request),
        )


@router.get("/drafts")
def drafts(request: Request, after: UUID | None = None) -> Response:
    """What was begun and not handed in: how far each is and how long it is kept."""
    with reading(request) as ctx:
        rows = my_drafts(ctx, _text(after))
    return page(request, "applicant/drafts.html", rows=rows, said=said(request))


def _text(after: UUID | None) -> str | None:
    return str(after) if after else None


@router.post("/start/{service_id}")
def start(request: Request, service_id: str, form: PostedForm) -> Response:
    """Begin a draft with the situation answers of the page before."""
    raw = dict(pairs_of(form))
    whose = raw.pop("_for", "")
    raw.pop("revision", None)
    definition = published(request, service_id).definition
    with transaction(request) as ctx:
        answers, errors = engine.read_answers(definition, raw)
        if errors:
            return redirect(f"/services/{service_id}/start?{situation.address(raw)}")
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
    """A draft's task list, how far a submitted case has come, or that it is archived."""
    with reading(request) as ctx:
        try:
            draft_view = views.draft_view(ctx, case_id)
        except Archived:
            told = archived_view(ctx, case_id)
            return page(request, "applicant/archived.html", view=told)
        if draft_view.editable and draft_view.correction is None:
            return page(request, "applicant/tasks.html", view=draft_view, said=said(request))
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


@router.get("/{case_id}/discard")
def ask_to_discard(request: Request, case_id: UUID) -> Response:
    """Say what is lost before a draft is thrown away."""
    with reading(request) as ctx:
        view = views.draft_view(ctx, case_id)
    if not view.tasks:
        return redirect(f"/my/{case_id}")
    return asking.draw(request, _discarding(view), {})


@router.post("/{case_id}/discard")
def throw_away(request: Request, case_id: UUID, form: PostedForm) -> Response:
    """Delete a draft with everything in it."""
    with transaction(request) as ctx:
        discard.discard(ctx, case_id, revision_of(form))
    say(request, "草稿已删除。")
    return redirect("/my/drafts")


def _discarding(view: views.DraftView) -> Sheet:
    files = sum(len(each.uploads) for each in view.materials)
    return Sheet(
        title="删除草稿",
        button="删除草稿",
        back=(f"/my/{view.id}", "任务清单"),
        revision=view.revision,
        questions=(),
        about=(("服务", view.service), ("已上传的文件", f"{files} 个")),
        warning="填写的内容和上传的文件会一起删除，不能恢复。",
        staff=False,
    )


@router.get("/{case_id}/renew")
def ask_to_renew(request: Request, case_id: UUID) -> Response:
    """What a new version of the service changes for a draft."""
    with reading(request) as ctx:
        view = views.draft_view(ctx, case_id)
    return _renewal_page(request, view, situation.as_texts(view.answers), ())


@router.post("/{case_id}/renew")
def go_on(request: Request, case_id: UUID, form: PostedForm) -> Response:
    """Go on with the new version."""
    raw = dict(pairs_of(form))
    try:
        with transaction(request) as ctx:
            renew.renew(ctx, case_id, raw, revision_of(form))
    except Invalid as invalid:
        with reading(request) as ctx:
            view = views.draft_view(ctx, case_id)
        return _renewal_page(request, view, raw, invalid.errors)
    say(request, "已经换成新的办理要求，填写的内容都还在。")
    return redirect(f"/my/{case_id}")


def _renewal_page(
    request: Request, view: views.DraftView, raw: dict[str, str], errors: Sequence[FieldError]
) -> Response:
    if view.renewal is None or not view.editable:
        return redirect(f"/my/{view.id}")
    return page(
        request,
        "applicant/renew.html",
        status=422 if errors else 200,
        view=view,
        renewal=view.renewal,
        fields=situation.views(view.renewal.definition, raw, errors),
        errors=tuple(errors),
    )


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
