"""What the head of the government sees of a case that may be handled anew."""

import uuid
from dataclasses import dataclass

from sqlmodel import select

from onevisit.access import check_can_govern
from onevisit.cases import wording
from onevisit.cases.context import Context
from onevisit.cases.dossier import load
from onevisit.cases.errors import NotFound
from onevisit.cases.turn import Turn
from onevisit.cases.turns.reopen import EVENT, hindrance
from onevisit.cases.views.parts import Badge, badge
from onevisit.engine import CASE
from onevisit.store.tables import Case


@dataclass(frozen=True)
class ReopenItem:
    """One item: how it ended, and why it cannot be handled anew, if it cannot."""

    region: str
    title: str
    department: str
    state: str
    hindrance: str | None


@dataclass(frozen=True)
class ReopenView:
    """A closed case with its items."""

    id: uuid.UUID
    revision: int
    number: str
    service: str
    state: Badge
    items: tuple[ReopenItem, ...]


def by_number(ctx: Context, number: str) -> uuid.UUID | None:
    """The case that has this number, typed with or without blanks; None when none has."""
    check_can_govern(ctx.actor)
    wanted = "".join(number.split())
    return ctx.session.exec(select(Case.id).where(Case.number == wanted)).one_or_none()


def reopen_view(ctx: Context, case_id: uuid.UUID) -> ReopenView:
    """A case for the page that orders to handle it anew; NotPossible while it is not closed."""
    check_can_govern(ctx.actor)
    dossier = load(ctx, case_id)
    if dossier.case.number is None:
        raise NotFound("这个办件")
    if dossier.standing(CASE, EVENT) is None:
        raise Turn(ctx, dossier).not_possible(CASE, EVENT)
    items = tuple(
        ReopenItem(
            region=part.key,
            title=wording.item_title(part),
            department=dossier.department(part).title,
            state=dossier.state(part.key).title,
            hindrance=hindrance(ctx, dossier, part.key),
        )
        for part in dossier.selection.parts
    )
    return ReopenView(
        id=case_id,
        revision=dossier.case.revision,
        number=dossier.case.number,
        service=dossier.definition.workflow.title,
        state=badge(dossier.case.state, dossier.state()),
        items=items,
    )
