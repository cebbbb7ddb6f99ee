"""The applicant's pages for a hearing: ask for it in time, or give it up; both free of charge."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.meetings import hearing
from onevisit.cases.views.heard import RightView, right
from onevisit.documents.format import cn_date
from onevisit.web import asking
from onevisit.web.asking import Sheet
from onevisit.web.edge import PostedForm, reading, redirect, revision_of, transaction
from onevisit.web.notice import say

router = APIRouter(prefix="/my/{case_id}/items/{region:path}")


@router.get("/ask_hearing")
def before_asking(request: Request, case_id: UUID, region: str) -> Response:
    """What a hearing is, and until when one may ask."""
    with reading(request) as ctx:
        view = right(ctx, case_id, region, hearing.ASK)
    return asking.draw(request, _asking(view), {})


@router.post("/ask_hearing")
def ask(request: Request, case_id: UUID, region: str, form: PostedForm) -> Response:
    """Ask for the hearing."""
    with transaction(request) as ctx:
        row = hearing.ask(ctx, case_id, region, revision_of(form))
        last = row.hold_by
    say(request, f"已收到您的听证申请，将在{cn_date(last)}前举行听证。" if last else "")
    return redirect(f"/my/{case_id}")


@router.get("/waive_hearing")
def before_waiving(request: Request, case_id: UUID, region: str) -> Response:
    """What giving it up means."""
    with reading(request) as ctx:
        view = right(ctx, case_id, region, hearing.WAIVE)
    return asking.draw(request, _waiving(view), {})


@router.post("/waive_hearing")
def waive(request: Request, case_id: UUID, region: str, form: PostedForm) -> Response:
    """Give the hearing up."""
    with transaction(request) as ctx:
        hearing.waive(ctx, case_id, region, revision_of(form))
    say(request, "已记录您放弃听证，部门会继续办理。")
    return redirect(f"/my/{case_id}")


def _about(view: RightView) -> tuple[tuple[str, str], ...]:
    facts = [
        ("事项", view.item),
        ("重大利益", view.interests),
        ("利害关系人", view.parties),
        ("提出期限", f"{cn_date(view.ask_by)}前"),
    ]
    return tuple((label, value) for label, value in facts if value)


def _asking(view: RightView) -> Sheet:
    return Sheet(
        title="要求听证",
        button="要求听证",
        back=(f"/my/{view.case_id}", "办理进度"),
        revision=view.revision,
        questions=(),
        about=_about(view),
        notes=(
            f"部门在作出决定之前当面听取各方意见，{view.hold}个工作日内举行，提前通知时间和地点。",
            "您可以提出证据、申辩和质证，也可以请人代理。不收取任何费用。",
            "听证举行之前部门不会作出决定；从通知听证到举行听证的时间不算在法定办理期限里。",
        ),
        staff=False,
    )


def _waiving(view: RightView) -> Sheet:
    others = "利害关系人仍可在期限内要求听证。" if view.parties else ""
    return Sheet(
        title="放弃听证",
        button="放弃听证",
        back=(f"/my/{view.case_id}", "办理进度"),
        revision=view.revision,
        questions=(),
        about=_about(view),
        notes=(f"放弃以后不能再要求听证，部门会继续办理，您仍可以书面陈述意见。{others}",),
        staff=False,
    )
