"""The pages of an officer's standing acts on one item, and of what its head is asked for."""

import uuid
from collections.abc import Callable, Mapping

from onevisit.access import check_can_grant
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.signing import apart_from, check_signer
from onevisit.cases.turn import Turn
from onevisit.cases.turns import delay, extension, special, suspend, transfer
from onevisit.cases.views.office import opened_approval
from onevisit.cases.views.sheets import (
    Asks,
    Sheet,
    choice_field,
    days_field,
    field,
    hindrance,
    reasons_field,
    sheet,
)
from onevisit.documents.format import cn_date
from onevisit.store.turn_tables import Extension


def office_sheet(ctx: Context, approval_id: uuid.UUID, event: str) -> Sheet:
    """The page of an act for the officer who may do it; Forbidden, NotFound, NotPossible."""
    dossier, row, part = opened_approval(ctx, approval_id)
    act = dossier.standing(row.region, event)
    if act is None:
        raise Turn(ctx, dossier).not_possible(row.region, event)
    check_signer(ctx, dossier, row.region, act)
    return sheet(ctx, dossier, part.key, event, ASKS[event](ctx, dossier, part.key))


def _begin_special(ctx: Context, dossier: Dossier, region: str) -> Asks:
    choices = special.choices(ctx, dossier, region)
    open_choices = [each for each in choices if each.most > 0]
    going_on = {each.title for each in special.running(ctx, dossier, region)}
    open_choices = [each for each in open_choices if each.title not in going_on]
    stops_promise = dossier.definition.jurisdiction.special_stops_promise
    promise = "承诺时限同时暂停" if stops_promise else "承诺时限照常计算"
    most = max((each.most for each in open_choices), default=0)
    return Asks(
        "启动并书面告知申请人",
        says=(
            f"特别程序所需时间不计算在法定时限内（行政许可法第四十五条），{promise}。",
            "进行期间不能提交下一环节或者作出决定；提前完成的，随时可以结束。",
        ),
        fields=(
            choice_field("特别程序", open_choices),
            days_field("所需时间", most, "从明天起算，不超过规定的最长时间"),
            reasons_field(),
        ),
        hindered=None if open_choices else "这个事项没有可以启动的特别程序，或者规定的时间已经用完",
    )


def _end_special(ctx: Context, dossier: Dossier, region: str) -> Asks:
    found = special.running(ctx, dossier, region)
    options = [
        {"const": each.title, "title": each.title,
         "description": f"{cn_date(each.began)}启动，最晚{cn_date(each.planned)}结束"}
        for each in found
    ]  # fmt: skip
    return Asks(
        "结束，恢复计算时限",
        says=("从明天起恢复计算法定时限；没有用完的时间，以后还可以再用。",),
        fields=(field("choice", "结束哪个特别程序", {"oneOf": options}),) if found else (),
        hindered=None if found else "没有正在进行的特别程序",
    )


def _suspend(ctx: Context, dossier: Dossier, region: str) -> Asks:
    choices = [each for each in suspend.choices(ctx, dossier, region) if each.most > 0]
    times = len(suspend.held(ctx, dossier, region))
    hindered = hindrance(lambda: suspend.check_may_suspend(ctx, dossier, region))
    if not choices:
        hindered = hindered or "本地没有规定可以中止的情形，或者规定的天数已经用完"
    return Asks(
        "中止并告知申请人",
        says=(
            "只暂停承诺时限；法定时限照常计算，不因中止延长。",
            "中止期间不能提交下一环节或者作出决定；情形消失的，应当及时恢复。",
            *((f"这个事项已经中止过{times}次，多次中止会列入效能监察。",) if times else ()),
        ),
        fields=(
            choice_field("中止情形", choices),
            days_field("中止时间", max((c.most for c in choices), default=0), "从明天起算"),
            reasons_field(),
        ),
        hindered=hindered,
    )


def _resume(ctx: Context, dossier: Dossier, region: str) -> Asks:
    running = suspend.running(ctx, dossier, region)
    facts = [("中止情形", running.title), ("最晚恢复", cn_date(running.planned))] if running else []
    return Asks(
        "恢复计时",
        says=("从明天起恢复计算承诺时限。",),
        facts=facts,
        hindered=None if running else "没有正在进行的中止",
    )


