"""The holder's certificates (我的证照): what holds until when, and asking for renewal, for another
paper, for a correction, or for cancellation."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.afterwards import renewal
from onevisit.cases.afterwards import request as requests
from onevisit.cases.afterwards.certificate import CertificateTurn, held
from onevisit.cases.errors import Invalid
from onevisit.cases.views.certificates import CertificateView, my_certificate, my_certificates
from onevisit.documents.format import cn_date
from onevisit.web import asking
from onevisit.web.asking import Sheet
from onevisit.web.edge import (
    PostedForm,
    page,
    reading,
    redirect,
    revision_of,
    text_of,
    transaction,
)
from onevisit.web.notice import said, say

router = APIRouter(prefix="/my/certificates")


@router.get("")
def mine(request: Request, after: UUID | None = None) -> Response:
    """Everything that the signed-in person holds, newest first."""
    with reading(request) as ctx:
        rows = my_certificates(ctx, str(after) if after else None)
    return page(request, "certificates/mine.html", rows=rows)


@router.get("/{certificate_id}")
def one(request: Request, certificate_id: UUID) -> Response:
    """One certificate: its state, its term, and what can be asked for."""
    with reading(request) as ctx:
        view = my_certificate(ctx, certificate_id)
    return page(request, "certificates/one.html", view=view, said=said(request))


@router.get("/{certificate_id}/renew")
def ask(request: Request, certificate_id: UUID) -> Response:
    """Say what asking for renewal means; NotPossible when it cannot be asked for."""
    with reading(request) as ctx:
        view = my_certificate(ctx, certificate_id)
        if not view.renewable:
            turn = CertificateTurn(ctx, held(ctx, certificate_id))
            raise turn.not_possible(renewal.ASK, view.hindrance)
    return asking.draw(request, _sheet(view), {})


@router.post("/{certificate_id}/renew")
def renew(request: Request, certificate_id: UUID, form: PostedForm) -> Response:
    """Ask for renewal."""
    typed, revision = asking.typed_of(form, "text"), revision_of(form)
    try:
        with transaction(request) as ctx:
            renewal.ask(ctx, certificate_id, typed["text"], revision)
    except Invalid as invalid:
        with reading(request) as ctx:
            sheet = _sheet(my_certificate(ctx, certificate_id))
        return asking.draw(request, sheet, typed, revision, invalid.errors)
    say(request, "延续申请已经提交，回执见下方。")
    return redirect(f"/my/certificates/{certificate_id}")


@router.get("/{certificate_id}/reissue")
def reissue_page(request: Request, certificate_id: UUID) -> Response:
    """Say what is wrong with the paper; NotPossible when nothing can be asked for."""
    return _asking(request, certificate_id, requests.ASK)


@router.post("/{certificate_id}/reissue")
def reissue(request: Request, certificate_id: UUID, form: PostedForm) -> Response:
    """Ask for another paper or for a correction."""
    kind = text_of(form, "kind")
    known = kind if kind != requests.CANCEL else ""
    return _ask(request, certificate_id, requests.ASK, known, form)


@router.get("/{certificate_id}/cancel")
def cancel_page(request: Request, certificate_id: UUID) -> Response:
    """Say what cancellation means; NotPossible when it cannot be asked for."""
    return _asking(request, certificate_id, requests.ASK_TO_CANCEL)


@router.post("/{certificate_id}/cancel")
def cancel(request: Request, certificate_id: UUID, form: PostedForm) -> Response:
    """Ask for cancellation."""
    return _ask(request, certificate_id, requests.ASK_TO_CANCEL, requests.CANCEL, form)


def _asking(request: Request, certificate_id: UUID, event: str) -> Response:
    with reading(request) as ctx:
        view = my_certificate(ctx, certificate_id)
        if event not in view.askable:
            found = held(ctx, certificate_id)
            raise CertificateTurn(ctx, found).not_possible(event, requests.hindrance(found))
    return asking.draw(request, _request_sheet(view, event), {})


def _ask(
    request: Request, certificate_id: UUID, event: str, kind: str, form: PostedForm
) -> Response:
    typed, revision = asking.typed_of(form, "kind", "text"), revision_of(form)
    try:
        with transaction(request) as ctx:
            requests.ask(ctx, certificate_id, kind, typed["text"], revision)
    except Invalid as invalid:
        with reading(request) as ctx:
            sheet = _request_sheet(my_certificate(ctx, certificate_id), event)
        return asking.draw(request, sheet, typed, revision, invalid.errors)
    say(request, "申请已经提交，回执见下方。")
    return redirect(f"/my/certificates/{certificate_id}")


def _request_sheet(view: CertificateView, event: str) -> Sheet:
    """The questions for either: what is wrong with the paper, or why it is given up."""
    kinds = [(key, each) for key, each in requests.KINDS.items() if key != requests.CANCEL]
    again = event == requests.ASK
    what = asking.choice("kind", "申请什么", kinds)
    hint = "更正的，写明哪一项有误、应当是什么；遗失、损毁的，写明时间和经过。"
    told = (
        asking.text("text", "说明", hint, 4, 500)
        if again
        else asking.text("text", "说明（选填）", "", 4, 500)
    )
    return Sheet(
        title="申请补发或者更正" if again else "申请注销",
        button="提交申请",
        back=(f"/my/certificates/{view.id}", view.title),
        revision=view.revision,
        questions=(what, told) if again else (told,),
        about=(("证照", view.title), ("编号", view.number)),
        notes=(
            (
                "新的证照发出之日起，原来的一份作废，别人扫码会看到它已被替换。",
                "这里只更正记载的错误；经营内容、地址等有变化的，请向发证部门申请变更（行政许可法第四十九条）。",
            )
            if again
            else ("注销决定作出以前，证照仍然有效；决定以后不能恢复，需要时重新申请。",)
        ),
        staff=False,
    )


def _sheet(view: CertificateView) -> Sheet:
    assert view.valid_until is not None, "what holds for good is not renewed"
    until = cn_date(view.valid_until)
    return Sheet(
        title="申请延续",
        button="提交延续申请",
        back=(f"/my/certificates/{view.id}", view.title),
        revision=view.revision,
        questions=(
            asking.text("text", "需要说明的情况（选填）", "例如经营地址、内容没有变化", 3, 500),
        ),
        about=(("证照", view.title), ("编号", view.number), ("有效期至", until)),
        notes=(
            f"{view.department}应在{until}前决定是否准予延续；逾期没有决定的，视为准予延续。",
            "延续后的有效期接着现在的有效期计算，不会少算一天。",
        ),
        staff=False,
    )
