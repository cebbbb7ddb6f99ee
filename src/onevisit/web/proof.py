"""Asking for the password once more before what only its owner may do, and keeping what was typed
meanwhile (OWASP ASVS 5.0, 7.5)."""

from datetime import datetime

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.signing_in import factor, limits, sessions
from onevisit.definition.form import FieldError
from onevisit.store import session as store
from onevisit.store.tables import Account
from onevisit.web.edge import (
    PostedForm,
    SignInNeeded,
    at_the_door,
    check_proven,
    held,
    page,
    redirect,
    site_of,
    text_of,
    visitor,
)
from onevisit.web.resume import Kept, safe_path
from onevisit.web.second_steps import Onward
from onevisit.web.session_cookie import carried
from onevisit.web.sign_in import WAIT, onward_of, try_password, until
from onevisit.web.unified_again import awaits_code, only_unified

router = APIRouter()
log = structlog.get_logger()
WRONG = "现在的密码不正确，请重新输入"
WRONG_CODE = "动态码不正确，请输入手机应用上现在显示的 6 位数字"


@router.get("/sign-in/again")
def ask(request: Request, next: str = "") -> Response:  # noqa: A002  # the usual name in the address
    """Asks whoever is signed in for the password."""
    if visitor(request) is None:
        raise SignInNeeded
    return ask_again(request, Onward(safe_path(next)))


@router.post("/sign-in/again")
def prove(request: Request, form: PostedForm) -> Response:
    """Check the password (and a code, where there is a second factor); the session gets another
    token, and what waited goes on."""
    actor, onward = visitor(request), onward_of(form)
    if actor is None:
        raise SignInNeeded
    wrong = None
    if not only_unified(request):
        wrong = prove_password(request, str(form.get("password", "")))
    elif not awaits_code(request):
        return ask_again(request, onward)
    if not wrong:
        wrong = _prove_code(request, text_of(form, "code"))
    if wrong:
        return ask_again(request, onward, wrong)
    if onward.kept is not None:
        return page(request, "public/resume.html", kept=onward.kept)
    return redirect(onward.following or "/me/sessions")


def prove_password(request: Request, password: str) -> FieldError | None:
    """What is wrong with the password of whoever is signed in, as a try that counts."""
    site = site_of(request)
    with store.reading(site.engine) as session:
        username = session.get_one(Account, held(request).account_id).username
    tried = try_password(request, username, password)
    if isinstance(tried, datetime):
        return FieldError("password", WAIT.format(until(request, tried)))
    return None if tried.right else FieldError("password", WRONG)


def prove_owner(request: Request, password: str) -> FieldError | None:
    """As `prove_password`; ProofNeeded for whoever has none and has not signed in at the issuer a
    short while ago."""
    if not only_unified(request):
        return prove_password(request, password)
    check_proven(request)
    return None


def _prove_code(request: Request, code: str) -> FieldError | None:
    """What is wrong with the code, where one is asked for; the session is proven if nothing is."""
    site, found = site_of(request), held(request)
    now = site.door.now()
    place = site.door.of_code(found.account_id)
    with at_the_door(request) as session:
        if factor.has(session, found.account_id):
            wait = limits.take(session, [place], now)
            if wait is not None:
                return FieldError("code", WAIT.format(until(request, wait)))
            if factor.check(session, found.account_id, code, now) is None:
                return FieldError("code", WRONG_CODE)
            limits.open_again(session, [place])
        token = sessions.renew(session, found.id, now)
    carried(request).give(token)
    log.info("proven_again", account=str(found.account_id))
    return None


def ask_again(request: Request, onward: Onward, wrong: FieldError | None = None) -> Response:
    """The page that asks for the password once more."""
    site = site_of(request)
    with store.reading(site.engine) as session:
        has = factor.has(session, held(request).account_id)
    errors, unified = [wrong] if wrong else [], only_unified(request)
    return page(
        request,
        "public/again.html",
        status=422 if errors else 401 if onward.kept else 200,
        code=has and (not unified or awaits_code(request)),
        unified=unified,
        errors=errors,
        wrong={each.path: each.message for each in errors},
        next=onward.following,
        kept=onward.kept,
    )


def kept_posted(request: Request, back: str) -> Kept | None:
    """The form whose sender has to prove who they are first."""
    posted = getattr(request.state, "posted", None)
    if posted is None:
        return None
    pairs = tuple((name, str(value)) for name, value in posted.multi_items())
    return Kept(request.url.path, back, pairs)
