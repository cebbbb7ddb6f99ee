"""Whoever has no password of ours proves once more who they are at the issuer, before what only the
owner of an account may do (OWASP ASVS 5.0, 7.5; OpenID Connect Core 1.0 §3.1.2.1: prompt, max_age).
"""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases import identities
from onevisit.cases.errors import NotFound
from onevisit.cases.signing_in import factor, sessions
from onevisit.store import session as store
from onevisit.store.tables import Account
from onevisit.web.edge import SignInNeeded, at_the_door, held, redirect, site_of, visitor
from onevisit.web.identity_provider import LEEWAY, Attempt, Person, Unreachable
from onevisit.web.notice import say
from onevisit.web.resume import safe_path
from onevisit.web.session_cookie import carried
from onevisit.web.unified_cookies import (
    ATTEMPT,
    ATTEMPT_SECONDS,
    PROVEN,
    PROVEN_SECONDS,
    STRONG,
    Unified,
    unified_in,
    unified_of,
)
from onevisit.web.unified_told import told, unreachable

router = APIRouter(prefix="/sign-in/unified")
log = structlog.get_logger()
PROVEN_TEXT = "已经确认是您本人，15 分钟内不用再验证。原来的窗口里还有内容的，回去接着提交。"


@dataclass(frozen=True)
class Again:
    """Which session is to be proven once more, and since when (seconds since 1970)."""

    session: str
    since: int


def only_unified(request: Request) -> str:
    """What the issuer is called, for whoever is signed in to an account without a password of its
    own; "" for everybody else."""
    unified = unified_in(request)
    if unified is None or visitor(request) is None:
        return ""
    with store.reading(site_of(request).engine) as session:
        mine = session.get_one(Account, held(request).account_id)
    return "" if identities.has_password(mine) else unified.provider.name


@router.get("/again")
def leave(request: Request, next: str = "") -> Response:  # noqa: A002  # the usual name in the address
    """Send whoever is signed in to the issuer, where they have to sign in afresh."""
    unified = unified_of(request)
    if visitor(request) is None:
        raise SignInNeeded
    if not only_unified(request):
        raise NotFound("这个页面")
    attempt, since = Attempt.new(), int(site_of(request).door.now().timestamp())
    try:
        answer = redirect(unified.provider.address_for(attempt, afresh=True))
    except Unreachable as error:
        return unreachable(request, unified, str(error), again=True)
    said = [
        attempt.state, attempt.nonce, attempt.verifier, safe_path(next),
        held(request).id.hex, since,
    ]  # fmt: skip
    unified.keep(answer, ATTEMPT, unified.signer.dumps(said), ATTEMPT_SECONDS)
    return answer


def received(
    request: Request, unified: Unified, person: Person, again: Again, following: str
) -> Response:
    """Back from the issuer: the session is proven when the same person has just signed in there.
    Where a code is asked beside it, that comes next."""
    now = site_of(request).door.now()
    why = _why_not(request, person, again, now)
    if why:
        log.warning("unified_not_proven", why=why)
        return told(request, unified, "unproven", 403, again=True)
    found = held(request)
    with at_the_door(request) as session:
        coded = factor.has(session, found.account_id) and not STRONG & set(person.amr)
        token = "" if coded else sessions.renew(session, found.id, now)
    if coded:
        query = f"?{urlencode({'next': following})}" if following else ""
        answer = redirect(f"/sign-in/again{query}")
        unified.keep(answer, PROVEN, unified.signer.dumps([found.id.hex]), PROVEN_SECONDS)
    else:
        carried(request).give(token)
        log.info("proven_again", account=str(found.account_id), way="unified")
        say(request, PROVEN_TEXT)
        answer = redirect(following or "/me/sessions")
    unified.drop(answer, ATTEMPT)
    return answer


def awaits_code(request: Request) -> bool:
    """Whether this session was proven at the issuer a short while ago and lacks only the code."""
    unified = unified_in(request)
    return unified is not None and unified.read(request, PROVEN, PROVEN_SECONDS) == [
        held(request).id.hex
    ]


def _why_not(request: Request, person: Person, again: Again, now: datetime) -> str:
    """Why the answer proves nothing about this session; "" when it does."""
    if visitor(request) is None or UUID(again.session) != held(request).id:
        return "another session"
    at = person.signed_in_at
    if at is None or not again.since - LEEWAY <= at <= now.timestamp() + LEEWAY:
        return "not afresh"
    with store.reading(site_of(request).engine) as session:
        mine = identities.of_account(session, held(request).account_id)
    pairs = {(each.issuer, each.subject) for each in mine}
    return "" if (person.issuer, person.subject) in pairs else "somebody else"
