"""The studio's keys for departments' systems: made and shown once, listed without their secret,
revoked at once."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from onevisit.access import check_can_appoint
from onevisit.access.scopes import SCOPES
from onevisit.cases.errors import Invalid
from onevisit.cases.interface import keys
from onevisit.cases.interface.keys import LONGEST, Wish
from onevisit.definition.form import FieldError
from onevisit.store.columns import new_id
from onevisit.web.edge import (
    BadForm,
    PostedForm,
    page,
    reading,
    redirect,
    text_of,
    today,
    transaction,
)
from onevisit.web.notice import said, say
from onevisit.web.studio_roles import departments_known

router = APIRouter()
STATES = {
    "now": ("在用", "done"),
    "later": ("还没开始", "waiting"),
    "over": ("已到期", "off"),
    "revoked": ("已撤销", "refused"),
}
NOT_A_DAY = "请写成 2026-01-31 这样的日期"


@router.get("/studio/keys")
def listed(request: Request, department: str = "", before: UUID | None = None) -> Response:
    """All keys, the newest first, or those of one department."""
    with reading(request) as ctx:
        found = keys.listed(ctx, department[:63], before)
        departments = departments_known(ctx)
    return page(
        request,
        "studio/keys.html",
        keys=found,
        department=department,
        departments=departments,
        states=STATES,
        scopes=SCOPES,
        said=said(request),
    )


@router.get("/studio/keys/new")
def new(request: Request) -> Response:
    """The form of a new key, for a year from today."""
    first = today(request)
    days = {"first_day": first.isoformat(), "last_day": _year_after(first).isoformat()}
    return _new(request, {"name": "", "department": "", **days}, {"read"}, new_id(), [])


@router.post("/studio/keys/new")
def make(request: Request, form: PostedForm) -> Response:
    """Make the key and show it, this one time."""
    typed = {name: text_of(form, name) for name in ("name", "department", "first_day", "last_day")}
    scopes = {scope for scope in SCOPES if text_of(form, scope)}
    try:
        with transaction(request) as ctx:
            check_can_appoint(ctx.actor)
            key_id = _key_id(form)
            departments = departments_known(ctx)
            row, secret = keys.make(ctx, _wish(typed, scopes), departments, key_id)
    except Invalid as invalid:
        return _new(request, typed, scopes, key_id, invalid.errors)
    return page(
        request,
        "studio/key_made.html",
        key=row,
        secret=secret,
        department=departments[row.department],
        address=str(request.base_url) + "api/openapi.json",
    )


@router.get("/studio/keys/{key_id}")
def one(request: Request, key_id: UUID) -> Response:
    """One key: what it may do, since when and until when, and who made it."""
    with reading(request) as ctx:
        found = keys.one(ctx, key_id)
        departments = departments_known(ctx)
    return page(
        request,
        "studio/key.html",
        key=found,
        departments=departments,
        states=STATES,
        scopes=SCOPES,
        said=said(request),
    )


@router.post("/studio/keys/{key_id}/revoke")
def revoke(request: Request, key_id: UUID, form: PostedForm) -> Response:
    """The key opens nothing any more, from its next request on."""
    with transaction(request) as ctx:
        keys.revoke(ctx, key_id)
    say(request, "密钥已撤销，从下一个请求起不能再用。")
    return redirect(f"/studio/keys/{key_id}")


def _new(
    request: Request,
    typed: Mapping[str, str],
    scopes: set[str],
    key_id: UUID,
    errors: Sequence[FieldError],
) -> Response:
    with reading(request) as ctx:
        check_can_appoint(ctx.actor)
        departments = departments_known(ctx)
    return page(
        request,
        "studio/key_new.html",
        status=422 if errors else 200,
        typed=typed,
        chosen=scopes,
        scopes=SCOPES,
        key_id=key_id,
        departments=departments,
        errors=errors,
        wrong={error.path: error.message for error in errors},
    )


def _wish(typed: Mapping[str, str], scopes: set[str]) -> Wish:
    """What was typed; Invalid when something that is no day stands where a day belongs."""
    days = {name: _day(typed[name]) for name in ("first_day", "last_day")}
    wrong = [FieldError(name, NOT_A_DAY) for name, day in days.items() if day is None]
    if wrong:
        raise Invalid(wrong)
    first, last = days["first_day"], days["last_day"]
    assert first is not None and last is not None
    return Wish(typed["name"], typed["department"], tuple(scopes), first, last)


def _day(text: str) -> date | None:
    """The day as a browser sends it; None when it is none."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _key_id(form: FormData) -> UUID:
    """The id that was drawn with the form; BadForm when the page did not send it."""
    try:
        return UUID(text_of(form, "key_id"))
    except ValueError:
        raise BadForm from None


def _year_after(first: date) -> date:
    return first + LONGEST - timedelta(days=1)
