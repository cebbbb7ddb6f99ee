"""Who is barred from applying again: after false material, after a certificate got by fraud, and
from pledging after a pledge that was broken."""

from collections.abc import Iterator, Sequence
from datetime import date

from sqlmodel import col, or_, select

from onevisit.cases import wording
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.errors import Invalid
from onevisit.definition.form import FieldError
from onevisit.documents.format import cn_date
from onevisit.engine import Part
from onevisit.store.kept import sought
from onevisit.store.tables import Account
from onevisit.store.turn_tables import Bar

UNTIL_REPAIRED = date(9999, 12, 31)
"""A bar without a term: it lasts until the credit is repaired (浙江规定第十四条第二款)."""


def bar(  # noqa: PLR0917 -- the columns of one row
    ctx: Context,
    dossier: Dossier,
    region: str,
    years: int | None,
    reasons: str,
    basis: str,
    scope: str = "item",
) -> Bar:
    """Bar the applicant of a case from its item for so many years, today not counted
    (许可法第七十八、七十九条), or (scope `pledge`) from pledging; without years until the credit is
    repaired. Flushed; whoever calls lets their entry vouch for the row."""
    part = dossier.selection.part(region)
    row = Bar(
        account_id=dossier.case.applicant_id,
        workflow_id=dossier.case.workflow_id,
        item_id=part.item.id,
        scope=scope,
        until=_after(ctx.today, years) if years is not None else UNTIL_REPAIRED,
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
    """Until when, as the beginning of a sentence: 在2029年11月21日以前, 在信用修复以前."""
    return "在信用修复以前" if row.until == UNTIL_REPAIRED else f"在{cn_date(row.until)}以前"


def _after(start: date, years: int) -> date:
    """The same day so many years later, or the month's last (民法典第二百零二条)."""
    try:
        return start.replace(year=start.year + years)
    except ValueError:  # 29 February
        return start.replace(year=start.year + years, day=28)


def check_not_barred(ctx: Context, dossier: Dossier) -> None:
    """Invalid when the applicant may not apply for one of the items yet (第七十八、七十九条)."""
    errors = barred(ctx, dossier)
    if errors:
        raise Invalid(errors)


def barred(ctx: Context, dossier: Dossier) -> list[FieldError]:
    """Why the applicant may not apply now, a sentence for each item, with reason and last day.

    A bar is on the person: a second account under the same number is barred as well. The last
    day belongs to the bar.
    """
    who = [Account.id == dossier.case.applicant_id]
    if dossier.applicant.id_number:
        who.append(Account.id_number_hash == sought(dossier.applicant.id_number))
    statement = (
        select(Bar)
        .join(Account, col(Account.id) == col(Bar.account_id))
        .where(or_(*who), col(Bar.until) >= ctx.today)
        .order_by(col(Bar.until).desc(), col(Bar.id))
    )
    rows = ctx.session.exec(statement).all()
    return list(_sentences(dossier, rows)) if rows else []


def _sentences(dossier: Dossier, rows: Sequence[Bar]) -> Iterator[FieldError]:
    """One for each selected item that some bar stands against: the longest one."""
    for part in dossier.selection.parts:
        found = next((row for row in rows if _hits(dossier, row, part)), None)
        if found is None:
            continue
        by = "以告知承诺方式办理" if found.scope == "pledge" else "再次申请"
        told = f"{last_day(found)}不能{by}“{wording.item_title(part)}”"
        yield FieldError("applicant", f"{told}：{found.reasons.rstrip('。')}（{found.basis}）")


def _hits(dossier: Dossier, row: Bar, part: Part) -> bool:
    if row.scope == "pledge":
        return part.route.kind == "pledge"
    return (row.workflow_id, row.item_id) == (dossier.case.workflow_id, part.item.id)
