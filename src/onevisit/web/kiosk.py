"""The kiosk (自助取件): card, code, one button, papers to print; then the next person sees nothing.

A terminal is signed in with an account of its own that can do nothing else. What is open on it lies
in a row behind its session for a few minutes and is closed by the start page, to which it returns
by itself.
"""

from datetime import timedelta
from functools import partial
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.access import check_can_self_serve
from onevisit.cases import kiosk, kiosk_visit, views
from onevisit.cases.context import Context
from onevisit.cases.errors import CaseError, NotFound
from onevisit.cases.outbox import documents
from onevisit.store import session as store
from onevisit.web.edge import (
    PostedForm,
    held,
    page,
    reading,
    redirect,
    revision_of,
    site_of,
    text_of,
    transaction,
)
from onevisit.web.papers import with_papers
from onevisit.web.sending import sent
from onevisit.web.tries import MOST_FROM_ONE_PLACE, tries_of
from onevisit.web.window import scanned

router = APIRouter(prefix="/kiosk")

BUSY = "这台自助终端上输错的次数太多，一小时后才能再用。请带身份证件到出件窗口领取，结果都还在。"
ENTERING, PRINTING = timedelta(minutes=3), timedelta(minutes=5)
"""How long a card and a code stay entered, and how long the papers can be opened here."""


@router.get("")
def start(request: Request) -> Response:
    """Where everybody begins; whatever was open before is closed."""
    if _kept(request):
        _close(request)
    return page(request, "kiosk/start.html", number="", refused="")


@router.post("")
def enter(request: Request, form: PostedForm) -> Response:
    """First the card, then the code: on to the results that both open, or how to go on."""
    number, code = scanned(text_of(form, "id_number")), text_of(form, "code")
    if not number or not code:
        with reading(request) as ctx:
            check_can_self_serve(ctx.actor)
        refused = "" if number else "请先刷身份证，或者输入证件号码。"
        return page(request, "kiosk/start.html", number=number, refused=refused)
    tries, now = tries_of(request), site_of(request).door.now()
    with transaction(request) as ctx:
        check_can_self_serve(ctx.actor)
        subject = f"kiosk {ctx.actor.id}"
        kiosk_visit.close(ctx, held(request).id)
        if not tries.take(subject, now, MOST_FROM_ONE_PLACE):
            return _told(request, BUSY)
        opened = kiosk.enter(ctx, number, code)
        if opened.case is not None:
            entered = {"number": number, "code": code}
            kiosk_visit.keep(ctx, held(request).id, ENTERING, entered)
    if opened.case is None:
        return _told(request, opened.refused)
    tries.give_back(subject, now)
    return redirect("/kiosk/case")


@router.get("/case")
def case(request: Request) -> Response:
    """The results that card and code have opened, and the one big button."""
    kept = _kept(request)
    if "code" not in kept:
        return redirect("/kiosk")
    with transaction(request) as ctx:
        opened = kiosk.enter(ctx, kept["number"], kept["code"])
        view = views.kiosk_case(ctx, opened.case.id) if opened.case else None
    if view is None:
        return _refused(request, opened.refused)
    return page(request, "kiosk/case.html", view=view)


@router.post("/take")
def take(request: Request, form: PostedForm) -> Response:
    """All results are handed out, once, and open for printing."""
    kept, revision = _kept(request), revision_of(form)
    if "case" in kept:  # a second press of the button
        return redirect("/kiosk/papers")
    if "code" not in kept:
        return redirect("/kiosk")

    def verb(ctx: Context) -> kiosk.Opened:
        opened = kiosk.pick_up(ctx, kept["number"], kept["code"], revision)
        if opened.case is not None:
            taken = {"case": str(opened.case.id)}
            kiosk_visit.keep(ctx, held(request).id, PRINTING, taken)
        return opened

    try:
        opened = with_papers(request, verb)
    except CaseError as error:  # taken elsewhere meanwhile, or a paper that cannot be made
        return _refused(request, str(error))
    if opened.case is None:
        return _refused(request, opened.refused)
    return redirect("/kiosk/papers")


@router.get("/papers")
def papers(request: Request) -> Response:
    """What has just been handed out, to be printed here."""
    kept = _kept(request)
    if "case" not in kept:
        return redirect("/kiosk")
    with reading(request) as ctx:
        view = views.kiosk_case(ctx, UUID(kept["case"]))
    return page(request, "kiosk/papers.html", view=view)


@router.get("/papers/{document_id}")
def paper(request: Request, document_id: UUID) -> Response:
    """One of these papers; NotFound for every other."""
    kept = _kept(request)
    if "case" not in kept:
        raise NotFound("这份文书")
    with reading(request) as ctx:
        view = views.kiosk_case(ctx, UUID(kept["case"]))
    if document_id not in [each.id for each in view.bundle]:
        raise NotFound("这份文书")
    site = site_of(request)
    key = documents.make(
        partial(store.writing, site.engine), site.files, site.printing, document_id
    )
    return sent(site.files.stored(key), "application/pdf", f"{document_id}.pdf", inline=True)


def _refused(request: Request, why: str) -> Response:
    """Why not, and how to go on; the next try begins anew."""
    _close(request)
    return _told(request, why)


def _told(request: Request, why: str) -> Response:
    return page(request, "kiosk/refused.html", status=422, refused=why)


def _close(request: Request) -> None:
    with transaction(request) as ctx:
        kiosk_visit.close(ctx, held(request).id)


def _kept(request: Request) -> dict[str, str]:
    """What this terminal has open now; empty when nothing is, or not any more. Raises Forbidden."""
    with reading(request) as ctx:
        return kiosk_visit.kept(ctx, held(request).id)
