"""What the issuing window sees: cases whose results are ready, and one case's bundle."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func
from sqlalchemy import select as sql_select
from sqlmodel import and_, col, or_, select

from onevisit.access import check_can_hand_out
from onevisit.cases import wording
from onevisit.cases.context import Context
from onevisit.cases.deadlines.deemed import deemed_from
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.errors import NotFound
from onevisit.cases.hand_out import DOWNLOAD, RESULTS, results_of
from onevisit.cases.lights import Due, Light, due_on, period_light
from onevisit.cases.paper import latest_checks
from onevisit.cases.views.parts import (
    Act,
    Badge,
    DocumentLink,
    Page,
    Person,
    acts,
    badge,
    document_link,
    person,
)
from onevisit.documents.format import BEIJING
from onevisit.engine import CASE
from onevisit.engine.clocks import add_working_days
from onevisit.store.tables import Account, Case, Document, Handout

PAGE = 30
EARLIEST = date(2000, 1, 1)
"""Sorts what was decided before delivery had a day of its own before everything that has one."""
LAST_DAY = func.coalesce(col(Case.delivery_due), EARLIEST)


@dataclass(frozen=True)
class HandoutView:
    """Who collected, and who handed out."""

    name: str
    id_number: str
    relation: str
    method: str
    handed_by: str
    handed_at: datetime


@dataclass(frozen=True)
class WindowRow:
    """One case that is ready; `due` is the last day of delivery (许可法第四十四条)."""

    id: uuid.UUID
    number: str | None
    service: str
    applicant: str
    pickup: str | None
    pickup_title: str
    decided_at: datetime | None
    due: Due | None
    light: Light
    documents: int


@dataclass(frozen=True)
class WindowCase:
    """One case over the counter; `receipt` is the delivery receipt once it is handed out."""

    id: uuid.UUID
    revision: int
    number: str | None
    service: str
    state: Badge
    applicant: Person
    pickup: str | None
    pickup_title: str
    decided_at: datetime | None
    bundle: tuple[DocumentLink, ...]
    originals: tuple[str, ...]
    methods: tuple[tuple[str, str], ...]
    acts: tuple[Act, ...]
    handout: HandoutView | None
    receipt: DocumentLink | None


def window_ready(ctx: Context, search: str = "", after: str | None = None) -> Page[WindowRow]:
    """Cases that wait to be handed out, the first due at the top (许可法第四十四条); `search` in
    number or name."""
    check_can_hand_out(ctx.actor)
    papers = (
        sql_select(func.count())
        .where(col(Document.case_id) == col(Case.id), col(Document.kind).in_(RESULTS))
        .scalar_subquery()
    )
    statement = (
        select(Case, Account.name, papers)
        .join(Account, col(Account.id) == col(Case.applicant_id))
        .where(Case.awaits == "window")
        .order_by(LAST_DAY, col(Case.id))
        .limit(PAGE + 1)
    )
    if search:
        like = f"%{search.strip()}%"
        statement = statement.where(or_(col(Case.number).like(like), col(Account.name).like(like)))
    if after:
        value, _, last = after.partition("|")
        day = date.fromisoformat(value)
        same = and_(day == LAST_DAY, col(Case.id) > uuid.UUID(last))
        statement = statement.where(or_(day < LAST_DAY, same))
    found = ctx.session.exec(statement).all()
    rows = tuple(_row(ctx, case, name, count) for case, name, count in found[:PAGE])
    if len(found) <= PAGE:
        return Page(rows)
    last_case = found[PAGE - 1][0]
    return Page(rows, f"{(last_case.delivery_due or EARLIEST).isoformat()}|{last_case.id}")


def window_case(ctx: Context, case_id: uuid.UUID) -> WindowCase:
    """One case with everything that goes over the counter together."""
    dossier = load(ctx, case_id)
    check_can_hand_out(ctx.actor)
    case, workflow = dossier.case, dossier.definition.workflow
    if case.decided_at is None:  # nothing to hand out yet
        raise NotFound("这个办件")
    receipt = ctx.session.exec(
        select(Document).where(Document.case_id == case_id, Document.kind == "delivery")
    ).first()
    return WindowCase(
        id=case.id,
        revision=case.revision,
        number=case.number,
        service=workflow.title,
        state=badge(case.state, dossier.state()),
        applicant=person(dossier),
        pickup=case.pickup,
        pickup_title=wording.PICKUPS[case.pickup] if case.pickup else "",
        decided_at=case.decided_at,
        bundle=tuple(document_link(row) for row in results_of(ctx, dossier)),
        originals=_originals(ctx, dossier),
        methods=tuple(
            (each, wording.PICKUPS[each]) for each in workflow.issue.pickup if each != DOWNLOAD
        ),
        acts=acts([move for move in dossier.possible(CASE) if move.by == "window"]),
        handout=handout_view(ctx, dossier),
        receipt=document_link(receipt) if receipt else None,
    )


def _originals(ctx: Context, dossier: Dossier) -> tuple[str, ...]:
    """Originals to be seen when the results are collected: those meant for that moment, and those
    that nobody has seen because the case was accepted by law."""
    seen = latest_checks(ctx, dossier) if deemed_from(dossier) is not None else None
    return tuple(
        each.title
        for each in dossier.selection.materials
        if "collection" in each.original
        or (seen is not None and each.original and each.id not in seen)
    )


def handout_view(ctx: Context, dossier: Dossier) -> HandoutView | None:
    """Who collected the results of a case, once somebody has."""
    statement = (
        select(Handout, Account.name)
        .join(Account, col(Account.id) == col(Handout.handed_by))
        .where(Handout.case_id == dossier.case.id)
    )
    found = ctx.session.exec(statement).one_or_none()
    if found is None:
        return None
    row, handed_by = found
    return HandoutView(
        name=row.collector["name"],
        id_number=row.collector["id_number"],
        relation=wording.RELATIONS[row.collector["relation"]],
        method=wording.PICKUPS[row.method],
        handed_by=handed_by,
        handed_at=row.handed_at,
    )


def _row(ctx: Context, case: Case, applicant: str, papers: int) -> WindowRow:
    definition = ctx.catalog.version(ctx.session, case.version_hash).definition
    due: date | None = None
    lit: Light = "none"
    if case.decided_at is not None:
        decided = case.decided_at.astimezone(BEIJING).date()
        days = definition.jurisdiction.delivery.days
        due = case.delivery_due or add_working_days(definition.calendar, decided, days)
        lit = period_light(definition, decided, due, ctx.local)
    return WindowRow(
        id=case.id,
        number=case.number,
        service=definition.workflow.title,
        applicant=applicant,
        pickup=case.pickup,
        pickup_title=wording.PICKUPS[case.pickup] if case.pickup else "",
        decided_at=case.decided_at,
        due=due_on(definition.calendar, due),
        light=lit,
        documents=papers,
    )
