"""Where somebody is signed in, what was tried at their door, and how to end it (登录与安全)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.errors import NotFound
from onevisit.cases.signing_in import factor, sessions
from onevisit.store.sign_in_tables import SignIn
from onevisit.web.edge import PostedForm, held, page, reading, redirect, site_of, transaction
from onevisit.web.notice import said, say
from onevisit.web.unified_again import only_unified

router = APIRouter()
log = structlog.get_logger()
ENDS = {
    "out": "已退出",
    "again": "在同一个浏览器里重新登录",
    "others": "从别处结束",
    "password": "因修改密码而结束",
    "factor": "因动态码变更而结束",
    "disabled": "因账号停用而结束",
    "many": "同时登录太多，最早的结束",
}
WAYS = {"password": "用户名和密码", "unified": "统一身份认证"}


@dataclass(frozen=True)
class Line:
    """One session as its owner reads it; `state` is "here", "open", "half" or "over"."""

    id: UUID
    agent: str
    way: str
    begun_at: datetime
    seen_at: datetime
    state: str
    ended: str
    missed: int
    missed_codes: int


@router.get("/me/sessions")
def mine(request: Request) -> Response:
    """All of it, the newest first."""
    with reading(request) as ctx:
        door, here = site_of(request).door, held(request).id
        idle = door.terms.idle(ctx.actor.roles)
        lines = [
            _line(row, here, door.now(), row.seen_at + idle)
            for row in sessions.listed(ctx.session, ctx.actor.id)
        ]
        has = factor.has(ctx.session, ctx.actor.id)
        left = factor.codes_left(ctx.session, ctx.actor.id) if has else 0
    return page(
        request,
        "public/sessions.html",
        lines=lines,
        others=sum(each.state == "open" for each in lines),
        factor=has,
        left=left,
        required=door.requires_factor(ctx.actor.roles),
        unified=only_unified(request),
        said=said(request),
    )


@router.post("/me/sessions/end")
def end_others(request: Request, form: PostedForm) -> Response:
    """End all sessions but this one, for whoever has given the password a short while ago."""
    with transaction(request, proven=True) as ctx:
        now = site_of(request).door.now()
        ended = sessions.end_all(ctx.session, ctx.actor.id, now, "others", held(request).id)
    log.info("sessions_ended", account=str(ctx.actor.id), count=ended)
    say(request, "其他登录都已结束，这里不受影响。")
    return redirect("/me/sessions")


@router.post("/me/sessions/{sign_in_id}/end")
def end_one(request: Request, sign_in_id: UUID, form: PostedForm) -> Response:
    """End one of one's own other sessions."""
    with transaction(request, proven=True) as ctx:
        row = ctx.session.get(SignIn, sign_in_id)
        if row is None or row.account_id != ctx.actor.id or row.id == held(request).id:
            raise NotFound("这次登录")
        if row.ended_at is None:
            row.ended_at, row.ended_by = site_of(request).door.now(), "others"
            ctx.session.add(row)
    log.info("sessions_ended", account=str(ctx.actor.id), count=1)
    say(request, "那一次登录已经结束。")
    return redirect("/me/sessions")


def _line(row: SignIn, here: UUID, now: datetime, idle_end: datetime) -> Line:
    state, ended = "open", ""
    if row.id == here:
        state = "here"
    elif row.ended_by is not None and row.ended_at is not None and row.ended_at <= row.ends_at:
        state, ended = "over", ENDS[row.ended_by]
    elif row.stage != "whole":
        state = "half"
    elif min(row.ends_at, idle_end) <= now:
        state, ended = "over", "到时间自动结束"
    return Line(
        row.id, row.agent, WAYS.get(row.way, row.way), row.begun_at, row.seen_at, state, ended,
        row.missed, row.missed_codes,
    )  # fmt: skip
