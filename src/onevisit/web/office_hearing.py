"""The office's pages for hearings: offer the right, enter who asks, call the day, record it."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases import Context
from onevisit.cases.errors import Invalid
from onevisit.cases.meetings import hearing, hearing_day
from onevisit.cases.meetings.hearing import Offer
from onevisit.cases.meetings.hearing_day import Minutes, Session
from onevisit.cases.views import arranging
from onevisit.cases.views.arranging import HearingView
from onevisit.definition.form import FieldError
from onevisit.documents.format import cn_date, cn_datetime
from onevisit.web import asking
from onevisit.web.asking import Sheet
from onevisit.web.edge import PostedForm, reading, redirect, revision_of, transaction
from onevisit.web.notice import say

router = APIRouter(prefix="/office/{approval_id}")
Typed = Mapping[str, str]


@router.get("/offer_hearing")
def ask_offer(request: Request, approval_id: UUID) -> Response:
    """Whose great interests are affected."""
    return _page(request, approval_id, hearing.OFFER, {})


@router.post("/offer_hearing")
def offer(request: Request, approval_id: UUID, form: PostedForm) -> Response:
    """Tell the applicant and the interested persons of their right."""
    typed, revision = asking.typed_of(form, "reasons", "parties"), revision_of(form)
    told = Offer(typed["reasons"], typed["parties"])
    return _done(
        request, approval_id, hearing.OFFER, typed, revision,
        lambda ctx: hearing.offer(ctx, approval_id, told, revision),
    )  # fmt: skip


@router.get("/enter_hearing")
def ask_entry(request: Request, approval_id: UUID) -> Response:
    """Which interested person asks for a hearing."""
    return _page(request, approval_id, hearing.ENTER, {})


@router.post("/enter_hearing")
def enter(request: Request, approval_id: UUID, form: PostedForm) -> Response:
    """Enter an interested person's request."""
    typed, revision = asking.typed_of(form, "who"), revision_of(form)
    return _done(
        request, approval_id, hearing.ENTER, typed, revision,
        lambda ctx: hearing.enter(ctx, approval_id, typed["who"], revision),
    )  # fmt: skip


@router.get("/call_hearing")
def ask_session(request: Request, approval_id: UUID) -> Response:
    """When, where and under whom."""
    return _page(request, approval_id, hearing_day.CALL, {})


@router.post("/call_hearing")
def call(request: Request, approval_id: UUID, form: PostedForm) -> Response:
    """Call the hearing; the law's clock stands still."""
    typed = asking.typed_of(form, "day", "hour", "place", "chair", "reasons")
    revision = revision_of(form)
    session = Session(asking.moment_of(form), typed["place"], _id(typed["chair"]), typed["reasons"])
    return _done(
        request, approval_id, hearing_day.CALL, typed, revision,
        lambda ctx: hearing_day.call(ctx, approval_id, session, revision),
    )  # fmt: skip


@router.get("/hold_hearing")
def ask_minutes(request: Request, approval_id: UUID) -> Response:
    """The chair's page for the record."""
    return _page(request, approval_id, hearing_day.HOLD, {})


@router.post("/hold_hearing")
def hold(request: Request, approval_id: UUID, form: PostedForm) -> Response:
    """Record the hearing; the clocks run again."""
    typed = asking.typed_of(form, "attended", "record", "signed")
    revision = revision_of(form)
    minutes = Minutes(typed["attended"], typed["record"], typed["signed"] == "yes")
    return _done(
        request, approval_id, hearing_day.HOLD, typed, revision,
        lambda ctx: hearing_day.hold(ctx, approval_id, minutes, revision),
    )  # fmt: skip


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _done(  # noqa: PLR0917 -- the page, what was typed, and the act itself
    request: Request,
    approval_id: UUID,
    event: str,
    typed: Typed,
    revision: int,
    act: Callable[[Context], str],
) -> Response:
    try:
        with transaction(request) as ctx:
            message = act(ctx)
    except Invalid as invalid:
        return _page(request, approval_id, event, typed, revision, invalid.errors)
    say(request, message)
    return redirect(f"/office/{approval_id}")


def _page(  # noqa: PLR0917 -- what is drawn, then what was typed
    request: Request,
    approval_id: UUID,
    event: str,
    typed: Typed,
    revision: int | None = None,
    errors: Sequence[FieldError] = (),
) -> Response:
    with reading(request) as ctx:
        view = arranging.hearing_view(ctx, approval_id, event)
    drawn = SHEETS[event](view)
    shown = typed or {"place": view.place, "parties": view.parties}
    return asking.draw(request, drawn, shown, revision, errors)


