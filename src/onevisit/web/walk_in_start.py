"""The beginning of an intake at the counter: who it is, which service, in which situation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit import engine
from onevisit.access import check_can_take_in
from onevisit.cases import Context, tickets, walk_in, walk_in_person
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.views.tickets import calls
from onevisit.cases.views.walk_in import unfinished
from onevisit.cases.walk_in import QUESTION
from onevisit.catalog.published import Published
from onevisit.definition.form import FieldError
from onevisit.definition.service import Definition
from onevisit.store.tables import Account, Case
from onevisit.web.edge import PostedForm, page, pairs_of, reading, redirect, text_of, transaction
from onevisit.web.finding import is_about
from onevisit.web.notice import said
from onevisit.web.walk_in_form import Sent, questions

router = APIRouter(prefix="/desk/walk-in")

MOST_SERVICES = 12


@dataclass(frozen=True)
class Start:
    """The screen before there is a draft: what was typed so far."""

    id_number: str = ""
    name: str = ""
    phone: str = ""
    find: str = ""
    service: str = ""
    answers: Mapping[str, str] | None = None
    asked: frozenset[str] = frozenset()


@router.get("")
def start(request: Request) -> Response:
    """An empty screen that waits for a card, and what was begun and not finished."""
    return _start_page(request, Start(), [])


@router.post("")
def grow(request: Request, form: PostedForm) -> Response:
    """One step more: who, which service, in which situation; then the draft is begun."""
    typed = Start(
        id_number=text_of(form, "id_number").upper().replace(" ", ""),
        name=text_of(form, "name"),
        phone=text_of(form, "phone"),
        find=text_of(form, "find"),
        service=text_of(form, "service"),
        answers=Sent(pairs_of(form)).answers,
        asked=frozenset(str(each) for each in form.getlist("asked")),
    )
    try:
        with transaction(request) as ctx:
            errors = _begun_or_faults(ctx, typed)
            if isinstance(errors, Case):
                return redirect(f"/desk/walk-in/{errors.id}")
    except Invalid as invalid:
        errors = invalid.errors
    return _start_page(request, typed, errors)


def _begun_or_faults(ctx: Context, typed: Start) -> Case | list[FieldError]:
    """The draft, once everything is there; else what is wrong with what was asked already."""
    check_can_take_in(ctx.actor)
    fault = walk_in_person.id_fault(typed.id_number)
    if fault:
        return [FieldError("id_number", fault)]
    known = walk_in_person.applicant_of(ctx, typed.id_number)
    if known is None and not (typed.name and typed.phone):
        asked = "name" in typed.asked
        return walk_in_person.person_faults(typed.name, typed.phone) if asked else []
    if not typed.service:
        return []
    account = known or walk_in_person.enrol(ctx, typed.id_number, typed.name, typed.phone)
    current = tickets.current(ctx)
    definition = _offered(ctx, typed.service).definition
    _, errors = engine.read_answers(definition, typed.answers or {})
    if errors:
        return [
            FieldError(QUESTION + each.path, each.message)
            for each in errors
            if QUESTION + each.path in typed.asked
        ]
    ticket = current.id if current is not None and current.state == "serving" else None
    return walk_in.start(ctx, account, typed.service, typed.answers or {}, ticket)


def _offered(ctx: Context, service_id: str) -> Published:
    try:
        return ctx.catalog.current(service_id, ctx.session)
    except KeyError:
        raise NotFound("这项服务") from None


def _start_page(request: Request, typed: Start, errors: Sequence[FieldError]) -> Response:
    with reading(request) as ctx:
        check_can_take_in(ctx.actor)
        valid = walk_in_person.id_fault(typed.id_number) is None
        known = walk_in_person.applicant_of(ctx, typed.id_number) if valid else None
        definition = _offered(ctx, typed.service).definition if typed.service else None
        found = _search(ctx, typed) if valid else []
        open_ones, desk_calls = unfinished(ctx), calls(ctx)
    return page(
        request,
        "desk/walk_in_start.html",
        status=422 if errors else 200,
        typed=typed,
        valid=valid,
        known=known,
        found=found,
        chosen=definition.workflow if definition else None,
        questions=questions(definition, typed.answers or {}, errors) if definition else (),
        unfinished=open_ones,
        calls=desk_calls,
        errors=errors,
        wrong={each.path: each.message for each in errors},
        said=said(request),
        focus=_focus(typed, known, definition),
    )


def _focus(typed: Start, known: Account | None, definition: Definition | None) -> str:
    """Where the next key goes: the first thing that is still to be asked."""
    if walk_in_person.id_fault(typed.id_number) is not None:
        return "id_number"
    if known is None and not typed.name:
        return "name"
    return "questions" if definition else "service" if typed.find else "find"


def _search(ctx: Context, typed: Start) -> list[Published]:
    """Services that are taken in at the counter and whose guide has every word of the search."""
    found = []
    for each in ctx.catalog.list(ctx.session):
        workflow = each.definition.workflow
        if walk_in.CHANNEL in workflow.submission.channels and is_about(workflow, typed.find):
            found.append(each)
    return found[:MOST_SERVICES]
