"""Checks after pledges in the departments' office (事后核查): the list, one check, and its acts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases import Context
from onevisit.cases.afterwards import pledge
from onevisit.cases.errors import Invalid
from onevisit.cases.views.pledges import PledgeView, office_pledge, office_pledges
from onevisit.definition.form import Field, FieldError
from onevisit.documents.format import cn_date
from onevisit.web import asking
from onevisit.web.asking import Sheet
from onevisit.web.edge import PostedForm, page, reading, redirect, revision_of, transaction
from onevisit.web.notice import said, say
from onevisit.web.office_tabs import TABS

router = APIRouter(prefix="/office/pledges")

LISTS = {"open": "待核查、待整改", "done": "已完成"}
NAMES = ("result", "finding", "mended_on", "reasons")
Typed = Mapping[str, str]


@router.get("")
def checks(request: Request, state: str = "open", after: str | None = None) -> Response:
    """The checks of the officer's departments, the next that is due at the top."""
    chosen = "done" if state == "done" else "open"
    try:
        with reading(request) as ctx:
            rows = office_pledges(ctx, chosen, after)  # type: ignore[arg-type]  # one of two
    except ValueError:  # an address that none of our pages made
        return redirect("/office/pledges")
    return page(
        request, "certificates/checks.html", rows=rows, state=chosen, lists=LISTS, tabs=TABS
    )


@router.get("/{check_id}")
def one(request: Request, check_id: UUID) -> Response:
    """One check: what was pledged, what was found, and what may be done now."""
    with reading(request) as ctx:
        view = office_pledge(ctx, check_id)
    titles = {event: act.title for event, act in ACTS.items()}
    return page(request, "certificates/check.html", view=view, titles=titles, said=said(request))


@dataclass(frozen=True)
class Act:
    """One act: its questions, what is said before, and how it is done."""

    title: str
    button: str
    questions: tuple[Field, ...]
    notes: tuple[str, ...]
    do: Callable[[Context, UUID, Typed, int], object]
    warning: str = ""


def _record(ctx: Context, check_id: UUID, typed: Typed, revision: int) -> object:
    if typed["result"] not in ("kept", "broken"):
        raise Invalid([FieldError("result", "请选择核查结果")])
    kept = typed["result"] == "kept"
    return pledge.record(ctx, check_id, kept=kept, finding=typed["finding"], revision=revision)


def _confirm(ctx: Context, check_id: UUID, typed: Typed, revision: int) -> object:
    try:
        day = date.fromisoformat(typed["mended_on"])
    except ValueError:
        raise Invalid([FieldError("mended_on", "请填写日期，如 2026-03-05")]) from None
    return pledge.confirm(ctx, check_id, day, typed["finding"], revision)


def _revoke(ctx: Context, check_id: UUID, typed: Typed, revision: int) -> object:
    return pledge.revoke(ctx, check_id, typed["reasons"], revision)


RESULTS = (("kept", "达到许可条件，承诺属实"), ("broken", "未达到许可条件，责令限期整改"))
ACTS: Mapping[str, Act] = {
    pledge.CHECK: Act(
        "记录核查结果",
        "记录核查结果",
        (
            asking.choice("result", "核查结果", RESULTS),
            asking.text("finding", "核查情况", "写明核查的时间、方式、人员和看到的情况", 4, 2000),
        ),
        ("未达到条件的，同时发出限期整改通知书；核查情况原文告知申请人。",),
        _record,
    ),
    pledge.CONFIRM: Act(
        "确认整改到位",
        "确认整改到位",
        (
            asking.text("mended_on", "整改完成的日期", "如 2026-03-05", kind="date"),
            asking.text("finding", "复查情况", "写明复查看到的情况", 4, 2000),
        ),
        ("在整改期限内改正的才能确认，复查可以晚几天进行。",),
        _confirm,
    ),
    pledge.REVOKE: Act(
        "撤销许可",
        "撤销许可",
        (asking.text("reasons", "理由", "写明复查情况；原文告知申请人，并附救济途径", 4, 2000),),
        ("整改期限届满仍未达到许可条件的才能撤销；撤销后不再适用告知承诺，记入信用档案。",),
        _revoke,
        "撤销后不能恢复。",
    ),
}


def _add(event: str, act: Act) -> None:
    """Serve one act: GET asks, POST does."""

    def ask(request: Request, check_id: UUID) -> Response:
        with reading(request) as ctx:
            pledge.check_may(ctx, check_id, event)
            sheet = _sheet(act, office_pledge(ctx, check_id))
        return asking.draw(request, sheet, {})

    def do(request: Request, check_id: UUID, form: PostedForm) -> Response:
        typed, revision = asking.typed_of(form, *NAMES), revision_of(form)
        try:
            with transaction(request) as ctx:
                act.do(ctx, check_id, typed, revision)
        except Invalid as invalid:
            with reading(request) as ctx:
                sheet = _sheet(act, office_pledge(ctx, check_id))
            return asking.draw(request, sheet, typed, revision, invalid.errors)
        say(request, f"已{act.title}，文书已经告知申请人。")
        return redirect(f"/office/pledges/{check_id}")

    address = f"/{{check_id}}/{event}"
    router.add_api_route(address, ask, methods=["GET"], name=f"pledge_{event}_page")
    router.add_api_route(address, do, methods=["POST"], name=f"pledge_{event}")


def _sheet(act: Act, view: PledgeView) -> Sheet:
    about = [
        ("事项", view.item),
        ("办件编号", view.case_number or ""),
        ("申请人", view.applicant.name),
    ]
    if view.due is not None:
        about.append(("核查期限", cn_date(view.due.day)))
    if view.mend_by is not None:
        about.append(("整改期限", cn_date(view.mend_by.day)))
    return Sheet(
        title=act.title,
        button=act.button,
        back=(f"/office/pledges/{view.id}", view.item),
        revision=view.revision,
        questions=act.questions,
        about=tuple(about),
        notes=act.notes,
        warning=act.warning,
    )


for _event, _act in ACTS.items():
    _add(_event, _act)
