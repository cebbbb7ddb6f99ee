"""Extending the law's limit once: asked for by who works on it, granted by who may (第四十二条).

The promise is never lengthened: it is what was promised.
"""

import uuid

from onevisit.access import check_can_govern, check_can_grant
from onevisit.cases import wording
from onevisit.cases.accept import taken_in
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.errors import NotFound
from onevisit.cases.outbox.telling import holders, tell
from onevisit.cases.signing import apart_from, done_by_officer
from onevisit.cases.snapshot import Letter, Particulars
from onevisit.cases.turn import Turn
from onevisit.cases.turns import extension
from onevisit.cases.turns.extension import ASK, EXTEND, REFUSE
from onevisit.cases.turns.stops import Asked, dues
from onevisit.documents.format import cn_date
from onevisit.engine import CASE
from onevisit.store import evidence
from onevisit.store.turn_tables import Extension

ITEM_SENTENCE = "“{item}”（{number}）报请延长{days}个工作日，请在{due}法定期限届满前决定。"
WHOLE_SENTENCE = "{service}（{number}）报请延长{days}个工作日，请在{due}法定期限届满前决定。"


def ask(ctx: Context, approval_id: uuid.UUID, asked: Asked, revision: int) -> str:
    """Ask the department's head for more days for an item (许可法第四十二条第一款).

    Returns a sentence; raises Invalid (paths days, reasons), NotPossible with the reason, Stale.
    """
    turn, region = done_by_officer(ctx, approval_id, ASK, revision)
    row = _ask(turn, region, asked)
    dossier = turn.dossier
    heads = holders(ctx, "head", dossier.approvals[region].department)
    _tell_asked(ctx, dossier, row, heads, f"/office/{approval_id}/{EXTEND}")
    return f"已报请本部门负责人批准延长{row.days}个工作日，批准之前时限不变。"


def ask_whole(ctx: Context, case_id: uuid.UUID, asked: Asked, revision: int) -> str:
    """Ask the head of the government for more days for what is handled jointly
    (许可法第四十二条第二款)."""
    dossier = taken_in(ctx, case_id)
    turn = Turn(ctx, dossier)
    turn.check_revision(CASE, revision)
    if dossier.standing(CASE, ASK) is None:
        raise turn.not_possible(CASE, ASK)
    row = _ask(turn, CASE, asked)
    _tell_asked(ctx, dossier, row, holders(ctx, "government"), f"/government/{case_id}/{EXTEND}")
    return f"已报请本级政府负责人批准延长{row.days}个工作日，批准之前时限不变。"


def grant(ctx: Context, approval_id: uuid.UUID, revision: int) -> str:
    """The department's head grants what was asked: once, while the law's limit still runs."""
    turn, region = done_by_officer(ctx, approval_id, EXTEND, revision)
    return _grant(turn, region)


def refuse(ctx: Context, approval_id: uuid.UUID, answer: str, revision: int) -> str:
    """The department's head refuses what was asked, with reasons; the limit stays."""
    turn, region = done_by_officer(ctx, approval_id, REFUSE, revision)
    return _refuse(turn, region, answer)


def grant_whole(ctx: Context, case_id: uuid.UUID, revision: int) -> str:
    """The government's head grants what was asked for the whole."""
    return _grant(governed(ctx, case_id, EXTEND, revision), CASE)


def refuse_whole(ctx: Context, case_id: uuid.UUID, answer: str, revision: int) -> str:
    """The government's head refuses what was asked for the whole, with reasons."""
    return _refuse(governed(ctx, case_id, REFUSE, revision), CASE, answer)


def governed(ctx: Context, case_id: uuid.UUID, event: str, revision: int) -> Turn:
    """The turn in which the government's head does a standing act of the whole."""
    check_can_govern(ctx.actor)
    turn = Turn(ctx, load(ctx, case_id, lock=True))
    if turn.dossier.case.accepted_at is None:  # not the government's business yet
        raise NotFound("这个办件")
    turn.check_revision(CASE, revision)
    if turn.dossier.standing(CASE, event) is None:
        raise turn.not_possible(CASE, event)
    return turn