def _about(view: HearingView) -> tuple[tuple[str, str], ...]:
    head = view.head
    facts = [
        ("事项", head.item),
        ("办件", f"{head.case_number} {head.service}"),
        ("申请人", head.applicant),
        ("利害关系人", view.parties),
        ("重大利益", view.interests),
        ("提出听证", view.asked_by),
        ("听证安排", f"{cn_datetime(view.at)}，{view.place}" if view.at else ""),
    ]
    return tuple((label, value) for label, value in facts if value)


def _offering(view: HearingView) -> Sheet:
    return Sheet(
        title="告知听证权利",
        button="告知",
        back=(f"/office/{view.head.approval_id}", view.head.item),
        revision=view.head.revision,
        questions=(
            asking.text(
                "reasons", "涉及谁的什么重大利益", "申请人会看到原文", lines=4, length=1000
            ),
            asking.text(
                "parties",
                "利害关系人（选填）",
                "写明姓名或者名称；告知书同时送达他们，他们也有权要求听证、陈述和申辩",
                lines=2,
                length=500,
            ),
        ),
        about=_about(view),
        notes=(
            "许可直接涉及申请人与他人之间重大利益关系的，决定前应当告知听证权利。",
            "告知后，在提出期限届满或者放弃之前不能作出决定；听证不收取任何费用。",
        ),
    )


def _entering(view: HearingView) -> Sheet:
    last = f"{cn_date(view.ask_by)}前可以提出。" if view.ask_by else ""
    return Sheet(
        title="登记利害关系人听证申请",
        button="登记",
        back=(f"/office/{view.head.approval_id}", view.head.item),
        revision=view.head.revision,
        questions=(asking.text("who", "哪位利害关系人，何时怎样提出", lines=3, length=500),),
        about=_about(view),
        notes=(f"利害关系人书面或者口头要求听证的，在这里登记。{last}",),
    )


def _calling(view: HearingView) -> Sheet:
    late = view.stage == "called"
    own = view.stage not in ("asked", "called")
    questions = [
        *asking.moment(view.head.hours),
        asking.text("place", "听证地点"),
        asking.choice(
            "chair",
            "主持人",
            [(str(each.id), each.name) for each in view.chairs],
            "本部门没有审查过本件的人员；办理以后各环节少不了的人不在其中",
        ),
        asking.text(
            "reasons",
            "依职权举行、改期或者更换主持人的原因" + ("" if late or own else "（选填）"),
            "申请人会看到原文",
            lines=3,
            length=1000,
        ),
    ]
    first = cn_date(view.first) if view.first else ""
    last = f"，最晚{cn_date(view.last)}" if view.last else ""
    return Sheet(
        title="重新通知听证" if late else "通知听证",
        button="通知听证",
        back=(f"/office/{view.head.approval_id}", view.head.item),
        revision=view.head.revision,
        questions=tuple(questions),
        about=(*_about(view), ("可选日期", f"最早{first}{last}")),
        notes=("听证公开举行。自通知之日起至听证之日，法定时限停止计算（行政许可法第四十五条）。",),
        warning="没有人提出听证：只有依法应当听证或者涉及公共利益的，才依职权举行。" if own else "",
    )


def _holding(view: HearingView) -> Sheet:
    return Sheet(
        title="听证笔录",
        button="完成听证笔录",
        back=(f"/office/{view.head.approval_id}", view.head.item),
        revision=view.head.revision,
        questions=(
            asking.text("attended", "参加人", "姓名和身份，没有到场的也写明", lines=3, length=1000),
            asking.text(
                "record",
                "听证笔录",
                "审查人员的意见和证据理由；申请人、利害关系人的陈述、证据、申辩和质证；每段一行",
                lines=12,
                length=20000,
            ),
            asking.several("signed", "确认", [("yes", "笔录已交参加人确认无误并签字或者盖章")]),
        ),
        about=_about(view),
        notes=("决定应当根据听证笔录作出；保存后时限自次日起恢复计算，决定书会写明笔录文号。",),
    )


SHEETS: Mapping[str, Callable[[HearingView], Sheet]] = {
    hearing.OFFER: _offering,
    hearing.ENTER: _entering,
    hearing_day.CALL: _calling,
    hearing_day.HOLD: _holding,
}
