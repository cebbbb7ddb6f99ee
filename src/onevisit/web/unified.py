"""Signing in through the city's unified sign-in: there and back, and the proof that an account that
was there before belongs to the same person.

What ties the answer to the browser that asked lies in a signed cookie of its own, which counts
once; the answer's code counts once at the issuer.
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.access import Forbidden
from onevisit.cases import identities
from onevisit.cases.errors import NotFound
from onevisit.cases.identities import Proven
from onevisit.definition.form import FieldError
from onevisit.store import session as store
from onevisit.store.tables import Account
from onevisit.web import unified_again
from onevisit.web.edge import PostedForm, at_the_door, page, redirect, site_of, text_of, visitor
from onevisit.web.entering import let_in
from onevisit.web.identity_provider import Attempt, Person, Unreachable, Untrusted
from onevisit.web.resume import safe_path, unpacked
from onevisit.web.second_steps import Onward
from onevisit.web.sign_in import WAIT, WRONG, sign_in_page, try_password, until
from onevisit.web.unified_again import Again
from onevisit.web.unified_cookies import (
    ATTEMPT,
    ATTEMPT_SECONDS,
    INSIDE,
    INSIDE_SECONDS,
    OFFER,
    OFFER_SECONDS,
    STRONG,
    Unified,
    unified_of,
)
from onevisit.web.unified_told import told, unreachable

router = APIRouter(prefix="/sign-in/unified")
log = structlog.get_logger()


@router.get("")
def leave(request: Request, next: str = "") -> Response:  # noqa: A002  # the usual name in the address
    """Send the browser to the issuer, with an attempt that only this browser can finish."""
    unified, attempt = unified_of(request), Attempt.new()
    try:
        answer = redirect(unified.provider.address_for(attempt))
    except Unreachable as error:
        return unreachable(request, unified, str(error))
    said = [attempt.state, attempt.nonce, attempt.verifier, safe_path(next)]
    unified.keep(answer, ATTEMPT, unified.signer.dumps(said), ATTEMPT_SECONDS)
    return answer


@router.get("/callback")
def come_back(
    request: Request, state: str = "", code: str = "", error: str = "", iss: str | None = None
) -> Response:
    """The browser is back with a code: find out whose it is and begin a session, or ask for the
    proof that the account is theirs."""
    unified = unified_of(request)
    attempt, following, again = _attempt(request, unified)
    if attempt is None or state != attempt.state:
        log.warning("unified_refused", why="state")
        return told(request, unified, "refused", 400)
    if error or not code:
        log.info("unified_not_finished", why=error[:50])
        return told(request, unified, "cancelled", 200, again=again is not None)
    try:
        person = unified.provider.redeem(attempt, code, iss, site_of(request).door.now())
    except Unreachable as down:
        return unreachable(request, unified, str(down))
    except Untrusted as untrusted:
        log.warning("unified_refused", why=str(untrusted)[:200])
        return told(request, unified, "refused", 400)
    if again is not None:
        return unified_again.received(request, unified, person, again, following)
    return _received(request, unified, person, following)


@router.get("/account")
def ask(request: Request, next: str = "") -> Response:  # noqa: A002
    """Asks for the password of the account with the same number."""
    return _proving(request, unified_of(request), safe_path(next))


@router.post("/account")
def prove(request: Request, form: PostedForm) -> Response:
    """Bind the account and begin a session when the password is right; it counts as any other try
    to sign in."""
    unified, following = unified_of(request), safe_path(text_of(form, "next"))
    key, account = unified.kept(request, OFFER), _offered(request, unified)
    if account is None:
        return told(request, unified, "over", 410)
    tried = try_password(request, account.username, str(form.get("password", "")))
    if isinstance(tried, datetime):
        failed = WAIT.format(until(request, tried))
        return _proving(request, unified, following, failed, 429)
    if not tried.right or tried.account_id is None:
        return _proving(request, unified, following, WRONG, 422)
    try:
        with at_the_door(request) as session:
            identities.take_up(session, key, tried.account_id, site_of(request).door.now())
    except NotFound:
        return told(request, unified, "over", 410)
    answer = let_in(request, tried.account_id, Onward(following), way="unified")
    unified.keep(answer, INSIDE, "1", INSIDE_SECONDS)
    unified.drop(answer, OFFER)
    return answer


@router.post("/continue")
def go_on(request: Request, form: PostedForm) -> Response:
    """A form that waited in another tab while its sender signed in: hand it in now."""
    unified_of(request)
    following = safe_path(text_of(form, "next"))
    kept = unpacked(safe_path(text_of(form, "kept_for")), following, text_of(form, "kept"))
    if visitor(request) is None or kept is None:
        return sign_in_page(request, following, kept=kept)
    return page(request, "public/resume.html", kept=kept)


@router.get("/ended")
def ended(request: Request) -> Response:
    """Signed out here: says so, and where one signs out of the issuer too."""
    unified = unified_of(request)
    back = str(unified.provider.registration.back_to).rpartition("/sign-in/")[0] + "/"
    answer = told(request, unified, "ended", 200, unified.provider.end_address(back) or "")
    unified.drop(answer, INSIDE)
    return answer


def _attempt(request: Request, unified: Unified) -> tuple[Attempt | None, str, Again | None]:
    """What this browser set out with, where it wanted to go on to, and whether it was to prove a
    session once more."""
    said: Any = unified.read(request, ATTEMPT, ATTEMPT_SECONDS)
    if said is None:
        return None, "", None
    return Attempt(*said[:3]), safe_path(said[3]), Again(*said[4:6]) if len(said) > 4 else None


def _received(request: Request, unified: Unified, person: Person, following: str) -> Response:
    """Somebody whom the issuer knows: their session, or the question of an account's password."""
    who = Proven(
        person.issuer, person.subject, person.name, person.id_number, person.acr, person.amr
    )
    try:
        with at_the_door(request) as session:
            found = identities.arrive(session, who, site_of(request).door.now())
            result = found.id if isinstance(found, Account) else found
    except Forbidden as forbidden:
        log.info("unified_account_closed")
        return told(request, unified, "closed", 403, str(forbidden))
    if isinstance(result, UUID):
        strong = bool(STRONG & set(person.amr))
        answer = let_in(request, result, Onward(following), way="unified", strong=strong)
        unified.keep(answer, INSIDE, "1", INSIDE_SECONDS)
    else:
        query = f"?{urlencode({'next': following})}" if following else ""
        answer = redirect(f"/sign-in/unified/account{query}")
        unified.keep(answer, OFFER, result, OFFER_SECONDS)
    unified.drop(answer, ATTEMPT)
    return answer


def _offered(request: Request, unified: Unified) -> Account | None:
    """The account whose password is asked for, while the offer stands."""
    with store.reading(site_of(request).engine) as session:
        key, now = unified.kept(request, OFFER), site_of(request).door.now()
        return identities.offered(session, key, now)


def _proving(
    request: Request, unified: Unified, following: str, wrong: str = "", status: int = 200
) -> Response:
    account = _offered(request, unified)
    if account is None:
        return told(request, unified, "over", 410)
    return page(
        request,
        "public/unified_account.html",
        status=status,
        name=unified.provider.name,
        username=account.username,
        next=following,
        errors=[FieldError("password", wrong)] if wrong else [],
    )
