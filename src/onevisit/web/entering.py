"""The step over the threshold: from a proven identity to a session, or to the second step that is
due before (one's own password, a code, setting up a second factor)."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

import structlog
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from onevisit.access import Actor
from onevisit.cases.context import Context
from onevisit.cases.outbox.telling import tell
from onevisit.cases.signing_in import agents, factor, limits, sessions
from onevisit.documents.format import cn_datetime
from onevisit.store.sign_in_tables import SignIn
from onevisit.store.tables import Account
from onevisit.web import known, portals
from onevisit.web.accounts import actor_of
from onevisit.web.edge import Site, at_the_door, held, page, redirect, site_of, today
from onevisit.web.second_steps import STEPS, Onward, draw_step
from onevisit.web.session_cookie import carried

log = structlog.get_logger()
NOWHERE = Onward()
MISSED_TITLE = "有人试过登录您的账号"


def let_in(
    request: Request,
    account_id: UUID,
    onward: Onward = NOWHERE,
    *,
    way: str = "password",
    strong: bool = False,
) -> Response:
    """A new session for somebody who has proven who they are, and the page to go on with; first
    the second step, if one is due. The session that the browser carried before ends.

    `way`: how they proved it; `strong`: with two factors already, so that no code is asked for.
    """
    site, mine = site_of(request), carried(request)
    now = site.door.now()
    with at_the_door(request) as session:
        if mine.token:
            sessions.end(session, mine.token, now, "again")
        account = session.get_one(Account, account_id)
        stage = _stage(site, session, account, strong=strong)
        agent = agents.in_words(request.headers.get("user-agent", ""))
        row, token = sessions.start(
            session, account_id, now, site.door.terms, stage=stage, way=way, agent=agent
        )
        actor = actor_of(session, account_id, today(request))
        if stage == "whole":
            _welcome(site, session, actor, row)
    mine.give(token)
    request.session.clear()
    if stage == "whole":
        return _inside(request, actor, account, onward)
    if onward.kept is not None:
        return draw_step(request, stage, account_id, onward)
    query = f"?{urlencode({'next': onward.following})}" if onward.following else ""
    return redirect(STEPS[stage] + query)


@dataclass(frozen=True)
class Entered:
    """Somebody who has taken the second step, and the token of their session."""

    actor: Actor
    account: Account
    token: str


def step_over(request: Request, ctx: Context) -> Entered:
    """The session that waited for its second step is a whole one, under another token; to be given
    to `go_on` when this is committed."""
    door, found = site_of(request).door, held(request)
    now = door.now()
    token = sessions.renew(ctx.session, found.id, now, now + door.terms.longest)
    _welcome(site_of(request), ctx.session, ctx.actor, ctx.session.get_one(SignIn, found.id))
    return Entered(ctx.actor, ctx.session.get_one(Account, ctx.actor.id), token)


def let_stay(request: Request, entered: Entered) -> None:
    """The browser carries the new token from now on."""
    carried(request).give(entered.token)
    request.state.actor = entered.actor


def go_on(request: Request, entered: Entered, onward: Onward) -> Response:
    """The page that they wanted, once the second step is taken."""
    let_stay(request, entered)
    return _inside(request, entered.actor, entered.account, onward)


def home(request: Request, actor: Actor) -> str:
    """The page on which somebody begins."""
    return portals.home_of({post.role for post in actor.posts}, site_of(request).pages.built)


def _stage(site: Site, session: Session, account: Account, *, strong: bool) -> str:
    """What is due before the session is a whole one."""
    if account.temporary_until is not None:
        return "password"
    if strong:
        return "whole"
    if factor.has(session, account.id):
        return "code"
    actor = actor_of(session, account.id)
    if actor is not None and site.door.requires_factor(actor.roles):
        factor.offer(session, account.id)
        return "factor"
    return "whole"


def _inside(request: Request, actor: Actor | None, account: Account, onward: Onward) -> Response:
    """On to the page they wanted; the browser is known from now on."""
    site = site_of(request)
    assert actor is not None
    request.state.actor = actor
    if onward.kept is not None:
        answer = page(request, "public/resume.html", kept=onward.kept)
    else:
        answer = redirect(onward.following or home(request, actor))
    known.remember(request, answer, site.door.key, account.username, site.door.https)
    return answer


def _welcome(site: Site, session: Session, actor: Actor | None, row: SignIn) -> None:
    """What was tried at the door meanwhile is written beside this session, and told."""
    assert actor is not None
    log.info("sign_in", account=str(actor.id), way=row.way)
    found = limits.missed(session, actor.id)
    if found is None:
        return
    row.missed, row.missed_codes = found.passwords, found.codes
    session.add(row)
    ctx = Context(session, site.catalog, site.files, actor, site.clock())
    text = _missed_text(found.passwords, found.codes, found.last_at)
    tell(ctx, f"missed/{row.id}", [actor.id], MISSED_TITLE, text, link="/me/sessions")


def _missed_text(passwords: int, codes: int, last_at: datetime) -> str:
    """How often somebody tried in vain, and what to do about it."""
    told = []
    if passwords:
        told.append(f"{passwords} 次输错密码")
    if codes:
        told.append(f"{codes} 次密码正确而动态码不对")
    urgent = "密码可能已经泄露，" if codes else ""
    return (
        f"您上次登录之后，有人在您没有用过的浏览器上{'、'.join(told)}，最近一次在{cn_datetime(last_at)}，"
        f"都没有登录成功。是您自己输错的，不用理会；不是的，{urgent}请马上修改密码。"
    )
