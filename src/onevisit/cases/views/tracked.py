"""A case tracked like a parcel by whoever has its number and the end of the applicant's phone:
where it is and who has it, and nothing about the person."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from onevisit.cases import wording
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.lights import Due, Light, due_on, light
from onevisit.cases.views.history import entries, public_history
from onevisit.cases.views.lanes import Lane, lanes
from onevisit.cases.views.parts import Badge, Event, badge
from onevisit.store.tables import Account, Case

ARCHIVED = "早已办结，已经归档；证照照常有效。要看经过、材料和文书，请凭编号联系服务中心"
TAIL = 4
"""Digits of the phone number that are asked."""


@dataclass(frozen=True)
class Tracked:
    """Where a case stands, in plain words. `next` says what happens now and whose turn it is."""

    number: str
    service: str
    state: Badge
    next: str
    promise_due: Due | None
    light: Light
    pickup: str
    concluded_at: datetime | None
    lanes: tuple[Lane, ...]
    events: tuple[Event, ...]


def tracked(ctx: Context, number: str, tail: str) -> Tracked | None:
    """The case with this number (as `tidy` writes it) whose applicant's phone ends in `tail`.

    None when there is none such: whether it was the number or the phone is not told. Both are
    looked up in the one query, so that neither takes longer than the other.
    """
    statement = (
        select(Case, Account.phone)
        .join(Account, col(Account.id) == col(Case.applicant_id))
        .where(Case.number == number)
    )
    found = ctx.session.exec(statement).first()
    case, phone = found or (None, None)
    same = hmac.compare_digest((phone or "")[-TAIL:].encode(), tail.encode())
    if case is None or not same or len(tail) != TAIL:
        return None
    return _archived(ctx, case) if case.archived_at else _tracked(ctx, load(ctx, case.id))


def tidy(number: str) -> str:
    """A case number as it is kept, however it was typed: with or without dashes and blanks."""
    digits = "".join(each for each in number if each.isdecimal() and each.isascii())
    if len(digits) != 21:
        return digits
    return f"{digits[:6]}-{digits[6:14]}-{digits[14:20]}-{digits[20]}"


def _tracked(ctx: Context, dossier: Dossier) -> Tracked:
    case, definition = dossier.case, dossier.definition
    items = lanes(ctx, dossier) if dossier.approvals else ()
    return Tracked(
        number=case.number or "",
        service=definition.workflow.title,
        state=badge(case.state, dossier.state()),
        next=_next(dossier, items),
        promise_due=due_on(definition.calendar, case.promise_due),
        light=light(definition.jurisdiction.hours, case, ctx.local),
        pickup=wording.PICKUPS[case.pickup] if case.pickup else "",
        concluded_at=case.concluded_at,
        lanes=items,
        events=tuple(_events(ctx, dossier)),
    )


def _archived(ctx: Context, case: Case) -> Tracked:
    """The case's own line, when the rest lies in an archive file."""
    definition = ctx.catalog.version(ctx.session, case.version_hash).definition
    return Tracked(
        number=case.number or "",
        service=definition.workflow.title,
        state=badge(case.state, definition.lifecycle.case.states[case.state]),
        next=f"{ARCHIVED}，电话 {definition.jurisdiction.phone}",
        promise_due=None,
        light="none",
        pickup="",
        concluded_at=case.concluded_at,
        lanes=(),
        events=(),
    )


def _events(ctx: Context, dossier: Dossier) -> Iterator[Event]:
    """What happened and which department did it; texts may name people, so none is shown."""
    for event in public_history(dossier, entries(ctx, dossier)):
        yield Event(event.at, event.title, event.who, None)


def _next(dossier: Dossier, items: tuple[Lane, ...]) -> str:
    """What happens now, as one would say it on the telephone."""
    awaits = dossier.case.awaits
    if awaits == "office":
        at_work = dict.fromkeys(
            each.department for each in items if each.started_at and not each.decided_at
        )
        return f"正在办理：{'、'.join(at_work)}"
    sentences = {
        "clerk": "综合窗口正在核对申请，决定是否受理",
        "applicant": "等申请人补正：请登录后在“我的办件”里查看要补什么、哪天前补好",
        "window": "全部事项已有结果，等待领取",
    }
    return sentences.get(awaits or "", "已经办完，不再有人办理")
