"""Deferred material that was not brought in time: acceptance is revoked, or items are refused."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from onevisit.cases.context import Context
from onevisit.cases.deadlines.look import Batch, Last, Look, Transaction, found
from onevisit.cases.deferral import owing
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.outbox.telling import holders, tell
from onevisit.cases.snapshot import Letter, Particulars
from onevisit.cases.turn import Turn
from onevisit.catalog.catalog import Catalog
from onevisit.documents.format import cn_date
from onevisit.engine import CASE
from onevisit.store.files import FileStore
from onevisit.store.tables import Case
from onevisit.store.turn_tables import Owed

REVOKE, FORFEIT, OVERDUE = "revoke_acceptance", "forfeit", "overdue"


def run_overdue(transaction: Transaction, catalog: Catalog, files: FileStore, now: datetime) -> int:
    """Act on every case that owes material past its last day, each in a transaction of its own;
    how many there were. What was brought in time waits for the clerk and is not overdue."""
    return Look(transaction, catalog, files, now).all_of(overdue, act_on)


def overdue(ctx: Context, after: Last | None = None) -> Batch[uuid.UUID]:
    """Cases under review that owe something whose last day is over, the oldest first."""
    day = col(Owed.due)
    statement = (
        select(day, col(Owed.id), col(Owed.case_id))
        .join(Case, col(Case.id) == col(Owed.case_id))
        .where(col(Owed.state) == "owed", day < ctx.today)
        .where(col(Case.accepted_at).is_not(None), col(Case.decided_at).is_(None))
    )
    rows, last = found(ctx, statement, day, Owed.id, after)
    return Batch(tuple(dict.fromkeys(case_id for *_, case_id in rows)), last)


def act_on(ctx: Context, case_id: uuid.UUID) -> bool:
    """Revoke acceptance while nothing is decided, if any of the overdue material says so; else
    refuse every open item that uses it (浙江规定第十一条). Whether there was anything to do."""
    dossier = load(ctx, case_id, lock=True)
    open_rows = owing.open_rows(ctx, dossier)
    rows = [row for row in open_rows if row.state == "owed" and row.due < ctx.today]
    if not rows:
        return False
    for row in rows:
        row.state, row.settled_at = "overdue", ctx.now
    turn = Turn(ctx, dossier)
    revoking = [row for row in rows if row.on_timeout == "revoke"]
    if revoking and any(move.event == REVOKE for move in dossier.possible()):
        particulars = _revoke(turn, revoking)
    else:
        particulars = {}
        _forfeit(turn, rows)
    owing.vouch(turn, rows)
    turn.write_documents(particulars)
    turn.save()
    _tell(ctx, dossier, rows)
    return True


def _revoke(turn: Turn, rows: Sequence[Owed]) -> dict[str, Particulars]:
    """The acceptance of the whole is taken back; the notice says why and what can be done."""
    reasons = _reasons(turn.dossier, rows)
    turn.fire(REVOKE, reasons=reasons, text=reasons)
    titles = owing.titles_of(turn.dossier)
    facts = [(titles[row.material_id], f"应于{cn_date(row.due)}前补交，逾期未补交") for row in rows]
    letter = Letter(facts, _REVOKED, remedies=True)
    return {"revocation": Particulars(letter=letter, basis=_basis(rows))}


_REVOKED = (
    "受理已经撤销，各办理部门终止办理，尚未作出任何决定。",
    "材料备齐以后可以随时重新提出申请，已经填写的内容可以参照，不影响重新申请的权利。",
)


def _forfeit(turn: Turn, rows: Sequence[Owed]) -> None:
    """Every open approval that uses the material is refused, with reasons (许可法第三十八条)."""
    dossier = turn.dossier
    acted = False
    for region in dossier.approvals:
        used = owing.owed_to(dossier, rows, region)
        if used and any(move.event == FORFEIT for move in dossier.possible(region)):
            reasons = _reasons(dossier, used)
            turn.fire(FORFEIT, region, reasons=reasons)
            turn.set(region, reasons=reasons)
            acted = True
    if not acted:  # all that would have used it is decided already
        turn.note(OVERDUE, "timer", CASE, text=_reasons(dossier, rows))


def _reasons(dossier: Dossier, rows: Sequence[Owed]) -> str:
    titles = owing.titles_of(dossier)
    told = "；".join(
        f"“{titles[row.material_id]}”应于{cn_date(row.due)}前补交，{_late(row)}" for row in rows
    )
    return f"容缺受理的材料{told}（依据：{'、'.join(_basis(rows))}）"


def _late(row: Owed) -> str:
    """How it was missed: nothing came, or what came was unfit and nothing else came in time."""
    if row.brought_at is None:
        return "逾期没有补交"
    return f"补交的不符合要求（{row.note}），逾期没有重新补交"


def _basis(rows: Sequence[Owed]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.basis for row in rows))


def _tell(ctx: Context, dossier: Dossier, rows: Sequence[Owed]) -> None:
    """The clerks: nobody pressed a button for this. The applicant's side is sent the document."""
    tell(
        ctx,
        f"overdue/{rows[0].id}",
        holders(ctx, "clerk"),
        f"容缺材料逾期未补：{dossier.case.number}",
        f"{dossier.definition.workflow.title}：{_reasons(dossier, rows)}。"
        f"办件现在的状态是“{dossier.state().title}”，文书已经送达申请人。",
        link=f"/desk/{dossier.case.id}",
        case_id=dossier.case.id,
    )
