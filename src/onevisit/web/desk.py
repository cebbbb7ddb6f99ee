"""The desk (综窗): one queue and one checklist over all items; accept, tell once, or decline."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases import Context, accept, correct, decline, views, wording
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.errors import Invalid, Stale
from onevisit.cases.views.parts import DocumentLink
from onevisit.cases.views.tickets import calls
from onevisit.definition.form import FieldError
from onevisit.engine import CASE, fire
from onevisit.web import checklist
from onevisit.web.checklist import Sheet
from onevisit.web.edge import (
    PostedForm,
    page,
    pairs_of,
    reading,
    redirect,
    revision_of,
    transaction,
)
from onevisit.web.notice import said, say
from onevisit.web.searching import NAME, Search, Typed
from onevisit.web.turn_pages import pages_below

router = APIRouter()

PAGES = "/desk/{case_id}/"
"""Every standing act of the clerk with a page has it below this address."""

ANSWERS = ("acceptance", "correction", "decline")
"""The papers that tell the applicant what became of the application; they are printed first."""
TABS = {
    "waiting": "待受理",
    "brought": "容缺待核收",
    "correcting": "待补正",
    "running": "办理中",
    "closed": "已结",
}


@dataclass(frozen=True)
class Posted:
    """What one press of a button sent: the checklist as typed, from the page of this revision."""

    case_id: UUID
    sheet: Sheet
    revision: int


def posted(case_id: UUID, form: PostedForm) -> Posted:
    """The posted checklist of the case in the address."""
    return Posted(case_id, checklist.typed(pairs_of(form)), revision_of(form))


@dataclass(frozen=True)
class Wanted:
    """What a clerk narrows the queue to: part of a number or name, a service, a channel."""

    q: str = ""
    service: str = ""
    channel: str = ""


Sent = Annotated[Posted, Depends(posted)]


@router.get("/desk")
def queue(  # noqa: PLR0917 -- what the address of a list may say
    request: Request,
    typed: Search,
    tab: str = "waiting",
    service: str = "",
    channel: str = "",
    after: str | None = None,
) -> Response:
    """All cases by where they stand, the oldest first; `typed` is part of a number or a name."""
    tab = tab if tab in TABS else "waiting"
    wanted = Wanted(typed.text, service, channel if channel in wording.CHANNELS else "")
    try:
        with reading(request) as ctx:
            rows = views.desk_queue(
                ctx, tab, after, wanted.q, service=wanted.service, channel=wanted.channel
            )
            desk_calls = calls(ctx)
            services = [each.definition.workflow for each in ctx.catalog.list(ctx.session)]
    except ValueError:  # an address that none of our pages made
        return redirect("/desk")
    return page(
        request,
        "desk/queue.html",
        rows=rows,
        tab=tab,
        tabs=TABS,
        wanted=wanted,
        narrowed=_narrowed(wanted, typed),
        services=services,
        channels=wording.CHANNELS,
        calls=desk_calls,
        said=said(request),
    )


def _narrowed(wanted: Wanted, typed: Typed) -> str:
    """What an address of the same list says."""
    said = {NAME: typed.sealed, "service": wanted.service, "channel": wanted.channel}
    return urlencode({name: text for name, text in said.items() if text})


@router.get("/desk/{case_id}")
def case(request: Request, case_id: UUID) -> Response:
    """One case with the checklist as it was last saved."""
    return _draw(request, case_id)


@router.post("/desk/{case_id}/fill")
def fill(request: Request, sent: Sent) -> Response:
    """Mark the rest as it seems; nothing is recorded, the clerk looks and goes on."""
    with reading(request) as ctx:
        view = views.desk_case(ctx, sent.case_id)
    sheet = checklist.filled(sent.sheet, view)
    return _draw(request, sent.case_id, Posted(sent.case_id, sheet, sent.revision))


@router.post("/desk/{case_id}/save")
def save(request: Request, sent: Sent) -> Response:
    """Keep the checklist as it stands and go on later."""

    def verb(ctx: Context) -> None:
        accept.record_checks(ctx, sent.case_id, sent.sheet.findings())

    return _act(request, sent, verb, "材料核对已暂存，还没有作出受理决定。")


@router.post("/desk/{case_id}/accept")
def accept_case(request: Request, sent: Sent) -> Response:
    """受理: every item that waits for nothing starts at this moment."""

    def verb(ctx: Context) -> None:
        if sent.sheet.contradictions():
            raise Invalid(sent.sheet.contradictions())
        accept.accept(ctx, sent.case_id, sent.sheet.findings(), sent.revision)

    done = "已受理：不需要等待其他结果的事项，各部门从这一刻同时开始办理。请打印受理通知书。"
    return _act(request, sent, verb, done)


@router.post("/desk/{case_id}/notice")
def read_notice(request: Request, sent: Sent) -> Response:
    """The notice as it would go out, to be read before it does, since it does so once only."""
    sheet = sent.sheet
    try:
        with reading(request) as ctx:
            found = correct.preview(ctx, sent.case_id, sheet.findings(), sheet.field_findings())
            due = correct.due_of(ctx, found[0])
    except Invalid as invalid:
        return _draw(request, sent.case_id, sent, invalid.errors)
    dossier, missing = found
    return page(
        request,
        "desk/notice.html",
        service=dossier.definition.workflow.title,
        applicant=dossier.applicant.name,
        number=dossier.case.number,
        missing=missing,
        due=due,
        consequence=wording.CORRECTION_CONSEQUENCE,
        send_to=f"/desk/{sent.case_id}/correct",
        back=f"/desk/{sent.case_id}",
        pairs=checklist.pairs(sheet),
        revision_shown=sent.revision,
    )


@router.post("/desk/{case_id}/edit")
def edit(request: Request, sent: Sent) -> Response:
    """Back from the notice to the checklist, with everything as it was marked."""
    return _draw(request, sent.case_id, sent)


@router.get("/desk/{case_id}/papers")
def papers(request: Request, case_id: UUID) -> Response:
    """The papers to print, the newest first; the page refreshes itself while one is being made."""
    with reading(request) as ctx:
        view = views.desk_case(ctx, case_id)
    newest = sorted(view.documents, key=_printed_first)
    waiting = any(not each.made for each in newest)
    return page(
        request, "desk/papers.html", view=view, papers=newest, waiting=waiting, said=said(request)
    )


def _printed_first(paper: DocumentLink) -> tuple[bool, float]:
    return paper.kind not in ANSWERS, -paper.created_at.timestamp()


@router.post("/desk/{case_id}/correct")
def request_correction(request: Request, sent: Sent) -> Response:
    """一次性告知补正: everything that is missing, told once and never again."""

    def verb(ctx: Context) -> None:
        findings, fields = sent.sheet.findings(), sent.sheet.field_findings()
        correct.request(ctx, sent.case_id, findings, fields, sent.revision)

    done = "补正告知书已发出，申请人登录后逐项可见；补正交来后直接决定是否受理，不能再次要求补正。"
    return _act(request, sent, verb, done)


@router.post("/desk/{case_id}/decline")
def decline_case(request: Request, sent: Sent) -> Response:
    """不予受理, with reasons and whose business it is."""

    def verb(ctx: Context) -> None:
        sheet = sent.sheet
        words = (sheet.ground, sheet.reasons, sheet.belongs_to)
        decline.decline(ctx, sent.case_id, *words, sent.revision)

    return _act(request, sent, verb, "已作出不予受理决定，决定书见“文书”。")


def _act(request: Request, sent: Posted, verb: Callable[[Context], None], done: str) -> Response:
    """Do it in one transaction; on errors the page comes back with everything typed."""
    try:
        with transaction(request) as ctx:
            verb(ctx)
    except Invalid as invalid:
        return _draw(request, sent.case_id, sent, invalid.errors)
    except Stale as stale:
        return _overtaken(request, sent, stale)
    say(request, done)
    return redirect(f"/desk/{sent.case_id}")


def _overtaken(request: Request, sent: Posted, stale: Stale) -> Response:
    """Somebody was faster: what was marked stays on the page, to be looked at and sent once more;
    where nothing is left to decide, the page that says so."""
    with reading(request) as ctx:
        view = views.desk_case(ctx, sent.case_id)
    if not view.acts or (stale.happened is not None and stale.happened.mine):
        raise stale
    fresh = Posted(sent.case_id, sent.sheet, view.revision)
    said_so = FieldError("", f"{stale}。您刚才标记的都在下面，没有丢失")
    return _draw(request, sent.case_id, fresh, [said_so], status=409)


def _draw(
    request: Request,
    case_id: UUID,
    sent: Posted | None = None,
    errors: Sequence[FieldError] = (),
    status: int = 422,
) -> Response:
    """The case page, as stored or as just sent."""
    with reading(request) as ctx:
        view = views.desk_case(ctx, case_id)
        dossier = load(ctx, case_id)
        starting, grounds = _starting(dossier), decline.grounds_of(ctx, dossier)
    return page(
        request,
        "desk/case.html",
        status=status if errors else 200,
        view=view,
        sheet=sent.sheet if sent else checklist.stored(view),
        revision_shown=sent.revision if sent else view.revision,
        acts={act.event: act for act in view.acts},
        turns=[turn for turn in view.turns if turn.event in pages_below(request, PAGES)],
        starting=starting,
        grounds=grounds,
        choices={row.id: checklist.choices(row) for row in view.materials},
        errors=errors,
        wrong={error.path: error.message for error in errors},
        may_hold=not dossier.state().final,
        said=said(request),
    )


def _starting(dossier: Dossier) -> frozenset[str]:
    """The items that acceptance would start at that very moment, as the engine itself says."""
    if all(move.event != accept.EVENT for move in dossier.possible()):
        return frozenset()
    moves = fire(dossier.chart, dossier.marking, CASE, accept.EVENT).moves
    return frozenset(move.region for move in moves if move.region != CASE)
