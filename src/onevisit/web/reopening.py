"""Ordering that a case is handled anew after a review or a court: found by its number."""

from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.errors import Invalid
from onevisit.cases.turns import reopen
from onevisit.cases.turns.reopen import Review
from onevisit.cases.views.reopening import ReopenView, by_number, reopen_view
from onevisit.definition.form import FieldError
from onevisit.web import asking
from onevisit.web.asking import Sheet
from onevisit.web.edge import PostedForm, page, reading, redirect, revision_of, transaction
from onevisit.web.notice import said, say

router = APIRouter(prefix="/government")

NAMES = ("body", "number", "day", "reasons")
FIND = "/government/reopen"


@router.get("/reopen")
def find(request: Request, number: str = "") -> Response:
    """The small form that leads to a case by its number."""
    with reading(request) as ctx:
        found = by_number(ctx, number)
    if found is not None:
        return redirect(f"/government/cases/{found}/reopen")
    return page(request, "government/reopen.html", number=number.strip(), said=said(request))


@router.get("/cases/{case_id}/reopen")
def ask(request: Request, case_id: UUID) -> Response:
    """Which items, by which decision, and why."""
    with reading(request) as ctx:
        view = reopen_view(ctx, case_id)
    return asking.draw(request, _sheet(view), {})


@router.post("/cases/{case_id}/reopen")
def order(request: Request, case_id: UUID, form: PostedForm) -> Response:
    """The new case begins at once."""
    typed, revision = _typed(form), revision_of(form)
    try:
        with transaction(request) as ctx:
            review = Review(typed["number"], _day(typed["day"]), typed["body"])
            items, reasons = typed["items"], typed["reasons"]
            case = reopen.reopen(ctx, case_id, items, review, reasons, revision)
            number = case.number
    except Invalid as invalid:
        with reading(request) as ctx:
            sheet = _sheet(reopen_view(ctx, case_id))
        return asking.draw(request, sheet, typed, revision, invalid.errors)
    say(request, f"已经重新办理，新办件编号 {number}；申请人已收到通知，各部门开始办理。")
    return redirect(FIND)


def _typed(form: FormData) -> dict[str, Any]:
    items = [str(each) for each in form.getlist("items")]
    return {**asking.typed_of(form, *NAMES), "items": items}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid([FieldError("day", "请填写日期，如 2026-03-05")]) from None


def _sheet(view: ReopenView) -> Sheet:
    open_to = [
        (each.region, f"{each.title}（{each.department}，{each.state}）")
        for each in view.items
        if each.hindrance is None
    ]
    return Sheet(
        title="重新办理",
        button="决定重新办理",
        back=(FIND, "重新办理"),
        revision=view.revision,
        questions=(
            asking.several("items", "重新办理的事项", open_to, "只选被撤销了决定的事项"),
            asking.text("body", "撤销原决定的机关", "作出复议决定的机关，或者判决的法院"),
            asking.text("number", "文书编号", "复议决定书或者判决书的编号"),
            asking.text("day", "文书日期", "如 2026-03-05", kind="date"),
            asking.text("reasons", "理由", "原文告知申请人", 4, 2000),
        ),
        about=(("办件编号", view.number), ("一件事", view.service), ("状态", view.state.title)),
        notes=(
            "原来的申请表和材料继续使用，不需要申请人再次提交；新的办件立即受理，时限重新计算。",
            "签署过原决定的人员不能再对同一事项作决定（回避）。",
            *(each.hindrance + "。" for each in view.items if each.hindrance is not None),
        ),
    )
