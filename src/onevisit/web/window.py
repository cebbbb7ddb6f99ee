"""The issuing window (出件窗口): who may collect what, the identity check, everything at once."""

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases import hand_out, views
from onevisit.cases.errors import Invalid
from onevisit.cases.hand_out import Collector
from onevisit.definition.form import FieldError
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

router = APIRouter()

NAMES = ("relation", "name", "id_number", "authorisation", "method", "confirmed")
ID_CARD = re.compile(r"(?<!\d)(\d{17}[\dXx])(?!\d)")
RELATIONS = {"self": "本人领取", "agent": "代办人领取"}


def scanned(text: str) -> str:
    """The identity number in what was typed or what a card reader sent (name, number, dates…)."""
    plain = "".join(text.split())
    found = ID_CARD.search(plain)
    return (found.group(1) if found else plain).upper()


@router.get("/window")
def ready(request: Request, q: str = "", after: str | None = None) -> Response:
    """The cases whose results are made and wait to be handed out."""
    try:
        with reading(request) as ctx:
            rows = views.window_ready(ctx, q.strip(), after)
    except ValueError:  # an address that none of our pages made
        return redirect("/window")
    return page(request, "window/ready.html", rows=rows, q=q.strip(), said=said(request))


@router.get("/window/{case_id}")
def case(request: Request, case_id: UUID) -> Response:
    """Everything of one case that goes over the counter together."""
    return _draw(request, case_id, None, {})


@router.post("/window/{case_id}/hand-out")
def give(request: Request, case_id: UUID, form: PostedForm) -> Response:
    """Hand out all results at once after the identity check."""
    typed = {name: text_of(form, name) for name in NAMES}
    revision = revision_of(form)
    collector = Collector(
        name=typed["name"],
        id_number=scanned(typed["id_number"]),
        relation="agent" if typed["relation"] == "agent" else "self",
        authorisation=typed["authorisation"],
    )
    if typed["confirmed"] != "yes":
        error = FieldError("confirmed", "请当面核对证件和应查验的原件后勾选")
        return _draw(request, case_id, revision, typed, [error])
    try:
        with transaction(request) as ctx:
            hand_out.hand_out(ctx, case_id, collector, typed["method"], revision)
    except Invalid as invalid:
        return _draw(request, case_id, revision, typed, invalid.errors)
    say(request, "已出件，本件办结；送达回证见下方，可打印后请领取人签字。")
    return redirect(f"/window/{case_id}")


def _draw(
    request: Request,
    case_id: UUID,
    revision: int | None,
    typed: Mapping[str, str],
    errors: Sequence[FieldError] = (),
) -> Response:
    with reading(request) as ctx:
        view = views.window_case(ctx, case_id)
    blank = dict.fromkeys(NAMES, "") | {"relation": "self", "name": view.applicant.name}
    blank["method"] = view.pickup or ""
    return page(
        request,
        "window/case.html",
        status=422 if errors else 200,
        view=view,
        revision_shown=view.revision if revision is None else revision,
        typed=blank | dict(typed),
        relations=RELATIONS,
        errors=errors,
        wrong={error.path: error.message for error in errors},
        said=said(request),
    )
