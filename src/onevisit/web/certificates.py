"""The holder's certificates (我的证照): what holds until when, and asking for renewal."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.afterwards import renewal
from onevisit.cases.afterwards.certificate import CertificateTurn, held
from onevisit.cases.errors import Invalid
from onevisit.cases.views.certificates import CertificateView, my_certificate, my_certificates
from onevisit.documents.format import cn_date
from onevisit.web import asking
from onevisit.web.asking import Sheet
from onevisit.web.edge import PostedForm, page, reading, redirect, revision_of, transaction
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
