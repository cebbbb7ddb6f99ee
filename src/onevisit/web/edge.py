"""Where a request meets the rooms below: who asks, at what moment, in which transaction.

`transaction` is the only thing in the whole house that commits.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.formparsers import FormParser, MultiPartException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from onevisit.access import Actor
from onevisit.cases.context import Context
from onevisit.cases.errors import NotFound
from onevisit.cases.outbox.messages import unread
from onevisit.cases.privacy import reads
from onevisit.cases.seen import Seen
from onevisit.cases.signing_in import sessions
from onevisit.cases.signing_in.sessions import Held
from onevisit.catalog.catalog import Catalog
from onevisit.catalog.published import Published
from onevisit.documents import Printing, Seals
from onevisit.documents.clamd import Clamd
from onevisit.documents.format import BEIJING
from onevisit.store import session as store
from onevisit.store.files import FileStore
from onevisit.web.accounts import signed_in, waiting
from onevisit.web.door import Door
from onevisit.web.incoming import UNSEEN, limited, plain
from onevisit.web.pages import Pages
from onevisit.web.session_cookie import carried

FORM_LIMIT = 2 * 1024 * 1024
"""Bytes of one posted form; every field of the longest form at its full length fits many times."""
FORM_FIELDS = 2000


def now_utc() -> datetime:
    """The real time."""
    return datetime.now(UTC)


class SignInNeeded(Exception):
    """请先登录。"""


class ProofNeeded(Exception):
    """请再次输入密码，确认是您本人操作。"""


class BadForm(Exception):
    """页面送来的内容不完整，请返回上一页刷新后重试。"""


@dataclass(frozen=True)
class Site:
    """What one running application consists of; made once in app.py from the settings.

    `home` holds the service folders; `upload_limit` is in bytes; no `demo_password`: no demo.
    `verify_at` is the address of the verification page, as printed on papers. `clock` tells the
    moment of a request; the real time, where that matters, is the `door`'s.
    """

    engine: Engine
    catalog: Catalog
    files: FileStore
    home: Path
    templates: Path
    printing: Printing
    seals: Seals
    verify_at: str
    pages: Pages
    upload_limit: int
    door: Door
    demo_password: str | None
    clock: Callable[[], datetime] = now_utc
    clamd: Clamd | None = None


async def readable(request: Request) -> None:
    """NotFound for an address with characters that none of our links have (NUL, controls)."""
    query = (part for pair in request.query_params.multi_items() for part in pair)
    if any(UNSEEN.search(part) for part in (request.url.path, *query)):
        raise NotFound("这个页面")


def published(request: Request, service_id: str) -> Published:
    """The current version of a service; NotFound."""
    try:
        return site_of(request).catalog.current(service_id)
    except KeyError:
        raise NotFound("这项服务") from None


def site_of(request: Request) -> Site:
    """The application that answers this request."""
    site = request.app.state.site
    assert isinstance(site, Site)
    return site


def visitor(request: Request, session: Session | None = None) -> Actor | None:
    """Who is signed in, read afresh from the database once a request; None for a stranger."""
    if not hasattr(request.state, "actor"):
        request.state.actor = request.state.held = None
        if carried(request).token and session is not None:
            _look_up(request, session)
        elif carried(request).token:
            with store.reading(site_of(request).engine) as own:
                _look_up(request, own)
            _keep_alive(request)
    actor: Actor | None = request.state.actor
    return actor


def held(request: Request) -> Held:
    """The session of whoever is signed in, or waits for a second step; SignInNeeded."""
    visitor(request)
    found = request.state.held
    if not isinstance(found, Held):
        raise SignInNeeded
    return found


def _look_up(request: Request, session: Session) -> None:
    """Who it is, and for the top of the page how much they have not read."""
    door = site_of(request).door
    now = door.now()
    found = sessions.find(session, carried(request).token, now)
    actor = signed_in(session, found, today(request), door.terms, now)
    request.state.held, request.state.actor = found, actor
    if actor is not None:
        request.state.unread = unread(session, actor.id)


def _keep_alive(request: Request, session: Session | None = None) -> None:
    """Write down, at most once a minute, that somebody is there; a page that only looks is drawn
    even when nothing can be written."""
    found, now = request.state.held, site_of(request).door.now()
    if request.state.actor is None or not found.is_unseen(now):
        return
    request.state.held = replace(found, seen_at=now)
    if session is not None:
        sessions.see(session, found.id, now)
        return
    with suppress(OperationalError), store.writing(site_of(request).engine) as own:
        sessions.see(own, found.id, now)


def today(request: Request) -> date:
    """The local day of a request."""
    return site_of(request).clock().astimezone(BEIJING).date()


def _context(request: Request, session: Session) -> Context:
    actor = visitor(request, session)
    if actor is None:
        raise SignInNeeded
    site = site_of(request)
    return Context(session, site.catalog, site.files, actor, site.clock())


@contextmanager
def transaction(request: Request, *, proven: bool = False) -> Iterator[Context]:
    """One change by the signed-in person: committed at the end, undone whole on any error.

    `proven`: only for whoever has given the password a short while ago; ProofNeeded.
    """
    with store.writing(site_of(request).engine) as session:
        ctx = _context(request, session)
        if proven:
            check_proven(request)
        _keep_alive(request, session)
        yield ctx


def check_proven(request: Request) -> None:
    """ProofNeeded when the password was given too long ago for what only its owner may do."""
    if not held(request).is_proven(site_of(request).door.now()):
        raise ProofNeeded


@contextmanager
def trial(request: Request) -> Iterator[Context]:
    """A change by the signed-in person that is only tried: all of it is taken back at the end."""
    with store.undone(site_of(request).engine) as session:
        yield _context(request, session)


@contextmanager
def at_the_door(request: Request) -> Iterator[Session]:
    """One change before somebody is let in (tries that are counted, a session that begins or
    ends): committed at the end. Only the ways in may use it; nobody is signed in here."""
    with store.writing(site_of(request).engine) as session:
        yield session


@contextmanager
def waiting_transaction(request: Request, stage: str) -> Iterator[Context]:
    """One change by whoever has given the right password and has a second step before them (see
    SignIn.stage): they are not signed in, and only the pages of that step may use this."""
    site = site_of(request)
    with store.writing(site.engine) as session:
        visitor(request, session)
        actor = waiting(session, held(request), stage, today(request))
        if actor is None:
            raise SignInNeeded
        yield Context(session, site.catalog, site.files, actor, site.clock())


@contextmanager
def reading(request: Request) -> Iterator[Context]:
    """One consistent look by the signed-in person; nothing can be written. Whose data was shown to
    somebody at work is written down before the page can be sent."""
    with store.reading(site_of(request).engine) as session:
        ctx = _context(request, session)
        yield ctx
    keep_seen(request, ctx.actor, ctx.seen, ctx.now)
    _keep_alive(request)


def keep_seen(request: Request, actor: Actor, seen: Iterable[Seen], now: datetime) -> None:
    """Write down what somebody at work was shown, in a short transaction of its own, when the look
    is over: nobody holds two connections, and nobody's look waits for another's."""
    if not actor.roles <= {"applicant", "kiosk"} and (shown := tuple(seen)):
        with store.writing(site_of(request).engine) as session:
            reads.keep(session, actor, shown, now, request.url.path.split("/")[1])


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    """The page `templates/web/<template>` for whoever is signed in."""
    pages = site_of(request).pages
    return pages.draw(request, template, visitor(request), context, status)


def redirect(address: str) -> Response:
    """After a change: look at the result with GET (303), so that a reload repeats nothing."""
    return RedirectResponse(address, status_code=303)


async def form_of(request: Request) -> FormData:
    """The fields of a posted form as our pages send them: no files, no unseen characters.

    It stays on the request, so that nothing typed is lost when somebody must sign in again.
    """
    stream = limited(request.stream(), FORM_LIMIT)
    parser = FormParser(request.headers, stream, max_fields=FORM_FIELDS, max_part_size=FORM_LIMIT)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("", "application/x-www-form-urlencoded"):
        raise BadForm(str(BadForm.__doc__))
    try:
        form = await parser.parse()
    except MultiPartException:
        raise BadForm("填写的内容太多，没有保存；请删减后再提交。") from None
    request.state.posted = FormData(
        [(plain(name), plain(text)) for name, text in form.multi_items() if isinstance(text, str)]
    )
    posted: FormData = request.state.posted
    return posted


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
    if not re.fullmatch("[0-9]{1,9}", text):
        raise BadForm
    return int(text)
