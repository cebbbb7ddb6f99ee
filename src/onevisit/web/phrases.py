"""The small page on which officers keep the opinions that they often write (常用语)."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases import Context, phrases
from onevisit.cases.errors import Invalid
from onevisit.definition.form import FieldError
from onevisit.web.edge import PostedForm, page, reading, redirect, text_of, transaction
from onevisit.web.notice import said, say

router = APIRouter(prefix="/office/phrases")


@router.get("")
def kept(request: Request) -> Response:
    """One's own, the department's and everybody's."""
    return _draw(request, "", "")


@router.post("")
def add(request: Request, form: PostedForm) -> Response:
    """Keep one more, for oneself (`for` is the department) or for all in it (department:all)."""
    text, whom = text_of(form, "text"), text_of(form, "for")
    department, _, for_all = whom.partition(":")
    try:
        with transaction(request) as ctx:
            phrases.add(ctx, department, text, for_all=for_all == "all")
    except Invalid as invalid:
        return _draw(request, text, whom, invalid.errors)
    say(request, "已添加。")
    return redirect("/office/phrases")


@router.post("/{phrase_id}/remove")
def remove(request: Request, phrase_id: UUID) -> Response:
    """Keep one no longer."""
    with transaction(request) as ctx:
        phrases.remove(ctx, phrase_id)
    say(request, "已删除。")
    return redirect("/office/phrases")


def _draw(request: Request, text: str, whom: str, errors: Sequence[FieldError] = ()) -> Response:
    with reading(request) as ctx:
        found = phrases.phrases(ctx)
        titles = _titles(ctx)
        departments = [
            (each, titles.get(each, each), phrases.may_keep(ctx, each))
            for each in sorted(ctx.actor.departments)
        ]
    return page(
        request,
        "office/phrases.html",
        status=422 if errors else 200,
        own=[each for each in found if each.own],
        shared=[each for each in found if not each.own],
        general=phrases.GENERAL,
        departments=departments,
        titles=titles,
        typed={"text": text, "for": whom},
        errors=errors,
        wrong={error.path: error.message for error in errors},
        said=said(request),
    )


def _titles(ctx: Context) -> dict[str, str]:
    """The names of all departments that some service names."""
    return {
        each.id: each.title
        for published in ctx.catalog.list(ctx.session)
        for each in published.definition.directory.departments
    }
