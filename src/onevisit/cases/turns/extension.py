"""What an extension of the law's limit may be: how long, how often, until when, and whose.

许可法第四十二条: an item of one authority by its head; what is handled jointly, as a whole, by the
head of the government. Once only, and only while the limit still runs.
"""

from collections.abc import Sequence
from datetime import date

from sqlmodel import col, select

from onevisit.cases import clock, wording
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.errors import Invalid, NotPossible
from onevisit.cases.turns.stops import dues
from onevisit.definition.form import FieldError
from onevisit.definition.place import CappedDays
from onevisit.documents.format import cn_date
from onevisit.engine import CASE
from onevisit.engine.clocks import Extra, is_past, run
from onevisit.store.turn_tables import Extension

ASK, EXTEND, REFUSE = "ask_extension", "extend", "refuse_extension"


def of_region(ctx: Context, dossier: Dossier, region: str) -> Sequence[Extension]:
    """Everything that was asked for a region, the first first."""
    statement = select(Extension).where(
        Extension.case_id == dossier.case.id, Extension.region == region
    )
    return ctx.session.exec(statement.order_by(col(Extension.asked_at), col(Extension.id))).all()


def asked(ctx: Context, dossier: Dossier, region: str) -> Extension | None:
    """What waits to be granted or refused."""
    found = (each for each in of_region(ctx, dossier, region) if each.state == "asked")
    return next(found, None)


def is_joint(dossier: Dossier) -> bool:
    """Whether several items are handled jointly (许可法第二十六条第二款)."""
    return len(dossier.selection.parts) > 1


def check_may_ask(ctx: Context, dossier: Dossier, region: str) -> None:
    """NotPossible, with the reason, when this limit cannot be extended (any more)."""
    because = _rule_against(dossier, region) or _past_against(ctx, dossier, region)
    because = because or _time_against(ctx, dossier, region)
    if because is None and longest(ctx, dossier, region) < 1:
        because = _no_room(dossier)
    if because is not None:
        raise dossier.hindered(region, ASK, because)


def rule(dossier: Dossier, region: str) -> CappedDays | None:
    """How far the place lets this limit be extended."""
    place = dossier.definition.jurisdiction
    return place.joint_extension if region == CASE else place.single_extension


def longest(ctx: Context, dossier: Dossier, region: str) -> int:
    """The most working days that may be asked for: an item handled jointly with others stays
    within the last day of the whole (许可法第四十二条第二款)."""
    most = rule(dossier, region)
    assert most is not None, "asked only where the place has the rule"
    days = range(most.days, 0, -1)
    return next((n for n in days if not reaches_beyond(ctx, dossier, region, n)), 0)


def reaches_beyond(ctx: Context, dossier: Dossier, region: str, days: int) -> bool:
    """Whether an item so much longer would end after the last day of the whole."""
    if region == CASE or not is_joint(dossier):
        return False
    whole, _ = dues(dossier, CASE)
    return due_with(ctx, dossier, region, days) > whole


def due_with(ctx: Context, dossier: Dossier, region: str, days: int) -> date:
    """The law's last day with so many working days more."""
    clocks = clock.clocks(ctx, dossier, region)
    assert clocks is not None, "clocks run in every state that has these acts"
    legal = clocks.legal
    extras = (*legal.extras, Extra(days, "", ""))
    return run(dossier.definition.calendar, legal.start, legal.limit, legal.stops, extras).due


def check_days(ctx: Context, dossier: Dossier, region: str, days: int | None) -> int:
    """The days asked for; Invalid (path days) when they are too many."""
    most = longest(ctx, dossier, region)
    if days is None or not 1 <= days <= most:
        within = "" if region == CASE else "，并且不能超过整个办件的法定办结日"
        text = f"请填写1到{most}之间的工作日数：只能延长一次{within}"
        raise Invalid([FieldError("days", text)])
    return days


def check_grantable(ctx: Context, dossier: Dossier, region: str, row: Extension) -> None:
    """NotPossible once the limit has run out, or when the whole would be passed meanwhile."""
    because = _time_against(ctx, dossier, region)
    if because is None and reaches_beyond(ctx, dossier, region, row.days):
        because = _no_room(dossier)
    if because is not None:
        raise dossier.hindered(region, EXTEND, because)


def open_request(ctx: Context, dossier: Dossier, region: str, event: str) -> Extension:
    """What waits for a decision; NotPossible when nothing does."""
    row = asked(ctx, dossier, region)
    if row is None:
        raise _nothing_asked(dossier, region, event)
    return row


def _nothing_asked(dossier: Dossier, region: str, event: str) -> NotPossible:
    return dossier.hindered(region, event, "没有等待批准的延期报请")


def _rule_against(dossier: Dossier, region: str) -> str | None:
    """What the law and the place have against it."""
    if rule(dossier, region) is None:
        return "本地没有规定这种延长"
    if region == CASE:
        if is_joint(dossier):
            return None
        return "这个办件只有一个事项，由承办部门报请本部门负责人批准（行政许可法第四十二条第一款）"
    item, single = dossier.selection.part(region).item, dossier.definition.jurisdiction.single_limit
    if item.category != wording.PERMIT:
        return "只有行政许可可以依照行政许可法第四十二条延长期限"
    if (item.limit.days, item.limit.unit) != (single.days, "working"):
        return f"这个事项的期限另有规定（{item.limit.basis}），依照其规定，不能这样延长"
    return None


def _past_against(ctx: Context, dossier: Dossier, region: str) -> str | None:
    """Once only (许可法第四十二条), and one request at a time."""
    states = {each.state for each in of_region(ctx, dossier, region)}
    if "granted" in states:
        return "已经延长过一次，不能再次延长（行政许可法第四十二条）"
    return "已经报请延长，正在等待批准" if "asked" in states else None


def _time_against(ctx: Context, dossier: Dossier, region: str) -> str | None:
    """What has run out cannot be extended: the last day ends when the authority closes
    (民法典第二百零三条第二款)."""
    legal, _ = dues(dossier, region)
    if not is_past(dossier.definition.jurisdiction.hours, legal, ctx.local):
        return None
    return f"法定期限已于{cn_date(legal)}届满，不能再延长；请“说明超期理由”"


def _no_room(dossier: Dossier) -> str:
    whole, _ = dues(dossier, CASE)
    return f"并联办理的事项不能延长到整个办件的法定办结日（{cn_date(whole)}）之后"
