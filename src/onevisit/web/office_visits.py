"""The office's pages for inspections on site and for appointments where the applicant appears."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.errors import Invalid
from onevisit.cases.meetings import inspection, meeting
from onevisit.cases.meetings.appointments import Call
from onevisit.cases.meetings.inspection import Report
from onevisit.cases.meetings.meeting import Purpose, Result
from onevisit.cases.views import arranging
from onevisit.cases.views.arranging import FindingView, Head, VisitView
from onevisit.definition.form import FieldError
from onevisit.documents.format import cn_datetime
from onevisit.web import asking
from onevisit.web.asking import Sheet
from onevisit.web.edge import PostedForm, reading, redirect, revision_of, transaction
from onevisit.web.notice import say

router = APIRouter(prefix="/office/{approval_id}")

CALLED = ("day", "hour", "place", "note", "moved")
RECORDED = ("passed", "finding")
MET = ("key", "asked", "outcome", "note")
PASSED = (("yes", "符合要求，通过"), ("no", "不符合要求，不通过"))


@router.get("/call_inspection")
def ask_inspection(request: Request, approval_id: UUID) -> Response:
    """When and where all departments come together."""
    return _inspection_page(request, approval_id, {})


@router.post("/call_inspection")
def call_inspection(request: Request, approval_id: UUID, form: PostedForm) -> Response:
    """Call the inspection, or move the one that is called."""
    typed, revision = asking.typed_of(form, *CALLED), revision_of(form)
    try:
        with transaction(request) as ctx:
            message = inspection.call(ctx, approval_id, _order(form, typed), revision)
    except Invalid as invalid:
        return _inspection_page(request, approval_id, typed, revision, invalid.errors)
    say(request, message)
    return redirect(f"/office/{approval_id}")


@router.get("/record_inspection")
def ask_finding(request: Request, approval_id: UUID) -> Response:
    """Who was there, and what they found."""
    return _finding_page(request, approval_id, {})


@router.post("/record_inspection")
def record_inspection(request: Request, approval_id: UUID, form: PostedForm) -> Response:
    """Record the finding for this item."""
    typed: dict[str, Any] = asking.typed_of(form, *RECORDED)
    typed["officers"] = [each for each in form.getlist("officers") if isinstance(each, str)]
    revision = revision_of(form)
    passed = {"yes": True, "no": False}.get(typed["passed"])
    report = Report(_ids(typed["officers"]), passed, typed["finding"])
    try:
        with transaction(request) as ctx:
            message = inspection.record(ctx, approval_id, report, revision)
    except Invalid as invalid:
        return _finding_page(request, approval_id, typed, revision, invalid.errors)
    say(request, message)
    return redirect(f"/office/{approval_id}")


@router.get("/call_meeting")
def ask_meeting(request: Request, approval_id: UUID) -> Response:
    """When and where the applicant is to appear, and with what."""
    return _meeting_page(request, approval_id, meeting.CALL, {})


@router.post("/call_meeting")
def call_meeting(request: Request, approval_id: UUID, form: PostedForm) -> Response:
    """Call the applicant, once for all items that share the appointment."""
    typed, revision = asking.typed_of(form, *CALLED, "key", "asked"), revision_of(form)
    purpose = Purpose(typed["key"], typed["asked"])
    try:
        with transaction(request) as ctx:
            message = meeting.call(ctx, approval_id, purpose, _order(form, typed), revision)
    except Invalid as invalid:
        return _meeting_page(request, approval_id, meeting.CALL, typed, revision, invalid.errors)
    say(request, message)
    return redirect(f"/office/{approval_id}")


@router.get("/record_meeting")
def ask_attendance(request: Request, approval_id: UUID) -> Response:
    """Whether the applicant came."""
    return _meeting_page(request, approval_id, meeting.RECORD, {})


@router.post("/record_meeting")
def record_meeting(request: Request, approval_id: UUID, form: PostedForm) -> Response:
    """Record that the applicant came, did not, or need not."""
    typed, revision = asking.typed_of(form, *MET), revision_of(form)
    result = Result(typed["outcome"], typed["note"])
    try:
        with transaction(request) as ctx:
            message = meeting.record(ctx, approval_id, typed["key"], result, revision)
    except Invalid as invalid:
        return _meeting_page(request, approval_id, meeting.RECORD, typed, revision, invalid.errors)
    say(request, message)
    return redirect(f"/office/{approval_id}")


def _order(form: FormData, typed: Mapping[str, str]) -> Call:
    return Call(asking.moment_of(form), typed["place"], typed["note"], typed["moved"])


def _ids(texts: Sequence[str]) -> list[UUID]:
    """What was chosen; a text that is no id stands for nobody, whom the verb refuses."""
    found = []
    for each in texts:
        try:
            found.append(UUID(each))
        except ValueError:
            found.append(UUID(int=0))
    return found


def _about(head: Head) -> tuple[tuple[str, str], ...]:
    return (
        ("事项", head.item),
        ("办件", f"{head.case_number} {head.service}"),
        ("申请人", head.applicant),
    )


def _together(view: VisitView) -> str:
    return "；".join(f"{department}：{item}" for department, item in view.together)


def _inspection_page(
    request: Request,
    approval_id: UUID,
    typed: Mapping[str, Any],
    revision: int | None = None,
    errors: Sequence[FieldError] = (),
) -> Response:
    with reading(request) as ctx:
        view = arranging.inspection_call(ctx, approval_id)
    shown = typed or {"place": view.place}
    return asking.draw(request, _inspection_sheet(view), shown, revision, errors)


def _inspection_sheet(view: VisitView) -> Sheet:
    moved = view.coming is not None
    questions = [
        *asking.moment(view.head.hours),
        asking.text("place", "地点", "从申请表带出，可以修改"),
        asking.text("note", "请申请人准备（选填）", "如平面图、设备清单", length=500),
    ]
    if moved:
        questions.append(asking.text("moved", "改期原因", "申请人和各部门会看到；只能改期一次"))
    return Sheet(
        title=f"{view.title}改期" if moved else f"约定{view.title}",
        button="改期并通知" if moved else "约定并通知",
        back=(f"/office/{view.head.approval_id}", view.head.item),
        revision=view.head.revision,
        questions=tuple(questions),
        about=(*_about(view.head), ("一起核查", _together(view))),
        notes=(
            "只约这一次：列出的部门同时到场，申请人收到一份通知书，各部门工作人员收到消息。",
            "每个部门两名以上工作人员参加，时间到了以后各自记录结论。",
        ),
        warning=_already(view),
    )


def _already(view: VisitView) -> str:
    if view.coming is None:
        return ""
    may = "如需改期，请写明原因。" if view.coming.may_move else "已经改过一次，不能再改。"
    return f"已经约定在{cn_datetime(view.coming.at)}，地点：{view.coming.place}。{may}"


def _finding_page(
    request: Request,
    approval_id: UUID,
    typed: Mapping[str, Any],
    revision: int | None = None,
    errors: Sequence[FieldError] = (),
) -> Response:
    with reading(request) as ctx:
        view = arranging.inspection_record(ctx, approval_id)
    return asking.draw(request, _finding_sheet(view), typed, revision, errors)


def _finding_sheet(view: FindingView) -> Sheet:
    people = [(str(each.id), each.name) for each in view.people]
    when = f"{cn_datetime(view.at)}，{view.place}"
    return Sheet(
        title="记录现场核查",
        button="保存核查记录",
        back=(f"/office/{view.head.approval_id}", view.head.item),
        revision=view.head.revision,
        questions=(
            asking.several("officers", "核查人员", people, f"本部门{view.needed}名以上"),
            asking.choice("passed", "结论", PASSED),
            asking.text("finding", "核查情况", "看了什么、与申报是否一致", lines=5, length=2000),
        ),
        about=(*_about(view.head), ("核查安排", when)),
        notes=("没有通过的不能准予：可以在整改后再约一次核查，或者说明理由不予许可。",),
        warning="" if view.over else "还没有到约定的时间，到时间后才能保存。",
    )


def _meeting_page(  # noqa: PLR0917 -- what is drawn, then what was typed
    request: Request,
    approval_id: UUID,
    event: str,
    typed: Mapping[str, Any],
    revision: int | None = None,
    errors: Sequence[FieldError] = (),
) -> Response:
    with reading(request) as ctx:
        found = arranging.meetings(ctx, approval_id, event)
    shown = dict(typed) or {"key": found[0].key if len(found) == 1 else ""}
    drawn = _calling(found) if event == meeting.CALL else _attendance(found)
    return asking.draw(request, drawn, shown, revision, errors)


def _purposes(found: Sequence[VisitView]) -> Any:
    options = [(view.key, f"{view.title}（{_together(view)}）") for view in found]
    return asking.choice("key", "到场办理什么", options)


def _calling(found: Sequence[VisitView]) -> Sheet:
    head = found[0].head
    questions = [
        _purposes(found),
        *asking.moment(head.hours),
        asking.text("place", "地点", "写明楼层、窗口或者房间"),
        asking.text("note", "请申请人携带（选填）", "如身份证件、原件", length=500),
    ]
    if any(view.by_applicant for view in found):
        hint = "由申请人决定是否需要的到场，写明何时、怎样提出"
        questions.append(asking.text("asked", "申请人怎样提出（选填）", hint))
    if any(view.coming for view in found):
        questions.append(asking.text("moved", "改期原因（选填）", "改期时必须写明；只能改期一次"))
    return Sheet(
        title="约定到场",
        button="约定并通知",
        back=(f"/office/{head.approval_id}", head.item),
        revision=head.revision,
        questions=tuple(questions),
        about=_about(head),
        notes=("合并到场的事项只约这一次，申请人收到一份通知书。",),
        warning="".join(f"{view.title}：{_already(view)}" for view in found if view.coming),
    )


def _attendance(found: Sequence[VisitView]) -> Sheet:
    head = found[0].head
    outcomes = [
        (key, title)
        for key, title in meeting.OUTCOMES.items()
        if key != "waived" or any(view.waivable for view in found)
    ]
    about = [
        (view.title, f"{cn_datetime(view.coming.at)}，{view.coming.place}")
        for view in found
        if view.coming is not None
    ]
    return Sheet(
        title="记录到场",
        button="保存到场记录",
        back=(f"/office/{head.approval_id}", head.item),
        revision=head.revision,
        questions=(
            _purposes(found),
            asking.choice("outcome", "到场情况", outcomes),
            asking.text("note", "说明（选填）", "没有到场或者取消的，写明情况，申请人会看到"),
        ),
        about=(*_about(head), *about),
        notes=("没有到场的可以再约一次。",),
    )