def _ask_extension(ctx: Context, dossier: Dossier, region: str) -> Asks:
    return asks_extension(ctx, dossier, region, "本部门负责人")


def asks_extension(ctx: Context, dossier: Dossier, region: str, head: str) -> Asks:
    """How many days more are asked of `head`, and why."""
    hindered = hindrance(lambda: extension.check_may_ask(ctx, dossier, region))
    most = 0 if hindered else extension.longest(ctx, dossier, region)
    return Asks(
        f"报请{head}批准",
        says=(
            f"法定期限只能延长一次，须在届满前由{head}批准（行政许可法第四十二条）。",
            "承诺时限不延长：承诺的就是承诺的。批准后理由书面告知申请人。",
        ),
        fields=(
            days_field("延长", most, f"最多{most}个工作日"),
            reasons_field("延长的理由", "写明为什么不能按期办结；批准后申请人会看到原文。"),
        ),
        hindered=hindered,
    )


def asks_to_grant(ctx: Context, dossier: Dossier, region: str) -> Asks:
    """What was asked, and to when the limit would be extended."""
    row = extension.asked(ctx, dossier, region)
    if row is None:
        return Asks("批准", hindered="没有等待批准的延期报请")
    check_can_grant(ctx.actor, row.asked_by, apart_from(ctx, dossier, row.asked_by))
    until = cn_date(extension.due_with(ctx, dossier, region, row.days))
    return Asks(
        "批准延长",
        says=("批准后，延长的期限和理由书面告知申请人；承诺时限不变。",),
        facts=(*_asked_facts(row), ("批准以后", f"法定期限至{until}届满")),
        hindered=hindrance(lambda: extension.check_grantable(ctx, dossier, region, row)),
        instead=extension.REFUSE,
    )


def asks_to_refuse(ctx: Context, dossier: Dossier, region: str) -> Asks:
    """What was asked; the reasons why not go back to who asked."""
    row = extension.asked(ctx, dossier, region)
    if row is None:
        return Asks("不批准", hindered="没有等待批准的延期报请")
    check_can_grant(ctx.actor, row.asked_by, apart_from(ctx, dossier, row.asked_by))
    return Asks(
        "不批准延长",
        says=("不批准的，时限不变，答复退回报请的人。",),
        facts=_asked_facts(row),
        fields=(reasons_field("不批准的理由", "报请的人会看到。"),),
        instead=extension.EXTEND,
    )


def _asked_facts(row: Extension) -> list[tuple[str, str]]:
    return [
        ("报请延长", f"{row.days}个工作日"),
        ("报请的理由", row.reasons),
        ("报请时间", cn_date(row.asked_at)),
    ]


def asks_why_late(ctx: Context, dossier: Dossier, region: str) -> Asks:
    """Why it is late."""
    return Asks(
        "书面告知申请人",
        says=(
            "超过时限的，把理由告诉申请人（行政许可法第四十二条）；有督办的，理由同时记入督办。",
        ),
        fields=(reasons_field("未能按时办结的理由", "申请人会看到原文。"),),
        hindered=hindrance(lambda: delay.check_late(ctx, dossier, region)),
    )


def _transfer(ctx: Context, dossier: Dossier, region: str) -> Asks:
    targets = transfer.targets(ctx, dossier, region)
    options = [{"const": each.id, "title": each.title} for each in targets]
    return Asks(
        "移送并告知申请人",
        says=(
            "移送后，这个事项由对方部门从承办环节开始办理，结果由对方部门作出，本部门不再看到。",
            "时限照常计算；申请人不用重新申请，材料一并移送。",
        ),
        fields=(
            field("department", "移送至", {"oneOf": options}),
            reasons_field("移送的理由", "写明对方部门有权办理的依据；申请人会看到原文。"),
        ),
        hindered=None if targets else "没有其他部门各环节都有人员，无法移送",
    )


ASKS: Mapping[str, Callable[[Context, Dossier, str], Asks]] = {
    "begin_special": _begin_special,
    "end_special": _end_special,
    "suspend": _suspend,
    "resume": _resume,
    "ask_extension": _ask_extension,
    "extend": asks_to_grant,
    "refuse_extension": asks_to_refuse,
    "explain_delay": asks_why_late,
    "transfer": _transfer,
}
