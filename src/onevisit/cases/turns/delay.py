"""Explaining a delay: who did not keep the time tells the applicant why (许可法第四十二条)."""

import uuid
from datetime import date

from sqlmodel import col, select

from onevisit.cases import wording
from onevisit.cases.accept import taken_in
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.signing import done_by_officer
from onevisit.cases.snapshot import Letter, Particulars
from onevisit.cases.turn import Turn
from onevisit.cases.turns.stops import dues
from onevisit.documents.format import BEIJING, cn_date
from onevisit.engine import CASE
from onevisit.store.work_tables import Alert

EVENT, KIND = "explain_delay", "delay"
ARTICLE = "《中华人民共和国行政许可法》第四十二条"
LATE = ("red", "supervision")


def explain(ctx: Context, approval_id: uuid.UUID, reasons: str, revision: int) -> str:
    """Tell why an item is past its promise, in writing; the supervisor reads the same reasons.

    Returns a sentence; raises Invalid (path reasons), NotPossible while still in time, Stale.
    """
    turn, region = done_by_officer(ctx, approval_id, EVENT, revision)
    return _explain(turn, region, reasons)


def explain_whole(ctx: Context, case_id: uuid.UUID, reasons: str, revision: int) -> str:
    """As `explain`, by the desk for the whole of a case."""
    dossier = taken_in(ctx, case_id)
    turn = Turn(ctx, dossier)
    turn.check_revision(CASE, revision)
    if dossier.standing(CASE, EVENT) is None:
        raise turn.not_possible(CASE, EVENT)
    return _explain(turn, CASE, reasons)


def check_late(ctx: Context, dossier: Dossier, region: str) -> None:
    """NotPossible while the promise is kept."""
    _, promise = dues(dossier, region)
    if worked_until(ctx, dossier, region) <= promise:
        because = f"还没有超过承诺时限（{cn_date(promise)}）"
        raise dossier.hindered(region, EVENT, because)


def worked_until(ctx: Context, dossier: Dossier, region: str) -> date:
    """Today, or the day on which all was decided."""
    decided = dossier.row(region).decided_at
    return ctx.today if decided is None else decided.astimezone(BEIJING).date()


def _explain(turn: Turn, region: str, reasons: str) -> str:
    ctx, dossier = turn.ctx, turn.dossier
    check_late(ctx, dossier, region)
    legal, promise = dues(dossier, region)
    turn.act(EVENT, region, reasons=reasons.strip())
    alerts = _record(ctx, dossier, region, reasons.strip())
    passed = worked_until(ctx, dossier, region) > legal
    facts = [
        ("事项", _subject(dossier, region)),
        ("承诺时限", f"{cn_date(promise)}，已经超过"),
        ("法定期限", f"{cn_date(legal)}届满{'，已经超过' if passed else '，尚未超过'}"),
    ]
    paragraphs = (
        f"未能按时办结的理由：{reasons.strip()}",
        "我们仍在抓紧办理"
        if dossier.row(region).decided_at is None
        else "结果已经作出，请及时领取",
        "对超期有意见的，可以向文末所列的窗口反映",
    )
    letter = Letter(facts, paragraphs)
    turn.write_documents({KIND: Particulars(letter=letter, basis=(ARTICLE,))})
    turn.save()
    told = "，并已记入督办" if alerts else ""
    return f"已向申请人说明超期理由{told}。"


def _subject(dossier: Dossier, region: str) -> str:
    if region == CASE:
        return "整个办件"
    return wording.item_title(dossier.selection.part(region))


def _record(ctx: Context, dossier: Dossier, region: str, reasons: str) -> int:
    """Write the reasons beside the lights that came on; how many had none yet."""
    statement = select(Alert).where(
        Alert.case_id == dossier.case.id,
        Alert.region == region,
        col(Alert.kind).in_(LATE),
        col(Alert.reasons).is_(None),
    )
    rows = ctx.session.exec(statement).all()
    for row in rows:
        row.reasons = reasons
        ctx.session.add(row)
    return len(rows)
