"""What is going on beside the states: clocks that stand still, extensions, and other open turns.

One place for every page that shows a case: each kind of turn adds its lines here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sqlmodel import col, select

from onevisit.cases.awaiting import running_out
from onevisit.cases.context import Context
from onevisit.cases.deadlines import deemed
from onevisit.cases.deferral import owing
from onevisit.cases.dossier import Dossier
from onevisit.cases.views.afterwards import afterwards
from onevisit.cases.views.arranged import arranged
from onevisit.documents.format import cn_date
from onevisit.engine import CASE
from onevisit.store.turn_tables import Extension, Pause


@dataclass(frozen=True)
class Line:
    """One thing that is going on: `title` in a word or two, `text` a sentence for people. What is
    `inside` an office is not the applicant's to read."""

    region: str
    title: str
    text: str
    tone: Literal["active", "attention", "paused", "done", "refused"] = "active"
    inside: bool = False


def standing(ctx: Context, dossier: Dossier, region: str = CASE) -> tuple[Line, ...]:
    """Everything open on one approval, or (region `case`) on the case and all of its approvals."""
    lines = (*_pauses(ctx, dossier), *_extensions(ctx, dossier))
    own = tuple(line for line in lines if region in (CASE, line.region))
    meant = (Line(*said) for said in arranged(ctx, dossier, region))
    law = (*_over(ctx, dossier, region), *_deemed(dossier, region))
    later = (Line(*said) for said in afterwards(ctx, dossier, region))
    return (*law, *_owed(ctx, dossier, region), *meant, *own, *later)


def _over(ctx: Context, dossier: Dossier, region: str) -> Iterator[Line]:
    """The last day of the case's present state is over; the sweep has still to enter it."""
    move = running_out(ctx, dossier)
    if move is not None and dossier.case.timer_due is not None:
        day = cn_date(dossier.case.timer_due)
        text = f"期限已于{day}届满，系统即将记录“{move.title}”，不能再作其他处理；请稍后刷新页面"
        yield Line(region, move.title, text, "attention")


def _deemed(dossier: Dossier, region: str) -> Iterator[Line]:
    """Accepted by law: nobody has looked at the material (许可法第三十二条第一款第四项)."""
    received = deemed.deemed_from(dossier)
    if received is not None and dossier.state().regions:
        basis = dossier.definition.jurisdiction.correction_notice.basis
        text = f"期限内没有一次告知补正，自{cn_date(received)}起视为受理，材料未核对（{basis}）"
        yield Line(region, "视为受理", text, "attention")


def _owed(ctx: Context, dossier: Dossier, region: str) -> Iterator[Line]:
    """What was deferred: on the case once, on an approval when its item uses it."""
    rows, titles = owing.open_rows(ctx, dossier), owing.titles_of(dossier)
    for row in rows if region == CASE else owing.owed_to(dossier, rows, region):
        title = f"“{titles[row.material_id]}”"
        if row.state == "brought":
            yield Line(region, "容缺待核收", f"{title}已经补交，等待窗口核收", "active")
        else:
            unfit = f"上次补交的不符合要求：{row.note}；" if row.note and row.brought_at else ""
            due = f"应于{cn_date(row.due)}前补交；{owing.consequence(row)}"
            yield Line(region, "容缺待补", f"{title}{unfit}{due}", "attention")


def _pauses(ctx: Context, dossier: Dossier) -> Iterator[Line]:
    suspended: dict[str, int] = {}
    statement = select(Pause).where(Pause.case_id == dossier.case.id).order_by(col(Pause.began))
    for row in ctx.session.exec(statement):
        times = suspended[row.region] = suspended.get(row.region, 0) + _is_suspension(row)
        if row.ended is None and row.planned >= ctx.today:
            stopped = "法定时限和承诺时限" if row.stops_legal else "承诺时限"
            stopped = stopped if row.stops_promise else "法定时限"
            again = f"，第{times}次中止" if times > 1 and _is_suspension(row) else ""
            until = f"至{cn_date(row.planned)}，{stopped}暂停计算"
            text = f"{row.reasons}；{until}（{row.basis}）{again}"
            yield Line(row.region, row.title, text, "paused")


def _is_suspension(row: Pause) -> bool:
    """Whether an officer stopped the promise alone (中止); repeated ones are supervised."""
    return row.begun_by is not None and not row.stops_legal


def _extensions(ctx: Context, dossier: Dossier) -> Iterator[Line]:
    statement = select(Extension).where(Extension.case_id == dossier.case.id)
    for row in ctx.session.exec(statement.order_by(col(Extension.id))):
        if row.state == "asked" and dossier.row(row.region).decided_at is None:
            text = f"报请延长{row.days}个工作日，等待批准：{row.reasons}"
            yield Line(row.region, "报请延期", text, "attention", inside=True)
        elif row.state == "granted":
            text = f"已批准延长{row.days}个工作日：{row.reasons}（{row.basis}）"
            yield Line(row.region, "已延期", text, "active")
