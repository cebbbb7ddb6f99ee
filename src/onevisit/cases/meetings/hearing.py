"""Hearings before the decision: the right is told, asked for or waived (许可法第三十六、四十七条).

If nobody asks by the last day, the right lapses by itself: that is read off the dates, not stored.
Until then, and while a hearing that was asked for is not held, nothing is decided.
"""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlmodel import col, select

from onevisit.access import check_can_edit
from onevisit.cases import wording
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.leading import decides, publishes
from onevisit.cases.meetings import appointments
from onevisit.cases.outbox.telling import tell
from onevisit.cases.snapshot import Letter, Particulars
from onevisit.cases.turn import Turn
from onevisit.definition.form import FieldError
from onevisit.definition.place import HearingRules
from onevisit.documents.format import cn_date, cn_datetime
from onevisit.engine.clocks import add_working_days, received_on
from onevisit.store import evidence
from onevisit.store.turn_tables import Hearing

OFFER, ASK, ENTER, WAIVE = "offer_hearing", "ask_hearing", "enter_hearing", "waive_hearing"
FREE = "组织听证不收取任何费用"
Stage = Literal["open", "lapsed", "waived", "asked", "called", "held"]


@dataclass(frozen=True)
class Offer:
    """Whose great interests are affected and how; `parties` names interested persons, if any."""

    interests: str
    parties: str


def offer(ctx: Context, approval_id: uuid.UUID, told: Offer, revision: int) -> str:
    """Tell the applicant, and the interested persons that are named, that they may ask for a
    hearing (第四十七条第一款) and may state and defend (第三十六条).

    Returns a sentence; raises Invalid (path reasons), NotPossible when they were told before.
    """
    turn, region = appointments.acting(ctx, approval_id, OFFER, revision)
    dossier = turn.dossier
    rules = rules_of(dossier, region, OFFER)
    if of_region(ctx, dossier, region) is not None:
        raise dossier.hindered(region, OFFER, "已经告知过听证权利")
    if not told.interests.strip():
        text = "请写明许可直接涉及申请人与谁之间的什么重大利益（行政许可法第四十七条）"
        raise Invalid([FieldError("reasons", text)])
    row = Hearing(
        case_id=dossier.case.id,
        region=region,
        interests=told.interests.strip(),
        parties=told.parties.strip() or None,
        told_at=ctx.now,
        told_by=ctx.actor.id,
        ask_by=add_working_days(dossier.definition.calendar, ctx.today, rules.ask),
    )
    ctx.session.add(row)
    turn.act(OFFER, region, reasons=row.interests, parties=row.parties)
    turn.vouch(lambda: evidence.of_row(row))
    turn.write_documents({"hearing_right": _right(dossier, row, rules)})
    turn.save()
    return f"已告知听证权利，可以在{cn_date(row.ask_by)}前提出；在此之前不能作出决定。"


def ask(ctx: Context, case_id: uuid.UUID, region: str, revision: int) -> Hearing:
    """The applicant asks for a hearing in time; it has to be held within the place's working days
    (第四十七条第一款). Raises NotPossible when too late, waived or never told."""
    turn, row = _by_applicant(ctx, case_id, region, ASK, revision)
    _asked(turn, row, ASK, None)
    return row


def enter(ctx: Context, approval_id: uuid.UUID, who: str, revision: int) -> str:
    """Enter that an interested person asked for a hearing: they have the same right
    (第四十七条第一款). Raises Invalid (path who) and NotPossible as in `ask`."""
    turn, region = appointments.acting(ctx, approval_id, ENTER, revision)
    row = _told(ctx, turn.dossier, region, ENTER)
    if not who.strip():
        raise Invalid([FieldError("who", "请写明哪位利害关系人、何时怎样提出")])
    _asked(turn, row, ENTER, who.strip())
    return f"已登记听证申请，应当在{cn_date(row.hold_by or row.ask_by)}前举行听证。"


def waive(ctx: Context, case_id: uuid.UUID, region: str, revision: int) -> Hearing:
    """The applicant gives the right up, or takes back that they asked; interested persons keep
    theirs until its last day."""
    turn, row = _by_applicant(ctx, case_id, region, WAIVE, revision)
    check_may(turn.dossier, row, WAIVE, ctx.today)
    row.waived_at, row.hold_by = ctx.now, None
    ctx.session.add(row)
    turn.act(WAIVE, region)
    turn.vouch(lambda: evidence.of_row(row))
    turn.save()
    tell_officers(turn, row, "申请人放弃听证", "申请人已放弃听证。")
    return row


def of_region(ctx: Context, dossier: Dossier, region: str) -> Hearing | None:
    """The hearing of an approval, as soon as the right was told."""
    statement = select(Hearing).where(
        Hearing.case_id == dossier.case.id, col(Hearing.region) == region
    )
    return ctx.session.exec(statement).one_or_none()


def rules_of(dossier: Dossier, region: str, event: str) -> HearingRules:
    """The place's days for hearings; NotPossible where it has published none."""
    rules = dossier.definition.jurisdiction.hearing
    if rules is None:
        raise dossier.hindered(region, event, "本地辖区规则没有写明听证的期限，请联系流程管理员")
    return rules


def stage(row: Hearing, today: date) -> Stage:
    """How far a hearing has come. The applicant's waiver ends the matter only where nobody else
    has the right; what nobody asked for in time has lapsed."""
    if row.recorded_at is not None:
        return "held"
    if row.called_at is not None:
        return "called"
    if row.asked_at is not None and (row.waived_at is None or row.waived_at < row.asked_at):
        return "asked"
    if row.waived_at is not None and not row.parties:
        return "waived"
    return "open" if today <= row.ask_by else "lapsed"


