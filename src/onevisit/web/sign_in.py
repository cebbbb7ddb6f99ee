"""Signing in and out; the session cookie is begun anew each time."""

import secrets
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.access import Actor
from onevisit.cases.account import authenticate
from onevisit.definition.form import FieldError
from onevisit.store import session as store
from onevisit.web import portals
from onevisit.web.accounts import (
    DemoAccount,
    actor_of,
    demo_accounts,
    first_password_until,
    mark_of,
)
from onevisit.web.edge import PostedForm, Site, page, redirect, site_of, text_of, today, visitor
from onevisit.web.resume import Kept, safe_path, unpacked

router = APIRouter()
WRONG = "用户名或密码不正确，请重新输入"
TOO_LATE = "首次密码已经过期，请联系流程管理员重新发放"


@router.get("/sign-in")
def ask(request: Request, next: str = "", lost: str = "") -> Response:  # noqa: A002  # the usual name in the address
    """The sign-in page; somebody who is signed in goes on at once. `lost`: a file was not kept."""
    actor = visitor(request)
    if actor is not None:
        return redirect(safe_path(next) or home(request, actor))
    return sign_in_page(request, safe_path(next), lost=bool(lost))


@router.post("/sign-in")
def sign_in(request: Request, form: PostedForm) -> Response:
    """Check name and password and begin a new session."""
    username, following = text_of(form, "username"), safe_path(text_of(form, "next"))
    kept = unpacked(safe_path(text_of(form, "kept_for")), following, text_of(form, "kept"))
    password = form.get("password")
    with store.reading(site_of(request).engine) as session:
        account_id = authenticate(session, username, password if isinstance(password, str) else "")
        actor = actor_of(session, account_id, today(request)) if account_id else None
        mark = mark_of(session, account_id) if account_id else ""
        first = first_password_until(session, account_id) if account_id else None
    if actor is None:
        return sign_in_page(request, following, username, failed=WRONG, kept=kept)
    if first is not None and first < site_of(request).clock():
        return sign_in_page(request, following, username, failed=TOO_LATE, kept=kept)
    request.session.clear()
    if first is not None:
        request.session.update(newcomer=str(actor.id), mark=mark, next=following)
        return redirect("/sign-in/password")
    begin(request, actor.id, mark)
    if kept is not None:
        request.state.actor = actor
        return page(request, "public/resume.html", kept=kept)
    return redirect(following or home(request, actor))


def begin(request: Request, account_id: UUID, mark: str) -> None:
    """A session of this person, in a cookie of its own."""
    request.session.update(account=str(account_id), mark=mark, nonce=secrets.token_urlsafe(12))


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
    failed: str = "",
    lost: bool = False,
    kept: Kept | None = None,
) -> Response:
    """Asks for name and password, and says what became of a form that could not be taken."""
    site = site_of(request)
    accounts: list[DemoAccount] = []
    if site.demo_password is not None:
        with store.reading(site.engine) as session:
            accounts = demo_accounts(session)
    errors = [FieldError("username", failed)] if failed else []
    return page(
        request,
        "public/sign_in.html",
        status=422 if failed else 401 if kept else 200,
        next=following,
        kept=kept,
        lost=lost,
        username=username,
        errors=errors,
        accounts=[each for each in accounts if not each.department],
        departments=_by_department(site, accounts),
        demo_password=site.demo_password,
    )


def home(request: Request, actor: Actor) -> str:
    """The page on which somebody begins."""
    return portals.home_of({post.role for post in actor.posts}, site_of(request).pages.built)


def _by_department(
    site: Site, accounts: list[DemoAccount]
) -> list[tuple[str, str, list[DemoAccount]]]:
    """Id, short title and demo accounts of every department that has any, in their order."""
    titles = {
        department.id: department.short
        for published in site.catalog.list()
        for department in published.definition.directory.departments
    }
    found: dict[str, list[DemoAccount]] = {}
    for account in accounts:
        if account.department:
            found.setdefault(account.department, []).append(account)
    return [(each, titles.get(each, each), rows) for each, rows in found.items()]