def _ask(turn: Turn, region: str, asked: Asked) -> Extension:
    ctx, dossier = turn.ctx, turn.dossier
    extension.check_may_ask(ctx, dossier, region)
    days = extension.check_days(ctx, dossier, region, asked.days)
    rule = extension.rule(dossier, region)
    assert rule is not None, "checked above"
    reasons = asked.reasons.strip()
    turn.act(ASK, region, reasons=reasons, days=days)
    row = Extension(
        case_id=dossier.case.id,
        region=region,
        days=days,
        reasons=reasons,
        basis=rule.basis,
        asked_by=ctx.actor.id,
        asked_at=ctx.now,
    )
    ctx.session.add(row)
    turn.vouch(lambda: evidence.of_row(row))
    turn.save()
    return row


def _grant(turn: Turn, region: str) -> str:
    ctx, dossier = turn.ctx, turn.dossier
    row = _to_decide(turn, region, EXTEND)
    extension.check_grantable(ctx, dossier, region, row)
    before, promise = dues(dossier, region)
    turn.act(EXTEND, region, days=row.days, text=row.reasons)
    _settle(turn, row, "granted", None)
    turn.reckon(region)
    after, _ = dues(dossier, region)
    facts = [
        ("事项", _subject(dossier, region)),
        ("原法定期限", f"{cn_date(before)}届满"),
        ("延长", f"{row.days}个工作日，至{cn_date(after)}届满"),
        ("承诺时限", f"不延长，仍为{cn_date(promise)}"),
        ("批准", "本级政府负责人" if region == CASE else "本行政机关负责人"),
    ]
    letter = Letter(facts, (f"延长期限的理由：{row.reasons}",))
    turn.write_documents({"extension": Particulars(letter=letter, basis=(row.basis,))})
    turn.save()
    said = f"已批准延长{row.days}个工作日，法定期限至{cn_date(after)}；承诺时限不变。"
    _tell_answer(ctx, dossier, row, said)
    return f"{said}《延长办理期限告知书》已送申请人。"


def _refuse(turn: Turn, region: str, answer: str) -> str:
    row = _to_decide(turn, region, REFUSE)
    turn.act(REFUSE, region, reasons=answer.strip())
    _settle(turn, row, "refused", answer.strip())
    turn.save()
    said = f"不批准延长期限：{answer.strip()}"
    _tell_answer(turn.ctx, turn.dossier, row, said)
    return "已答复不批准延长，时限不变。"


def _to_decide(turn: Turn, region: str, event: str) -> Extension:
    """What waits for a decision, by somebody who neither asked for it nor is otherwise involved."""
    ctx, dossier = turn.ctx, turn.dossier
    row = extension.open_request(ctx, dossier, region, event)
    check_can_grant(ctx.actor, row.asked_by, apart_from(ctx, dossier, row.asked_by))
    return row


def _settle(turn: Turn, row: Extension, state: str, answer: str | None) -> None:
    row.state, row.answer = state, answer
    row.decided_by, row.decided_at = turn.ctx.actor.id, turn.ctx.now
    turn.ctx.session.add(row)
    turn.vouch(lambda: evidence.of_row(row))


def _subject(dossier: Dossier, region: str) -> str:
    """Whose limit it is, in words."""
    if region == CASE:
        return "整个办件（联合办理）"
    return wording.item_title(dossier.selection.part(region))


def _tell_asked(
    ctx: Context, dossier: Dossier, row: Extension, who: list[uuid.UUID], link: str
) -> None:
    service, number = dossier.definition.workflow.title, dossier.case.number
    due = cn_date(dues(dossier, row.region)[0])
    subject = _subject(dossier, row.region)
    sentence = WHOLE_SENTENCE if row.region == CASE else ITEM_SENTENCE
    body = sentence.format(item=subject, service=service, number=number, days=row.days, due=due)
    body = f"{body}理由：{row.reasons}"
    tell(
        ctx, f"extension/{row.id}/asked", who, "有一件延期报请等您批准", body,
        kind="extension", link=link, case_id=dossier.case.id,
    )  # fmt: skip


def _tell_answer(ctx: Context, dossier: Dossier, row: Extension, said: str) -> None:
    link = f"/desk/{dossier.case.id}"
    if row.region != CASE:
        link = f"/office/{dossier.approvals[row.region].id}"
    body = f"{_subject(dossier, row.region)}（{dossier.case.number}）：{said}"
    tell(
        ctx, f"extension/{row.id}/{row.state}", [row.asked_by], "延期报请已有答复", body,
        kind="extension", link=link, case_id=dossier.case.id,
    )  # fmt: skip
