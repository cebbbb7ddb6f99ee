"""Deferred material as pages show it, to those who bring it and to those who look at it."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from onevisit.access import check_can_edit, check_can_take_in
from onevisit.cases.context import Context
from onevisit.cases.deferral import owing
from onevisit.cases.deferral.bring import may_take_back
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.errors import NotFound
from onevisit.cases.lights import Due, due_on
from onevisit.cases.paper import live_uploads
from onevisit.cases.views.parts import Badge, UploadLink, badge, upload_link
from onevisit.engine import CASE
from onevisit.store.turn_tables import Owed

STATES = {
    "owed": ("待补交", "attention"),
    "brought": ("待窗口核收", "active"),
    "received": ("已收", "done"),
    "overdue": ("逾期未补", "overdue"),
}


@dataclass(frozen=True)
class OwedLine:
    """One material that is or was owed; `over` once its last day has passed; `unfit` says what
    was wrong with what was brought before."""

    material_id: str
    title: str
    standard: str | None
    items: tuple[str, ...]
    due: Due | None
    over: bool
    state: str
    state_title: str
    tone: str
    consequence: str
    unfit: str | None
    brought_at: datetime | None
    uploads: tuple[UploadLink, ...]
    removable: frozenset[uuid.UUID]


@dataclass(frozen=True)
class OwedView:
    """A case with everything that it owes or owed; `may` whether something can be done."""

    id: uuid.UUID
    revision: int
    number: str | None
    service: str
    state: Badge
    centre: str
    lines: tuple[OwedLine, ...]
    may: bool


def bring_view(ctx: Context, case_id: uuid.UUID, event: str) -> OwedView:
    """What the applicant still has to bring."""
    dossier = load(ctx, case_id)
    check_can_edit(ctx.actor, dossier.case.applicant_id, dossier.case.agent_id)
    return _view(ctx, dossier, event)


def receive_view(ctx: Context, case_id: uuid.UUID, event: str) -> OwedView:
    """What the clerk has to look at."""
    dossier = load(ctx, case_id)
    check_can_take_in(ctx.actor, dossier.case.applicant_id, dossier.case.agent_id)
    if dossier.case.number is None:
        raise NotFound("这个办件")
    return _view(ctx, dossier, event)


def _view(ctx: Context, dossier: Dossier, event: str) -> OwedView:
    case, rows = dossier.case, owing.rows_of(ctx, dossier)
    may = dossier.standing(CASE, event) is not None and any(r.state in owing.OPEN for r in rows)
    files: dict[str, list[UploadLink]] = {}
    for row in live_uploads(ctx, dossier):
        files.setdefault(row.material_id, []).append(upload_link(row))
    return OwedView(
        id=case.id,
        revision=case.revision,
        number=case.number,
        service=dossier.definition.workflow.title,
        state=badge(case.state, dossier.state()),
        centre=dossier.definition.jurisdiction.centre,
        lines=tuple(_line(ctx, dossier, row, files) for row in rows),
        may=may,
    )


def _line(ctx: Context, dossier: Dossier, row: Owed, files: dict[str, Any]) -> OwedLine:
    material = owing.material_of(dossier, row)
    title, tone = STATES[row.state]
    titles = {part.item.id: part.item.title for part in dossier.selection.parts}
    return OwedLine(
        material_id=row.material_id,
        title=material.title,
        standard=material.standard,
        items=tuple(titles[each] for each in material.items if each in titles),
        due=due_on(dossier.definition.calendar, row.due),
        over=ctx.today > row.due,
        state=row.state,
        state_title=title,
        tone=tone,
        consequence=owing.consequence(row),
        unfit=row.note if row.state == "owed" and row.brought_at else None,
        brought_at=row.brought_at,
        uploads=tuple(files.get(row.material_id, ())),
        removable=frozenset(
            each.id
            for each in files.get(row.material_id, ())
            if may_take_back(ctx, row, each.uploaded_at)
        ),
    )
