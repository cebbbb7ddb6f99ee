"""Intake at the counter in one screen (综窗收件): everything that a service asks, and its end.

It is accepted, everything missing is told once, or it is kept to go on with later.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases import Context, correct, walk_in, walk_in_end, wording
from onevisit.cases.dossier import load
from onevisit.cases.errors import Invalid, Stale
from onevisit.cases.shared_data import FIELD
from onevisit.cases.views.walk_in import WalkIn, walk_in_view
from onevisit.cases.walk_in import CONFIRMED
from onevisit.definition.form import Field, FieldError
from onevisit.documents.format import cn_date
from onevisit.web import checklist, desk_scans, fields, situation
from onevisit.web.checklist import Sheet
from onevisit.web.edge import (
    PostedForm,
    page,
    reading,
    redirect,
    revision_of,
    site_of,
    text_of,
    transaction,
)
from onevisit.web.fields import FieldView
from onevisit.web.materials import ACCEPTED
from onevisit.web.notice import said, say
from onevisit.web.walk_in_form import END, Screen, Sent, questions

router = APIRouter(prefix="/desk/walk-in")

CHECK_IT = "请与申请人核对，不同的直接改，以申请人为准。"
ENDS = ("pickup", "recipient", "confirmed", "pledged")


@router.get("/{case_id}")
def screen(request: Request, case_id: UUID) -> Response:
    """The whole application as it was last kept."""
    with reading(request) as ctx:
        view = walk_in_view(ctx, case_id)
    return _screen(request, view)


@router.post("/{case_id}")
def change(request: Request, case_id: UUID, sent: Screen) -> Response:
    """Keep everything first, whatever button it was; then do what the button says."""
    do, row = sent.text("do"), sent.text("_row")
    revision = sent.revision
    try:
        with transaction(request) as ctx:
            errors = _keep(ctx, case_id, _with_rows(sent, row), row, revision)
    except Stale as stale:
        return _typed_again(request, case_id, sent, stale)
    errors += desk_scans.keep(request, case_id, sent, walk_in.attach)
    if do.startswith("remove:"):
        with transaction(request) as ctx:
            walk_in.remove(ctx, case_id, UUID(do.removeprefix("remove:")))
    if errors:
        return _again(request, case_id, errors, sent)
    if do == "accept":
        return _accept(request, case_id)
    if do == "notice":
        return _to_notice(request, case_id)
    return redirect(f"/desk/walk-in/{case_id}" + (f"#{_anchor(do, row)}" if do or row else ""))


def _anchor(do: str, row: str) -> str:
    if row:
        return fields.field_id(row.partition(":")[2].partition(".")[0])
    return {"fill": "materials", "later": "end"}.get(do, "materials" if ":" in do else "form")


def _with_rows(sent: Sent, row: str) -> Sent:
    act, _, path = row.partition(":")
    return replace(sent, pairs=fields.without_row(sent.pairs, path)) if act == "remove" else sent


def _keep(ctx: Context, case_id: UUID, sent: Sent, row: str, revision: int) -> list[FieldError]:
    dossier, _ = walk_in.opened(ctx, case_id, revision)
    typed = sent.typed(dossier.definition.form)
    act, _, path = row.partition(":")
    if act == "add":
        typed = replace(typed, form=fields.with_row(typed.form, path))
    errors = walk_in.keep(ctx, case_id, typed, revision)
    if sent.text("do") == "fill":
        view = walk_in_view(ctx, case_id)
        sheet = checklist.filled_at_counter(sent.sheet, view.materials)
        revision = load(ctx, case_id).case.revision
        walk_in.keep(ctx, case_id, replace(typed, findings=sheet.findings()), revision)
    return errors


def _accept(request: Request, case_id: UUID) -> Response:
    def verb(ctx: Context, revision: int) -> None:
        walk_in_end.take_in(ctx, case_id, revision)

    done = "已受理，各部门从这一刻同时开始办理。请打印受理通知书交给申请人。"
    return _end(request, case_id, verb, done)


def _end(
    request: Request, case_id: UUID, verb: Callable[[Context, int], None], done: str
) -> Response:
    try:
        with transaction(request) as ctx:
            verb(ctx, load(ctx, case_id).case.revision)
    except Invalid as invalid:
        return _again(request, case_id, invalid.errors)
    say(request, done)
    return _leave(request, f"/desk/{case_id}/papers")


def _to_notice(request: Request, case_id: UUID) -> Response:
    try:
        with reading(request) as ctx:
            walk_in_end.preview(ctx, case_id)
    except Invalid as invalid:
        return _again(request, case_id, invalid.errors)
    return _leave(request, f"/desk/walk-in/{case_id}/notice")


def _leave(request: Request, address: str) -> Response:
    """On to another page, also where the browser asked for a part of this one only."""
    if request.headers.get("hx-request") == "true":
        return Response(status_code=204, headers={"HX-Redirect": address})
    return redirect(address)


@router.get("/{case_id}/notice")
def notice(request: Request, case_id: UUID) -> Response:
    """The notice as it would go out, to be read before it does, since it does so once only."""
    try:
        with reading(request) as ctx:
            dossier, missing = walk_in_end.preview(ctx, case_id)
            due = correct.due_of(ctx, dossier)
    except Invalid as invalid:
        return _again(request, case_id, invalid.errors)
    return page(
        request,
        "desk/notice.html",
        service=dossier.definition.workflow.title,
        applicant=dossier.applicant.name,
        number=None,
        missing=missing,
        due=due,
        consequence=wording.CORRECTION_CONSEQUENCE,
        send_to=f"/desk/walk-in/{case_id}/notify",
        back=f"/desk/walk-in/{case_id}",
        pairs=[],
        revision_shown=dossier.case.revision,
    )


@router.post("/{case_id}/notify")
def notify(request: Request, case_id: UUID, form: PostedForm) -> Response:
    """Hand in what there is and tell everything missing, after it was read once more."""
    revision = revision_of(form)
    if text_of(form, "confirmed") != "yes":
        with reading(request) as ctx:
            walk_in.opened(ctx, case_id, lock=False)
        return notice(request, case_id)
    try:
        with transaction(request) as ctx:
            walk_in_end.tell_missing(ctx, case_id, revision)
    except Invalid as invalid:
        return _again(request, case_id, invalid.errors)
    say(request, "补正告知书已发出，只此一次。请打印交给申请人。")
    return redirect(f"/desk/{case_id}/papers")


def _typed_again(request: Request, case_id: UUID, sent: Sent, stale: Stale) -> Response:
    """What a colleague changed meanwhile stays; what was typed here is shown to be kept over it."""
    with reading(request) as ctx:
        view = walk_in_view(ctx, case_id)
    typed = sent.typed(view.definition.form)
    over = replace(
        view,
        answers=sent.answers,
        data={**view.data, **typed.form},
        pickup=typed.pickup,
        recipient=typed.recipient or view.recipient,
        confirmed=typed.confirmed,
        pledged=typed.pledged,
    )
    problem = FieldError("", f"{stale}。您刚才填的都在下面，核对后再存一次")
    return _screen(request, over, [problem], sent.sheet, status=409)


def _again(
    request: Request, case_id: UUID, errors: Sequence[FieldError], sent: Sent | None = None
) -> Response:
    with reading(request) as ctx:
        view = walk_in_view(ctx, case_id)
    if sent is not None:
        view = replace(view, answers=sent.answers)
    return _screen(request, view, errors, status=422)


def _screen(
    request: Request,
    view: WalkIn,
    errors: Sequence[FieldError] = (),
    sheet: Sheet | None = None,
    status: int = 200,
) -> Response:
    faults = [_placed(each) for each in errors]
    asked = [each for each in view.form.fields if each.answer is None]
    sections = [
        (each, _with_sources(view, [f for f in each.fields if f.answer is None], faults))
        for each in view.form.sections
    ]
    return page(
        request,
        "desk/walk_in.html",
        status=status,
        view=view,
        questions=questions(view.definition, situation.as_texts(view.answers), faults),
        sections=[(section, views) for section, views in sections if views],
        sheet=sheet or checklist.of_rows(view.materials),
        choices={row.id: checklist.choices(row) for row in view.materials},
        errors=fields.summarise(asked, faults),
        wrong={each.path: each.message for each in faults},
        outstanding=fields.summarise(asked, [_placed(each) for each in view.outstanding]),
        confirmations=CONFIRMED,
        accept_kinds=ACCEPTED,
        limit=site_of(request).upload_limit,
        said=said(request),
    )


def _with_sources(
    view: WalkIn, asked: Sequence[Field], faults: Sequence[FieldError]
) -> list[FieldView]:
    """The fields with their values; where a shared source filled one in, with whose word it is."""
    said = {each.name: each for each in view.facts if each.kind == FIELD}
    found = []
    for one in fields.bind(asked, view.data, faults):
        fact = said.get(one.name)
        if fact is not None:
            told = f"{fact.source}（截至{cn_date(fact.as_of)}）：{fact.text}。{CHECK_IT}"
        found.append(replace(one, hint=told) if fact is not None else one)
    return found


def _placed(error: FieldError) -> FieldError:
    """The fault at the control of this screen that it is about."""
    if error.path.partition(".")[0] in ENDS:
        return FieldError(END + error.path, error.message)
    return FieldError("", error.message) if error.path == "applicant" else error
