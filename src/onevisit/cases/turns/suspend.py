"""Suspension (中止): the promised clock stands still for a reason that the place lists.

The law's clock runs on: 许可法第四十五条 knows no such reason. Every suspension of an item is
counted, since repeated ones are for the supervisor to look at.
"""

import uuid
from collections.abc import Iterator, Sequence

from onevisit.cases import wording
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.signing import done_by_officer
from onevisit.cases.snapshot import Letter, Particulars
from onevisit.cases.turns import stops
from onevisit.cases.turns.stops import SIGNATURES, Asked, Choice
from onevisit.documents.format import cn_date
from onevisit.engine.clocks import ONE_DAY
from onevisit.store.turn_tables import Pause

SUSPEND, RESUME = "suspend", "resume"


def suspend(
    ctx: Context, approval_id: uuid.UUID, choice_id: str, asked: Asked, revision: int
) -> str:
    """Stop the promised clock for a reason of the place's list, within its working days, and tell
    the applicant why. The law's clock is not touched (许可法第四十五条 e contrario).

    Returns a sentence; raises Invalid (paths choice, days, reasons), NotPossible, Stale.
    """
    turn, region = done_by_officer(ctx, approval_id, SUSPEND, revision)
    dossier = turn.dossier
    check_may_suspend(ctx, dossier, region)
    choice, days = stops.chosen(choices(ctx, dossier, region), choice_id, asked)
    reasons, times = asked.reasons.strip(), len(held(ctx, dossier, region)) + 1
    turn.act(SUSPEND, region, reasons=reasons, kind=choice.id, days=days, times=times)
    pause = stops.stop(turn, region, choice, days, kind=choice.id, reasons=reasons, special=False)
    turn.write_documents({"suspension": _particulars(dossier, pause, days)})
    turn.save()
    legal, promise = stops.dues(dossier, region)
    return (
        f"已中止计时（第{times}次），最晚{cn_date(pause.planned)}恢复；承诺时限顺延至"
        f"{cn_date(promise)}，法定时限照常计算，仍为{cn_date(legal)}。"
    )


def resume(ctx: Context, approval_id: uuid.UUID, revision: int) -> str:
    """Let the promised clock run again from tomorrow, before the planned last day."""
    turn, region = done_by_officer(ctx, approval_id, RESUME, revision)
    pause = running(ctx, turn.dossier, region)
    if pause is None:
        raise turn.dossier.hindered(region, RESUME, "没有正在进行的中止")
    turn.act(RESUME, region, kind=pause.kind)
    stops.go_on(turn, region, pause)
    turn.save()
    _, promise = stops.dues(turn.dossier, region)
    return f"已恢复计时，自明日起继续计算；承诺时限为{cn_date(promise)}。"


def check_may_suspend(ctx: Context, dossier: Dossier, region: str) -> None:
    """NotPossible when the clock stands still already, or has nothing left that could be saved."""
    if running(ctx, dossier, region) is not None:
        raise dossier.hindered(region, SUSPEND, "已经中止计时，不能重复中止")
    _, promise = stops.dues(dossier, region)
    if promise <= ctx.today:
        because = f"承诺时限于{cn_date(promise)}届满，中止从次日起算，不再起作用"
        raise dossier.hindered(region, SUSPEND, because)


def choices(ctx: Context, dossier: Dossier, region: str) -> tuple[Choice, ...]:
    """Each reason that the place lists, with the working days that are left of it."""
    return tuple(_choices(dossier, held(ctx, dossier, region)))


def held(ctx: Context, dossier: Dossier, region: str) -> list[Pause]:
    """All suspensions of an item by its officers; public notices stop the promise by themselves."""
    pauses = stops.of_region(ctx, dossier, region)
    return [each for each in pauses if not each.stops_legal and each.begun_by is not None]


def running(ctx: Context, dossier: Dossier, region: str) -> Pause | None:
    """The suspension for which the promised clock stands still today."""
    found = (p for p in held(ctx, dossier, region) if stops.is_running(p, ctx.today))
    return next(found, None)


def check_resumed(ctx: Context, dossier: Dossier, region: str, event: str) -> None:
    """A guard: whoever goes on with the work lets the promised clock run again first."""
    pause = running(ctx, dossier, region) if event in SIGNATURES else None
    if pause is not None:
        because = f"已因“{pause.title}”中止计时；继续办理的，请先“恢复计时”"
        raise dossier.hindered(region, event, because)


def _choices(dossier: Dossier, found: Sequence[Pause]) -> Iterator[Choice]:
    definition = dossier.definition
    for reason in definition.jurisdiction.promise_pauses:
        same = [each for each in found if each.kind == reason.id]
        left = reason.days - stops.used(definition.calendar, same)
        yield Choice(reason.id, reason.title, left, reason.basis)


def _particulars(dossier: Dossier, pause: Pause, days: int) -> Particulars:
    """What the notice tells: why, for how long, and that the law's clock runs on."""
    first = cn_date(pause.began + ONE_DAY)
    facts = [
        ("事项", wording.item_title(dossier.selection.part(pause.region))),
        ("中止情形", pause.title),
        ("中止时间", f"{days}个工作日，自{first}至{cn_date(pause.planned)}，情形消失的提前恢复"),
        *stops.clock_facts(dossier, pause),
    ]
    letter = Letter(facts, (f"中止理由：{pause.reasons}",))
    return Particulars(letter=letter, basis=(pause.basis,))
