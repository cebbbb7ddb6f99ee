"""What shared sources hold of the applicant: shown with its source, confirmed or disputed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases import dispute, views
from onevisit.cases.dispute import Answer
from onevisit.cases.errors import Invalid, Stale
from onevisit.cases.shared_data import FIELD, FactView, Key
from onevisit.cases.views import DraftView
from onevisit.definition.form import Field, FieldError
from onevisit.web import fields
from onevisit.web.edge import (
    PostedForm,
    page,
    reading,
    redirect,
    revision_of,
    text_of,
    transaction,
)
from onevisit.web.fields import FieldView

router = APIRouter(prefix="/my/{case_id}/shared")

CHOICES = (("confirmed", "确认无误"), ("disputed", "有异议"))
VERSION = {"title": "您认为正确的内容", "type": "string", "maxLength": 500}
WHY = {"title": "为什么有异议", "type": "string", "maxLength": 500, "x-lines": 2}


@dataclass(frozen=True)
class FactQuestion:
    """One fact as drawn: two choices, and what is asked of who disputes it."""

    fact: FactView
    choice: FieldView
    version: FieldView
    why: FieldView


@router.get("")
def ask(request: Request, case_id: UUID) -> Response:
    """Everything that is known already, each with its two choices."""
    with reading(request) as ctx:
        view = views.draft_view(ctx, case_id)
    if not view.editable or view.correction is not None or not view.facts:
        return redirect(f"/my/{case_id}")
    return _page(request, view, {(f.kind, f.name): _before(f) for f in view.facts}, ())


@router.post("")
def save(request: Request, case_id: UUID, form: PostedForm) -> Response:
    """Keep what was said of each, and go on with the first page of the form."""
    with reading(request) as ctx:
        view = views.draft_view(ctx, case_id)
    answers = {(f.kind, f.name): _answer(form, f) for f in view.facts}
    try:
        with transaction(request) as ctx:
            dispute.answer(ctx, case_id, answers, revision_of(form))
            view = views.draft_view(ctx, case_id)
    except Invalid as invalid:
        return _page(request, view, answers, invalid.errors)
    except Stale:
        if not view.editable:
            raise
        return _page(request, view, answers, (), stale=True)
    todo = next((task for task in view.tasks if task.state != "done"), None)
    return redirect(f"/my/{case_id}/{todo.href_part}" if todo else f"/my/{case_id}")


def _before(fact: FactView) -> Answer:
    """What was said the last time; nothing the first time."""
    return Answer("" if fact.state == "shown" else fact.state, fact.version, fact.why)


def _answer(form: FormData, fact: FactView) -> Answer:
    path = f"{fact.kind}.{fact.name}"
    choice = "confirmed" if text_of(form, "all") == "confirmed" else text_of(form, path)
    return Answer(choice, text_of(form, f"{path}.said"), text_of(form, f"{path}.why"))


def _page(
    request: Request,
    view: DraftView,
    answers: Mapping[Key, Answer],
    errors: Sequence[FieldError],
    *,
    stale: bool = False,
) -> Response:
    questions = tuple(
        _question(view, fact, answers[fact.kind, fact.name], errors) for fact in view.facts
    )
    return page(
        request,
        "applicant/shared.html",
        status=409 if stale else 422 if errors else 200,
        view=view,
        questions=questions,
        errors=_named(view, errors),
        stale=stale,
    )


def _question(
    view: DraftView, fact: FactView, given: Answer, errors: Sequence[FieldError]
) -> FactQuestion:
    path = f"{fact.kind}.{fact.name}"
    options = [{"const": value, "title": title} for value, title in CHOICES]
    choice = {"title": fact.title, "type": "string", "oneOf": options}
    version = dict(view.form.field(fact.name).schema) if fact.kind == FIELD else dict(VERSION)
    version["description"] = str(version.get("description", ""))
    asked = (
        Field(path, fact.title, choice, True, ()),
        Field(f"{path}.said", str(VERSION["title"]), version, True, ()),
        Field(f"{path}.why", str(WHY["title"]), WHY, True, ()),
    )
    typed: dict[str, Any] = {path: given.choice, f"{path}.said": given.said}
    typed[f"{path}.why"] = given.why
    drawn = fields.bind(asked, typed, errors)
    return FactQuestion(fact, *drawn)


def _named(view: DraftView, errors: Sequence[FieldError]) -> tuple[FieldError, ...]:
    """The same faults for the top of the page, where each must name its thing."""
    titles = {f"{f.kind}.{f.name}": f.title for f in view.facts}
    return tuple(
        FieldError(e.path, f"{titles['.'.join(e.path.split('.')[:2])]}：{e.message}")
        for e in errors
    )
