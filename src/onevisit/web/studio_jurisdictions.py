"""The studio's rules of places: each number with what it rests on, changed once it was read what
that does to services and open cases."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as InAddress
from starlette.requests import Request
from starlette.responses import Response

from onevisit.access import check_can_publish
from onevisit.catalog import place_files, retouch
from onevisit.catalog.place_files import JURISDICTIONS
from onevisit.definition.form import FieldError
from onevisit.definition.place import Jurisdiction
from onevisit.definition.problem import DefinitionError
from onevisit.definition.source import Path
from onevisit.web import place_change, rule_rows
from onevisit.web.edge import PostedForm, page, reading, redirect, site_of, text_of
from onevisit.web.notice import said
from onevisit.web.place_change import File, Wanted

router = APIRouter()
JurisdictionId = Annotated[str, InAddress(pattern="^[a-z][a-z0-9_]{0,62}$")]
NAMED = 3
"""So many changed rules are named in the line that tells of a change."""


@router.get("/studio/jurisdictions")
def jurisdictions(request: Request) -> Response:
    """All places with rules; the only one itself."""
    site = site_of(request)
    with reading(request) as ctx:
        check_can_publish(ctx.actor)
        texts = site.catalog.texts(ctx.session, site.home)[0]
    names = [PurePosixPath(path).stem for path in place_files.paths(texts, JURISDICTIONS)]
    if len(names) == 1:
        return redirect(f"/studio/jurisdictions/{names[0]}")
    return page(request, "studio/jurisdictions.html", names=names, said=said(request))


@router.get("/studio/jurisdictions/{jurisdiction_id}")
def jurisdiction(request: Request, jurisdiction_id: JurisdictionId) -> Response:
    """The rules of one place, each with its basis, ready to be changed."""
    return _drawn(request, _opened(request, jurisdiction_id), {})


@router.post("/studio/jurisdictions/{jurisdiction_id}")
def change(request: Request, jurisdiction_id: JurisdictionId, form: PostedForm) -> Response:
    """Other values, once it was read what that does."""
    file = _opened(request, jurisdiction_id)
    place = _place(file)
    names = [leaf.name for leaf in rule_rows.all_leaves(place)]
    typed = {name: text_of(form, name) for name in (*names, "basis_of_change") if name in form}
    stale = place_change.overtaken(file, form)
    if stale or place_change.editing_again(form):
        return _drawn(request, file, typed, stale=stale)
    values, errors = rule_rows.typed_values(place, typed)
    basis = typed.get("basis_of_change", "")
    if values and not basis:
        text = "请写明这次改动依据什么，例如新公布的办法或者通知的文号"
        errors.append(FieldError("basis_of_change", text))
    if errors:
        return _drawn(request, file, typed, errors)
    after = retouch.changed(file.text, values)
    back = f"/studio/jurisdictions/{jurisdiction_id}"
    wanted = Wanted(file, after, _what(place, values), basis, form, back)
    try:
        return place_change.settle(request, wanted)
    except DefinitionError as error:
        faults = [FieldError("", each) for each in place_change.faults_of(error)]
        return _drawn(request, file, typed, faults)


def _what(place: Jurisdiction, values: Mapping[Path, retouch.Scalar]) -> str:
    """Which rules are changed, in a line."""
    named = [
        f"{group.title} {leaf.text} → {values[leaf.path]}"
        for group in rule_rows.groups(place)
        for leaf in (*group.leaves, *([group.basis] if group.basis else []))
        if leaf.path in values
    ]
    more = f"等 {len(named)} 处" if len(named) > NAMED else ""
    return "；".join(named[:NAMED]) + more


def _drawn(
    request: Request,
    file: File,
    typed: Mapping[str, str],
    errors: Sequence[FieldError] = (),
    stale: str = "",
) -> Response:
    place = _place(file)
    return page(
        request,
        "studio/jurisdiction.html",
        status=422 if errors else 409 if stale else 200,
        place=place,
        file=file,
        groups=rule_rows.groups(place),
        without=rule_rows.without(place),
        typed=typed,
        errors=errors,
        wrong={each.path: each.message for each in errors},
        stale=stale,
        said=said(request),
    )


def _opened(request: Request, jurisdiction_id: str) -> File:
    return place_change.opened(request, f"{JURISDICTIONS}/{jurisdiction_id}.yaml")


def _place(file: File) -> Jurisdiction:
    value = file.value
    assert isinstance(value, Jurisdiction)
    return value
