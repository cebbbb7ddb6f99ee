"""The issuing window (出件窗口): who may collect what, the identity check, everything at once."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases import hand_out, posting, views
from onevisit.cases.collector import Collector, Relation
from onevisit.cases.context import Context
from onevisit.cases.errors import Invalid
from onevisit.cases.pickup import POST, Recipient
from onevisit.cases.posting import Parcel
from onevisit.cases.views import WindowCase
from onevisit.definition.form import FieldError
from onevisit.web.edge import (
    PostedForm,
    page,
    reading,
    redirect,
    revision_of,
    text_of,
)
from onevisit.web.notice import said, say
from onevisit.web.papers import with_papers
from onevisit.web.searching import Search

router = APIRouter()

NAMES = (
    "method", "relation", "id_number", "name", "authorisation", "authorised_on", "recipient_name",
    "recipient_phone", "recipient_address", "carrier", "tracking_number", "confirmed",
)  # fmt: skip
ID_CARD = re.compile(r"(?<!\d)(\d{17}[\dXx])(?!\d)")
RELATIONS: dict[Relation, str] = {
    "self": "申请人本人",
    "registered": "登记的代办人",
    "agent": "其他代办人",
}
CARRIERS = ("中国邮政速递物流", "顺丰速运", "京东物流", "中通快递", "圆通速递", "韵达快递")
"""Offered while typing; any other name may be typed."""
UNCONFIRMED = FieldError("confirmed", "请当面核对证件和应查验的原件后勾选")
UNPACKED = FieldError("confirmed", "请清点结果、核对收件人和地址、封装之后勾选")
DONE = "已出件，本件办结；送达回证见下方，可打印后请领取人签字。"
SENT = "已寄出，本件办结；运单号已经告诉申请人。"


def scanned(text: str) -> str:
    """The identity number in what was typed or what a card reader sent (name, number, dates…)."""
    plain = "".join(text.split())
    found = ID_CARD.search(plain)
    return (found.group(1) if found else plain).upper()


@router.get("/window")
def ready(request: Request, typed: Search, after: str | None = None) -> Response:
    """The cases whose results are made and wait to be handed out."""
    try:
        with reading(request) as ctx:
            rows = views.window_ready(ctx, typed.text, after)
    except ValueError:  # an address that none of our pages made
        return redirect("/window")
    return page(
        request,
        "window/ready.html",
        rows=rows,
        q=typed.text,
        find=typed.sealed,
        said=said(request),
    )


@router.get("/window/{case_id}")
def case(request: Request, case_id: UUID) -> Response:
    """Everything of one case that goes over the counter together."""
    return _draw(request, case_id, None, {})


@router.get("/window/{case_id}/print")
def to_print(request: Request, case_id: UUID) -> Response:
    """All papers of the bundle on one page, to be printed one after the other, each as it was
    signed: papers put together into one file would lose their signatures."""
    with reading(request) as ctx:
        view = views.window_case(ctx, case_id)
    return page(request, "window/print.html", view=view)


@router.post("/window/{case_id}/hand-out")
def give(request: Request, case_id: UUID, form: PostedForm) -> Response:
    """Hand out all results at once after the identity check, or send them away."""
    typed = {name: text_of(form, name) for name in NAMES}
    revision = revision_of(form)
    posted = typed["method"] == POST
    if typed["confirmed"] != "yes":
        return _draw(request, case_id, revision, typed, [UNPACKED if posted else UNCONFIRMED])
    try:
        with_papers(request, lambda ctx: _hand_over(ctx, case_id, typed, revision))
    except Invalid as invalid:
        return _draw(request, case_id, revision, typed, invalid.errors)
    say(request, SENT if posted else DONE)
    return redirect(f"/window/{case_id}")


def _hand_over(ctx: Context, case_id: UUID, typed: Mapping[str, str], revision: int) -> None:
    if typed["method"] == POST:
        posting.post(ctx, case_id, _parcel(typed), revision)
    else:
        hand_out.hand_out(ctx, case_id, _collector(typed), typed["method"], revision)


def _collector(typed: Mapping[str, str]) -> Collector:
    relation: Relation = next((each for each in RELATIONS if each == typed["relation"]), "self")
    name = typed["name"]
    return Collector(
        name, scanned(typed["id_number"]), relation, typed["authorisation"], _day(typed)
    )


def _day(typed: Mapping[str, str]) -> date | None:
    """The day of the letter of authority, where one was chosen."""
    if not typed["authorised_on"]:
        return None
    try:
        return date.fromisoformat(typed["authorised_on"])
    except ValueError:
        text = "请选择授权委托书的签署日期，例如2026-11-21"
        raise Invalid([FieldError("collector.authorised_on", text)]) from None


def _parcel(typed: Mapping[str, str]) -> Parcel:
    to = Recipient(typed["recipient_name"], typed["recipient_phone"], typed["recipient_address"])
    return Parcel(to, typed["carrier"], typed["tracking_number"])


def _draw(
    request: Request,
    case_id: UUID,
    revision: int | None,
    typed: Mapping[str, str],
    errors: Sequence[FieldError] = (),
) -> Response:
    with reading(request) as ctx:
        view = views.window_case(ctx, case_id)
    return page(
        request,
        "window/case.html",
        status=422 if errors else 200,
        view=view,
        revision_shown=view.revision if revision is None else revision,
        typed=_blank(view) | dict(typed),
        relations=[
            (key, title) for key, title in RELATIONS.items() if view.agent or key != "registered"
        ],
        carriers=CARRIERS,
        errors=errors,
        wrong={error.path: error.message for error in errors},
        said=said(request),
    )


def _blank(view: WindowCase) -> dict[str, str]:
    """The form before anybody has typed: as the applicant chose, and as far as it is known."""
    offered = [key for key, _ in view.methods]
    chosen = view.pickup if view.pickup in offered else next(iter(offered), "")
    return dict.fromkeys(NAMES, "") | {
        "method": chosen or "",
        "relation": "registered" if view.agent else "self",
        "recipient_name": view.recipient.name,
        # whole only where a parcel has to be addressed
        "recipient_phone": view.recipient.phone if view.pickup == POST else "",
        "recipient_address": view.recipient.address,
    }
