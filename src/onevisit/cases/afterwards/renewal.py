"""Renewal (延续): asked for in time, granted or refused before the last day, else granted by law.

许可法第五十条: the holder asks thirty days before expiry (working days, 第八十二条); what is not
decided by the last day of validity counts as renewed, which the sweep does (`cases.validity`).
"""

import uuid
from datetime import date

from onevisit.access import check_can_edit
from onevisit.cases import wording
from onevisit.cases.afterwards import request, version
from onevisit.cases.afterwards.certificate import CertificateTurn, Held, held
from onevisit.cases.afterwards.version import described
from onevisit.cases.context import Context
from onevisit.cases.lights import days_between
from onevisit.cases.outbox.telling import holders, tell
from onevisit.cases.snapshot import Letter, Particulars
from onevisit.documents.format import cn_date
from onevisit.engine.clocks import ONE_DAY
from onevisit.store.turn_tables import Certificate

ASK, RENEW, REFUSE, TACITLY = "ask_renewal", "renew", "refuse_renewal", "renew_tacitly"
ON_RENEWAL = "《中华人民共和国行政许可法》第五十条"


def ask(ctx: Context, certificate_id: uuid.UUID, text: str, revision: int) -> Certificate:
    """The holder asks for renewal, in time; NotPossible tells who is late to apply anew."""
    found = held(ctx, certificate_id, lock=True)
    case = found.dossier.case
    check_can_edit(ctx.actor, case.applicant_id, case.agent_id)
    turn = CertificateTurn(ctx, found)
    turn.check_revision(revision)
    turn.fire(ASK, text=text.strip() or None)
    because = hindrance(ctx, found)
    if because is not None:
        raise turn.not_possible(ASK, because)
    asked = {"asked_on": ctx.today.isoformat(), "text": text.strip()}
    turn.set(detail={**found.row.detail, "renewal": asked})
    assert found.row.valid_until is not None, "what holds for good is not renewed"
    facts = [*described(found), ("申请日期", cn_date(ctx.today))]
    decided = (
        f"{cn_date(found.row.valid_until)}前作出是否准予延续的决定；逾期未作决定的，视为准予延续。"
    )
    letter = Letter(facts=facts, paragraphs=[f"审批部门将在{decided}"])
    turn.write_documents({"receipt": Particulars(letter=letter, basis=(ON_RENEWAL,))})
    _tell_deciders(turn)
    turn.save()
    return found.row


def _tell_deciders(turn: CertificateTurn) -> None:
    """A renewal that nobody decides is granted by law; so those who may decide are told of it."""
    row, case = turn.row, turn.held.dossier.case
    assert row.valid_until is not None, "what holds for good is not renewed"
    last = cn_date(row.valid_until)
    tell(
        turn.ctx,
        f"renewal/{row.id}/{row.revision}",
        holders(turn.ctx, "decider", row.department),
        "有延续申请等待决定",
        f"办件{case.number}发出的“{row.title}”申请延续，应在{last}前决定，逾期视为准予延续。",
        link=f"/office/certificates/{row.id}",
        case_id=row.case_id,
    )


def renew(ctx: Context, certificate_id: uuid.UUID, revision: int) -> Certificate:
    """The department that issued it grants another term, which continues from the old one."""
    turn = _opened(ctx, certificate_id, RENEW, revision)
    turn.fire(RENEW)
    prolong(turn, "经审查，符合法定条件、标准，准予延续，{}。")
    turn.save()
    return turn.row


def refuse(ctx: Context, certificate_id: uuid.UUID, reasons: str, revision: int) -> Certificate:
    """The department refuses, with reasons and remedies (许可法第三十八条); the term that runs is
    not touched."""
    turn = _opened(ctx, certificate_id, REFUSE, revision)
    turn.fire(REFUSE, reasons=reasons.strip())
    row = turn.row
    assert row.valid_until is not None, "what holds for good is not renewed"
    stays = f"原证照在有效期内继续有效，至{cn_date(row.valid_until)}为止。"
    letter = Letter(
        facts=described(turn.held),
        paragraphs=[f"决定不予延续。理由：{reasons.strip()}", stays],
        remedies=True,
    )
    turn.write_documents({"rejection": Particulars(letter=letter, basis=(ON_RENEWAL,))})
    turn.set(detail={name: each for name, each in row.detail.items() if name != "renewal"})
    turn.save()
    return row


def prolong(turn: CertificateTurn, sentence: str) -> None:
    """Continue the term by another of the same length, and write the decision and a new paper
    with the whole term; `sentence` has a place for the dates."""
    held, row = turn.held, turn.row
    facts, first, last = described(held), *following(held)
    span = f"有效期自{cn_date(first)}至{cn_date(last)}"
    letter = Letter(facts=[*facts, ("延续后", span)], paragraphs=[sentence.format(span)])
    decision = Particulars(letter=letter, basis=(ON_RENEWAL,))
    paper = version.following(turn, valid_until=last.isoformat())
    turn.write_documents({"renewal": decision, "certificate": paper})
    kept = request.answered(row, request.PAPERS)
    turn.set(
        valid_until=last,
        timer_due=last,
        detail={name: each for name, each in kept.items() if name != "renewal"},
    )


def following(held: Held) -> tuple[date, date]:
    """First and last day of the term that would follow: as long as the one that ends."""
    item = held.dossier.definition.workflow.item(held.row.item_id)
    assert item.result is not None and item.result.valid is not None
    assert item.result.valid.years is not None and held.row.valid_until is not None
    first = held.row.valid_until + ONE_DAY
    return first, wording.years_later(first, item.result.valid.years)


def ask_by(held: Held) -> date | None:
    """The last day on which renewal can be asked for: so many working days have to follow it, up
    to and including the last day of validity. None where nothing is renewed."""
    definition, last = held.dossier.definition, held.row.valid_until
    rules = definition.jurisdiction.renewal
    if rules is None or last is None:
        return None
    day = last
    while days_between(definition.calendar, day, last) < rules.days:
        day -= ONE_DAY
    return day


def hindrance(ctx: Context, held: Held) -> str | None:
    """A sentence on why renewal cannot be asked for now, beside the state; None when it can."""
    row, rules = held.row, held.dossier.definition.jurisdiction.renewal
    if row.valid_until is None:
        return "这份证照长期有效，不需要延续"
    day = ask_by(held)
    if rules is None or day is None:
        return "本地的规则没有规定怎样延续，请重新申请"
    if ctx.today <= day:
        return None
    service = held.dossier.definition.workflow.title
    when = f"应当在有效期届满{rules.days}个工作日前（{cn_date(day)}前）申请延续（{rules.basis}）"
    until = f"证照在{cn_date(row.valid_until)}前仍然有效"
    return f"{when}，已经超过这个日期；{until}，需要继续的请重新申请“{service}”"


def _opened(ctx: Context, certificate_id: uuid.UUID, event: str, revision: int) -> CertificateTurn:
    turn = CertificateTurn(ctx, held(ctx, certificate_id, lock=True))
    turn.admit(event, revision)
    return turn
