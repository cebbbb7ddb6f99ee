"""Draws the page of one act and takes its form: the same for every act of every office."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases import Context
from onevisit.cases.errors import Invalid
from onevisit.cases.turns.stops import Asked
from onevisit.cases.views.sheets import Sheet
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
from onevisit.web.fields import bind
from onevisit.web.notice import say

Typed = Mapping[str, str]
NAMES = ("choice", "days", "reasons", "department")
MANY = 6
"""More digits than any number of days has."""


@dataclass(frozen=True)
class ActPage:
    """One act: `look` gives its sheet, `do` does it and says what happened in a sentence.

    `back` is the page that it belongs to and `after` the one that follows, with {id}.
    """

    event: str
    look: Callable[[Context, UUID, str], Sheet]
    do: Callable[[Context, UUID, Typed, int], str]
    back: str
    back_label: str
    after: str


def asked_of(typed: Typed) -> Asked:
    """The days and reasons as typed; days that are no number are none."""
    days = typed["days"]
    number = int(days) if days.isascii() and days.isdigit() and len(days) <= MANY else None
    return Asked(number, typed["reasons"])


def add(router: APIRouter, address: str, shown: ActPage) -> None:
    """Serve one act at `address`, which holds the id of what it is about: GET asks, POST does."""
    name = re.findall(r"{(\w+)}", address)[0]

    def ask(request: Request, about: Annotated[UUID, Path(alias=name)]) -> Response:
        return _draw(request, shown, about)

    def act(
        request: Request, about: Annotated[UUID, Path(alias=name)], form: PostedForm
    ) -> Response:
        typed, revision = {each: text_of(form, each) for each in NAMES}, revision_of(form)
        try:
            with transaction(request) as ctx:
                said = shown.do(ctx, about, typed, revision)
        except Invalid as invalid:
            return _draw(request, shown, about, typed, revision, invalid.errors)
        say(request, said)
        return redirect(shown.after.format(id=about))

    router.add_api_route(address, ask, methods=["GET"], name=f"{shown.event}_page")
    router.add_api_route(address, act, methods=["POST"], name=shown.event)


def _draw(  # noqa: PLR0917 -- the page, and what was typed on it
    request: Request,
    shown: ActPage,
    about: UUID,
    typed: Typed | None = None,
    revision: int | None = None,
    errors: Sequence[FieldError] = (),
) -> Response:
    with reading(request) as ctx:
        sheet = shown.look(ctx, about, shown.event)
    typed = typed or _only_choices(sheet)
    return page(
        request,
        "office/turn.html",
        status=422 if errors else 200,
        sheet=sheet,
        fields=bind(sheet.fields, typed, errors),
        action=request.url.path,
        back=shown.back.format(id=about),
        back_label=shown.back_label,
        revision_shown=sheet.revision if revision is None else revision,
        errors=errors,
    )


def _only_choices(sheet: Sheet) -> Typed:
    """What needs no choosing is chosen: a question with one answer."""
    options = {field.id: field.schema.get("oneOf", ()) for field in sheet.fields}
    return {name: each[0]["const"] for name, each in options.items() if len(each) == 1}
