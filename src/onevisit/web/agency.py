"""Pages for applying for somebody else (帮办代办): give, take on with a code, end at once."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases import authorise
from onevisit.cases.errors import Invalid
from onevisit.cases.views import agencies as views
from onevisit.definition.form import Field, FieldError
from onevisit.documents.format import cn_date
from onevisit.web import asking, fields
from onevisit.web.asking import Sheet
from onevisit.web.edge import (
    PostedForm,
    page,
    reading,
    redirect,
    site_of,
    text_of,
    transaction,
)
from onevisit.web.notice import said, say

router = APIRouter(prefix="/my/agents")
CODE = asking.text("code", "代办码", "授权人给您的 8 位数字", length=20)


@router.get("")
def listed(request: Request) -> Response:
    """Whom one has authorised, for whom one may apply, and where a code is taken on."""
    return _list_page(request, "", ())


@router.get("/new")
def ask(request: Request) -> Response:
    """Who is to apply, for which services and until when."""
    with reading(request) as ctx:
        views.agencies(ctx)  # forbidden to who cannot apply
    return asking.draw(request, _sheet(request), {})


@router.post("/new")
def offer(request: Request, form: PostedForm) -> Response:
    """Make the offer; its code stands on the page that follows."""
    typed: dict[str, Any] = dict(asking.typed_of(form, "name", "named", "until"))
    typed["services"] = [each for each in form.getlist("services") if isinstance(each, str)]
    try:
        with transaction(request) as ctx:
            until = _day(typed["until"])
            authorise.offer(ctx, typed["named"], typed["name"], typed["services"], until)
    except Invalid as invalid:
        return asking.draw(request, _sheet(request), typed, errors=invalid.errors)
    say(request, "授权已经建立。请把代办码当面或者打电话告诉代办人，不要告诉别人。")
    return redirect("/my/agents")


@router.post("/accept")
def accept(request: Request, form: PostedForm) -> Response:
    """Take on what somebody offered, by its code."""
    code = text_of(form, "code")
    with transaction(request) as ctx:
        row = authorise.take_on(ctx, code)
    if row is None:
        return _list_page(request, code, [FieldError("code", authorise.WRONG)])
    say(request, "您已经接受授权，从现在起可以代办；每一步都会记下是您代办的。")
    return redirect("/my/agents")


@router.get("/{authorisation_id}/end")
def before_ending(request: Request, authorisation_id: UUID) -> Response:
    """What ending it means."""
    with reading(request) as ctx:
        row = views.agency(ctx, authorisation_id)
    if row.over:
        return redirect("/my/agents")
    about = (
        ("授权人", row.principal),
        ("代办人", row.agent),
        ("服务", "、".join(row.services) or "全部服务"),
        ("有效期", f"至{cn_date(row.until)}"),
    )
    notes = ("立即生效：代办人不能再查看和办理，已经办的不受影响，没有提交的草稿仍归授权人。",)
    sheet = Sheet("终止代办授权", "终止授权", ("/my/agents", "帮办代办"), 0, (), about, notes)
    return asking.draw(request, _own(sheet), {})


@router.post("/{authorisation_id}/end")
def end(request: Request, authorisation_id: UUID) -> Response:
    """End it at once."""
    with transaction(request) as ctx:
        authorise.end(ctx, authorisation_id)
    say(request, "代办授权已经终止，立即生效。")
    return redirect("/my/agents")


def _list_page(request: Request, code: str, errors: Sequence[FieldError]) -> Response:
    with reading(request) as ctx:
        view = views.agencies(ctx)
    (field,) = fields.bind((CODE,), {"code": code}, errors)
    return page(
        request,
        "applicant/agents.html",
        status=422 if errors else 200,
        view=view,
        field=field,
        errors=tuple(errors),
        said=said(request),
    )


def _sheet(request: Request) -> Sheet:
    services = [p.definition.workflow for p in site_of(request).catalog.list()]
    questions: tuple[Field, ...] = (
        asking.text("name", "代办人姓名", length=50),
        asking.text("named", "代办人身份证号码或者手机号", "代办人登录本系统的账号登记的号码"),
        asking.several(
            "services",
            "哪些服务（选填）",
            [(each.id, each.title) for each in services],
            "都不选就是全部服务",
        ),
        asking.text("until", "授权到哪一天", "当天仍然有效，最长一年", kind="date"),
    )
    notes = (
        "代办人可以替您填表、交材料、提交、补正和领取，能看到办理所需的、有关部门登记的您的信息。",
        "每一步都会留痕，写明是谁代您办的；您随时可以收回，立即生效。",
    )
    return _own(
        Sheet("授权别人替我办", "建立授权", ("/my/agents", "帮办代办"), 0, questions, (), notes)
    )


def _own(sheet: Sheet) -> Sheet:
    """The sheet as a citizen's page."""
    values: Mapping[str, Any] = {**vars(sheet), "staff": False}
    return Sheet(**values)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