def may(row: Hearing, event: str, today: date) -> bool:
    """Whether one may ask, enter or waive now: in time, once, and not after giving it up; who
    asked may take it back until the hearing is called."""
    now = stage(row, today)
    given_up = row.waived_at is not None and event != ENTER
    if event == WAIVE and now == "asked":
        return row.asked_by is None
    return now == "open" and not given_up


def check_may(dossier: Dossier, row: Hearing, event: str, today: date) -> None:
    """NotPossible, saying why, unless `may`."""
    if not may(row, event, today):
        raise dossier.hindered(row.region, event, _why_not(row, today))


def check_heard(ctx: Context, dossier: Dossier, region: str, event: str) -> None:
    """A guard: nothing is decided, nor published as about to be, while somebody may still ask for
    a hearing or a hearing is still to be held; and who chairs it signs nothing (第四十八条)."""
    row = of_region(ctx, dossier, region)
    if row is None:
        return
    if row.chair_id == ctx.actor.id:
        because = "您是本件的听证主持人，不能参与审查和决定（行政许可法第四十八条）"
        raise dossier.hindered(region, event, because)
    if not (decides(dossier, region, event) or publishes(dossier, region, event)):
        return
    now = stage(row, ctx.today)
    if now in ("open", "asked", "called"):
        raise dossier.hindered(region, event, _why_wait(row, now))


def _why_wait(row: Hearing, now: Stage) -> str:
    if now == "open":
        return f"已告知听证权利，{cn_date(row.ask_by)}前可以提出听证，期满或者放弃后才能决定"
    if now == "asked":
        return f"听证申请已经提出，应当先举行听证（{cn_date(row.hold_by or row.ask_by)}前）"
    assert row.held_at is not None, "a called hearing has its moment"
    return f"听证定于{cn_datetime(row.held_at)}举行，听证后根据听证笔录作出决定"


def _by_applicant(
    ctx: Context, case_id: uuid.UUID, region: str, event: str, revision: int
) -> tuple[Turn, Hearing]:
    dossier = load(ctx, case_id, lock=True)
    check_can_edit(ctx.actor, dossier.case.applicant_id, dossier.case.agent_id)
    if region not in dossier.approvals:
        raise NotFound("这个事项")
    turn = Turn(ctx, dossier)
    turn.check_revision(region, revision)
    if dossier.standing(region, event) is None:
        raise turn.not_possible(region, event)
    return turn, _told(ctx, dossier, region, event)


def _told(ctx: Context, dossier: Dossier, region: str, event: str) -> Hearing:
    row = of_region(ctx, dossier, region)
    if row is None:
        raise dossier.hindered(region, event, "这个事项没有告知听证权利")
    return row


def _asked(turn: Turn, row: Hearing, event: str, who: str | None) -> None:
    """Somebody asked; the authority's days run from when it was received (民法典第二百零三条)."""
    ctx, definition = turn.ctx, turn.dossier.definition
    check_may(turn.dossier, row, event, ctx.today)
    rules = rules_of(turn.dossier, row.region, event)
    received = received_on(definition.calendar, definition.jurisdiction.hours, ctx.local)
    row.asked_at, row.asked_by = ctx.now, who
    row.hold_by = add_working_days(definition.calendar, received, rules.hold)
    ctx.session.add(row)
    turn.act(event, row.region, text=who or "申请人要求听证")
    turn.vouch(lambda: evidence.of_row(row))
    turn.save()
    body = f"{who or '申请人'}要求听证，应当在{cn_date(row.hold_by)}前举行。"
    tell_officers(turn, row, "收到听证申请", body)


def _why_not(row: Hearing, today: date) -> str:
    now = stage(row, today)
    if now == "lapsed":
        return f"提出听证的期限已于{cn_date(row.ask_by)}届满"
    said: dict[Stage, str] = {
        "waived": "已经放弃听证",
        "open": "已经放弃听证",
        "asked": "听证申请已经提出，请等待听证通知",
        "called": "听证已经通知，请按通知参加",
        "held": "听证已经举行",
    }
    return said[now]


def tell_officers(turn: Turn, row: Hearing, title: str, body: str) -> None:
    """Tell everybody in the department who signs a step of this approval, after `turn.save()`."""
    ctx, dossier = turn.ctx, turn.dossier
    approval = dossier.approvals[row.region]
    item = wording.item_title(dossier.selection.part(row.region))
    tell(
        ctx,
        f"hearing/{row.id}/{approval.ledger_seq}",
        appointments.officers(ctx, dossier, row.region),
        title,
        f"办件{dossier.case.number}“{item}”：{body}",
        kind="hearing",
        link=f"/office/{approval.id}",
        case_id=dossier.case.id,
    )


def _right(dossier: Dossier, row: Hearing, rules: HearingRules) -> Particulars:
    """What the notice tells: the right, its last day, and that it costs nothing."""
    facts = [
        ("事项", wording.item_title(dossier.selection.part(row.region))),
        ("涉及的重大利益", row.interests),
        ("提出听证的期限", f"收到本告知书之日起{rules.ask}个工作日内，即{cn_date(row.ask_by)}前"),
        ("怎样提出", "登录后在办件页面“要求听证”，或者到综合窗口书面、口头提出"),
    ]
    if row.parties:
        facts.insert(1, ("利害关系人", row.parties))
    paragraphs = [
        "申请人、利害关系人享有要求听证的权利，也有权进行陈述和申辩",
        f"提出听证申请的，将在{rules.hold}个工作日内组织听证；逾期不提出的，视为放弃听证",
        FREE,
    ]
    basis = ("《中华人民共和国行政许可法》第三十六条、第四十七条",)
    return Particulars(letter=Letter(facts, paragraphs), due=row.ask_by, basis=basis)
