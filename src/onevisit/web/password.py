"""Choosing one's own password: before anything else with a first one, or at any time later."""

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.errors import Invalid
from onevisit.cases.signing_in import sessions
from onevisit.cases.staff import password as passwords
from onevisit.web.edge import (
    PostedForm,
    SignInNeeded,
    held,
    redirect,
    site_of,
    transaction,
    visitor,
    waiting_transaction,
)
from onevisit.web.entering import let_in
from onevisit.web.notice import say
from onevisit.web.proof import prove_password
from onevisit.web.resume import safe_path
from onevisit.web.second_steps import Onward, draw_password
from onevisit.web.sign_in import onward_of
from onevisit.web.unified_again import only_unified

router = APIRouter()
log = structlog.get_logger()


@router.get("/sign-in/password")
def ask(request: Request, next: str = "") -> Response:  # noqa: A002  # the usual name in the address
    """The page for a new password; whoever is signed in gives the present one too."""
    first = visitor(request) is None
    if first and held(request).stage != "password":
        raise SignInNeeded
    if only_unified(request):
        return redirect("/me/sessions")
    return draw_password(request, Onward(safe_path(next)), first=first)


@router.post("/sign-in/password")
def choose(request: Request, form: PostedForm) -> Response:
    """Keep the new password; all other sessions of this person end."""
    new, again = str(form.get("password", "")), str(form.get("again", ""))
    first, onward = visitor(request) is None, onward_of(form)
    if not first:
        wrong = prove_password(request, str(form.get("present", "")))
        if wrong:
            errors = [type(wrong)("present", wrong.message)]
            return draw_password(request, onward, errors, first=False)
    inside = waiting_transaction(request, "password") if first else transaction(request)
    try:
        with inside as ctx:
            passwords.choose(ctx, new, again, first=first)
            now = site_of(request).door.now()
            sessions.end_all(ctx.session, ctx.actor.id, now, "password")
    except Invalid as invalid:
        return draw_password(request, onward, invalid.errors, first=first)
    log.info("password_chosen", account=str(ctx.actor.id))
    answer = let_in(request, ctx.actor.id, onward, strong=not first)
    say(request, "新密码已经生效；在其他浏览器里的登录都已退出。")
    return answer
