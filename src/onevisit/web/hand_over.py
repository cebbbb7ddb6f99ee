"""Who has a case in hand at the desk: take it, put it down, hand it to a colleague with a note."""

from collections.abc import Callable, Sequence
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.access import check_can_take_in
from onevisit.cases import Context, hand_over
from onevisit.cases.dossier import load
from onevisit.cases.errors import Invalid, NotFound
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
from onevisit.web.notice import say

router = APIRouter(prefix="/desk/{case_id}")


@router.post("/hold")
def hold(request: Request, case_id: UUID, form: PostedForm) -> Response:
    """Take the case in hand; a colleague who had it is told."""
    revision = revision_of(form)

    def verb(ctx: Context) -> None:
        hand_over.hold(ctx, case_id, revision)

    return _act(request, case_id, verb, "这个办件由您经手；同事仍然可以办理。")


@router.post("/put_down")
def put_down(request: Request, case_id: UUID, form: PostedForm) -> Response:
    """Have the case in hand no more."""
    revision = revision_of(form)

    def verb(ctx: Context) -> None:
        hand_over.put_down(ctx, case_id, revision)

    return _act(request, case_id, verb, "这个办件不再由您经手。")


def _act(request: Request, case_id: UUID, verb: Callable[[Context], None], done: str) -> Response:
    try:
        with transaction(request) as ctx:
            verb(ctx)
            number = load(ctx, case_id).case.number
    except Invalid as invalid:
        done, number = str(invalid), "known"
    say(request, done)
    return redirect(f"/desk/{case_id}" if number else f"/desk/walk-in/{case_id}")


@router.get("/hand_over")
def ask(request: Request, case_id: UUID) -> Response:
    """To whom, and what they have to know."""
    return _draw(request, case_id)


@router.post("/hand_over")
def give(request: Request, case_id: UUID, form: PostedForm) -> Response:
    """Hand the case to a colleague, who finds the note in their messages."""
    colleague, note = text_of(form, "colleague"), text_of(form, "note")
    try:
        with transaction(request) as ctx:
            hand_over.hand_over(ctx, case_id, _id(colleague), note, revision_of(form))
    except Invalid as invalid:
        return _draw(request, case_id, colleague, note, invalid.errors)
    say(request, "已移交，同事会在消息里看到您的说明。")
    return redirect("/desk")


def _draw(
    request: Request,
    case_id: UUID,
    colleague: str = "",
    note: str = "",
    errors: Sequence[FieldError] = (),
) -> Response:
    with reading(request) as ctx:
        check_can_take_in(ctx.actor)
        dossier = load(ctx, case_id)
        check_can_take_in(ctx.actor, dossier.case.applicant_id, dossier.case.agent_id)
        if not hand_over.at_the_desk(ctx, dossier):
            raise NotFound("这个办件")
        colleagues = hand_over.colleagues(ctx, dossier)
    return page(
        request,
        "desk/hand_over.html",
        status=422 if errors else 200,
        case=dossier.case,
        service=dossier.definition.workflow.title,
        applicant=dossier.applicant.name,
        colleagues=colleagues,
        colleague=colleague,
        note=note,
        longest=hand_over.LONGEST_NOTE,
        errors=errors,
        wrong={each.path: each.message for each in errors},
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
