"""Who may sign: the present post of the item's department, and nobody who is involved otherwise.

A deputy is taken for themselves and for whom they stand in for (代理): what either did keeps the
other out as well.
"""

import uuid

from sqlalchemy import bindparam, false, null, true, union_all
from sqlalchemy import select as rows_of
from sqlmodel import col, select

from onevisit.access import check_can_act, check_can_see_approval
from onevisit.access.duties import SIGNING
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.errors import NotFound
from onevisit.cases.recusal import check_not_recused
from onevisit.cases.standing_in import people
from onevisit.cases.turn import Turn
from onevisit.engine import CASE, Move
from onevisit.store.plain import ask, columns
from onevisit.store.tables import Approval, LedgerEntry
from onevisit.store.turn_tables import Hearing

_ENTRIES = columns(LedgerEntry)
CLERKS = rows_of(_ENTRIES.actor_id, null().label("detail"), true().label("clerk")).where(
    _ENTRIES.case_id == bindparam("case"),
    _ENTRIES.region == CASE,
    _ENTRIES.actor_role == "clerk",
)
SIGNED = rows_of(_ENTRIES.actor_id, _ENTRIES.detail, false().label("clerk")).where(
    _ENTRIES.case_id == bindparam("case"),
    _ENTRIES.region == bindparam("region"),
    _ENTRIES.actor_role.in_(bindparam("roles", expanding=True)),
    _ENTRIES.from_state != _ENTRIES.to_state,
)
ACTED = union_all(SIGNED, CLERKS)


def check_signer(
    ctx: Context, dossier: Dossier, region: str, move: Move, *, heard: bool = True
) -> None:
    """Forbidden unless the actor holds the post that makes the move in the item's department and
    neither took the case in nor applied for it nor chairs its hearing, nor signed another step of
    it, nor what is decided anew (回避). `heard`: False where it is known to have no hearing."""
    department = dossier.approvals[region].department
    # who chairs is told so by the hearing itself (meetings/hearing.py); here it is for deputies
    chairs = _chairs(ctx, dossier, region) if heard else set()
    signs = move.by in SIGNING and move.source != move.target
    clerks, signed = _acted(ctx, dossier, region, move.by if signs else None)
    barred = _with_side(dossier, clerks) | (chairs - {ctx.actor.id})
    check_can_act(ctx.actor, department, move.by, barred, signed)
    check_not_recused(ctx, dossier, region, move)


def involved(ctx: Context, dossier: Dossier) -> set[uuid.UUID | None]:
    """Accounts of those who took the case in or applied for it; none of them decides on it."""
    rows = ask(ctx.session, CLERKS, case=dossier.case.id)
    return _with_side(dossier, {row.actor_id for row in rows})


def _with_side(dossier: Dossier, clerks: set[uuid.UUID | None]) -> set[uuid.UUID | None]:
    return clerks | {dossier.case.applicant_id, dossier.case.agent_id}


def apart_from(ctx: Context, dossier: Dossier, asked_by: uuid.UUID) -> set[uuid.UUID | None]:
    """Who does not answer what this person asked for: whoever is involved, and whom the person
    stood in for in this case."""
    statement = select(LedgerEntry.actor_id, LedgerEntry.detail).where(
        LedgerEntry.case_id == dossier.case.id, LedgerEntry.actor_id == asked_by
    )
    return involved(ctx, dossier) | (people(ctx.session.exec(statement)) - {asked_by})


def _acted(
    ctx: Context, dossier: Dossier, region: str, role: str | None
) -> tuple[set[uuid.UUID | None], set[uuid.UUID | None]]:
    """Which clerks took the case in; and who has signed a step of this item in another post than
    `role`: they, and whom they stood in for. Nobody signs two steps of one item (不同的人签署);
    without `role` nothing is signed."""
    roles = sorted(SIGNING - {role}) if role else []
    rows = ask(ctx.session, ACTED, case=dossier.case.id, region=region, roles=roles)
    clerks = {row.actor_id for row in rows if row.clerk}
    return clerks, people((row.actor_id, row.detail) for row in rows if not row.clerk)


def _chairs(ctx: Context, dossier: Dossier, region: str) -> set[uuid.UUID | None]:
    """Who chairs or chaired a hearing on the item: whoever examines it is somebody else
    (许可法第四十八条第一款第三项)."""
    statement = select(Hearing.chair_id).where(
        Hearing.case_id == dossier.case.id,
        Hearing.region == region,
        col(Hearing.chair_id).is_not(None),
    )
    return set(ctx.session.exec(statement))


def opened(ctx: Context, approval_id: uuid.UUID) -> tuple[Dossier, str]:
    """The locked dossier that an approval belongs to, and the approval's region; NotFound."""
    approval = ctx.session.get(Approval, approval_id)
    if approval is None:
        raise NotFound("这个事项")
    return load(ctx, approval.case_id, lock=True), approval.region


def seen(ctx: Context, approval_id: uuid.UUID) -> tuple[Dossier, str]:
    """As `opened`, for an officer of the department that has the item now; NotFound before the
    case is accepted, when it is not the departments' business yet."""
    dossier, region = opened(ctx, approval_id)
    check_can_see_approval(ctx.actor, dossier.approvals[region].department)
    if dossier.case.accepted_at is None:
        raise NotFound("这个事项")
    return dossier, region


def done_by_officer(
    ctx: Context, approval_id: uuid.UUID, event: str, revision: int
) -> tuple[Turn, str]:
    """The turn in which an officer does a standing act of one item, and the item's region.

    Raises NotFound, Forbidden, Stale, or NotPossible in a state that does not have the act.
    """
    dossier, region = seen(ctx, approval_id)
    turn = Turn(ctx, dossier)
    turn.check_revision(region, revision)
    act = dossier.standing(region, event)
    if act is None:
        raise turn.not_possible(region, event)
    check_signer(ctx, dossier, region, act)
    return turn, region
