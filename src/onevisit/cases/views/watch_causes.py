"""Why something is late: whose turn it is, since when, whether the clock stands still, and what
the department has said. Two queries for a whole page of lights."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func
from sqlalchemy import select as rows_of
from sqlmodel import col, select

from onevisit.cases.board.lights import Place
from onevisit.cases.context import Context
from onevisit.definition.service import Definition
from onevisit.engine import CASE
from onevisit.store.tables import Approval, Case, LedgerEntry
from onevisit.store.turn_tables import Pause

TURNS = {
    "clerk": "综合窗口",
    "window": "出件窗口",
    "applicant": "申请人",
    "office": "各部门",
    None: "无人，等前置事项或者公示",
}


@dataclass(frozen=True)
class Cause:
    """Whose turn it is and since when; `paused` names a pause of the promise that stands, which
    ends on `until` at the latest."""

    turn: str
    state: str
    since: datetime | None
    paused: str | None
    until: date | None


def causes(
    ctx: Context, rows: Sequence[tuple[Case, Approval | None, Definition]]
) -> dict[Place, Cause]:
    """The cause of each row's delay, by case and region."""
    ids = {case.id for case, _, _ in rows}
    since, pauses = _since(ctx, ids), _paused(ctx, ids)
    found = {}
    for case, approval, definition in rows:
        place = (case.id, CASE if approval is None else approval.region)
        pause = pauses.get(place)
        turn, state = whose_turn(definition, case, approval)
        found[place] = Cause(
            turn=turn,
            state=state,
            since=since.get(place),
            paused=pause.title if pause else None,
            until=pause.planned if pause else None,
        )
    return found


def whose_turn(definition: Definition, case: Case, approval: Approval | None) -> tuple[str, str]:
    """Who has to act, in words, and the state that their act would end."""
    life = definition.lifecycle
    if approval is None:
        return TURNS[case.awaits], life.case.states[case.state].title
    if approval.state in life.approval.steps:
        department = definition.directory.department(approval.department)
        step = life.approval.steps[approval.state]
        return f"{department.short} {step.title}", step.title
    return TURNS[None], life.approval.states[approval.state].title


def _since(ctx: Context, case_ids: set[uuid.UUID]) -> Mapping[Place, datetime]:
    """When each region came to its present state: its last entry that moved it."""
    statement = (
        rows_of(col(LedgerEntry.case_id), col(LedgerEntry.region), func.max(col(LedgerEntry.at)))
        .where(col(LedgerEntry.case_id).in_(case_ids), _moved())
        .group_by(col(LedgerEntry.case_id), col(LedgerEntry.region))
    )
    rows = ctx.session.connection().execute(statement)
    return {(case_id, region): at for case_id, region, at in rows}


def _moved() -> ColumnElement[bool]:
    return col(LedgerEntry.from_state).is_distinct_from(col(LedgerEntry.to_state))


def _paused(ctx: Context, case_ids: set[uuid.UUID]) -> Mapping[Place, Pause]:
    """The pauses of promises that stand today."""
    statement = select(Pause).where(
        col(Pause.case_id).in_(case_ids),
        col(Pause.stops_promise),
        col(Pause.ended).is_(None),
        col(Pause.planned) >= ctx.today,
    )
    return {(row.case_id, row.region): row for row in ctx.session.exec(statement)}
