"""A rejection because of false material: a warning, and no new application for a year or as the
place says (许可法第七十八条)."""

from onevisit.cases.afterwards import bars
from onevisit.cases.errors import Invalid
from onevisit.cases.snapshot import Particulars
from onevisit.cases.turn import Turn
from onevisit.definition.form import FieldError
from onevisit.store import evidence

PATH = "false_material"


def bar(turn: Turn, region: str) -> Particulars:
    """Bar the applicant from the item that the turn has just rejected; what the decision says of
    it. Invalid where nothing was rejected, or the place has no such rule."""
    dossier, rules = turn.dossier, turn.dossier.definition.jurisdiction.bars
    state, row = dossier.state(region), dossier.approvals[region]
    if not state.final or state.granted:
        raise Invalid([FieldError(PATH, "只有作出不予决定时，才能认定提供虚假材料")])
    if rules is None:
        fault = "本地的规则没有规定几年内不得再次申请，不能认定"
        raise Invalid([FieldError(PATH, fault)])
    found = bars.bar(
        turn.ctx, dossier, region, rules.false_material, row.reasons or "", rules.basis
    )
    turn.vouch(lambda: evidence.of_row(found))
    until = f"{bars.last_day(found)}不得再次申请该事项（{rules.basis}）"
    return Particulars(decision={"opinion": f"因提供虚假材料，给予警告，{until}。"})
