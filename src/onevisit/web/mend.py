"""On-the-spot correction at the desk: the form to correct, then before and after to confirm."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.access import check_can_take_in
from onevisit.cases import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.draft import form_of
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.turns import mend
from onevisit.cases.turns.mend import EVENT
from onevisit.definition.form import FieldError, Section
from onevisit.engine import CASE
from onevisit.web import fields
from onevisit.web.edge import (
    PostedForm,
    page,
    pairs_of,
    reading,
    redirect,
    revision_of,
    text_of,
    transaction,
)
from onevisit.web.notice import say

router = APIRouter(prefix="/desk/{case_id}/mend")

Pairs = list[tuple[str, str]]
OWN = frozenset({"revision", "step", "_row"})
"""What the page sends besides the fields of the form."""


@router.get("")
def ask(request: Request, case_id: UUID) -> Response:
    """The form as it was handed in, every field that may be corrected in its control."""
    with reading(request) as ctx:
        dossier = _opened(ctx, case_id)
        if dossier.standing(CASE, EVENT) is None:
            return redirect(f"/desk/{case_id}")
        return _draw(request, dossier, dossier.case.form, dossier.case.revision)


@router.post("")
def answer(request: Request, case_id: UUID, form: PostedForm) -> Response:
    """Add or remove a row, show before and after, go back to it, or correct it for good."""
    step, row, pairs = text_of(form, "step"), text_of(form, "_row"), pairs_of(form)
    revision = revision_of(form)
    act, _, path = row.partition(":")
    if act == "remove":
        pairs = fields.without_row(pairs, path)
    with reading(request) as ctx:
        dossier = _opened(ctx, case_id)
        data = form_of(dossier).read(pairs)
        if act == "add":
            data = fields.with_row(data, path)
        if row or step == "back":
            return _draw(request, dossier, data, revision)
        errors = mend.problems(dossier, data)
        if errors:
            return _draw(request, dossier, data, revision, errors)
        if step != "confirm":
            return _before_and_after(request, dossier, data, pairs, revision)
    return _mend(request, case_id, data, revision)


def _mend(request: Request, case_id: UUID, data: Mapping[str, Any], revision: int) -> Response:
    try:
        with transaction(request) as ctx:
            mend.mend(ctx, case_id, data, revision)
    except Invalid as invalid:
        with reading(request) as ctx:
            dossier = _opened(ctx, case_id)
            return _draw(request, dossier, data, revision, invalid.errors)
    say(request, "已当场更正，更正记录见“文书”。")
    return redirect(f"/desk/{case_id}")


def _opened(ctx: Context, case_id: UUID) -> Dossier:
    """A submitted case for a clerk whose own it is not."""
    dossier = load(ctx, case_id)
    check_can_take_in(ctx.actor, dossier.case.applicant_id, dossier.case.agent_id)
    if dossier.case.number is None:
        raise NotFound("这个办件")
    return dossier


def _sections(dossier: Dossier) -> list[Section]:
    """The pages of the form, only with fields that may be corrected."""
    wanted = {each.id for each in mend.mendable(dossier)}
    sections = (
        Section(each.id, each.title, each.help, tuple(f for f in each.fields if f.id in wanted))
        for each in form_of(dossier).sections
    )
    return [each for each in sections if each.fields]


def _draw(
    request: Request,
    dossier: Dossier,
    data: Mapping[str, Any],
    revision: int,
    errors: Sequence[FieldError] = (),
) -> Response:
    sections = _sections(dossier)
    return page(
        request,
        "desk/mend.html",
        status=422 if errors else 200,
        case=dossier.case,
        service=dossier.definition.workflow.title,
        applicant=dossier.applicant.name,
        sections=[(each, fields.bind(each.fields, data, errors)) for each in sections],
        revision_shown=revision,
        errors=fields.summarise(mend.mendable(dossier), errors),
    )


def _before_and_after(
    request: Request, dossier: Dossier, data: Mapping[str, Any], pairs: Pairs, revision: int
) -> Response:
    return page(
        request,
        "desk/mend_confirm.html",
        case=dossier.case,
        service=dossier.definition.workflow.title,
        applicant=dossier.applicant.name,
        changes=mend.changes(dossier, data),
        pairs=[(name, text) for name, text in pairs if name not in OWN],
        revision_shown=revision,
    )
