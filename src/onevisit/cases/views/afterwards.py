"""What stands open once all is decided: results to be handed out, pledges to be checked, and cases
that are handled anew; as lines for every page that shows a case."""

from collections.abc import Iterator
from typing import Literal

from sqlmodel import col, select

from onevisit.cases import wording
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.recusal import earlier
from onevisit.cases.turns.reopen import successors
from onevisit.documents.format import cn_date
from onevisit.engine import CASE
from onevisit.store.turn_tables import PledgeCheck

Said = tuple[str, str, str, Literal["active", "attention"]]


def afterwards(ctx: Context, dossier: Dossier, region: str) -> Iterator[Said]:
    """(region, title, sentence, tone) for the case, or for one of its items."""
    yield from _anew(ctx, dossier, region)
    if region == CASE:
        yield from _delivery(dossier)
    yield from _pledges(ctx, dossier, region)


def _anew(ctx: Context, dossier: Dossier, region: str) -> Iterator[Said]:
    """Handled anew after a review; who signed what was set aside does not decide (回避)."""
    before = next(earlier(ctx, dossier.case), None)
    if before is not None:
        text = f"办件{before.number}的决定被撤销后重新办理；签署过原决定的人员不能再作决定（回避）"
        yield region, "重新办理", text, "attention"
    for case in successors(ctx, dossier.case.id):
        if region == CASE or region in (case.only or ()):
            yield region, "已重新办理", f"原决定被撤销，在办件{case.number}中重新办理", "active"


def _delivery(dossier: Dossier) -> Iterator[Said]:
    """Results are handed out within ten working days of the decision (许可法第四十四条)."""
    due = dossier.case.delivery_due
    if due is not None and not dossier.state().final:
        basis = dossier.definition.jurisdiction.delivery.basis
        yield CASE, "等待送达", f"全部结果应于{cn_date(due)}前送达（{basis}）", "active"


def _pledges(ctx: Context, dossier: Dossier, region: str) -> Iterator[Said]:
    """Checks that are to come, and what has to be mended (浙江规定第十四条)."""
    statement = select(PledgeCheck).where(PledgeCheck.case_id == dossier.case.id)
    for row in ctx.session.exec(statement.order_by(col(PledgeCheck.due), col(PledgeCheck.id))):
        if region not in (CASE, row.region):
            continue
        title = f"“{wording.item_title(dossier.selection.part(row.region))}”"
        if row.state == "due":
            yield row.region, "事后核查", f"{title}的承诺将在{cn_date(row.due)}前核查", "active"
        elif row.state == "broken" and row.mend_by is not None:
            text = f"{title}与承诺不符，应于{cn_date(row.mend_by)}前整改，逾期撤销"
            yield row.region, "限期整改", text, "attention"
