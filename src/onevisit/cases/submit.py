"""Submitting: the whole form and all material are checked once more, then frozen under a number."""

import uuid
from dataclasses import replace
from datetime import date

from onevisit.cases import shared_data
from onevisit.cases.afterwards.bars import barred
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.draft import asked_data, editable, form_of, missing_materials
from onevisit.cases.errors import Invalid
from onevisit.cases.paper import handed_in, live_uploads
from onevisit.cases.pickup import POST, Recipient, recipient_faults
from onevisit.cases.renew import newer
from onevisit.cases.snapshot import Particulars
from onevisit.cases.turn import Turn
from onevisit.definition.form import FieldError
from onevisit.documents.format import cn_date
from onevisit.engine import CASE, Part
from onevisit.engine.clocks import add_working_days
from onevisit.engine.timers import timer_due
from onevisit.store import evidence
from onevisit.store.numbers import case_number
from onevisit.store.plain import write_new
from onevisit.store.tables import Approval, Case, Row

EVENT = "submit"


def submit(
    ctx: Context,
    case_id: uuid.UUID,
    pickup: str,
    revision: int,
    recipient: Recipient | None = None,
) -> Case:
    """Hand the draft in: a case number, one approval for each item, and the receipt.

    `recipient`: where to, when the results are to be posted. Invalid names everything that is
    wrong, form, material, pickup and address, at once.
    """
    dossier, correction = editable(ctx, case_id, revision)
    if correction is not None:
        raise Turn(ctx, dossier).not_possible(CASE, EVENT)
    errors = problems(ctx, dossier, pickup)
    posted = (recipient or Recipient("", "", "")) if pickup == POST else None
    if posted is not None:
        errors += recipient_faults(posted)
    if errors:
        raise Invalid(errors)
    return hand_in(ctx, dossier, pickup, posted).case


def hand_in(
    ctx: Context,
    dossier: Dossier,
    pickup: str,
    posted: Recipient | None,
    *,
    by: str | None = None,
    also: Row | None = None,
) -> Dossier:
    """Freeze a draft whose faults were looked for: number, approvals, receipt; the dossier then.

    `by`: the role of whoever does it, where that is not the applicant; `also`: a row about how it
    came in that the entry vouches for.
    """
    dossier = replace(dossier, approvals=approvals_of(ctx, dossier))
    turn = Turn(ctx, dossier)
    turn.fire(EVENT, by=by)
    region = dossier.definition.jurisdiction.region
    number = case_number(ctx.session, region, ctx.today)
    sent_to = posted.as_json() if posted else None
    turn.set(CASE, number=number, form=asked_data(dossier), pickup=pickup, recipient=sent_to)
    turn.vouch(lambda: evidence.of_form(dossier.case))
    turn.vouch(lambda: evidence.of_facts(shared_data.settle(ctx, dossier)))
    turn.vouch(lambda: evidence.of_uploads(live_uploads(ctx, dossier)))
    if also is not None:
        turn.vouch(lambda: evidence.of_row(also))
    due = dossier.case.timer_due or _told_by(ctx, dossier)
    turn.write_documents({"receipt": Particulars(due=due)})
    turn.save()
    return dossier


def _told_by(ctx: Context, dossier: Dossier) -> date:
    """By when the applicant is told what is missing, where no timer of the case says so."""
    days = dossier.definition.jurisdiction.correction_notice.days
    return add_working_days(dossier.definition.calendar, ctx.today, days)


def problems(ctx: Context, dossier: Dossier, pickup: str | None) -> list[FieldError]:
    """Everything that stands in the way of submitting, in the order of the pages."""
    errors = _window_fault(ctx, dossier) + barred(ctx, dossier) + _old_fault(ctx, dossier)
    unsaid = shared_data.undecided(dossier, shared_data.facts_of(ctx, dossier.case.id))
    names = {each.path for each in unsaid}
    errors += unsaid
    errors += [e for e in form_of(dossier).check(asked_data(dossier)) if e.path not in names]
    errors += missing_materials(dossier, handed_in(ctx, dossier))
    if pickup not in dossier.definition.workflow.issue.pickup:
        errors.append(FieldError("pickup", "请选择领取方式"))
    if not dossier.applicant.id_number:
        errors.append(FieldError("applicant", "您的账号没有登记证件号码，请先完成实名登记"))
    return errors


def _window_fault(ctx: Context, dossier: Dossier) -> list[FieldError]:
    """Some services take applications in a period only (报名期)."""
    window = dossier.definition.workflow.window
    if window is None or window.opens <= ctx.today <= window.closes:
        return []
    period = f"{cn_date(window.opens)}至{cn_date(window.closes)}"
    now = "还没有开始" if ctx.today < window.opens else "已经结束"
    return [FieldError("", f"报名时间为{period}，{now}；您填写的内容已经保存")]


def _old_fault(ctx: Context, dossier: Dossier) -> list[FieldError]:
    """Nobody applies by requirements that have changed meanwhile; who comes to the window is
    helped there."""
    if dossier.case.channel != "online" or newer(ctx, dossier) is None:
        return []
    return [FieldError("renewal", "办理要求在您填写期间有了更新，请先查看变化，再接着办")]


def _first_timer(ctx: Context, dossier: Dossier, part: Part) -> date | None:
    """When a part that waits for its batch begins by itself."""
    state = dossier.chart.initial[part.key]
    return timer_due(dossier.definition, dossier.chart, part, state, ctx.today)


def approvals_of(ctx: Context, dossier: Dossier) -> dict[str, Approval]:
    """One row for each selected part, in its first state."""
    rows = {
        part.key: Approval(
            case_id=dossier.case.id,
            region=part.key,
            item_id=part.item.id,
            element=part.element,
            department=part.item.department,
            route=part.route.kind,
            state=dossier.chart.initial[part.key],
            timer_due=_first_timer(ctx, dossier, part),
        )
        for part in dossier.selection.parts
    }
    write_new(ctx.session, tuple(rows.values()))
    return rows
