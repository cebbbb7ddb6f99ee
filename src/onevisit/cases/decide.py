"""Working steps and decisions: each department on its own approval, none waiting for another.

A step that stays within its approval touches that one row. A step that may end it, and so join
the case or move other regions, first locks the case: of two deciders at the same instant, the
second sees what the first has done, and exactly one of them joins.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from onevisit.access import check_can_see_approval
from onevisit.cases import claim, wording
from onevisit.cases.afterwards import false_material as falsity
from onevisit.cases.afterwards import pledge
from onevisit.cases.beside import beside
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load, locked, siblings
from onevisit.cases.ready import check_ready
from onevisit.cases.signing import check_signer
from onevisit.cases.turn import Turn
from onevisit.engine import CASE, Move
from onevisit.store.tables import Approval, Case


@dataclass(frozen=True)
class Outcome:
    """What an act led to: `title` of the act, `joined` when it ended the review of the case."""

    approval: Approval
    case: Case
    title: str
    joined: bool
    message: str


def act(  # noqa: PLR0917 -- what a page posts, in the order in which it asks
    ctx: Context,
    approval_id: uuid.UUID,
    event: str,
    opinion: str | None,
    reasons: str | None,
    revision: int,
    *,
    false_material: bool = False,
) -> Outcome:
    """Make one move of an approval, as the lifecycle has it: forward, send_back, approve, reject.

    Raises NotFound, Forbidden, Stale, NotPossible, or Invalid (path `reasons`): a refusal without
    reasons is void (许可法第三十八条第二款). `false_material`: the rejection finds that what was
    handed in is false, and bars from applying again (第七十八条).
    """
    approval, rows = siblings(ctx, approval_id)
    check_can_see_approval(ctx.actor, approval.department)
    dossier = load(ctx, approval.case_id, approvals=rows)
    if _reaches_beyond(dossier, approval.region, event):
        dossier = locked(ctx, dossier)
    region = approval.region
    turn = Turn(ctx, dossier)
    turn.check_revision(region, revision)
    there = beside(ctx, dossier, region)
    _check_signer(ctx, turn, region, event, heard=there.hearing)
    check_ready(ctx, dossier, region, event, there)
    said = {"opinion": (opinion or "").strip() or None, "reasons": (reasons or "").strip() or None}
    moves = turn.fire(event, region, reasons=said["reasons"], opinion=said["opinion"])
    if dossier.state(region).final:
        turn.set(region, **said)
    pledge.promise(turn, region)
    found = {"rejection": falsity.bar(turn, region)} if false_material else {}
    turn.write_documents(found)
    turn.save()
    colleague = claim.let_go(ctx, dossier, region) if there.claim else None
    return _outcome(dossier, region, moves, colleague)


def _reaches_beyond(dossier: Dossier, region: str, event: str) -> bool:
    """Whether the move ends its region, and so may join the case or move other regions, or
    begins a public notice, which stops the clock of the whole case."""
    table = dossier.chart.tables[region]
    notice = dossier.definition.lifecycle.approval.notice
    return any(
        table.states[move.target].final or move.target == notice
        for move in table.moves[dossier.approvals[region].state]
        if move.event == event
    )


def _check_signer(ctx: Context, turn: Turn, region: str, event: str, *, heard: bool) -> None:
    """The present step's post signs, and nobody who took the case in or applied for it."""
    row = turn.dossier.approvals[region]
    table = turn.dossier.chart.tables[region]
    moves = [move for move in table.moves[row.state] if move.event == event]
    if not moves or moves[0].by in ("automatic", "timer"):
        raise turn.not_possible(region, event)
    check_signer(ctx, turn.dossier, region, moves[0], heard=heard)


def _outcome(
    dossier: Dossier, region: str, moves: Sequence[Move], colleague: str | None
) -> Outcome:
    """What happened in one sentence, with what followed by itself, and which colleague had it in
    hand and was told."""
    titles = {part.key: wording.item_title(part) for part in dossier.selection.parts}
    sentences = [f"“{titles[region]}”已{moves[0].title}"]
    for move in moves[1:]:
        name = "整个办件" if move.region == CASE else f"“{titles[move.region]}”"
        sentences.append(f"{name}{move.title}")
    told = f"{colleague}领取过本件，已告知。" if colleague else ""
    return Outcome(
        approval=dossier.approvals[region],
        case=dossier.case,
        title=moves[0].title,
        joined=any(move.region == CASE for move in moves),
        message="；".join(sentences) + "。" + told,
    )
