"""A correction brought to the counter: everything that the notice names, on one page."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.access import check_can_take_in
from onevisit.cases import supplement
from onevisit.cases.check import correction_of
from onevisit.cases.correct import SUPPLEMENT
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.errors import Invalid, NotFound, Stale
from onevisit.cases.paper import live_uploads
from onevisit.definition.form import FieldError
from onevisit.store.tables import Correction
from onevisit.web import desk_scans, fields
from onevisit.web.edge import page, reading, redirect, site_of, transaction
from onevisit.web.materials import ACCEPTED
from onevisit.web.notice import say
from onevisit.web.walk_in_form import Screen, Sent

router = APIRouter(prefix="/desk/{case_id}/supplement")


@router.get("")
def ask(request: Request, case_id: UUID) -> Response:
    """What the notice names, each with its control."""
    with reading(request) as ctx:
        dossier = load(ctx, case_id)
        check_can_take_in(ctx.actor, dossier.case.applicant_id, dossier.case.agent_id)
        if dossier.case.number is None:
            raise NotFound("这个办件")
        if all(move.event != SUPPLEMENT for move in dossier.possible()):
            return redirect(f"/desk/{case_id}")
    return _draw(request, case_id)


@router.post("")
def answer(request: Request, case_id: UUID, sent: Screen) -> Response:
    """Keep the scans, then hand the correction in when everything that was named is there."""
    row, revision = sent.text("_row"), sent.revision
    errors = desk_scans.keep(request, case_id, sent, supplement.attach)
    if row or errors or sent.text("do") == "save":
        return _draw(request, case_id, _typed(request, case_id, sent, row), errors, revision)
    data = _typed(request, case_id, sent, "")
    try:
        with transaction(request) as ctx:
            current = load(ctx, case_id).case.revision if sent.scans else revision
            supplement.hand_in(ctx, case_id, data, current)
    except Invalid as invalid:
        return _draw(request, case_id, data, invalid.errors, revision)
    except Stale as stale:
        if stale.happened is not None and stale.happened.mine:
            raise
        return _draw(request, case_id, data, [FieldError("", str(stale))])
    say(request, "补正已收齐，请核对后决定是否受理；不能再次要求补正。")
    return redirect(f"/desk/{case_id}")


def _typed(request: Request, case_id: UUID, sent: Sent, row: str) -> dict[str, Any]:
    act, _, path = row.partition(":")
    pairs = fields.without_row(sent.pairs, path) if act == "remove" else sent.pairs
    with reading(request) as ctx:
        data = load(ctx, case_id).definition.form.read(pairs)
    return fields.with_row(data, path) if act == "add" else data


def _draw(
    request: Request,
    case_id: UUID,
    data: Mapping[str, Any] | None = None,
    errors: Sequence[FieldError] = (),
    revision: int | None = None,
) -> Response:
    with reading(request) as ctx:
        dossier = load(ctx, case_id)
        check_can_take_in(ctx.actor, dossier.case.applicant_id, dossier.case.agent_id)
        correction = correction_of(ctx, dossier)
        if dossier.case.number is None or correction is None:
            raise NotFound("这份补正告知")
        brought = [
            each for each in live_uploads(ctx, dossier) if each.uploaded_at >= correction.issued_at
        ]
    named = supplement.named_fields(dossier, correction)
    shown = data if data is not None else dossier.case.form
    return page(
        request,
        "desk/supplement.html",
        status=422 if errors else 200,
        case=dossier.case,
        service=dossier.definition.workflow.title,
        applicant=dossier.applicant.name,
        fields=_told(named, shown, errors, correction),
        materials=_materials(dossier, correction),
        brought=brought,
        revision_shown=dossier.case.revision if revision is None or brought else revision,
        accept_kinds=ACCEPTED,
        limit=site_of(request).upload_limit,
        errors=fields.summarise(named, errors),
        wrong={each.path: each.message for each in errors},
    )


def _told(
    named: Sequence[Any],
    data: Mapping[str, Any],
    errors: Sequence[FieldError],
    correction: Correction,
) -> list[tuple[fields.FieldView, str]]:
    """Each named field with what the notice says of it."""
    said = {each["field"]: each["problem"] for each in correction.missing}
    return [(view, said.get(view.name, "")) for view in fields.bind(named, data, errors)]


def _materials(dossier: Dossier, correction: Correction) -> list[dict[str, Any]]:
    """What the notice says of each material."""
    return [each for each in correction.missing if each["material_id"] is not None]
