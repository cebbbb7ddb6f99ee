"""Where a request meets the rooms below: who asks, at what moment, in which transaction.

`transaction` is the only thing in the whole house that commits.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends
from sqlalchemy import Engine
from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from onevisit.access import Actor
from onevisit.cases.context import Context
from onevisit.catalog.catalog import Catalog
from onevisit.store import session as store
from onevisit.store.files import FileStore
from onevisit.web.accounts import actor_of
from onevisit.web.pages import Pages


class SignInNeeded(Exception):
    """请先登录。"""


class BadForm(Exception):
    """页面送来的内容不完整，请返回上一页刷新后重试。"""


@dataclass(frozen=True)
class Site:
    """What one running application consists of; made once in app.py from the settings.

    `home` holds the service folders; `upload_limit` is in bytes; no `demo_password`: no demo.
    """

    engine: Engine
    catalog: Catalog
    files: FileStore
    home: Path
    templates: Path
    pages: Pages
    upload_limit: int
    demo_password: str | None


def site_of(request: Request) -> Site:
    """The application that answers this request."""
    site = request.app.state.site
    assert isinstance(site, Site)
    return site


def visitor(request: Request, session: Session | None = None) -> Actor | None:
    """Who is signed in, read afresh from the database once a request; None for a stranger."""
    if not hasattr(request.state, "actor"):
        account_id = request.session.get("account")
        if account_id is None:
            request.state.actor = None
        elif session is not None:
            request.state.actor = actor_of(session, UUID(account_id))
        else:
            with store.reading(site_of(request).engine) as own:
                request.state.actor = actor_of(own, UUID(account_id))
    actor: Actor | None = request.state.actor
    return actor


def _context(request: Request, session: Session) -> Context:
    actor = visitor(request, session)
    if actor is None:
        raise SignInNeeded
    site = site_of(request)
    return Context(session, site.catalog, site.files, actor, datetime.now(UTC))


@contextmanager
def transaction(request: Request) -> Iterator[Context]:
    """One change by the signed-in person: committed at the end, undone whole on any error."""
    with store.writing(site_of(request).engine) as session:
        yield _context(request, session)


@contextmanager
def reading(request: Request) -> Iterator[Context]:
    """One consistent look by the signed-in person; nothing can be written."""
    with store.reading(site_of(request).engine) as session:
        yield _context(request, session)


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    """The page `templates/web/<template>` for whoever is signed in."""
    pages = site_of(request).pages
    return pages.draw(request, template, visitor(request), context, status)


def redirect(address: str) -> Response:
    """After a change: look at the result with GET (303), so that a reload repeats nothing."""
    return RedirectResponse(address, status_code=303)


async def form_of(request: Request) -> FormData:
    """The fields of a posted form without files."""
    return await request.form(max_files=0, max_fields=2000)


PostedForm = Annotated[FormData, Depends(form_of)]


def pairs_of(form: FormData) -> list[tuple[str, str]]:
    """The form as (name, text) pairs in the order of the page."""
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


def text_of(form: FormData, name: str) -> str:
    """One text of the form, without surrounding blanks; empty when it was not sent."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def revision_of(form: FormData) -> int:
    """The revision that the page was drawn from; BadForm when the page did not send it."""
    text = text_of(form, "revision")
    if not text.isdigit():
        raise BadForm
    return int(text)
