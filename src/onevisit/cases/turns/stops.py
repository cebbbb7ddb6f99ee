"""Clocks that are stopped and run again: what special procedures and suspensions have in common.

A pause lasts until it is ended, and no longer than it was planned; the day on which it begins or
ends is worked (民法典第二百零一条).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select

from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.errors import Invalid
from onevisit.cases.lights import days_between
from onevisit.cases.turn import Turn
from onevisit.definition.form import FieldError
from onevisit.definition.place import Calendar
from onevisit.documents.format import cn_date
from onevisit.engine import CASE
from onevisit.engine.clocks import add_working_days
from onevisit.store import evidence
from onevisit.store.turn_tables import Pause

SIGNATURES = ("forward", "approve", "reject")
"""The moves of an officer that go on with the work, and so wait until a clock runs again."""


@dataclass(frozen=True)
class Choice:
    """A reason for which a clock may stop: `most` working days are left of it."""

    id: str
    title: str
    most: int
    basis: str


@dataclass(frozen=True)
class Asked:
    """What an officer asks for: how many working days, and why."""

    days: int | None
    reasons: str


def of_region(ctx: Context, dossier: Dossier, region: str) -> Sequence[Pause]:
    """All pauses of one item, the first first."""
    statement = select(Pause).where(Pause.case_id == dossier.case.id, Pause.region == region)
    return ctx.session.exec(statement.order_by(col(Pause.began), col(Pause.id))).all()


def is_running(pause: Pause, today: date) -> bool:
    """Whether the clock stands still today."""
    return pause.ended is None and pause.planned >= today


def used(calendar: Calendar, pauses: Sequence[Pause]) -> int:
    """The working days that pauses have taken, a running one as planned."""
    return sum(
        days_between(calendar, each.began, min(each.ended or each.planned, each.planned))
        for each in pauses
    )


def chosen(choices: Sequence[Choice], choice_id: str, asked: Asked) -> tuple[Choice, int]:
    """The choice named so and the days asked for; Invalid (paths choice, days)."""
    choice = next((each for each in choices if each.id == choice_id), None)
    if choice is None:
        raise Invalid([FieldError("choice", "请选择一种情形")])
    if choice.most < 1:
        raise Invalid([FieldError("choice", f"“{choice.title}”的天数已经用完")])
    if asked.days is None or not 1 <= asked.days <= choice.most:
        text = f"请填写1到{choice.most}之间的天数：“{choice.title}”还可以用{choice.most}个工作日"
        raise Invalid([FieldError("days", text)])
    return choice, asked.days


def stop(
    turn: Turn, region: str, choice: Choice, days: int, *, kind: str, reasons: str, special: bool
) -> Pause:
    """Stop a clock for so many working days from tomorrow, and reckon.

    `special`: a procedure of 许可法第四十五条, which alone stops the law's clock; whether it stops
    the promise too, the place says.
    """
    ctx, dossier = turn.ctx, turn.dossier
    place = dossier.definition.jurisdiction
    pause = Pause(
        case_id=dossier.case.id,
        region=region,
        kind=kind,
        title=choice.title,
        reasons=reasons,
        basis=choice.basis,
        stops_legal=special,
        stops_promise=not special or place.special_stops_promise,
        began=ctx.today,
        planned=add_working_days(dossier.definition.calendar, ctx.today, days),
        begun_by=ctx.actor.id,
    )
    ctx.session.add(pause)
    turn.vouch(lambda: evidence.of_row(pause))
    turn.reckon(region)
    return pause


def go_on(turn: Turn, region: str, pause: Pause) -> None:
    """The clocks run again from tomorrow."""
    pause.ended, pause.ended_by = turn.ctx.today, turn.ctx.actor.id
    turn.ctx.session.add(pause)
    turn.vouch(lambda: evidence.of_row(pause))
    turn.reckon(region)


def dues(dossier: Dossier, region: str) -> tuple[date, date]:
    """The last days of a started item: the law's and the promised one."""
    row = dossier.row(region)
    assert row.legal_due is not None, "clocks run in every state that has these acts"
    assert row.promise_due is not None, "both clocks start together"
    return row.legal_due, row.promise_due


def clock_facts(dossier: Dossier, pause: Pause) -> list[tuple[str, str]]:
    """What becomes of both clocks of an item, and of the whole when there are several items."""
    legal, promise = dues(dossier, pause.region)
    facts = [
        ("法定时限", _told(legal, pause.began, stops=pause.stops_legal)),
        ("承诺时限", _told(promise, pause.began, stops=pause.stops_promise)),
    ]
    if len(dossier.selection.parts) > 1:
        legal, promise = dues(dossier, CASE)
        facts.append(("整个办件", f"法定{cn_date(legal)}前办结，承诺{cn_date(promise)}前办结"))
    return facts


def _told(day: date, began: date, *, stops: bool) -> str:
    """A limit that ended before the pause begins is not saved by it."""
    if day < began:
        return f"已于{cn_date(day)}届满"
    moves = stops and day > began
    return f"暂停计算，顺延至{cn_date(day)}" if moves else f"照常计算，仍为{cn_date(day)}"
