"""The clerk looks at deferred material that was brought: received, or unfit and owed again."""

import uuid
from collections.abc import Sequence

from onevisit.cases import check
from onevisit.cases.accept import taken_in
from onevisit.cases.check import Finding
from onevisit.cases.context import Context
from onevisit.cases.deferral import owing
from onevisit.cases.dossier import Dossier
from onevisit.cases.errors import Invalid
from onevisit.cases.outbox.telling import applicant_side, tell
from onevisit.cases.turn import Turn
from onevisit.definition.form import FieldError
from onevisit.documents.format import cn_date
from onevisit.engine import CASE
from onevisit.store import evidence
from onevisit.store.tables import Case
from onevisit.store.turn_tables import Owed

EVENT = "receive_owed"
ROUND = 3
"""What is found of deferred material after acceptance is a round of checking of its own."""


def receive(ctx: Context, case_id: uuid.UUID, findings: Sequence[Finding], revision: int) -> Case:
    """Find each material `received`, which settles it, or `unfit` with what is wrong: then it is
    owed again and its last day stays (浙江规定第十一条).

    What was not brought online may be handed over at the counter until its last day. Raises
    Invalid with everything that is wrong, path `material.<id>`.
    """
    dossier = taken_in(ctx, case_id)
    turn = Turn(ctx, dossier)
    turn.check_revision(CASE, revision)
    owed = {row.material_id: row for row in owing.open_rows(ctx, dossier)}
    turn.act(EVENT, text=_summary(dossier, findings))
    errors = _faults(ctx, findings, owed)
    if errors:
        raise Invalid(errors)
    checks = check.keep(ctx, dossier, findings, ROUND)
    for finding in findings:
        _settle(ctx, owed[finding.material_id], finding)
    turn.vouch(lambda: evidence.of_checks(list(checks.values())))
    owing.vouch(turn, [owed[each.material_id] for each in findings])
    turn.save()
    _tell(ctx, dossier, [owed[each.material_id] for each in findings])
    return dossier.case


def _settle(ctx: Context, row: Owed, finding: Finding) -> None:
    received = finding.status == "received"
    row.state = "received" if received else "owed"
    row.brought_at = row.brought_at or ctx.now
    row.settled_at, row.settled_by = (ctx.now, ctx.actor.id) if received else (None, None)
    row.note = finding.note.strip() or None


def _faults(ctx: Context, findings: Sequence[Finding], owed: dict[str, Owed]) -> list[FieldError]:
    if not findings:
        return [FieldError("", "请选择每份补交材料的核对结果")]
    found = ((each, _fault(ctx, each, owed.get(each.material_id))) for each in findings)
    return [FieldError(f"material.{each.material_id}", fault) for each, fault in found if fault]


def _fault(ctx: Context, finding: Finding, row: Owed | None) -> str | None:
    if row is None:
        return "这份材料没有在等待补交，可能已经核收"
    if finding.status not in ("received", "unfit"):
        return "请选择已收或者不符合要求"
    if finding.status == "unfit" and not finding.note.strip():
        return "请写明哪里不符合要求，申请人要据此重新补交"
    if row.state == "owed" and ctx.today > row.due:
        return f"补交期限已于{cn_date(row.due)}届满，不能再收"
    return None


def _summary(dossier: Dossier, findings: Sequence[Finding]) -> str:
    titles = owing.titles_of(dossier)
    told = {"received": "已收", "unfit": "不符合要求"}
    return "；".join(
        f"{titles.get(each.material_id, each.material_id)}：{told.get(each.status, each.status)}"
        + (f"（{each.note.strip()}）" if each.note.strip() else "")
        for each in findings
    )


def _tell(ctx: Context, dossier: Dossier, rows: Sequence[Owed]) -> None:
    """The applicant's side, of everything at once."""
    titles = owing.titles_of(dossier)
    lines = [
        f"“{titles[row.material_id]}”已经收下。"
        if row.state == "received"
        else f"“{titles[row.material_id]}”不符合要求：{row.note}。"
        f"请在{cn_date(row.due)}前重新补交；{owing.consequence(row)}"
        for row in rows
    ]
    tell(
        ctx,
        f"received/{dossier.case.id}/{dossier.case.revision}",
        applicant_side(dossier),
        f"容缺材料核对结果：{dossier.case.number}",
        "".join(lines),
        link=f"/my/{dossier.case.id}",
        case_id=dossier.case.id,
    )
