"""The hearing itself: called with time, place and chair, held and recorded (许可法第四十八条).

The law's clock stands still from the call until it is held (第四十五条), which is told in writing.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import col, select

from onevisit.access import OFFICE_ROLES, check_can_chair
from onevisit.cases import wording
from onevisit.cases.account import counts_on
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.errors import Invalid
from onevisit.cases.meetings import appointments, hearing, slots
from onevisit.cases.meetings.hearing import FREE, of_region, rules_of, stage
from onevisit.cases.outbox.telling import tell
from onevisit.cases.signing import involved, opened
from onevisit.cases.snapshot import Letter, Particulars
from onevisit.cases.standing_in import people
from onevisit.cases.turn import Turn
from onevisit.definition.form import FieldError
from onevisit.documents.format import BEIJING, cn_date, cn_datetime
from onevisit.engine.clocks import next_working_day
from onevisit.store import evidence
from onevisit.store.tables import Account, LedgerEntry, Post
from onevisit.store.turn_tables import Finding, Hearing, Pause

CALL, HOLD = "call_hearing", "hold_hearing"
KIND = "hearing"
STOPS = "《中华人民共和国行政许可法》第四十五条"
PROCEDURE = "《中华人民共和国行政许可法》第四十五条、第四十七条、第四十八条"
OF_ITS_OWN = "《中华人民共和国行政许可法》第四十五条、第四十六条、第四十八条"


@dataclass(frozen=True)
class Session:
    """What an officer writes: when, where, who chairs; `reasons` for a hearing that nobody asked
    for (第四十六条), or for calling it anew."""

    at: datetime | None
    place: str
    chair_id: uuid.UUID | None
    reasons: str = ""


@dataclass(frozen=True)
class Minutes:
    """What the chair hands in; `signed` when those who attended have read and signed it."""

    attended: str
    record: str
    signed: bool


def call(ctx: Context, approval_id: uuid.UUID, session: Session, revision: int) -> str:
    """Call the hearing: at least so many days ahead as the place says, within the days in which it
    has to be held, chaired by somebody who does not examine the application.

    Called anew (with reasons) when it is moved or its chair steps back. Of its own motion, in the
    cases of 第四十六条, where nobody has the right to ask any more. Returns a sentence; raises
    Invalid (paths day, hour, place, chair, reasons), NotPossible, Forbidden, Stale.
    """
    turn, region = appointments.acting(ctx, approval_id, CALL, revision)
    row = of_region(ctx, turn.dossier, region)
    now = stage(row, ctx.today) if row is not None else None
    if now in ("open", "held"):
        because = "听证已经举行" if now == "held" else "告知听证权利的期限还没有届满"
        raise turn.dossier.hindered(region, CALL, because)
    at = _checked(turn, region, row, session, needs_reasons=now != "asked")
    row = row or _own_motion(turn, region, session)
    row.held_at, row.place, row.chair_id = at, session.place.strip(), session.chair_id
    row.on_own = row.on_own or now in ("lapsed", "waived")
    row.called_at, row.called_by = ctx.now, ctx.actor.id
    ctx.session.add(row)
    chair = appointments.name_of(ctx, row.chair_id)
    text = f"{cn_datetime(at)}，{row.place}，主持人：{chair}"
    turn.act(CALL, region, reasons=session.reasons.strip() or None, text=text, late=_late(row))
    turn.vouch(lambda: evidence.of_row(row))
    pause = _stop_clocks(turn, row, at)
    turn.write_documents({"hearing_notice": _notice(turn, row, pause, session, chair)})
    turn.save()
    _tell_chair(turn, row)
    return f"已通知{cn_datetime(at)}举行听证，法定时限自明日起暂停计算，通知书已送申请人。"


def hold(ctx: Context, approval_id: uuid.UUID, minutes: Minutes, revision: int) -> str:
    """The chair, and nobody else, records the hearing once it has begun; the clocks run again.

    Raises Forbidden, NotPossible before its hour, Invalid (paths attended, record, signed).
    """
    dossier, region = opened(ctx, approval_id)
    turn = Turn(ctx, dossier)
    row = of_region(ctx, dossier, region)
    chair = row.chair_id if row is not None else None
    check_can_chair(ctx.actor, dossier.approvals[region].department, chair)
    turn.check_revision(region, revision)
    if row is None or row.held_at is None or stage(row, ctx.today) != "called":
        raise dossier.hindered(region, HOLD, "没有等待举行的听证")
    if ctx.now < row.held_at:
        because = f"听证定于{cn_datetime(row.held_at)}举行，到时间后才能记录"
        raise dossier.hindered(region, HOLD, because)
    _check_minutes(minutes)
    row.attended, row.record = minutes.attended.strip(), minutes.record.strip()
    row.recorded_at = ctx.now
    ctx.session.add(row)
    turn.act(HOLD, region, text=f"参加人：{row.attended}")
    turn.vouch(lambda: evidence.of_row(row))
    _run_clocks(turn, region)
    turn.write_documents({"hearing_record": _record(turn, row)})
    turn.save()
    hearing.tell_officers(turn, row, "听证笔录已完成", "听证已举行，请根据听证笔录作出决定。")
    return "听证笔录已存入案卷，时限自明日起恢复计算；决定应当根据听证笔录作出。"


def days_for(ctx: Context, dossier: Dossier, row: Hearing | None, notice: int) -> tuple[date, date]:
    """The first and the last day for a hearing: after the days of notice, and by the day by which
    it has to be held. When no day is left, the first possible one: late, but not left out."""
    calendar = dossier.definition.calendar
    first = next_working_day(calendar, ctx.today + timedelta(days=notice))
    last = row.hold_by if row is not None and row.hold_by is not None else date.max
    return first, max(first, last)


def chairs(ctx: Context, dossier: Dossier, region: str) -> list[Account]:
    """Who may chair: officers of the department who have not examined this application, neither
    took it in nor applied, and without whom what is left can still be signed (第四十八条)."""
    department = dossier.approvals[region].department
    statement = (
        select(Account, Post.role)
        .join(Post, col(Post.account_id) == col(Account.id))
        .where(
            Post.department == department,
            col(Post.role).in_(OFFICE_ROLES),
            col(Account.disabled).is_(False),
            counts_on(ctx.today),
        )
        .order_by(col(Account.name), col(Account.id))
    )
    people: dict[uuid.UUID, Account] = {}
    roles: dict[str, set[uuid.UUID]] = {}
    for account, role in ctx.session.exec(statement):
        people[account.id] = account
        roles.setdefault(role, set()).add(account.id)
    barred = _examined(ctx, dossier, region)
    barred |= set(_only_signers(dossier, region, roles, involved(ctx, dossier)))
    return [each for key, each in people.items() if key not in barred]


def _examined(ctx: Context, dossier: Dossier, region: str) -> set[uuid.UUID | None]:
    """Everybody who has done anything on this approval, inspected for it, or taken the case in."""
    acted = select(LedgerEntry.actor_id, LedgerEntry.detail).where(
        LedgerEntry.case_id == dossier.case.id,
        LedgerEntry.region == region,
        LedgerEntry.act != HOLD,
    )
    found = select(Finding).where(Finding.case_id == dossier.case.id, col(Finding.region) == region)
    inspected = {uuid.UUID(each) for row in ctx.session.exec(found) for each in row.officers}
    return involved(ctx, dossier) | people(ctx.session.exec(acted)) | inspected


def _only_signers(
    dossier: Dossier,
    region: str,
    roles: Mapping[str, set[uuid.UUID]],
    barred: set[uuid.UUID | None],
) -> Iterator[uuid.UUID]:
    """Those without whom a step from here on could be signed by nobody."""
    steps = dossier.definition.lifecycle.approval.steps
    route = dossier.selection.part(region).route.steps
    state = dossier.row(region).state
    left = route[route.index(state) :] if state in route else route
    for role in dict.fromkeys(steps[step].role for step in left):
        able = roles.get(role, set()) - barred
        if len(able) == 1:
            yield from able


def _checked(
    turn: Turn, region: str, row: Hearing | None, session: Session, *, needs_reasons: bool
) -> datetime:
    """The moment, when all that was written is in order; Invalid else."""
    ctx, dossier = turn.ctx, turn.dossier
    rules = rules_of(dossier, region, CALL)
    errors = slots.faults(ctx, dossier, session.at)
    first, last = days_for(ctx, dossier, row, rules.notice)
    if session.at is not None and not errors:
        day = session.at.astimezone(BEIJING).date()
        if day < first:
            text = f"举行听证的{rules.notice}日前通知，最早{cn_date(first)}"
            errors.append(FieldError("day", text))
        elif day > last:
            errors.append(FieldError("day", f"应当在{cn_date(last)}前举行听证"))
    if not session.place.strip():
        errors.append(FieldError("place", "请写明听证地点"))
    if session.chair_id not in {each.id for each in chairs(ctx, dossier, region)}:
        text = "请选择没有审查过本件的本部门人员主持（行政许可法第四十八条第一款第三项）"
        errors.append(FieldError("chair", text))
    if needs_reasons and not session.reasons.strip():
        errors.append(FieldError("reasons", _why_reasons(row)))
    if errors or session.at is None:
        raise Invalid(errors)
    return session.at


def _why_reasons(row: Hearing | None) -> str:
    if row is not None and row.called_at is not None:
        return "听证已经通知过；改期或者更换主持人的，请写明原因"
    return "没有人提出听证；依职权举行的，请写明依据哪项规定或者涉及什么公共利益（第四十六条）"


def _own_motion(turn: Turn, region: str, session: Session) -> Hearing:
    """A hearing that law or public interest calls for, whoever asks (第四十六条)."""
    return Hearing(
        case_id=turn.dossier.case.id,
        region=region,
        interests=session.reasons.strip(),
        on_own=True,
        told_at=turn.ctx.now,
        told_by=turn.ctx.actor.id,
        ask_by=turn.ctx.today,
    )


def _late(row: Hearing) -> bool | None:
    """Whether it is held later than it should be; None (not written down) when in time."""
    assert row.held_at is not None, "set when it is called"
    over = row.hold_by is not None and row.held_at.astimezone(BEIJING).date() > row.hold_by
    return True if over else None


def _pauses(turn: Turn, region: str) -> Sequence[Pause]:
    """The pauses for hearings of an item that nobody has ended."""
    statement = select(Pause).where(
        Pause.case_id == turn.dossier.case.id,
        Pause.region == region,
        Pause.kind == KIND,
        col(Pause.ended).is_(None),
    )
    return turn.ctx.session.exec(statement).all()


def _stop_clocks(turn: Turn, row: Hearing, at: datetime) -> Pause:
    """From tomorrow until the day of the hearing nothing counts for the law's limit."""
    ctx, rules = turn.ctx, turn.dossier.definition.jurisdiction
    _end(turn, row.region)
    pause = Pause(
        case_id=row.case_id,
        region=row.region,
        kind=KIND,
        title=wording.SPECIALS[KIND],
        reasons=f"{cn_datetime(at)}举行听证",
        basis=STOPS,
        stops_legal=True,
        stops_promise=rules.special_stops_promise,
        began=ctx.today,
        planned=at.astimezone(BEIJING).date(),
        begun_by=ctx.actor.id,
    )
    ctx.session.add(pause)
    turn.vouch(lambda: evidence.of_row(pause))
    turn.reckon(row.region)
    return pause


