"""Correction: everything that is missing is told once, and what comes back is checked again."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from onevisit.access import check_can_edit, check_can_take_in
from onevisit.cases import check, wording
from onevisit.cases.accept import taken_in
from onevisit.cases.check import FieldFinding, Finding
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.draft import asked_data, form_of
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.paper import handed_in, live_uploads
from onevisit.cases.snapshot import Particulars
from onevisit.cases.turn import Turn
from onevisit.definition.form import FieldError
from onevisit.engine import CASE, select
from onevisit.engine.clocks import add_working_days
from onevisit.store import evidence
from onevisit.store.tables import Case, Check, Correction

OTHER_ITEMS = "{what}的内容改变了要办理的事项；请撤回后重新申请，或者改回原来的内容"
REQUEST, SUPPLEMENT = "request_correction", "supplement"
NOTHING_MISSING = "没有需要补正的内容：请标出缺少或者不符合要求的材料，否则应当受理"


def request(
    ctx: Context,
    case_id: uuid.UUID,
    findings: Sequence[Finding],
    field_findings: Sequence[FieldFinding],
    revision: int,
) -> Case:
    """Tell the applicant everything that is missing, once (许可法第三十二条第一款第四项).

    The list follows from the checklist, which has to be complete; it cannot be empty.
    """
    dossier = taken_in(ctx, case_id)
    turn = Turn(ctx, dossier)
    turn.check_revision(CASE, revision)
    turn.fire(REQUEST)
    rows = check.keep(ctx, dossier, findings, 1)
    correction = _notice(ctx, dossier, _missing(ctx, dossier, rows, field_findings))
    turn.vouch(lambda: evidence.of_checks(list(rows.values())))
    turn.vouch(lambda: evidence.of_correction(correction))
    particulars = Particulars(
        missing=correction.missing,
        due=correction.due,
        consequence=wording.CORRECTION_CONSEQUENCE,
    )
    turn.write_documents({"correction": particulars})
    turn.save()
    return dossier.case


def _missing(
    ctx: Context,
    dossier: Dossier,
    rows: Mapping[str, Check],
    field_findings: Sequence[FieldFinding],
) -> list[dict[str, Any]]:
    """Everything to be told; Invalid with all that is unchecked or not said, at once."""
    missing, errors = told(ctx, dossier, rows, field_findings)
    if errors:
        raise Invalid(errors)
    return missing


def told(
    ctx: Context,
    dossier: Dossier,
    rows: Mapping[str, Check],
    field_findings: Sequence[FieldFinding],
) -> tuple[list[dict[str, Any]], list[FieldError]]:
    """What the notice tells, and all that is unchecked or not said, in the order of the page."""
    missing, errors = check.missing_list(dossier, rows, field_findings)
    errors = check.unchecked(dossier, rows, handed_in(ctx, dossier)) + errors
    if not missing and not errors:
        errors = [FieldError("", NOTHING_MISSING)]
    return missing, check.as_on_the_page(dossier, errors)


def preview(
    ctx: Context,
    case_id: uuid.UUID,
    findings: Sequence[Finding],
    field_findings: Sequence[FieldFinding],
) -> tuple[Dossier, list[dict[str, Any]]]:
    """What `request` would tell, to be read before it goes out, since it goes out once only.

    Raises what `request` would raise; nothing is written.
    """
    dossier = load(ctx, case_id)
    check_can_take_in(ctx.actor, dossier.case.applicant_id, dossier.case.agent_id)
    if dossier.case.number is None:
        raise NotFound("这个办件")
    turn = Turn(ctx, dossier)
    if all(move.event != REQUEST for move in dossier.possible()):
        raise turn.not_possible(CASE, REQUEST)
    turn.check_in_time(CASE, REQUEST)
    rows = check.as_if_kept(ctx, dossier, findings, 1)
    return dossier, _missing(ctx, dossier, rows, field_findings)


def due_of(ctx: Context, dossier: Dossier) -> date:
    """The last day for the answer to a notice that goes out today."""
    reply = dossier.definition.jurisdiction.correction_reply.days
    return add_working_days(dossier.definition.calendar, ctx.today, reply)


def _notice(ctx: Context, dossier: Dossier, missing: list[dict[str, Any]]) -> Correction:
    """The row of the one notice."""
    correction = Correction(
        case_id=dossier.case.id,
        issued_at=ctx.now,
        issued_by=ctx.actor.id,
        due=due_of(ctx, dossier),
        missing=missing,
    )
    ctx.session.add(correction)
    return correction


def supplement(ctx: Context, case_id: uuid.UUID, revision: int) -> Case:
    """The applicant hands the correction in; Invalid while something named is still missing."""
    dossier = load(ctx, case_id, lock=True)
    check_can_edit(ctx.actor, dossier.case.applicant_id, dossier.case.agent_id)
    turn = Turn(ctx, dossier)
    turn.check_revision(CASE, revision)
    answer(turn)
    return dossier.case


def answer(turn: Turn, by: str | None = None) -> None:
    """Hand in what the notice asked for, `by` whom where not by the applicant; Invalid while
    something named is still missing. Saves the turn."""
    ctx, dossier = turn.ctx, turn.dossier
    turn.fire(SUPPLEMENT, by=by)
    correction = check.correction_of(ctx, dossier)
    assert correction is not None, "a case in correction has its notice"
    errors = outstanding(ctx, dossier, correction)
    if errors:
        raise Invalid(errors)
    correction.answered_at = ctx.now
    turn.set(CASE, form=asked_data(dossier))
    turn.vouch(lambda: evidence.of_form(dossier.case))
    turn.vouch(lambda: evidence.of_uploads(live_uploads(ctx, dossier)))
    turn.write_documents()
    turn.save()


def outstanding(ctx: Context, dossier: Dossier, correction: Correction) -> list[FieldError]:
    """What the notice names and the applicant has not yet brought."""
    brought = {
        upload.material_id
        for upload in live_uploads(ctx, dossier)
        if upload.uploaded_at >= correction.issued_at
    }
    errors = form_of(dossier).check(asked_data(dossier))
    errors += [
        FieldError(f"material.{each['material_id']}", f"请上传补正的“{each['title']}”")
        for each in correction.missing
        if each["material_id"] is not None and each["material_id"] not in brought
    ]
    if changes_items(dossier, dossier.case.form):
        errors.append(FieldError("", OTHER_ITEMS.format(what="补正")))
    return errors


def changes_items(dossier: Dossier, form: Mapping[str, Any]) -> bool:
    """Whether other items, or other routes, would follow from a form than were submitted."""
    case = dossier.case
    selection = select(dossier.definition, case.answers, form, case.only)
    wanted = {part.key: part.route.kind for part in selection.parts}
    return wanted != {region: row.route for region, row in dossier.approvals.items()}
