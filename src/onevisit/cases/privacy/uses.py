"""What somebody's data was used for (个人信息保护法第十七条、第四十五条): which item of which
department needs each field (x-for) and each file, and which shared source was asked when, why."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from onevisit.access import check_can_apply
from onevisit.cases import wording
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.paper import live_uploads
from onevisit.cases.shared_data import source_title
from onevisit.cases.views.parts import Page, section_rows
from onevisit.store.citizen_tables import SharedRead
from onevisit.store.tables import Case

PAGE = 5
"""Cases of one page: each has the whole of its form on it."""


@dataclass(frozen=True)
class Used:
    """One field or material: what it says, and for whom it is."""

    title: str
    text: str
    by: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """One look into a shared source, made for the applicant."""

    at: datetime
    source: str
    fields: tuple[str, ...]
    found: bool
    purpose: str


@dataclass(frozen=True)
class CaseUse:
    """One case: which items there are, and what each used."""

    id: uuid.UUID
    number: str
    service: str
    fields: tuple[Used, ...]
    materials: tuple[Used, ...]
    asked: tuple[Asked, ...]


def my_uses(ctx: Context, after: str | None = None) -> Page[CaseUse]:
    """The signed-in person's cases, the newest first, with what each of their data was for;
    ValueError for an `after` that no page of ours gave out."""
    check_can_apply(ctx.actor)
    mine = (Case.applicant_id == ctx.actor.id, col(Case.archived_at).is_(None))
    statement = select(Case.id).where(*mine)
    statement = statement.order_by(col(Case.id).desc()).limit(PAGE + 1)
    if after:
        statement = statement.where(col(Case.id) < uuid.UUID(after))
    found = ctx.session.exec(statement).all()
    asked = asked_for(ctx, found[:PAGE])
    rows = tuple(case_use(load(ctx, each), asked, ctx) for each in found[:PAGE])
    return Page(rows, str(found[PAGE - 1]) if len(found) > PAGE else None)


def case_use(dossier: Dossier, asked: Collection[SharedRead], ctx: Context) -> CaseUse:
    """What the data of one case is for."""
    case = dossier.case
    return CaseUse(
        id=case.id,
        number=case.number or "",
        service=dossier.definition.workflow.title,
        fields=tuple(_fields(dossier)),
        materials=tuple(_materials(dossier, ctx)),
        asked=tuple(_asked(dossier, row) for row in asked if row.case_id == case.id),
    )


def _fields(dossier: Dossier) -> list[Used]:
    form = dossier.definition.form
    sections = section_rows(form.sections, dossier.case.form, whole=True)
    rows = [row for part in sections for row in part.rows]
    needs = {each.id: each for each in form.fields}
    return [Used(row.title, row.text, _by(dossier, needs[row.id].items)) for row in rows]


def _materials(dossier: Dossier, ctx: Context) -> list[Used]:
    counted: dict[str, int] = {}
    for upload in live_uploads(ctx, dossier):
        counted[upload.material_id] = counted.get(upload.material_id, 0) + 1
    return [
        Used(each.title, f"{counted[each.id]} 个文件", _by(dossier, each.items))
        for each in dossier.selection.materials
        if each.id in counted
    ]


def _by(dossier: Dossier, items: Collection[str]) -> tuple[str, ...]:
    """The items of this case that need it, each with its department."""
    wanted = [part for part in dossier.selection.parts if "*" in items or part.item.id in items]
    return tuple(f"{wording.item_title(p)}（{dossier.department(p).title}）" for p in wanted)


def asked_for(ctx: Context, case_ids: Collection[uuid.UUID]) -> list[SharedRead]:
    """Every look into a shared source that was made for these cases, the oldest first."""
    statement = select(SharedRead).where(col(SharedRead.case_id).in_(case_ids))
    return list(ctx.session.exec(statement.order_by(col(SharedRead.id))).all())


def _asked(dossier: Dossier, row: SharedRead) -> Asked:
    """The fields of the source under the titles that the form gives them."""
    titles = {each.origin: each.title for each in dossier.definition.workflow.materials}
    titles |= {each.shared: each.title for each in dossier.definition.form.fields}
    return Asked(
        at=row.at,
        source=source_title(dossier, row.source),
        fields=tuple(titles.get(f"{row.source}.{name}", name) for name in row.fields),
        found=row.found,
        purpose=row.purpose,
    )
