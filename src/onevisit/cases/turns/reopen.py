"""Handling a case anew after a review or a court has set a decision aside (复议、诉讼).

The items named become a new case with the same form, answers and material, submitted and accepted
at once, so that nothing is asked of the applicant again; the ledgers of both refer to each other.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import select

from onevisit.access import check_can_govern
from onevisit.cases import wording
from onevisit.cases.afterwards import pledge
from onevisit.cases.context import Context
from onevisit.cases.deferral import owing
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.paper import latest_checks, live_uploads
from onevisit.cases.snapshot import Letter, Particulars
from onevisit.cases.submit import approvals_of
from onevisit.cases.turn import Turn
from onevisit.definition.form import FieldError
from onevisit.documents.format import BEIJING, cn_date
from onevisit.engine import CASE
from onevisit.engine.clocks import add_working_days
from onevisit.store import evidence
from onevisit.store.numbers import case_number
from onevisit.store.tables import Case, Check, Upload
from onevisit.store.turn_tables import Certificate, Owed

EVENT = "reopen"
BASIS = ("《中华人民共和国行政复议法》", "《中华人民共和国行政诉讼法》")


@dataclass(frozen=True)
class Review:
    """The decision by which an earlier one was set aside: its number, its date, in whose name."""

    number: str
    day: date
    body: str


def reopen(  # noqa: PLR0917 -- what a page posts, in the order in which it asks
    ctx: Context,
    case_id: uuid.UUID,
    regions: Sequence[str],
    review: Review,
    reasons: str,
    revision: int,
) -> Case:
    """The new case, in review, with these items of the old one; the government alone orders it.

    Invalid (paths `items`, `body`, `number`, `day`, `reasons`), Forbidden, Stale, NotPossible.
    """
    check_can_govern(ctx.actor)
    dossier = load(ctx, case_id, lock=True)
    if dossier.case.number is None:
        raise NotFound("这个办件")
    turn = Turn(ctx, dossier)
    turn.check_revision(CASE, revision)
    if dossier.standing(CASE, EVENT) is None:
        raise turn.not_possible(CASE, EVENT)
    errors = [*_item_faults(ctx, dossier, regions), *_review_faults(ctx, dossier, review)]
    if errors:
        raise Invalid(errors)
    chosen = [part.key for part in dossier.selection.parts if part.key in regions]
    following = _submitted(ctx, dossier, chosen)
    _accepted(ctx, dossier, following)
    turn.act(
        EVENT,
        reasons=reasons.strip(),
        items=chosen,
        review=[review.body, review.number, review.day.isoformat()],
        successor=following.case.number,
    )
    for region in chosen:
        _close_check(turn, region, f"原决定被撤销，在办件{following.case.number}中重新办理")
    turn.write_documents({"reopening": _letter(dossier, chosen, review, reasons, following)})
    turn.save()
    return following.case


def successors(ctx: Context, case_id: uuid.UUID) -> list[Case]:
    """The cases that handle parts of this one anew."""
    return list(ctx.session.exec(select(Case).where(Case.reopens == case_id)))


def hindrance(ctx: Context, dossier: Dossier, region: str) -> str | None:
    """Why an item cannot be handled anew, as a sentence; None when it can."""
    title = wording.item_title(dossier.selection.part(region))
    if not dossier.state(region).final:
        return f"“{title}”还没有办结"
    for case in successors(ctx, dossier.case.id):
        if region in (case.only or ()):
            return f"“{title}”已经在办件{case.number}中重新办理"
    certificate = select(Certificate).where(
        Certificate.case_id == dossier.case.id, Certificate.region == region
    )
    row = ctx.session.exec(certificate).one_or_none()
    life = dossier.definition.lifecycle.certificate
    if row is not None and life is not None and not life.states[row.state].final:
        return f"“{title}”的证照仍然有效，请先由发证部门撤销，再重新办理"
    return None


def _item_faults(ctx: Context, dossier: Dossier, regions: Sequence[str]) -> list[FieldError]:
    known = [region for region in regions if region in dossier.approvals]
    if not known or len(known) != len(regions):
        return [FieldError("items", "请选择要重新办理的事项")]
    found = (hindrance(ctx, dossier, region) for region in known)
    return [FieldError("items", each) for each in found if each is not None]


def _review_faults(ctx: Context, dossier: Dossier, review: Review) -> list[FieldError]:
    errors = []
    if not review.body.strip():
        errors.append(FieldError("body", "请填写作出复议决定的机关或者判决的法院"))
    if not review.number.strip():
        errors.append(FieldError("number", "请填写复议决定书或者判决书的编号"))
    decided = dossier.case.decided_at
    if review.day > ctx.today:
        errors.append(FieldError("day", "复议决定或者判决的日期不能晚于今天"))
    elif decided is not None and review.day < decided.astimezone(BEIJING).date():
        errors.append(FieldError("day", "复议决定或者判决的日期不能早于原决定"))
    return errors


def _close_check(turn: Turn, region: str, finding: str) -> None:
    """What was decided on a pledge and is set aside is not checked any more."""
    check = pledge.close(turn.ctx, turn.dossier.case.id, region, finding)
    if check is not None:
        turn.vouch(lambda: evidence.of_row(check))


def _submitted(ctx: Context, old: Dossier, regions: list[str]) -> Dossier:
    """The new case under a number of its own, with everything that was handed in before."""
    dossier = load(ctx, _row(ctx, old, regions).id, lock=True)
    _copy_uploads(ctx, old, dossier)
    dossier = replace(dossier, approvals=approvals_of(ctx, dossier))
    for region, row in dossier.approvals.items():  # it may have been transferred
        row.department = old.approvals[region].department
    ctx.session.flush()
    turn = Turn(ctx, dossier)
    turn.fire("submit", by="government", reopens=old.case.number)
    definition = dossier.definition
    number = case_number(ctx.session, definition.jurisdiction.region, ctx.today)
    turn.set(CASE, number=number)
    turn.vouch(lambda: evidence.of_form(dossier.case))
    turn.vouch(lambda: evidence.of_uploads(live_uploads(ctx, dossier)))
    days = definition.jurisdiction.correction_notice.days
    last = add_working_days(definition.calendar, ctx.today, days)
    turn.write_documents({"receipt": Particulars(due=last)})
    turn.save()
    return dossier


def _accepted(ctx: Context, old: Dossier, dossier: Dossier) -> None:
    """All items that can start do so at once; what was found of the material still holds."""
    turn = Turn(ctx, dossier)
    turn.fire("accept", by="government", reopens=old.case.number)
    rows = _copy_checks(ctx, old, dossier)
    turn.vouch(lambda: evidence.of_checks(list(rows.values())))
    owed = owing.owe(ctx, dossier, rows)
    owing.vouch(turn, owed)
    told = {
        "acceptance": Particulars(due=owing.earliest(owed)),
        owing.DOCUMENT: owing.notice(dossier, owed),
    }
    turn.write_documents(told, also=(owing.DOCUMENT,) if owed else ())
    turn.save()


def _row(ctx: Context, old: Dossier, regions: list[str]) -> Case:
    case = Case(
        workflow_id=old.case.workflow_id,
        version_hash=old.case.version_hash,
        state=old.chart.tables[CASE].initial,
        applicant_id=old.case.applicant_id,
        agent_id=old.case.agent_id,
        channel=old.case.channel,
        answers=dict(old.case.answers),
        form=dict(old.case.form),
        created_at=ctx.now,
        pickup=old.case.pickup,
        recipient=old.case.recipient,
        reopens=old.case.id,
        only=regions,
    )
    ctx.session.add(case)
    ctx.session.flush()
    return case


def _copy_uploads(ctx: Context, old: Dossier, new: Dossier) -> None:
    """The files of the material that is still needed, each stored once more under its own key."""
    wanted = {each.id for each in new.selection.materials}
    rows = [row for row in live_uploads(ctx, old) if row.material_id in wanted]
    saved: list[str] = []
    try:
        saved.extend(_copy(ctx, new, row) for row in rows)
        ctx.session.flush()
    except BaseException:
        for key in saved:
            ctx.files.delete(key)
        raise


def _copy(ctx: Context, new: Dossier, row: Upload) -> str:
    content = ctx.files.stored(row.storage_key).chunks()
    stored = ctx.files.save_stream(content, row.size)
    kept = row.model_dump(exclude={"id", "case_id", "storage_key"})
    ctx.session.add(Upload(**kept, case_id=new.case.id, storage_key=stored.key))
    return stored.key


def _copy_checks(ctx: Context, old: Dossier, new: Dossier) -> dict[str, Check]:
    """What the clerk found at last; what was deferred and brought meanwhile has been received."""
    of_old = select(Owed).where(Owed.case_id == old.case.id, Owed.state == "received")
    brought = {row.material_id for row in ctx.session.exec(of_old)}
    wanted = {each.id for each in new.selection.materials}
    rows = {}
    for material_id, row in latest_checks(ctx, old).items():
        if material_id in wanted:
            kept = row.model_dump(exclude={"id", "case_id", "round", "status"})
            status = "received" if material_id in brought else row.status
            rows[material_id] = Check(**kept, case_id=new.case.id, round=1, status=status)
    ctx.session.add_all(rows.values())
    ctx.session.flush()
    return rows


def _letter(
    old: Dossier, regions: list[str], review: Review, reasons: str, new: Dossier
) -> Particulars:
    """What the notice says, to be read beside the decision that was set aside."""
    titles = "、".join(wording.item_title(old.selection.part(region)) for region in regions)
    facts = [
        ("撤销原决定的文书", f"{review.body.strip()} {review.number.strip()}"),
        ("文书日期", cn_date(review.day)),
        ("重新办理的事项", titles),
        ("新办件编号", new.case.number or ""),
    ]
    paragraphs = [
        f"重新办理的理由：{reasons.strip()}",
        "原来提交的申请表和材料继续使用，不需要再次提交；办理时限自今日起重新计算。",
        "签署过原决定的人员回避，由其他人员作出决定。",
    ]
    return Particulars(letter=Letter(facts=facts, paragraphs=paragraphs), basis=BASIS)
