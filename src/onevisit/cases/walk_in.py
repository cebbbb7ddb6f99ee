"""Walk-in intake (综窗收件): a clerk writes an application down for a person at the counter.

The clerk acts for the applicant and the ledger says so; who takes in never decides. What is taken
in is a draft of the applicant's like any other: kept as it stands, gone on with later, by a
colleague too.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import col, select

from onevisit.access import check_can_take_in
from onevisit.cases import check, material, submit, walk_in_shared
from onevisit.cases.awaiting import case_awaits
from onevisit.cases.check import Finding
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.draft import checked_answers, form_of
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.paper import live_uploads
from onevisit.cases.pickup import Recipient
from onevisit.cases.turn import Turn
from onevisit.definition.form import FieldError
from onevisit.definition.service import Definition
from onevisit.definition.workflow import Material
from onevisit.engine import CASE
from onevisit.engine import select as select_parts
from onevisit.store import evidence
from onevisit.store.desk_tables import Intake, Ticket
from onevisit.store.tables import Account, Case, Upload

CHANNEL, BEGIN = "window", "begin_intake"
QUESTION = "q."
"""Before the id of a situation question, so that no field of the form has the same path."""
CONFIRMED = {
    "signed": "申请人已在申请表上签字",
    "together": "已与申请人当面逐项核对，申请人确认无误",
}


@dataclass(frozen=True)
class Typed:
    """What the one screen holds: answers and form as typed, findings, and the ends of it."""

    answers: Mapping[str, Any]
    form: Mapping[str, Any]
    findings: Sequence[Finding] = ()
    pickup: str | None = None
    recipient: Recipient | None = None
    confirmed: str | None = None
    pledged: bool = False


def start(
    ctx: Context,
    account: Account,
    workflow_id: str,
    answers: Mapping[str, Any],
    ticket_id: uuid.UUID | None = None,
) -> Case:
    """A draft of this applicant's by a clerk, on the current version; Invalid, NotFound.

    Pressed twice, or begun again after a break: the untouched draft of today is given again.
    """
    check_can_take_in(ctx.actor, account.id)
    try:
        published = ctx.catalog.current(workflow_id, ctx.session)
    except KeyError:
        raise NotFound("这个一件事") from None
    _check_open(ctx, published.definition)
    typed = checked_answers(published.definition, answers)
    _lock(ctx, account)
    known = _untouched(ctx, account, published.hash, typed)
    if known is not None:
        return known
    case = Case(
        workflow_id=workflow_id,
        version_hash=published.hash,
        state=published.definition.lifecycle.case.initial,
        applicant_id=account.id,
        channel=CHANNEL,
        answers=typed,
        form=_from_answers(published.definition, typed),
        created_at=ctx.now,
    )
    ctx.session.add(case)
    ctx.session.flush()
    _record_beginning(ctx, load(ctx, case.id), _ticket(ctx, ticket_id))
    return case


def _record_beginning(ctx: Context, dossier: Dossier, ticket: Ticket | None) -> None:
    row = Intake(
        case_id=dossier.case.id,
        begun_by=ctx.actor.id,
        begun_at=ctx.now,
        ticket_id=ticket.id if ticket else None,
    )
    ctx.session.add(row)
    ctx.session.flush()
    turn = Turn(ctx, dossier)
    form = walk_in_shared.filled(ctx, dossier, dossier.case.form)
    turn.set(CASE, awaits=case_awaits(dossier), form=form)
    turn.note(BEGIN, "clerk", CASE, text=f"叫号{ticket.label}" if ticket else "")
    turn.vouch(lambda: evidence.of_row(row))
    turn.save()


def _ticket(ctx: Context, ticket_id: uuid.UUID | None) -> Ticket | None:
    """The call number that brought the person here, when it is the clerk's own."""
    row = ctx.session.get(Ticket, ticket_id) if ticket_id else None
    return row if row is not None and row.called_by == ctx.actor.id else None


def _lock(ctx: Context, account: Account) -> None:
    """Two presses at the same instant see each other."""
    own = select(Account.id).where(Account.id == account.id)
    ctx.session.exec(own.with_for_update(key_share=True)).one()


def _untouched(
    ctx: Context, account: Account, version_hash: str, answers: Mapping[str, Any]
) -> Case | None:
    handed_in = select(Upload.id).where(col(Upload.case_id) == col(Case.id)).exists()
    statement = (
        select(Case)
        .join(Intake, col(Intake.case_id) == col(Case.id))
        .where(Case.applicant_id == account.id, Case.version_hash == version_hash)
        .where(Intake.begun_by == ctx.actor.id, col(Case.number).is_(None))
        .where(Case.revision == 2, ~handed_in)
        .order_by(col(Case.id).desc())
    )
    return next((case for case in ctx.session.exec(statement) if case.answers == answers), None)


def _check_open(ctx: Context, definition: Definition) -> None:
    span = definition.workflow.effective
    if ctx.today < span.from_ or (span.until is not None and ctx.today > span.until):
        raise Invalid([FieldError("service", "这个一件事现在不在办理期内")])
    if CHANNEL not in definition.workflow.submission.channels:
        raise Invalid([FieldError("service", "这个一件事不在窗口收件")])


