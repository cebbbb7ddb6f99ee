"""Filling in an application or its correction: one thing a page, saved whatever is typed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit import engine
from onevisit.cases import correct, draft, submit, views
from onevisit.cases.errors import Invalid, Stale
from onevisit.cases.pickup import Recipient
from onevisit.cases.views import DraftView
from onevisit.cases.views.parts import Missing
from onevisit.definition.form import Field, FieldError, Section
from onevisit.web import fields, situation
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
from onevisit.web.review import review_sections

router = APIRouter(prefix="/my/{case_id}")

UNPLEDGED = FieldError("agreed", "请阅读并勾选承诺")


@router.get("/answers")
def ask_answers(request: Request, case_id: UUID) -> Response:
    """The situation answers of a draft, to be changed."""
    with reading(request) as ctx:
        view = views.draft_view(ctx, case_id)
    if not view.editable or view.correction is not None:
        return redirect(f"/my/{case_id}")
    return _answers_page(request, view, situation.as_texts(view.answers), [])


@router.post("/answers")
def save_answers(request: Request, case_id: UUID, form: PostedForm) -> Response:
    """Change the situation answers; questions that only now arise are asked next."""
    raw = dict(pairs_of(form))
    try:
        with transaction(request) as ctx:
            view = views.draft_view(ctx, case_id)
            answers, errors = engine.read_answers(view.definition, raw)
            if not errors:
                draft.answers(ctx, case_id, answers, revision_of(form))
                return redirect(f"/my/{case_id}")
    except Stale as stale:
        view = _still_open(request, case_id, stale)
        if answers == view.answers:  # pressed twice
            return redirect(f"/my/{case_id}")
        return _answers_page(request, view, raw, [], stale=True)
    asked = form.getlist("asked")
    return _answers_page(request, view, raw, [e for e in errors if e.path in asked])


def _answers_page(
    request: Request,
    view: DraftView,
    raw: dict[str, str],
    wrong: list[FieldError],
    *,
    stale: bool = False,
) -> Response:
    return page(
        request,
        "applicant/answers.html",
        status=_status(wrong, stale),
        view=view,
        fields=situation.views(view.definition, raw, wrong),
        errors=wrong,
        stale=stale,
    )


@router.get("/form/{section_id}")
def ask_section(request: Request, case_id: UUID, section_id: str, check: bool = False) -> Response:
    """One page of the form; with `check`, what is wrong with what was saved."""
    with reading(request) as ctx:
        view = views.draft_view(ctx, case_id)
    section = _section(view, section_id)
    if section is None or not view.editable:
        return redirect(f"/my/{case_id}")
    errors = view.form.check(view.data, section_id) if check else []
    errors = [each for each in errors if each.path.partition(".")[0] not in _unsaid(view)]
    return _section_page(request, view, section, view.data, errors)


def _section_page(
    request: Request,
    view: DraftView,
    section: Section,
    data: Mapping[str, Any],
    errors: list[FieldError],
    *,
    stale: bool = False,
) -> Response:
    asked = [field for field in section.fields if _is_asked(view, field)]
    return page(
        request,
        "applicant/section.html",
        status=_status(errors, stale),
        view=view,
        section=section,
        fields=fields.bind(asked, data, errors),
        known=[(f, view.data.get(f.id)) for f in section.fields if f not in asked],
        problems=_told(view),
        errors=fields.summarise(section.fields, errors),
        stale=stale,
    )


@router.post("/form/{section_id}")
def save_section(request: Request, case_id: UUID, section_id: str, form: PostedForm) -> Response:
    """Save the page as typed; then add or remove a row, show what is wrong, or go on."""
    row_command = text_of(form, "_row")
    act, _, path = row_command.partition(":")
    pairs = pairs_of(form)
    if act == "remove":
        pairs = fields.without_row(pairs, path)
    try:
        with transaction(request) as ctx:
            view = views.draft_view(ctx, case_id)
            if _section(view, section_id) is None:
                return redirect(f"/my/{case_id}")
            data = view.form.read(pairs, section_id)
            if act == "add":
                data = fields.with_row(data, path)
            draft.save_section(ctx, case_id, section_id, data, revision_of(form))
            saved = views.draft_view(ctx, case_id)
    except Stale as stale:
        return _typed_again(request, case_id, section_id, pairs_of(form), stale)
    if row_command:
        name = path.partition(".")[0]
        last = f"{name}.{len(data.get(name, ())) - 1}" if act == "add" else name
        return redirect(f"/my/{case_id}/form/{section_id}#{fields.field_id(last)}")
    return _saved(saved, section_id)


def _typed_again(
    request: Request, case_id: UUID, section_id: str, pairs: list[tuple[str, str]], stale: Stale
) -> Response:
    """The page as it was typed, to be looked at and saved once more over what came between."""
    view = _still_open(request, case_id, stale)
    section = _section(view, section_id)
    if section is None:
        return redirect(f"/my/{case_id}")
    data = view.form.read(pairs, section_id)
    if all(view.data.get(f.id) == data.get(f.id) for f in section.fields if _is_asked(view, f)):
        return _saved(view, section_id)  # pressed twice
    return _section_page(request, view, section, data, [], stale=True)


def _saved(view: DraftView, section_id: str) -> Response:
    """Back to what is wrong with the page that was saved, or on to the next."""
    section = _section(view, section_id)
    asked = {f.id for f in section.fields if _is_asked(view, f)} if section else set()
    wrong = view.form.check(view.data, section_id)
    if any(each.path.partition(".")[0] in asked for each in wrong):
        return redirect(f"/my/{view.id}/form/{section_id}?check=true")
    return redirect(_after(view, section_id))


def _still_open(request: Request, case_id: UUID, stale: Stale) -> DraftView:
    """What was saved elsewhere meanwhile; raises `stale` when it cannot be edited any more."""
    with reading(request) as ctx:
        view = views.draft_view(ctx, case_id)
    if not view.editable:
        raise stale
    return view


def _status(errors: Sequence[FieldError], stale: bool) -> int:
    return 409 if stale else 422 if errors else 200


@router.get("/review")
def review(request: Request, case_id: UUID) -> Response:
    """Check your answers before they are submitted."""
    with reading(request) as ctx:
        view = views.draft_view(ctx, case_id)
    if not view.editable or view.correction is not None:
        return redirect(f"/my/{case_id}")
    return _review_page(request, view, ())


@router.post("/submit")
def submit_case(request: Request, case_id: UUID, form: PostedForm) -> Response:
    """Submit the application: from now on the clocks of the service centre run."""
    pickup = text_of(form, "pickup")
    to = Recipient(*(text_of(form, f"recipient.{name}") for name in ("name", "phone", "address")))
    errors = [] if text_of(form, "agreed") == "yes" else [UNPLEDGED]
    if not errors:
        try:
            with transaction(request) as ctx:
                submit.submit(ctx, case_id, pickup, revision_of(form), to)
            return redirect(f"/my/{case_id}/submitted")
        except Invalid as invalid:
            errors = invalid.errors
    with reading(request) as ctx:
        view = views.draft_view(ctx, case_id)
    view = replace(view, pickup=pickup or None, recipient=to)
    return _review_page(request, view, tuple(errors))


@router.get("/submitted")
def submitted(request: Request, case_id: UUID) -> Response:
    """The case number, the receipt, and what happens next."""
    with reading(request) as ctx:
        view = views.progress(ctx, case_id)
    if view.number is None:
        return redirect(f"/my/{case_id}")
    return page(request, "applicant/submitted.html", view=view)


@router.get("/correction")
def correction(request: Request, case_id: UUID) -> Response:
    """Everything that the window found missing, each beside where it is mended."""
    with reading(request) as ctx:
        view = views.draft_view(ctx, case_id)
    return _correction_page(request, view, ())


@router.post("/supplement")
def supplement(request: Request, case_id: UUID, form: PostedForm) -> Response:
    """Hand the correction in."""
    try:
        with transaction(request) as ctx:
            correct.supplement(ctx, case_id, revision_of(form))
    except Invalid as invalid:
        with reading(request) as ctx:
            view = views.draft_view(ctx, case_id)
        return _correction_page(request, view, tuple(invalid.errors))
    return redirect(f"/my/{case_id}")


def _review_page(request: Request, view: DraftView, errors: tuple[FieldError, ...]) -> Response:
    return page(
        request,
        "applicant/review.html",
        status=422 if errors else 200,
        view=view,
        answers=situation.in_words(view.definition, view.answers),
        sections=review_sections(view),
        errors=errors,
    )


def _correction_page(request: Request, view: DraftView, errors: tuple[FieldError, ...]) -> Response:
    if view.correction is None or not view.editable:
        return redirect(f"/my/{view.id}")
    pages = {f.id: section.id for section in view.form.sections for f in section.fields}
    mended = _mended(view)
    return page(
        request,
        "applicant/correction.html",
        status=422 if errors else 200,
        view=view,
        pages=pages,
        mended=mended,
        left=len(view.correction.missing) - len(mended),
        errors=errors,
    )


def _mended(view: DraftView) -> frozenset[int]:
    """The places in the notice of what has been brought, or answered otherwise than before."""
    missing = view.correction.missing if view.correction else ()
    wrong = {each.path for each in view.problems} | {e.path.split(".")[0] for e in view.problems}
    return frozenset(
        at
        for at, each in enumerate(missing)
        if (each.material_id and f"material.{each.material_id}" not in wrong)
        or (each.field and each.field not in wrong and view.now.get(each.field) != _was(view, each))
    )


def _was(view: DraftView, missing: Missing) -> str:
    return view.earlier.get(missing.field or "", "未填写")


def _section(view: DraftView, section_id: str) -> Section | None:
    """The page of the form, when these answers need it at all."""
    return next((s for s in view.form.sections if s.id == section_id), None)


def _told(view: DraftView) -> dict[str, str]:
    """What the window found wrong with each field, by field."""
    missing = view.correction.missing if view.correction else ()
    return {each.field: each.problem for each in missing if each.field}


def _is_asked(view: DraftView, field: Field) -> bool:
    """A field is asked once: not when an answer or a shared source holds it, nor beyond what a
    correction names."""
    if field.answer is not None:
        return False
    if view.correction is not None:
        return field.id in _told(view)
    return field.id not in view.prefilled


def _unsaid(view: DraftView) -> frozenset[str]:
    """What a shared source answers and no correction asks: its faults are of another page."""
    return view.prefilled - _told(view).keys()


def _after(view: DraftView, section_id: str) -> str:
    """Where to go when a page of the form is complete: its next page, then the material."""
    if view.correction is not None:
        return f"/my/{view.id}/correction"
    ids = [section.id for section in view.form.sections]
    asks = {s.id for s in view.form.sections if any(_is_asked(view, f) for f in s.fields)}
    rest = [each for each in ids[ids.index(section_id) + 1 :] if each in asks]
    return f"/my/{view.id}/form/{rest[0]}" if rest else f"/my/{view.id}/materials"
