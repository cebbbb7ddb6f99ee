"""Who stands in for whom in a department (代理), arranged by an administrator or its head."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.staff import deputies
from onevisit.cases.staff.deputies import Wish
from onevisit.definition.form import FieldError
from onevisit.web.edge import PostedForm, page, reading, redirect, text_of, transaction
from onevisit.web.notice import said, say
from onevisit.web.portals import ROLE_TITLES
from onevisit.web.studio_roles import departments_known

router = APIRouter(prefix="/deputies")
FIELDS = ("post", "deputy", "first_day", "last_day", "reason")


@router.get("")
def arranged(request: Request, department: str = "") -> Response:
    """Who stands in for whom, and the form for one more."""
    return _drawn(request, department, {}, [])


@router.post("")
def arrange(request: Request, form: PostedForm) -> Response:
    """One more; on errors the page comes back with everything typed."""
    department = text_of(form, "department")
    try:
        with transaction(request) as ctx:
            deputies.appoint(ctx, _wish(form, department), aware=bool(text_of(form, "aware")))
    except Invalid as invalid:
        typed = {name: text_of(form, name) for name in FIELDS}
        return _drawn(request, department, typed, invalid.errors)
    say(request, "代理已安排，到第一天自动开始，过了最后一天自动结束。")
    return redirect(f"/deputies?department={department}")


@router.post("/{deputy_id}/end")
def end(request: Request, deputy_id: UUID, form: PostedForm) -> Response:
    """It is over from now on."""
    with transaction(request) as ctx:
        deputies.end(ctx, deputy_id)
    say(request, "代理已经提前结束；已签署的仍然有效，记录都在。")
    return redirect(f"/deputies?department={text_of(form, 'department')[:63]}")


def _drawn(
    request: Request, department: str, typed: dict[str, str], errors: Sequence[FieldError]
) -> Response:
    with reading(request) as ctx:
        known = departments_known(ctx)
        own = deputies.departments_of(ctx, known)
        if department and department not in own:
            raise NotFound("这个部门")
        here = department or own[0]
        chosen = deputies.choices(ctx, here)
        told = deputies.listed(ctx, own)
        admin = "admin" in ctx.actor.roles
    aware = [each.message for each in errors if each.path == "aware"]
    return page(
        request,
        "studio/deputies.html",
        status=422 if errors else 200,
        departments=known,
        own=own,
        here=here,
        chosen=chosen,
        told=told,
        admin=admin,
        roles=ROLE_TITLES,
        typed=dict.fromkeys(FIELDS, "") | typed,
        aware=aware,
        errors=[each for each in errors if each.path != "aware"],
        wrong={each.path: each.message for each in errors},
        said=said(request),
    )


def _wish(form: FormData, department: str) -> Wish:
    whose, _, role = text_of(form, "post").partition("/")
    principal = _id(whose)
    return Wish(
        (principal, role) if principal else None,
        department,
        _id(text_of(form, "deputy")),
        _day(text_of(form, "first_day")),
        _day(text_of(form, "last_day")),
        text_of(form, "reason"),
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
