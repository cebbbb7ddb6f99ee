"""Rating a finished case once (好差评), and following up who was not satisfied.

国务院办公厅关于建立政务服务“好差评”制度提高政务服务水平的意见: five grades; whoever gives a bad
one is spoken to within the days of the place, and told what was done.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlmodel import select

from onevisit.access import check_can_edit, check_can_supervise
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.outbox.telling import applicant_side, holders, tell
from onevisit.cases.turn import Turn
from onevisit.definition.form import FieldError
from onevisit.definition.place import Reason
from onevisit.documents.format import cn_date
from onevisit.engine import CASE
from onevisit.engine.clocks import add_working_days
from onevisit.store import evidence
from onevisit.store.citizen_tables import Rating, RatingSkip

GRADES = {5: "非常满意", 4: "满意", 3: "基本满意", 2: "不满意", 1: "非常不满意"}
WORST_GOOD = 3
"""A grade below is a bad one (差评)."""
WORDS_AT_MOST = 1000
RATE, FOLLOW_UP = "rate", "follow_up_rating"


def rate(
    ctx: Context, case_id: uuid.UUID, grade: int | None, reasons: Sequence[str], words: str
) -> Rating:
    """Keep what the applicant's side thinks of a finished case; a bad grade is told to supervision.

    Pressed twice, the first counts. Raises Invalid for no grade, and NotPossible before the end.
    """
    dossier = _finished(ctx, case_id)
    before = rating_of(ctx, case_id)
    if before is not None:
        return before
    if grade not in GRADES:
        raise Invalid([FieldError("grade", "请选择一个等次")])
    if len(words) > WORDS_AT_MOST:
        raise Invalid([FieldError("words", f"最多 {WORDS_AT_MOST} 个字，现在是 {len(words)} 个字")])
    offered = {each.id for each in offered_reasons(dossier, grade)}
    row = Rating(
        case_id=case_id,
        grade=grade,
        reasons=[each for each in dict.fromkeys(reasons) if each in offered],
        words=words.strip() or None,
        rated_by=ctx.actor.id,
        rated_at=ctx.now,
    )
    rules = dossier.definition.jurisdiction.rating
    if is_bad(grade) and rules is not None:
        row.contact_due = add_working_days(dossier.definition.calendar, ctx.today, rules.contact)
    ctx.session.add(row)
    ctx.session.flush()
    _record(ctx, dossier, RATE, "applicant", row, grade=grade, text=GRADES[grade])
    if is_bad(grade):
        _tell_supervision(ctx, dossier, row)
    return row


def skip(ctx: Context, case_id: uuid.UUID) -> None:
    """Do not ask for a rating of this case again; it can still be given."""
    _finished(ctx, case_id)
    if ctx.session.get(RatingSkip, case_id) is None:
        ctx.session.add(RatingSkip(case_id=case_id, skipped_by=ctx.actor.id, skipped_at=ctx.now))
        ctx.session.flush()


def follow_up(ctx: Context, rating_id: uuid.UUID, outcome: str) -> Rating:
    """Write down what was done about a bad rating, and tell it to who gave it; the first counts.

    Raises Invalid when nothing is said, NotFound for a rating that nobody has to follow up.
    """
    check_can_supervise(ctx.actor)
    row = ctx.session.get(Rating, rating_id, with_for_update=True)
    if row is None or not is_bad(row.grade):
        raise NotFound("这条差评")
    if row.contacted_at is not None:
        return row
    if not outcome.strip():
        raise Invalid([FieldError("outcome", "请写明联系的情况和处理的结果")])
    row.outcome, row.contacted_at, row.contacted_by = outcome.strip(), ctx.now, ctx.actor.id
    dossier = load(ctx, row.case_id, lock=True)
    _record(ctx, dossier, FOLLOW_UP, "supervisor", row, text=row.outcome)
    service = dossier.definition.workflow.title
    tell(
        ctx,
        f"rating/{row.id}/answer",
        applicant_side(dossier),
        f"您对{service}的评价有了回复",
        row.outcome,
        link=f"/my/{row.case_id}/rate",
        case_id=row.case_id,
    )
    return row


def is_bad(grade: int) -> bool:
    """不满意 and 非常不满意 are followed up."""
    return grade < WORST_GOOD


def offered_reasons(dossier: Dossier, grade: int) -> tuple[Reason, ...]:
    """What may be ticked with this grade; nothing where the place offers nothing."""
    rules = dossier.definition.jurisdiction.rating
    if rules is None:
        return ()
    return rules.complaints if is_bad(grade) else rules.praise


def rating_of(ctx: Context, case_id: uuid.UUID) -> Rating | None:
    """The rating of a case, if there is one."""
    return ctx.session.exec(select(Rating).where(Rating.case_id == case_id)).one_or_none()


def may_rate(dossier: Dossier) -> bool:
    """Only what was handed in and has come to its end."""
    return dossier.case.number is not None and dossier.case.concluded_at is not None


def _finished(ctx: Context, case_id: uuid.UUID) -> Dossier:
    """The locked dossier of the applicant's side's own finished case."""
    dossier = load(ctx, case_id, lock=True)
    check_can_edit(ctx.actor, dossier.case.applicant_id, dossier.case.agent_id)
    if not may_rate(dossier):
        raise dossier.hindered(CASE, RATE, "办件还没有办结，办结后再评价")
    return dossier


def _record(
    ctx: Context, dossier: Dossier, act: str, role: str, row: Rating, **detail: Any
) -> None:
    turn = Turn(ctx, dossier)
    turn.note(act, role, CASE, **detail)
    turn.vouch(lambda: evidence.of_row(row))
    turn.save()


def _tell_supervision(ctx: Context, dossier: Dossier, row: Rating) -> None:
    service, number = dossier.definition.workflow.title, dossier.case.number
    day = f"请在{cn_date(row.contact_due)}前联系评价人，" if row.contact_due else "请联系评价人，"
    tell(
        ctx,
        f"rating/{row.id}",
        holders(ctx, "supervisor"),
        f"差评待回访：{service}",
        f"办件 {number} 被评为“{GRADES[row.grade]}”。{day}核实情况并登记处理结果。",
        kind="rating",
        link=f"/watch/ratings/{row.id}",
        case_id=row.case_id,
    )
