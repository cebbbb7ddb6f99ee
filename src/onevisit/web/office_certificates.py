"""Certificates in the departments' office (事后监管): what was issued, what holders asked for, and
every act on a certificate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from onevisit.access import check_can_see_approval
from onevisit.cases import Context
from onevisit.cases.afterwards import cancel_certificate, reissue, renewal, revoke_certificate
from onevisit.cases.afterwards import request as requests
from onevisit.cases.afterwards.certificate import CertificateTurn, Held, held
from onevisit.cases.afterwards.revoke_certificate import GROUNDS
from onevisit.cases.errors import Invalid
from onevisit.cases.views.certificates import (
    CertificateView,
    office_certificate,
    office_certificates,
)
from onevisit.cases.views.papers import correctable
from onevisit.definition.form import Field
from onevisit.documents.format import cn_date
from onevisit.web import asking
from onevisit.web.asking import Sheet
from onevisit.web.edge import PostedForm, page, reading, redirect, revision_of, transaction
from onevisit.web.notice import said, say
from onevisit.web.office_tabs import TABS
from onevisit.web.searching import Search

router = APIRouter(prefix="/office/certificates")

LISTS = {"renewing": "待决定的延续", "asked": "待办理的补发、更正、注销", "all": "全部证照"}
PUBLIC_GOOD = "撤销可能对公共利益造成重大损害的，不予撤销（行政许可法第六十九条第三款）。"


@router.get("")
def issued(
    request: Request, typed: Search, state: str = "renewing", after: UUID | None = None
) -> Response:
    """What the officer's departments have issued; first what waits for a decision."""
    with reading(request) as ctx:
        chosen = "all" if typed.text else state if state in LISTS else "renewing"
        last = str(after) if after else None
        rows = office_certificates(ctx, chosen, typed.text, last)  # type: ignore[arg-type]  # one of LISTS
    return page(
        request,
        "certificates/issued.html",
        rows=rows,
        state=chosen,
        lists=LISTS,
        q=typed.text,
        find=typed.sealed,
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


Entries = Mapping[str, tuple[str, str]]
"""What of a paper can be corrected: name → (label, present value)."""


@dataclass(frozen=True)
class Act:
    """One act: its questions, what is said before, and how it is done."""

    title: str
    button: str
    questions: Callable[[CertificateView, Entries], tuple[Field, ...]]
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


WHY = asking.text("why", "补发的事由", "例如：持有人申明遗失，已核对身份。", 3, 500)
WRONG = asking.text("reasons", "理由", "写明为什么有误、依据什么改正；持有人看得到。", 3, 2000)
REASONS = asking.text(
    "reasons", "理由", "写明事实和依据的条款；原文告知申请人，并附救济途径。", 4, 2000
)


def _corrections(entries: Entries) -> tuple[Field, ...]:
    """One question for each printed entry."""
    return tuple(
        asking.text(name, label, f"现在是“{old}”", 1, reissue.LONGEST)
        for name, (label, old) in entries.items()
    )


def _cancellation_grounds(view: CertificateView) -> Field:
    """The grounds that can be true now: what has not expired is not cancelled for that."""
    over = view.state.state == cancel_certificate.EXPIRED
    titles = [
        (key, each.title)
        for key, each in cancel_certificate.GROUNDS.items()
        if over or key != cancel_certificate.EXPIRED
    ]
    return asking.choice("ground", "法定情形", titles)


ACTS: Mapping[str, Act] = {
    renewal.RENEW: Act(
        "准予延续",
        "准予延续",
        lambda *_: (),
        _terms,
        lambda ctx, key, _, revision: renewal.renew(ctx, key, revision),
        "已准予延续，延续有效期决定书已经生成。",
    ),
    renewal.REFUSE: Act(
        "不予延续",
        "不予延续",
        lambda *_: (REASONS,),
        _terms,
        lambda ctx, key, typed, revision: renewal.refuse(ctx, key, typed["reasons"], revision),
        "已决定不予延续，决定书已经生成并告知申请人。",
    ),
    revoke_certificate.EVENT: Act(
        "撤销证照",
        "撤销这份证照",
        lambda *_: (
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
    reissue.REISSUE: Act(
        "补发证照",
        "补发",
        lambda *_: (WHY,),
        lambda _: (
            "新的证照内容不变，编号的版本号加一；原来的一份自即日起作废，在公开查询中显示“已被替换”。",
        ),
        lambda ctx, key, typed, revision: reissue.reissue(ctx, key, typed["why"], revision),
        "已补发，新的证照已经生成并告知持有人。",
    ),
    reissue.CORRECT: Act(
        "更正证照",
        "更正并发出新的证照",
        lambda _, entries: (*_corrections(entries), WRONG),
        lambda _: (
            "只改正记载有误的内容，改动前后都写入留痕；内容确有变化的，应当办理变更（行政许可法第四十九条）。",
            "新的证照编号的版本号加一，原来的一份自即日起作废。",
        ),
        lambda ctx, key, typed, revision: reissue.correct(
            ctx, key, typed, typed["reasons"], revision
        ),
        "已更正，新的证照已经生成并告知持有人。",
    ),
    cancel_certificate.EVENT: Act(
        "注销证照",
        "注销这份证照",
        lambda view, _: (_cancellation_grounds(view), REASONS),
        lambda _: ("违法取得的许可应当撤销，不是注销（行政许可法第六十九、七十条）。",),
        lambda ctx, key, typed, revision: cancel_certificate.cancel(
            ctx, key, typed["ground"], typed["reasons"], revision
        ),
        "已注销，注销决定书已经生成并告知持有人。",
        "注销后证照自即日起作废，不能恢复。",
    ),
    requests.REFUSE: Act(
        "不予办理持有人的申请",
        "决定不予办理",
        lambda *_: (REASONS,),
        lambda _: ("证照的效力不变；决定书附救济途径。",),
        lambda ctx, key, typed, revision: requests.refuse(ctx, key, typed["reasons"], revision),
        "已决定不予办理，决定书已经生成并告知持有人。",
    ),
}


def _add(event: str, act: Act) -> None:
    """Serve one act: GET asks, POST does."""

    def ask(request: Request, certificate_id: UUID) -> Response:
        with reading(request) as ctx:
            found = held(ctx, certificate_id)
            check_can_see_approval(ctx.actor, found.row.department)
            CertificateTurn(ctx, found).check_post(event)
            view, entries = office_certificate(ctx, certificate_id), _entries(ctx, event, found)
        typed = {name: old for name, (_, old) in entries.items()}
        return asking.draw(request, _sheet(act, view, entries), typed)

    def do(request: Request, certificate_id: UUID, form: PostedForm) -> Response:
        revision = revision_of(form)
        typed = asking.typed_of(form, "ground", "reasons", "why", *_printed_names(form))
        try:
            with transaction(request) as ctx:
                act.do(ctx, certificate_id, typed, revision)
        except Invalid as invalid:
            with reading(request) as ctx:
                entries = _entries(ctx, event, held(ctx, certificate_id))
                sheet = _sheet(act, office_certificate(ctx, certificate_id), entries)
            return asking.draw(request, sheet, typed, revision, invalid.errors)
        say(request, act.told)
        return redirect(f"/office/certificates/{certificate_id}")

    address = f"/{{certificate_id}}/{event}"
    router.add_api_route(address, ask, methods=["GET"], name=f"certificate_{event}_page")
    router.add_api_route(address, do, methods=["POST"], name=f"certificate_{event}")


def _entries(ctx: Context, event: str, found: Held) -> Entries:
    """What the page of this act shows of the paper for correction."""
    return correctable(ctx, found) if event == reissue.CORRECT else {}


def _printed_names(form: FormData) -> list[str]:
    """The names of the printed entries that a form was sent with."""
    return [name for name in form if name == reissue.HOLDER or name.startswith(reissue.FIELD)]


def _sheet(act: Act, view: CertificateView, entries: Entries) -> Sheet:
    about = [("证照", view.title), ("编号", view.number), ("持有人", view.holder.name)]
    if view.valid_until is not None:
        about.append(("有效期至", cn_date(view.valid_until)))
    if view.asked is not None:
        about.append(("申请延续", view.asked))
    if view.request is not None:
        asked, when = view.request, cn_date(view.request.asked_on)
        about.append((f"持有人申请{asked.title}", f"{when}：{asked.text}" if asked.text else when))
    return Sheet(
        title=act.title,
        button=act.button,
        back=(f"/office/certificates/{view.id}", view.title),
        revision=view.revision,
        questions=act.questions(view, entries),
        about=tuple(about),
        notes=act.notes(view),
        warning=act.warning,
    )


for _event, _act in ACTS.items():
    _add(_event, _act)
