"""Certificates in the departments' office (事后监管): what was issued, renewals to decide on, and
revocation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.access import check_can_see_approval
from onevisit.cases import Context
from onevisit.cases.afterwards import renewal, revoke_certificate
from onevisit.cases.afterwards.certificate import CertificateTurn, held
from onevisit.cases.afterwards.revoke_certificate import GROUNDS
from onevisit.cases.errors import Invalid
from onevisit.cases.views.certificates import (
    CertificateView,
    office_certificate,
    office_certificates,
)
from onevisit.definition.form import Field
from onevisit.documents.format import cn_date
from onevisit.web import asking
from onevisit.web.asking import Sheet
from onevisit.web.edge import PostedForm, page, reading, redirect, revision_of, transaction
from onevisit.web.notice import said, say
from onevisit.web.office_tabs import TABS

router = APIRouter(prefix="/office/certificates")

LISTS = {"renewing": "待决定的延续", "all": "全部证照"}
PUBLIC_GOOD = "撤销可能对公共利益造成重大损害的，不予撤销（行政许可法第六十九条第三款）。"


@router.get("")
def issued(
    request: Request, state: str = "renewing", q: str = "", after: UUID | None = None
) -> Response:
    """What the officer's departments have issued; first what waits for a decision."""
    with reading(request) as ctx:
        chosen = "all" if state == "all" or q.strip() else "renewing"
        last = str(after) if after else None
        rows = office_certificates(ctx, chosen, q.strip(), last)  # type: ignore[arg-type]  # one of two
    return page(
        request,
        "certificates/issued.html",
        rows=rows,
        state=chosen,
        lists=LISTS,
        q=q.strip(),
        tabs=TABS,
    )


@router.get("/{certificate_id}")
def one(request: Request, certificate_id: UUID) -> Response:
    """One certificate with everything that was done with it, and what may be done now."""
    with reading(request) as ctx:
        view = office_certificate(ctx, certificate_id)
    return page(
        request, "certificates/held.html", view=view, pages=frozenset(ACTS), said=said(request)
    )


@dataclass(frozen=True)
class Act:
    """One act: its questions, what is said before, and how it is done."""

    title: str
    button: str
    questions: tuple[Field, ...]
    notes: Callable[[CertificateView], tuple[str, ...]]
    do: Callable[[Context, UUID, Mapping[str, str], int], object]
    told: str
    warning: str = ""


def _terms(view: CertificateView) -> tuple[str, ...]:
    """The term that would follow, and what happens when nobody decides."""
    if view.next_term is None or view.valid_until is None:
        return ()
    first, last = (cn_date(day) for day in view.next_term)
    law = f"{cn_date(view.valid_until)}前没有决定的，视为准予延续（行政许可法第五十条）。"
    return (f"准予延续后，有效期接着原有效期，自{first}至{last}。", law)


REASONS = asking.text(
    "reasons", "理由", "写明事实和依据的条款；原文告知申请人，并附救济途径。", 4, 2000
)
ACTS: Mapping[str, Act] = {
    renewal.RENEW: Act(
        "准予延续",
        "准予延续",
        (),
        _terms,
        lambda ctx, key, _, revision: renewal.renew(ctx, key, revision),
        "已准予延续，延续有效期决定书已经生成。",
    ),
    renewal.REFUSE: Act(
        "不予延续",
        "不予延续",
        (REASONS,),
        _terms,
        lambda ctx, key, typed, revision: renewal.refuse(ctx, key, typed["reasons"], revision),
        "已决定不予延续，决定书已经生成并告知申请人。",
    ),
    revoke_certificate.EVENT: Act(
        "撤销证照",
        "撤销这份证照",
        (
            asking.choice(
                "ground", "法定情形", [(key, each.title) for key, each in GROUNDS.items()]
            ),
            REASONS,
        ),
        lambda _: (
            PUBLIC_GOOD,
            "以欺骗、贿赂等不正当手段取得的，按辖区规则若干年内不得再次申请（第七十九条）。",
        ),
        lambda ctx, key, typed, revision: revoke_certificate.revoke(
            ctx, key, typed["ground"], typed["reasons"], revision
        ),
        "已撤销，撤销决定书已经生成并告知申请人。",
        "撤销后证照自即日起失效，不能恢复。",
    ),
}


def _add(event: str, act: Act) -> None:
    """Serve one act: GET asks, POST does."""

    def ask(request: Request, certificate_id: UUID) -> Response:
        with reading(request) as ctx:
            found = held(ctx, certificate_id)
            check_can_see_approval(ctx.actor, found.row.department)
            CertificateTurn(ctx, found).check_post(event)
            view = office_certificate(ctx, certificate_id)
        return asking.draw(request, _sheet(act, view), {})

    def do(request: Request, certificate_id: UUID, form: PostedForm) -> Response:
        typed, revision = asking.typed_of(form, "ground", "reasons"), revision_of(form)
        try:
            with transaction(request) as ctx:
                act.do(ctx, certificate_id, typed, revision)
        except Invalid as invalid:
            with reading(request) as ctx:
                sheet = _sheet(act, office_certificate(ctx, certificate_id))
            return asking.draw(request, sheet, typed, revision, invalid.errors)
        say(request, act.told)
        return redirect(f"/office/certificates/{certificate_id}")

    address = f"/{{certificate_id}}/{event}"
    router.add_api_route(address, ask, methods=["GET"], name=f"certificate_{event}_page")
    router.add_api_route(address, do, methods=["POST"], name=f"certificate_{event}")


def _sheet(act: Act, view: CertificateView) -> Sheet:
    about = [("证照", view.title), ("编号", view.number), ("持有人", view.holder.name)]
    if view.valid_until is not None:
        about.append(("有效期至", cn_date(view.valid_until)))
    if view.asked is not None:
        about.append(("申请延续", view.asked))
    return Sheet(
        title=act.title,
        button=act.button,
        back=(f"/office/certificates/{view.id}", view.title),
        revision=view.revision,
        questions=act.questions,
        about=tuple(about),
        notes=act.notes(view),
        warning=act.warning,
    )


for _event, _act in ACTS.items():
    _add(_event, _act)
