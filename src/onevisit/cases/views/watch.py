"""What supervisors see: the lights that are on, by department, and nothing personal (效能监察)."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_
from sqlalchemy import select as rows_of
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from onevisit.access import check_can_supervise
from onevisit.cases.context import Context
from onevisit.cases.views.parts import Page
from onevisit.documents.format import BEIJING
from onevisit.engine import CASE
from onevisit.store.tables import Approval, Case, Document
from onevisit.store.work_tables import Alert

KINDS: Mapping[str, str] = {
    "supervision": "督办（超法定时限）",
    "red": "红灯（超承诺时限）",
    "yellow": "黄灯（将到承诺时限）",
    "delivery": "超期未送达",
}
"""The worst first; an item that has a worse light is not listed under the milder one."""
PAGE = 50


@dataclass(frozen=True)
class AlertRow:
    """One light that is on: whose item, in which case, since when, and why it is late."""

    case_id: uuid.UUID
    number: str | None
    service: str
    item: str
    department: str
    kind: str
    due: date
    since: datetime
    reasons: str | None
    order: uuid.UUID | None


@dataclass(frozen=True)
class Watch:
    """The page of a supervisor: one kind of light, how many of each are on, and today's counts."""

    kind: str
    rows: Page[AlertRow]
    open: Mapping[str, int]
    today: Mapping[str, int]
    accepted: int
    decided: int


def watch(ctx: Context, kind: str = "supervision", after: str | None = None) -> Watch:
    """The lights of one kind that are on, the longest first; the counts of all."""
    check_can_supervise(ctx.actor)
    counts = rows_of(col(Alert.kind), func.count()).group_by(col(Alert.kind))
    joined = counts.join(Case, col(Case.id) == col(Alert.case_id)).join(
        Approval, _of_item(), isouter=True
    )
    on = _counted(ctx, joined.where(_is_on()))
    begins = datetime.combine(ctx.today, time(), BEIJING).astimezone(UTC)
    fired = counts.where(col(Alert.fired_at) >= begins)
    return Watch(
        kind=kind,
        rows=_page(ctx, kind, after),
        open={name: on.get(name, 0) for name in KINDS},
        today=_counted(ctx, fired),
        accepted=_since(ctx, col(Case.accepted_at) >= begins),
        decided=_since(ctx, col(Case.decided_at) >= begins),
    )


def _counted(ctx: Context, statement: Select[str, int]) -> dict[str, int]:
    rows = ctx.session.connection().execute(statement)
    return {kind: number for kind, number in rows}  # noqa: C416 -- rows of a result, not pairs


def _since(ctx: Context, happened: ColumnElement[bool]) -> int:
    return ctx.session.exec(select(func.count()).select_from(Case).where(happened)).one()


def _is_on() -> ColumnElement[bool]:
    """Only what is still on: not decided, of the last day that holds today, nothing worse on."""
    is_case = col(Alert.region) == CASE
    worse = aliased(Alert)
    worst = ~exists().where(
        col(worse.case_id) == col(Alert.case_id),
        col(worse.region) == col(Alert.region),
        or_(
            and_(col(Alert.kind) == "yellow", col(worse.kind).in_(("red", "supervision"))),
            and_(col(Alert.kind) == "red", col(worse.kind) == "supervision"),
        ),
    )
    return and_(or_(and_(is_case, _on(Case)), and_(~is_case, _on(Approval))), worst)


def _of_item() -> ColumnElement[bool]:
    """Which approval an alert is about."""
    return and_(
        col(Approval.case_id) == col(Alert.case_id), col(Approval.region) == col(Alert.region)
    )


def _on(table: type[Case] | type[Approval]) -> ColumnElement[bool]:
    """Whether the light still warns of a last day that the row has."""
    decided = col(table.decided_at)
    promise = and_(col(Alert.kind).in_(("yellow", "red")), col(table.promise_due) == col(Alert.due))
    law = and_(col(Alert.kind) == "supervision", col(table.legal_due) == col(Alert.due))
    working = and_(decided.is_(None), or_(promise, law))
    if table is Approval:
        return working
    undelivered = and_(col(Alert.kind) == "delivery", col(Case.concluded_at).is_(None))
    return or_(working, undelivered)


def _page(ctx: Context, kind: str, after: str | None) -> Page[AlertRow]:
    statement = (
        select(Alert, Case, Approval)
        .join(Case, col(Case.id) == col(Alert.case_id))
        .join(Approval, _of_item(), isouter=True)
        .where(Alert.kind == kind, _is_on())
        .order_by(col(Alert.id))
        .limit(PAGE + 1)
    )
    if after:
        statement = statement.where(col(Alert.id) > uuid.UUID(after))
    found = ctx.session.exec(statement).all()
    shown = found[:PAGE]
    known = _reasons(ctx, [alert.case_id for alert, _, _ in shown])
    orders = _orders(ctx, [alert.case_id for alert, _, _ in shown])
    rows = tuple(_row(ctx, known, orders, *each) for each in shown)
    return Page(rows, str(shown[-1][0].id) if len(found) > PAGE else None)


Place = tuple[uuid.UUID, str]


def _row(  # noqa: PLR0917 -- the three rows that are shown as one
    ctx: Context,
    known: Mapping[Place, str],
    orders: Mapping[Place, uuid.UUID],
    alert: Alert,
    case: Case,
    approval: Approval | None,
) -> AlertRow:
    definition = ctx.catalog.version(ctx.session, case.version_hash).definition
    item, department = "整件", definition.workflow.authority
    if approval is not None:
        item, department = definition.workflow.item(approval.item_id).title, approval.department
        item += "" if approval.element is None else f"（第{approval.element}项）"
    place = (case.id, alert.region)
    return AlertRow(
        case_id=case.id,
        number=case.number,
        service=definition.workflow.title,
        item=item,
        department=definition.directory.department(department).title,
        kind=alert.kind,
        due=alert.due,
        since=alert.fired_at,
        reasons=alert.reasons or known.get(place),
        order=orders.get(place),
    )


def _reasons(ctx: Context, case_ids: Sequence[uuid.UUID]) -> dict[Place, str]:
    """The reasons that were given for a delay, also under an earlier light."""
    statement = select(Alert).where(
        col(Alert.case_id).in_(set(case_ids)), col(Alert.reasons).is_not(None)
    )
    rows = ctx.session.exec(statement.order_by(col(Alert.id)))
    return {(row.case_id, row.region): row.reasons or "" for row in rows}


def _orders(ctx: Context, case_ids: Sequence[uuid.UUID]) -> dict[Place, uuid.UUID]:
    """The supervision orders of these cases."""
    statement = select(Document.case_id, Document.region, Document.id).where(
        col(Document.case_id).in_(set(case_ids)), Document.kind == "supervision"
    )
    rows = ctx.session.exec(statement.order_by(col(Document.id)))
    return {(case_id, region or CASE): document_id for case_id, region, document_id in rows}
