"""Where a system's request meets the rooms below: its key becomes the actor, its act a transaction.

The twin of web/edge.py for keys: nothing else below /api opens a transaction.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, Header
from fastapi.security import HTTPBearer
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.context import Context
from onevisit.cases.interface import answers
from onevisit.cases.interface.answers import Answer, Asked
from onevisit.cases.interface.bearer import Bearer, bearer, note_use, secret_in
from onevisit.store import session as store
from onevisit.web.api.pace import Pace
from onevisit.web.api.problems import NotJson
from onevisit.web.edge import keep_seen, site_of

KEY = HTTPBearer(
    auto_error=False,
    bearerFormat="ovk_…",
    scheme_name="key",
    description="流程管理员为部门业务系统开的接口密钥；只属于一个部门，只能做开的时候选定的事。",
)


async def presented(request: Request) -> None:
    """NotLetIn for whoever comes without a key, before anything else is looked at."""
    secret_in(request.headers.get("authorization"))


WITH_KEY = [Depends(presented), Depends(KEY)]
"""The route wants a key; the second says so in the document."""
NAMED = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r'^"?[!#-~]{1,100}"?$',
        description="这个请求的编号，由发送方自起，24 小时内不重复；重发同一个请求时不变。",
    ),
]
MATCHED = Annotated[
    str,
    Header(
        alias="If-Match",
        pattern='^"[0-9]{1,9}"$',
        description="读取这个事项时响应的 ETag，原样写上。",
    ),
]


@contextmanager
def looking(request: Request) -> Iterator[Context]:
    """One consistent look by a department's system; nothing can be written. What it was shown, and
    that its key was used, is written down afterwards."""
    site = site_of(request)
    with store.reading(site.engine) as session:
        ctx, come = _context(request, session)
        yield ctx
    keep_seen(request, ctx.actor, ctx.seen, ctx.now)
    if come.unnoted:
        with store.writing(site.engine) as session:
            note_use(session, come.key_id, ctx.now)


@contextmanager
def keyed(request: Request) -> Iterator[Context]:
    """One change by a department's system: committed at the end, undone whole on any error."""
    with store.writing(site_of(request).engine) as session:
        ctx, come = _context(request, session)
        if come.unnoted:
            note_use(session, come.key_id, ctx.now)
        yield ctx


def once(request: Request, asked: Asked, act: Callable[[Context], Answer]) -> Response:
    """Do it and keep the answer, in one transaction; or give the answer that was kept."""
    with keyed(request) as ctx:
        answer = answers.kept(ctx, asked)
        if answer is None:
            answer = act(ctx)
            answers.keep(ctx, asked, answer)
    headers = {"ETag": answer.etag} if answer.etag else {}
    if answer.again:
        headers["Idempotency-Replayed"] = "true"
    return Response(answer.body, answer.status, headers, media_type="application/json")


async def asked(request: Request, idempotency_key: NAMED) -> Asked:
    """The name of a request that changes something, with the digest of all that counts in it."""
    body = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and kind != "application/json":
        raise NotJson
    sent = (request.method, request.url.path, request.headers.get("if-match", ""))
    known = sha256("\n".join(sent).encode() + b"\n" + body).hexdigest()
    return Asked(idempotency_key.strip('"'), known)


Once = Annotated[Asked, Depends(asked)]


def etag(revision: int) -> str:
    """The revision of an item as an entity tag."""
    return f'"{revision}"'


def revision_in(matched: str) -> int:
    """The revision that an If-Match header names."""
    return int(matched.strip('"'))


def _context(request: Request, session: Session) -> tuple[Context, Bearer]:
    site = site_of(request)
    now = site.clock()
    come = bearer(session, request.headers.get("authorization"), now)
    pace: Pace = request.app.state.pace
    pace.take(come.key_id)
    return Context(session, site.catalog, site.files, come.actor, now), come
