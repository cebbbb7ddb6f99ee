"""Acceptance: the checklist is complete, and all items that can start do so at the same moment."""

import uuid
from collections.abc import Sequence

from onevisit.access import check_can_take_in
from onevisit.cases import check
from onevisit.cases.check import Finding
from onevisit.cases.context import Context
from onevisit.cases.deferral import owing
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.errors import NotFound
from onevisit.cases.paper import handed_in
from onevisit.cases.snapshot import Particulars
from onevisit.cases.turn import Turn
from onevisit.engine import CASE
from onevisit.store import evidence
from onevisit.store.tables import Case

EVENT = "accept"


def record_checks(ctx: Context, case_id: uuid.UUID, findings: Sequence[Finding]) -> Case:
    """Keep findings, also unfinished ones, without deciding anything."""
    dossier = taken_in(ctx, case_id)
    turn = Turn(ctx, dossier)
    if not any(move.by == "clerk" for move in dossier.possible()):
        raise turn.not_possible(CASE, "record_checks")
    turn.check_in_time(CASE, "record_checks")
    rows = check.keep(ctx, dossier, findings, _round(ctx, dossier))
    turn.note("record_checks", "clerk")
    turn.vouch(lambda: evidence.of_checks(list(rows.values())))
    turn.save()
    return dossier.case


def accept(ctx: Context, case_id: uuid.UUID, findings: Sequence[Finding], revision: int) -> Case:
    """Accept the case (许可法第三十二条第一款第五项; 浙江规定第五条): every clock starts now.

    Invalid unless every material was found received, verified or (where allowed) deferred. What
    is deferred is owed from now on, and a notice of its own says by when (第十一条).
    """
    dossier = taken_in(ctx, case_id)
    turn = Turn(ctx, dossier)
    turn.check_revision(CASE, revision)
    turn.fire(EVENT)
    rows = check.keep(ctx, dossier, findings, _round(ctx, dossier))
    check.check_complete(dossier, rows, handed_in(ctx, dossier))
    check.check_acceptable(dossier, rows)
    turn.vouch(lambda: evidence.of_checks(list(rows.values())))
    owed = owing.owe(ctx, dossier, rows)
    owing.vouch(turn, owed)
    particulars = {
        "acceptance": Particulars(due=owing.earliest(owed)),
        owing.DOCUMENT: owing.notice(dossier, owed),
    }
    turn.write_documents(particulars, also=(owing.DOCUMENT,) if owed else ())
    turn.save()
    return dossier.case


def taken_in(ctx: Context, case_id: uuid.UUID) -> Dossier:
    """The locked dossier of a case that this clerk may take in; a draft is not there for them."""
    dossier = load(ctx, case_id, lock=True)
    check_can_take_in(ctx.actor, dossier.case.applicant_id, dossier.case.agent_id)
    if dossier.case.number is None:
        raise NotFound("这个办件")
    return dossier


def _round(ctx: Context, dossier: Dossier) -> int:
    return check.current_round(check.correction_of(ctx, dossier))