def _run_clocks(turn: Turn, region: str) -> None:
    _end(turn, region)
    turn.reckon(region)


def _end(turn: Turn, region: str) -> None:
    for pause in _pauses(turn, region):
        pause.ended, pause.ended_by = turn.ctx.today, turn.ctx.actor.id
        turn.ctx.session.add(pause)
        turn.vouch(lambda row=pause: evidence.of_row(row))  # type: ignore[misc]  # the default binds the row


def _check_minutes(minutes: Minutes) -> None:
    errors = []
    if not minutes.attended.strip():
        errors.append(FieldError("attended", "请写明参加人和各自身份；没有到场的也写明"))
    if not minutes.record.strip():
        errors.append(FieldError("record", "请写明听证笔录：各方的意见、证据和申辩"))
    if not minutes.signed:
        text = "笔录应当交参加人确认无误后签字或者盖章（行政许可法第四十八条第一款第五项）"
        errors.append(FieldError("signed", text))
    if errors:
        raise Invalid(errors)


def _tell_chair(turn: Turn, row: Hearing) -> None:
    ctx, dossier = turn.ctx, turn.dossier
    assert row.held_at is not None and row.chair_id is not None, "both are set by the call"
    item = wording.item_title(dossier.selection.part(row.region))
    tell(
        ctx,
        f"hearing/{row.id}/chair/{row.chair_id}/{row.held_at.isoformat()}",
        [row.chair_id],
        "请您主持听证",
        f"办件{dossier.case.number}“{item}”定于{cn_datetime(row.held_at)}听证，地点：{row.place}。",
        kind=KIND,
        link=f"/office/{dossier.approvals[row.region].id}",
        case_id=dossier.case.id,
    )