def _from_answers(definition: Definition, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that repeat a situation answer (x-from), so that nobody is asked twice."""
    return {
        each.id: answers[each.answer]
        for each in definition.form.fields
        if each.answer is not None and each.answer in answers
    }


def opened(
    ctx: Context, case_id: uuid.UUID, revision: int | None = None, *, lock: bool = True
) -> tuple[Dossier, Intake]:
    """A draft that a clerk has begun, for any clerk whose own it is not.

    Raises NotFound (also for a draft that somebody fills in at home), Forbidden, Stale, or
    NotPossible once it is handed in.
    """
    check_can_take_in(ctx.actor)
    intake = ctx.session.exec(select(Intake).where(Intake.case_id == case_id)).one_or_none()
    if intake is None:
        raise NotFound("这份收件登记")
    dossier = load(ctx, case_id, lock=lock)
    case = dossier.case
    check_can_take_in(ctx.actor, case.applicant_id, case.agent_id)
    turn = Turn(ctx, dossier)
    if revision is not None:
        turn.check_revision(CASE, revision)
    if case.state != dossier.chart.tables[CASE].initial:
        raise turn.not_possible(CASE, submit.EVENT)
    return dossier, intake


def keep(ctx: Context, case_id: uuid.UUID, typed: Typed, revision: int) -> list[FieldError]:
    """Keep everything that is on the screen, right or wrong; the faults of the answers.

    Answers that do not fit are not kept, since what is asked follows from them.
    """
    dossier, intake = opened(ctx, case_id, revision)
    turn, errors = Turn(ctx, dossier), []
    answers = dict(dossier.case.answers)
    try:
        answers = checked_answers(dossier.definition, typed.answers)
    except Invalid as invalid:
        errors = [FieldError(QUESTION + e.path, e.message) for e in invalid.errors]
    writable = {each.id for each in form_of(dossier).fields if each.answer is None}
    kept = {name: value for name, value in dossier.case.form.items() if name not in writable}
    new = {name: value for name, value in typed.form.items() if name in writable}
    form = {**kept, **new, **_from_answers(dossier.definition, answers)}
    form = walk_in_shared.filled(ctx, _asking(dossier, answers, form), form)
    sent_to = typed.recipient.as_json() if typed.recipient else None
    turn.set(CASE, answers=answers, form=form, pickup=typed.pickup, recipient=sent_to)
    _keep_findings(ctx, dossier, typed.findings)
    _keep_ends(turn, intake, typed)
    turn.save()
    return errors


def _keep_ends(turn: Turn, intake: Intake, typed: Typed) -> None:
    """How it was confirmed is recorded whenever it changes; what is typed is still a draft."""
    if (intake.confirmed, intake.pledged) == (typed.confirmed, typed.pledged):
        return
    intake.confirmed, intake.pledged = typed.confirmed, typed.pledged
    said = CONFIRMED.get(typed.confirmed or "", "尚未确认")
    turn.note(BEGIN, "clerk", text=said + ("；已说明并同意承诺" if typed.pledged else ""))
    turn.vouch(lambda: evidence.of_row(intake))


def _keep_findings(ctx: Context, dossier: Dossier, findings: Iterable[Finding]) -> None:
    """Findings of material that answers and form, as they are now, ask for."""
    now = _asking(dossier, dossier.case.answers, dossier.case.form)
    wanted = {each.id: each.need for each in now.selection.materials}
    fitting = [
        each
        for each in findings
        if each.material_id in wanted
        and (each.status != "deferred" or wanted[each.material_id] == "deferrable")
    ]
    check.keep(ctx, now, fitting, 1)


def _asking(dossier: Dossier, answers: Mapping[str, Any], form: Mapping[str, Any]) -> Dossier:
    """The dossier with what follows from these answers and this form."""
    selection = select_parts(dossier.definition, answers, form, dossier.case.only)
    return replace(dossier, selection=selection)


def attach(  # noqa: PLR0917 -- what a page posts, in the order in which it asks
    ctx: Context,
    case_id: uuid.UUID,
    material_id: str,
    filename: str,
    stream: Iterable[bytes],
    limit: int,
) -> Upload:
    """Keep a scan of one material; raises as `material.attach`. The same file twice stays one."""
    dossier, _ = opened(ctx, case_id)
    if material_id not in {each.id for each in scannable(dossier)}:
        path = f"material.{material_id}"
        raise Invalid([FieldError(path, "这份材料由系统取得，不需要扫描")])
    present = [each for each in live_uploads(ctx, dossier) if each.material_id == material_id]
    upload, _ = material.stored(ctx, case_id, material_id, filename, stream, limit, present)
    return upload


def remove(ctx: Context, case_id: uuid.UUID, upload_id: uuid.UUID) -> None:
    """Take a scan out again; row and file stay, so that what was there can be shown."""
    dossier, _ = opened(ctx, case_id)
    upload = next((each for each in live_uploads(ctx, dossier) if each.id == upload_id), None)
    if upload is not None:
        upload.removed_at = ctx.now


def scannable(dossier: Dossier) -> list[Material]:
    """The materials that the person brings."""
    return [each for each in dossier.selection.asked if each.source == "applicant"]
