"""What supervisors see: the lights that are on, by department and service, each with its cause,
and nothing personal (效能监察)."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import col, select

from onevisit.access import check_can_supervise
from onevisit.cases.board.lights import Place, is_still_on, of_item
from onevisit.cases.context import Context
from onevisit.cases.views.parts import UNREAD, Page
from onevisit.cases.views.watch_causes import Cause, causes
from onevisit.definition.service import Definition
from onevisit.engine import CASE
from onevisit.store.board_tables import BoardLight
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
class Wanted:
    """Which lights somebody looks at: one kind, perhaps of one department and one service.
    `department` CASE: those of whole cases."""

    kind: str = "supervision"
    department: str = ""
    service: str = ""


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
    cause: Cause


def watch(ctx: Context, wanted: Wanted, after: str | None = None) -> Page[AlertRow]:
    """The lights that are wanted, a page at a time, those that have been on longest first: of those
    that were on at the last count (cases/board) the ones that still are.

    ValueError for an `after` that no page of ours handed out.
    """
    check_can_supervise(ctx.actor)
    statement = (
        select(Alert, Case, Approval)
        .join(BoardLight, col(BoardLight.alert_id) == col(Alert.id))
        .join(Case, col(Case.id) == col(Alert.case_id))
        .join(Approval, of_item(), isouter=True)
        .where(col(BoardLight.kind) == wanted.kind, is_still_on())
        .order_by(col(BoardLight.alert_id))
        .limit(PAGE + 1)
        .options(*UNREAD)
    )
    if wanted.department:
        statement = statement.where(col(BoardLight.department) == wanted.department)
    if wanted.service:
        statement = statement.where(col(BoardLight.workflow_id) == wanted.service)
    if after:
        statement = statement.where(col(BoardLight.alert_id) > uuid.UUID(after))
    found = ctx.session.exec(statement).all()
    rows = _rows(ctx, found[:PAGE])
    return Page(rows, str(found[PAGE - 1][0].id) if len(found) > PAGE else None)


def _rows(
    ctx: Context, found: Sequence[tuple[Alert, Case, Approval | None]]
) -> tuple[AlertRow, ...]:
    definitions = {
        case.version_hash: ctx.catalog.version(ctx.session, case.version_hash).definition
        for _, case, _ in found
    }
    why = causes(ctx, [(case, row, definitions[case.version_hash]) for _, case, row in found])
    ids = {case.id for _, case, _ in found}
    known, orders = _reasons(ctx, ids), _orders(ctx, ids)
    rows = []
    for alert, case, approval in found:
        place = (case.id, alert.region)
        row = _row(definitions[case.version_hash], alert, case, approval, why[place])
        reasons = alert.reasons or known.get(place)
        rows.append(replace(row, reasons=reasons, order=orders.get(place)))
    return tuple(rows)


def _row(
    definition: Definition, alert: Alert, case: Case, approval: Approval | None, cause: Cause
) -> AlertRow:
    item, department = "整件", definition.workflow.authority
    if approval is not None:
        item, department = definition.workflow.item(approval.item_id).title, approval.department
        item += "" if approval.element is None else f"（第{approval.element}项）"
    return AlertRow(
        case_id=case.id,
        number=case.number,
        service=definition.workflow.title,
        item=item,
        department=definition.directory.department(department).title,
        kind=alert.kind,
        due=alert.due,
        since=alert.fired_at,
        reasons=None,
        order=None,
        cause=cause,
    )


def _reasons(ctx: Context, case_ids: set[uuid.UUID]) -> dict[Place, str]:
    """The reasons that were given for a delay, also under an earlier light."""
    statement = select(Alert).where(
        col(Alert.case_id).in_(case_ids), col(Alert.reasons).is_not(None)
    )
    rows = ctx.session.exec(statement.order_by(col(Alert.id)))
    return {(row.case_id, row.region): row.reasons or "" for row in rows}


def _orders(ctx: Context, case_ids: set[uuid.UUID]) -> dict[Place, uuid.UUID]:
    """The supervision orders of these cases."""
    statement = select(Document.case_id, Document.region, Document.id).where(
        col(Document.case_id).in_(case_ids), Document.kind == "supervision"
    )
    rows = ctx.session.exec(statement.order_by(col(Document.id)))
    return {(case_id, region or CASE): document_id for case_id, region, document_id in rows}