def _notice(turn: Turn, row: Hearing, pause: Pause, session: Session, chair: str) -> Particulars:
    """When, where, who chairs, whom one may object to, and what becomes of the clocks."""
    dossier = turn.dossier
    approval = dossier.approvals[row.region]
    assert row.held_at is not None and approval.legal_due is not None, "set by the call"
    facts = [
        ("事项", wording.item_title(dossier.selection.part(row.region))),
        ("听证时间", cn_datetime(row.held_at)),
        ("听证地点", row.place or ""),
        ("主持人", f"{chair}（没有参加本件审查）"),
        ("法定时限", f"听证期间暂停计算，顺延至{cn_date(approval.legal_due)}"),
    ]
    if row.parties:
        facts.insert(1, ("利害关系人", row.parties))
    paragraphs = [
        f"听证公开举行，{FREE}；申请人、利害关系人可以委托代理人参加，提出证据，进行申辩和质证",
        "认为主持人与本事项有直接利害关系的，有权在听证前申请回避",
        f"自本通知之日起至听证之日（{cn_date(pause.planned)}）所需时间不计算在法定办理期限内",
    ]
    if session.reasons.strip():
        paragraphs.insert(0, f"通知理由：{session.reasons.strip()}")
    basis = (OF_ITS_OWN if row.on_own else PROCEDURE,)
    return Particulars(letter=Letter(facts, paragraphs), basis=basis)


def _record(turn: Turn, row: Hearing) -> Particulars:
    """The record: who chaired, who attended, and every paragraph as it was written."""
    dossier = turn.dossier
    assert row.held_at is not None, "set by the call"
    facts = [
        ("事项", wording.item_title(dossier.selection.part(row.region))),
        ("听证时间", cn_datetime(row.held_at)),
        ("听证地点", row.place or ""),
        ("主持人", appointments.name_of(turn.ctx, row.chair_id)),
        ("参加人", row.attended or ""),
    ]
    if row.parties:
        facts.append(("利害关系人", row.parties))
    lines = [line.strip() for line in (row.record or "").splitlines() if line.strip()]
    basis = ("《中华人民共和国行政许可法》第四十八条",)
    return Particulars(letter=Letter(facts, lines), basis=basis)
