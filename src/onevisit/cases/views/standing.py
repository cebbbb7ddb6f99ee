"""What is going on beside the states: clocks that stand still, extensions, and other open turns.

One place for every page that shows a case: each kind of turn adds its lines here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sqlmodel import col, select

from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.documents.format import cn_date
from onevisit.engine import CASE
from onevisit.store.turn_tables import Extension, Pause


@dataclass(frozen=True)
class Line:
    """One thing that is going on: `title` in a word or two, `text` a sentence for people."""

    region: str
    title: str
    text: str
    tone: Literal["active", "attention", "paused", "done", "refused"] = "active"


def standing(ctx: Context, dossier: Dossier, region: str = CASE) -> tuple[Line, ...]:
    """Everything open on one approval, or (region `case`) on the case and all of its approvals."""
    lines = (*_pauses(ctx, dossier), *_extensions(ctx, dossier))
    return tuple(line for line in lines if region in (CASE, line.region))


def _pauses(ctx: Context, dossier: Dossier) -> Iterator[Line]:
    statement = select(Pause).where(Pause.case_id == dossier.case.id).order_by(col(Pause.began))
    for row in ctx.session.exec(statement):
        if row.ended is None and row.planned >= ctx.today:
            stopped = "法定时限和承诺时限" if row.stops_legal else "承诺时限"
            stopped = stopped if row.stops_promise else "法定时限"
            text = f"{row.reasons}；{cn_date(row.planned)}前{stopped}暂停计算（{row.basis}）"
            yield Line(row.region, row.title, text, "paused")


def _extensions(ctx: Context, dossier: Dossier) -> Iterator[Line]:
    statement = select(Extension).where(Extension.case_id == dossier.case.id)
    for row in ctx.session.exec(statement.order_by(col(Extension.id))):
        if row.state == "asked":
            text = f"报请延长{row.days}个工作日，等待批准：{row.reasons}"
            yield Line(row.region, "报请延期", text, "attention")
        elif row.state == "granted":
            text = f"已批准延长{row.days}个工作日：{row.reasons}（{row.basis}）"
            yield Line(row.region, "已延期", text, "active")
