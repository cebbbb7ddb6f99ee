"""Signing in and out; the session cookie is begun anew each time."""

import secrets
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.account import authenticate
from onevisit.definition.form import FieldError
from onevisit.store import session as store
from onevisit.web import portals
from onevisit.web.accounts import actor_of, demo_accounts
from onevisit.web.edge import PostedForm, Site, page, redirect, site_of, text_of, visitor

router = APIRouter()


def safe_next(address: str) -> str:
    """`address` when it is a path on this site, else "": nobody is sent elsewhere by a link."""
    parts = urlsplit(address)
    inside = address.startswith("/") and not address.startswith(("//", "/\\"))
    printable = all(letter.isprintable() and letter != "\\" for letter in address)
    return address if inside and printable and not parts.scheme and not parts.netloc else ""


@router.get("/sign-in")
def ask(request: Request, next: str = "") -> Response:  # noqa: A002  # the usual name in the address
    """The sign-in page; somebody who is signed in goes on at once."""
    actor = visitor(request)
    if actor is not None:
        return redirect(safe_next(next) or portals.home_of({p.role for p in actor.posts}))
    return _page(request, safe_next(next), "")


@router.post("/sign-in")
def sign_in(request: Request, form: PostedForm) -> Response:
    """Check name and password and begin a new session."""
    username, following = text_of(form, "username"), safe_next(text_of(form, "next"))
    password = form.get("password")
    with store.reading(site_of(request).engine) as session:
        account_id = authenticate(session, username, password if isinstance(password, str) else "")
        actor = actor_of(session, account_id) if account_id else None
    if actor is None:
        return _page(request, following, username, failed=True)
    request.session.clear()
    request.session.update(account=str(actor.id), nonce=secrets.token_urlsafe(12))
    return redirect(following or portals.home_of({post.role for post in actor.posts}))


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    """End the session."""
    request.session.clear()
    return redirect("/")


def _page(request: Request, following: str, username: str, failed: bool = False) -> Response:
    site = site_of(request)
    accounts = []
    if site.demo_password is not None:
        with store.reading(site.engine) as session:
            accounts = demo_accounts(session)
    errors = [FieldError("username", "用户名或密码不正确，请重新输入")] if failed else []
    return page(
        request,
        "public/sign_in.html",
        status=422 if failed else 200,
        next=following,
        username=username,
        errors=errors,
        accounts=accounts,
        departments=_department_titles(site),
        demo_password=site.demo_password,
    )


def _department_titles(site: Site) -> dict[str, str]:
    """Department ids and what a narrow table calls them."""
    return {
        department.id: department.short
        for published in site.catalog.list()
        for department in published.definition.directory.departments
    }
