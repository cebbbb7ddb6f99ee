"""Barring from applying again: after false material, after fraud, after a broken pledge.

许可法第七十八、七十九条: not for the item; 浙江规定第十四条: not on the strength of a pledge.
Whoever is barred is told at submission (`cases.bars`).
"""

from datetime import date
from typing import Literal

from onevisit.cases import wording
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.errors import Invalid
from onevisit.cases.snapshot import Particulars
from onevisit.cases.turn import Turn
from onevisit.definition.form import FieldError
from onevisit.documents.format import cn_date
from onevisit.store import evidence
from onevisit.store.turn_tables import Bar

Scope = Literal["item", "pledge"]
OPEN_END = date(9999, 12, 31)
"""Until the credit is repaired, where a place has set no term (浙江规定第十四条第二款)."""


def bar(  # noqa: PLR0917 -- the columns of a row
    ctx: Context,
    dossier: Dossier,
    region: str,
    years: int | None,
    reasons: str,
    basis: str,
    scope: Scope = "item",
) -> Bar:
    """Bar the applicant of a case from one of its items (or, scope `pledge`, from pledges), from
    today for so many years; None: until further notice. Whoever calls vouches for the row."""
    row = Bar(
        account_id=dossier.case.applicant_id,
        workflow_id=dossier.case.workflow_id,
        item_id=dossier.approvals[region].item_id,
        scope=scope,
        until=OPEN_END if years is None else wording.anniversary(ctx.today, years),
        reasons=reasons,
        basis=basis,
        case_id=dossier.case.id,
        set_by=ctx.actor.id,
        set_at=ctx.now,
    )
    ctx.session.add(row)
    ctx.session.flush()
    return row


def last_day(row: Bar) -> str:
    """Until when somebody is barred, in words."""
    return "信用修复前" if row.until == OPEN_END else f"{cn_date(row.until)}前（含当日）"


def after_false_material(turn: Turn, region: str) -> Particulars:
    """A rejection because of false material bars from the item (许可法第七十八条); what the
    decision says of it. Invalid where nothing was rejected, or the place has no such rule."""
    dossier, rules = turn.dossier, turn.dossier.definition.jurisdiction.bars
    state, row = dossier.state(region), dossier.approvals[region]
    if not state.final or state.granted:
        fault = "只有作出不予决定时，才能认定提供虚假材料"
        raise Invalid([FieldError("false_material", fault)])
    if rules is None:
        fault = "本地的规则没有规定几年内不得再次申请，不能认定"
        raise Invalid([FieldError("false_material", fault)])
    years, reasons = rules.false_material, row.reasons or ""
    found = bar(turn.ctx, dossier, region, years, reasons, rules.basis)
    turn.vouch(lambda: evidence.of_row(found))
    until = f"在{last_day(found)}不得再次申请该事项（{rules.basis}）"
    return Particulars(decision={"opinion": f"因提供虚假材料，给予警告，{until}。"})
