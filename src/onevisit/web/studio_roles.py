"""The studio's table of posts: what each may do, asked of the checks and read from the lifecycles,
so that it cannot say otherwise than the application does."""

from collections.abc import Iterator, Sequence

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.access import OFFICE_ROLES, check_can_appoint
from onevisit.access.matrix import PERMISSIONS, scope
from onevisit.cases import Context
from onevisit.definition.lifecycle import Act, Lifecycle, Transition
from onevisit.definition.place import Department
from onevisit.definition.service import Definition
from onevisit.web.edge import page, reading
from onevisit.web.portals import ROLE_TITLES

router = APIRouter()


@router.get("/studio/roles")
def roles(request: Request) -> Response:
    """Each post with what it may do, and with the acts in the life of a case that are its own."""
    with reading(request) as ctx:
        check_can_appoint(ctx.actor)
        definitions = [each.definition for each in ctx.catalog.list(ctx.session)]
    table = {each.title: {role: scope(each, role) for role in ROLE_TITLES} for each in PERMISSIONS}
    return page(
        request,
        "studio/roles.html",
        table=table,
        roles=ROLE_TITLES,
        office=OFFICE_ROLES,
        acts=_acts(definitions),
    )


def departments_known(ctx: Context) -> dict[str, Department]:
    """The departments that some service knows, by id."""
    return {
        department.id: department
        for published in ctx.catalog.list(ctx.session)
        for department in published.definition.directory.departments
    }


def _acts(definitions: Sequence[Definition]) -> dict[str, list[str]]:
    """What each post does in the life of a case, by the lifecycles that are in use."""
    found: dict[str, dict[str, None]] = {}
    for lifecycle in {each.lifecycle.id: each.lifecycle for each in definitions}.values():
        signing = [step.role for step in lifecycle.approval.steps.values()]
        for move in _moves(lifecycle):
            for role in signing if move.by == "step" else [move.by]:
                found.setdefault(role, {})[move.title] = None
    return {role: list(titles) for role, titles in found.items()}


def _moves(lifecycle: Lifecycle) -> Iterator[Transition | Act]:
    for region in (lifecycle.case, lifecycle.approval, lifecycle.certificate):
        if region is not None:
            yield from region.transitions
            yield from region.acts
