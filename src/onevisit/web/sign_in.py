"""Signing in and out; the session cookie is begun anew each time."""

import secrets

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.access import Actor
from onevisit.cases.account import authenticate
from onevisit.definition.form import FieldError
from onevisit.store import session as store
from onevisit.web import portals
from onevisit.web.accounts import actor_of, demo_accounts
from onevisit.web.edge import PostedForm, Site, page, redirect, site_of, text_of, visitor
from onevisit.web.resume import Kept, safe_path, unpacked

router = APIRouter()


@router.get("/sign-in")
def ask(request: Request, next: str = "", lost: str = "") -> Response:  # noqa: A002  # the usual name in the address
    """The sign-in page; somebody who is signed in goes on at once. `lost`: a file was not kept."""
    actor = visitor(request)
    if actor is not None:
        return redirect(safe_path(next) or _home(request, actor))
    return sign_in_page(request, safe_path(next), lost=bool(lost))


@router.post("/sign-in")
def sign_in(request: Request, form: PostedForm) -> Response:
    """Check name and password and begin a new session."""
    username, following = text_of(form, "username"), safe_path(text_of(form, "next"))
    kept = unpacked(safe_path(text_of(form, "kept_for")), following, text_of(form, "kept"))
    password = form.get("password")
    with store.reading(site_of(request).engine) as session:
        account_id = authenticate(session, username, password if isinstance(password, str) else "")
        actor = actor_of(session, account_id) if account_id else None
    if actor is None:
        return sign_in_page(request, following, username, failed=True, kept=kept)
    request.session.clear()
    request.session.update(account=str(actor.id), nonce=secrets.token_urlsafe(12))
    if kept is not None:
        request.state.actor = actor
        return page(request, "public/resume.html", kept=kept)
    return redirect(following or _home(request, actor))


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    """End the session."""
    request.session.clear()
    return redirect("/")


def sign_in_page(
    request: Request,
    following: str,
    username: str = "",
    *,
    failed: bool = False,
    lost: bool = False,
    kept: Kept | None = None,
) -> Response:
    """Asks for name and password, and says what became of a form that could not be taken."""
    site = site_of(request)
    accounts = []
    if site.demo_password is not None:
        with store.reading(site.engine) as session:
            accounts = demo_accounts(session)
    errors = [FieldError("username", "用户名或密码不正确，请重新输入")] if failed else []
    return page(
        request,
        "public/sign_in.html",
        status=422 if failed else 401 if kept else 200,
        next=following,
        kept=kept,
        lost=lost,
        username=username,
        errors=errors,
        accounts=accounts,
        departments=_department_titles(site),
        demo_password=site.demo_password,
    )


def _home(request: Request, actor: Actor) -> str:
    return portals.home_of({post.role for post in actor.posts}, site_of(request).pages.built)


def _department_titles(site: Site) -> dict[str, str]:
    """Department ids and what a narrow table calls them."""
    return {
        department.id: department.short
        for published in site.catalog.list()
        for department in published.definition.directory.departments
    }
