"""Choosing one's own password: before anything else with a first one, or at any time later."""

from collections.abc import Sequence

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.errors import Invalid
from onevisit.cases.staff import password as passwords
from onevisit.definition.form import FieldError
from onevisit.web.accounts import mark_of
from onevisit.web.edge import (
    PostedForm,
    SignInNeeded,
    newcomers_transaction,
    page,
    redirect,
    transaction,
    visitor,
)
from onevisit.web.notice import say
from onevisit.web.resume import safe_path
from onevisit.web.sign_in import begin, home

router = APIRouter()


@router.get("/sign-in/password")
def ask(request: Request) -> Response:
    """The page for a new password; whoever is signed in gives the present one too."""
    if visitor(request) is None and "newcomer" not in request.session:
        raise SignInNeeded
    return _drawn(request, [])


@router.post("/sign-in/password")
def choose(request: Request, form: PostedForm) -> Response:
    """Keep the new password; all other sessions of this person end."""
    new, again = str(form.get("password", "")), str(form.get("again", ""))
    present = str(form.get("present", "")) if visitor(request) is not None else None
    following = safe_path(str(request.session.get("next", "")))
    inside = transaction if present is not None else newcomers_transaction
    try:
        with inside(request) as ctx:
            passwords.choose(ctx, present, new, again)
            mark, actor = mark_of(ctx.session, ctx.actor.id), ctx.actor
    except Invalid as invalid:
        return _drawn(request, invalid.errors)
    request.session.clear()
    begin(request, actor.id, mark)
    say(request, "新密码已经生效；在其他电脑上的登录都已退出。")
    return redirect(following or home(request, actor))


def _drawn(request: Request, errors: Sequence[FieldError]) -> Response:
    first = visitor(request) is None
    return page(
        request,
        "public/password.html",
        status=422 if errors else 200,
        first=first,
        least=passwords.LEAST,
        errors=errors,
        wrong={each.path: each.message for each in errors},
    )
