"""Recusal (回避) when a case is handled anew: who signed what was set aside decides no more."""

import uuid
from collections.abc import Iterator

from sqlmodel import col, select

from onevisit.access import Forbidden
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.standing_in import people
from onevisit.engine import Move
from onevisit.store.tables import Case, LedgerEntry


def check_not_recused(ctx: Context, dossier: Dossier, region: str, move: Move) -> None:
    """Forbidden when the move decides an item anew and the actor signed the earlier decision."""
    because = recused(ctx, dossier, region, move)
    if because is not None:
        raise Forbidden(because)


def recused(ctx: Context, dossier: Dossier, region: str, move: Move) -> str | None:
    """Why the actor keeps out of this move, as a sentence; None when they need not."""
    decides = dossier.chart.state(region, move.target).final
    department = dossier.approvals[region].department
    me = ctx.actor.speaks_for(move.by, department)
    if not decides or not me & signers(ctx, dossier, region):
        return None
    return "您签署过已被撤销的原决定，重新办理时不能再作决定，请由本部门其他决定人办理（回避）"


def signers(ctx: Context, dossier: Dossier, region: str) -> set[uuid.UUID]:
    """Everybody who signed a step of this item in a case that this one handles anew, and whom they
    stood in for."""
    before = [case.id for case in earlier(ctx, dossier.case)]
    if not before:
        return set()
    roles = {step.role for step in dossier.definition.lifecycle.approval.steps.values()}
    statement = select(LedgerEntry.actor_id, LedgerEntry.detail).where(
        col(LedgerEntry.case_id).in_(before),
        LedgerEntry.region == region,
        col(LedgerEntry.actor_role).in_(roles),
        col(LedgerEntry.from_state) != col(LedgerEntry.to_state),
    )
    return {each for each in people(ctx.session.exec(statement)) if each is not None}


def earlier(ctx: Context, case: Case) -> Iterator[Case]:
    """The cases that led to this one by being handled anew, the last first."""
    while case.reopens is not None:
        case = ctx.session.get_one(Case, case.reopens)
        yield case
