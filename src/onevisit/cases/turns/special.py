"""Special procedures: their time is not counted in the law's limits, and is told in writing.

The closed list of 许可法第四十五条; a hearing has turns of its own. Which of them an item may need,
and for how long at most, its service says.
"""

import uuid
from collections.abc import Iterator, Sequence

from onevisit.cases import wording
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.errors import Invalid
from onevisit.cases.signing import done_by_officer
from onevisit.cases.snapshot import Letter, Particulars
from onevisit.cases.turns import stops
from onevisit.cases.turns.stops import SIGNATURES, Asked, Choice
from onevisit.definition.form import FieldError
from onevisit.definition.workflow import Special
from onevisit.documents.format import cn_date
from onevisit.engine.clocks import ONE_DAY
from onevisit.store.turn_tables import Pause

BEGIN, END = "begin_special", "end_special"
HEARING = "hearing"
ARTICLE = "《中华人民共和国行政许可法》第四十五条"


def begin_special(
    ctx: Context, approval_id: uuid.UUID, choice_id: str, asked: Asked, revision: int
) -> str:
    """Stop the law's clock for a procedure of 许可法第四十五条 that the item declares, for at most
    its declared working days, and tell the applicant in writing how long it takes.

    Whether the promise stands still too, the place says. Returns a sentence; raises Invalid
    (paths choice, days, reasons), NotPossible while the same procedure is running, Stale.
    """
    turn, region = done_by_officer(ctx, approval_id, BEGIN, revision)
    dossier = turn.dossier
    check_not_running(ctx, dossier, region, choice_id)
    choice, days = stops.chosen(choices(ctx, dossier, region), choice_id, asked)
    kind = next(each for each in declared(dossier, region) if title_of(each) == choice_id).kind
    reasons = asked.reasons.strip()
    turn.act(BEGIN, region, reasons=reasons, kind=kind, title=choice.title, days=days)
    pause = stops.stop(turn, region, choice, days, kind=kind, reasons=reasons, special=True)
    turn.write_documents({"special": _particulars(dossier, pause, days)})
    turn.save()
    legal, _ = stops.dues(dossier, region)
    return (
        f"已启动“{choice.title}”，最晚{cn_date(pause.planned)}结束；法定时限顺延至{cn_date(legal)}，"
        "《特别程序告知书》已送申请人。"
    )


def end_special(ctx: Context, approval_id: uuid.UUID, choice_id: str, revision: int) -> str:
    """End a special procedure before its planned last day: the clock runs again from tomorrow.

    `choice_id` names one of several; it may be empty when only one is running.
    """
    turn, region = done_by_officer(ctx, approval_id, END, revision)
    found = running(ctx, turn.dossier, region)
    if not found:
        raise turn.dossier.hindered(region, END, "没有正在进行的特别程序")
    pause = next((each for each in found if each.title == choice_id), None)
    if pause is None and (choice_id or len(found) > 1):
        raise Invalid([FieldError("choice", "请选择要结束的特别程序")])
    pause = pause or found[0]
    turn.act(END, region, kind=pause.kind, title=pause.title)
    stops.go_on(turn, region, pause)
    turn.save()
    legal, _ = stops.dues(turn.dossier, region)
    return f"已结束“{pause.title}”，自明日起恢复计算；法定时限为{cn_date(legal)}。"


def declared(dossier: Dossier, region: str) -> tuple[Special, ...]:
    """The procedures that the item declares and that hold in this case, without hearings."""
    return tuple(each for each in dossier.selection.part(region).special if each.kind != HEARING)


def title_of(special: Special) -> str:
    """What a procedure is called; also tells several of an item apart."""
    return special.title or wording.SPECIALS[special.kind]


def choices(ctx: Context, dossier: Dossier, region: str) -> tuple[Choice, ...]:
    """Each declared procedure with the working days that are left of its maximum."""
    return tuple(_choices(dossier, region, _held(ctx, dossier, region)))


def running(ctx: Context, dossier: Dossier, region: str) -> list[Pause]:
    """The special procedures for which the law's clock stands still today."""
    return [p for p in _held(ctx, dossier, region) if stops.is_running(p, ctx.today)]


def check_not_running(ctx: Context, dossier: Dossier, region: str, title: str) -> None:
    """NotPossible when this very procedure is going on already."""
    if any(each.title == title for each in running(ctx, dossier, region)):
        raise dossier.hindered(region, BEGIN, f"“{title}”正在进行，不能重复启动")


def check_ended(ctx: Context, dossier: Dossier, region: str, event: str) -> None:
    """A guard: nobody goes on with the work while its special procedure is under way."""
    if event not in SIGNATURES:
        return
    for pause in running(ctx, dossier, region):
        because = (
            f"“{pause.title}”正在进行，最晚{cn_date(pause.planned)}结束；"
            "已经提前完成的，请先“结束特别程序”"
        )
        raise dossier.hindered(region, event, because)


def _held(ctx: Context, dossier: Dossier, region: str) -> list[Pause]:
    pauses = stops.of_region(ctx, dossier, region)
    return [each for each in pauses if each.stops_legal and each.kind != HEARING]


def _choices(dossier: Dossier, region: str, held: Sequence[Pause]) -> Iterator[Choice]:
    calendar = dossier.definition.calendar
    for special in declared(dossier, region):
        title = title_of(special)
        same = [each for each in held if (each.kind, each.title) == (special.kind, title)]
        left = special.days - stops.used(calendar, same)
        yield Choice(title, title, left, special.basis or ARTICLE)


def _particulars(dossier: Dossier, pause: Pause, days: int) -> Particulars:
    """What the notice tells: which procedure, how long it takes, and both clocks."""
    first = cn_date(pause.began + ONE_DAY)
    facts = [
        ("事项", wording.item_title(dossier.selection.part(pause.region))),
        ("特别程序", f"{pause.title}（{wording.SPECIALS[pause.kind]}）"),
        ("所需时间", f"{days}个工作日，自{first}至{cn_date(pause.planned)}"),
        *stops.clock_facts(dossier, pause),
    ]
    paragraphs = (f"启动理由：{pause.reasons}", "提前结束的，自次日起恢复计算时限")
    return Particulars(letter=Letter(facts, paragraphs), basis=(pause.basis,))
