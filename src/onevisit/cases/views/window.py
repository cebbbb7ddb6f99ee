"""What the issuing window and the kiosk see: which results are ready, and one case's bundle."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, literal_column, true, tuple_, union_all
from sqlalchemy import case as case_when
from sqlalchemy import select as sql_select
from sqlmodel import col, or_, select

from onevisit.access import check_can_hand_out, check_can_self_serve
from onevisit.cases import seen, wording
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.errors import NotFound
from onevisit.cases.hand_out import MADE, RESULTS, originals, results_of
from onevisit.cases.lights import Due, Light, due_on, period_light
from onevisit.cases.pickup import Recipient, counter_ways, recipient_of
from onevisit.cases.views.named import named
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
from onevisit.cases.views.typed import found_by
from onevisit.documents.format import BEIJING
from onevisit.engine import CASE
from onevisit.engine.clocks import add_working_days
from onevisit.store.tables import Account, Case, Document, Handout

PAGE = 30
EARLIEST = date(2000, 1, 1)
"""Sorts what was decided before delivery had a day of its own before everything that has one."""
LAST_DAY = func.coalesce(col(Case.delivery_due), literal_column("'2000-01-01'"))
"""As the index over what waits at the window sorts (store/tables.py)."""
WAITS = col(Case.awaits) == literal_column("'window'")
"""Said in full and not as a value, so that SQLite knows that the index covers it."""


@dataclass(frozen=True)
class HandoutView:
    """Who collected, who handed out, and where it was posted."""

    name: str
    id_number: str
    relation: str
    method: str
    handed_by: str
    handed_at: datetime
    authorisation: str | None = None
    address: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None


@dataclass(frozen=True)
class Paper:
    """One result of a bundle: of which item, what kind, and whether it is there as a PDF."""

    id: uuid.UUID
    title: str
    number: str
    kind: str
    item: str
    state: str
    state_title: str
    tone: str


@dataclass(frozen=True)
class WindowRow:
    """One case that is ready; `due` is the last day of delivery (许可法第四十四条). One that was
    handed out, at `handed_at`, is only shown to whoever looks for it, to print something again."""

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
    made: int
    handed_at: datetime | None = None


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
    bundle: tuple[Paper, ...]
    recipient: Recipient
    agent: str | None
    originals: tuple[str, ...]
    methods: tuple[tuple[str, str], ...]
    acts: tuple[Act, ...]
    handout: HandoutView | None
    receipt: DocumentLink | None


@dataclass(frozen=True)
class KioskCase:
    """One case on the screen of a kiosk, which anybody may look at from behind."""

    id: uuid.UUID
    revision: int
    number: str | None
    service: str
    applicant: str
    bundle: tuple[Paper, ...]


def window_ready(ctx: Context, search: str = "", after: str | None = None) -> Page[WindowRow]:
    """Cases that wait to be handed out, the first due at the top (许可法第四十四条); `search` in
    number or name, then also among those that were handed out (there the whole number, or the
    beginning of the name)."""
    check_can_hand_out(ctx.actor)
    wanted = search.strip()
    beyond = _beyond(after) if after else true()
    statement = (
        select(Case, Account.name)
        .join(Account, col(Account.id) == col(Case.applicant_id))
        .where(_searched(ctx, wanted, beyond) if wanted else WAITS, beyond)
        .order_by(LAST_DAY, col(Case.id))
        .limit(PAGE + 1)
    )
    found = ctx.session.exec(statement).all()
    shown = [case.id for case, _ in found[:PAGE]]
    handed, papers = _handed(ctx, shown), _papers(ctx, shown)
    rows = tuple(
        replace(
            _row(ctx, case, named(ctx, case, name, search), *papers[case.id]),
            handed_at=handed.get(case.id),
        )
        for case, name in found[:PAGE]
    )
    if len(found) <= PAGE:
        return Page(rows)
    last_case = found[PAGE - 1][0]
    return Page(rows, f"{(last_case.delivery_due or EARLIEST).isoformat()}|{last_case.id}")


def _beyond(after: str) -> ColumnElement[bool]:
    """The rows that follow the last one of the page before."""
    value, _, last = after.partition("|")
    return tuple_(LAST_DAY, col(Case.id)) > (date.fromisoformat(value), uuid.UUID(last))


def _searched(ctx: Context, search: str, beyond: ColumnElement[bool]) -> ColumnElement[bool]:
    """Part of a number or name among the cases that wait, no more of them than a page shows; among
    those that were handed out, which only grow, a whole number or the beginning of a name."""
    like = f"%{search}%"
    waiting = (
        sql_select(col(Case.id))
        .join(Account, col(Account.id) == col(Case.applicant_id))
        .where(WAITS, beyond)
        .where(or_(col(Case.number).like(like), col(Account.name).like(like)))
        .order_by(LAST_DAY, col(Case.id))
        .limit(PAGE + 1)
        .subquery()
    )
    handed = sql_select(col(Case.id)).where(
        found_by(ctx.session, search),
        select(Handout.id).where(Handout.case_id == Case.id).exists(),
    )
    return col(Case.id).in_(union_all(sql_select(waiting.c.id), handed))


def window_case(ctx: Context, case_id: uuid.UUID) -> WindowCase:
    """One case with everything that goes over the counter together."""
    dossier = load(ctx, case_id)
    check_can_hand_out(ctx.actor)
    case, workflow = dossier.case, dossier.definition.workflow
    if case.decided_at is None:  # nothing to hand out yet
        raise NotFound("这个办件")
    ctx.seen.shown(case_id, seen.PAGE, "申请人和领取人信息、领取方式；结果清单")
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
        bundle=bundle(ctx, dossier),
        recipient=recipient_of(dossier),
        agent=dossier.agent.name if dossier.agent else None,
        originals=originals(ctx, dossier),
        methods=tuple((each, wording.PICKUPS[each]) for each in counter_ways(dossier)),
        acts=acts([move for move in dossier.possible(CASE) if move.by == "window"]),
        handout=handout_view(ctx, dossier),
        receipt=document_link(receipt) if receipt else None,
    )


def kiosk_case(ctx: Context, case_id: uuid.UUID) -> KioskCase:
    """What a kiosk shows of a case that its card and code have opened."""
    check_can_self_serve(ctx.actor)
    dossier = load(ctx, case_id)
    return KioskCase(
        id=case_id,
        revision=dossier.case.revision,
        number=dossier.case.number,
        service=dossier.definition.workflow.title,
        applicant=dossier.applicant.name,
        bundle=bundle(ctx, dossier),
    )


def bundle(ctx: Context, dossier: Dossier) -> tuple[Paper, ...]:
    """Every result that goes over the counter together, and whether it can."""
    items = {part.key: wording.item_title(part) for part in dossier.selection.parts}
    return tuple(
        Paper(
            row.id,
            row.title,
            row.number,
            wording.RESULTS[row.kind],
            items[row.region or ""],
            row.state,
            *wording.PAPER_STATES[row.state],
        )
        for row in results_of(ctx, dossier)
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
        authorisation=row.collector.get("authorisation"),
        address=row.collector.get("address"),
        carrier=row.carrier,
        tracking_number=row.tracking_number,
    )


def _handed(ctx: Context, case_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """When each of these cases was handed out, for those that were."""
    statement = select(Handout.case_id, Handout.handed_at)
    found = ctx.session.exec(statement.where(col(Handout.case_id).in_(case_ids))).all()
    return dict(found)


def _papers(ctx: Context, case_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[int, int]]:
    """How many results each of these cases has, and how many of them are made. Counted for the
    rows of one page alone, since a count within the list is made for everything that waits."""
    statement = sql_select(
        col(Document.case_id),
        func.count(),
        func.sum(case_when((col(Document.state) == MADE, 1), else_=0)),
    ).where(col(Document.case_id).in_(case_ids), col(Document.kind).in_(RESULTS))
    found = ctx.session.execute(statement.group_by(col(Document.case_id))).all()
    return dict.fromkeys(case_ids, (0, 0)) | {each: (all_, made) for each, all_, made in found}


def _row(ctx: Context, case: Case, applicant: str, papers: int, made: int) -> WindowRow:
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
        made=made,
    )
