"""A draft: started from the answers to the situation questions, filled page by page, kept."""

import uuid
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlmodel import col, select

from onevisit.access import check_can_apply, check_can_edit
from onevisit.cases import authorise, shared_data
from onevisit.cases.awaiting import case_awaits
from onevisit.cases.check import correction_of
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.errors import Invalid, NotFound
from onevisit.cases.paper import handed_in
from onevisit.cases.turn import Turn
from onevisit.definition.form import FieldError, Form
from onevisit.definition.service import Definition
from onevisit.engine import CASE, read_answers
from onevisit.engine import select as select_parts
from onevisit.store import evidence
from onevisit.store.citizen_tables import SharedFact
from onevisit.store.tables import Account, Case, Correction, Upload

Facts = Mapping[shared_data.Key, SharedFact]
NOTHING_TO_DO = "按您的回答，没有需要办理的事项；请检查回答，或者拨打咨询电话"


@dataclass(frozen=True)
class Task:
    """One line of the task list; `href_part` is answers, form/<page>, materials or review."""

    id: str
    title: str
    state: Literal["todo", "started", "done"]
    href_part: str


def start(
    ctx: Context,
    workflow_id: str,
    answers: Mapping[str, Any],
    channel: str = "online",
    authorisation_id: uuid.UUID | None = None,
) -> Case:
    """A new draft on the current version; Invalid for answers that do not fit the questions.

    With an authorisation it is the draft of whoever gave it, and the signed-in person their agent;
    Forbidden when it does not cover this. Pressed twice, the button gives the same draft twice:
    one in which nothing was done since.
    """
    check_can_apply(ctx.actor)
    try:
        published = ctx.catalog.current(workflow_id, ctx.session)
    except KeyError:
        raise NotFound("这个一件事") from None
    workflow = published.definition.workflow
    _check_open(ctx, published.definition, channel)
    typed = checked_answers(published.definition, answers)
    applicant_id, agent_id = ctx.actor.id, None
    if authorisation_id is not None:
        applicant_id = authorise.usable(ctx, authorisation_id, workflow.id).principal_id
        agent_id = ctx.actor.id
    untouched = _untouched(ctx, published.hash, typed, authorisation_id)
    if untouched is not None:
        return untouched
    case = Case(
        workflow_id=workflow.id,
        version_hash=published.hash,
        state=published.definition.lifecycle.case.initial,
        applicant_id=applicant_id,
        agent_id=agent_id,
        authorisation_id=authorisation_id,
        channel=channel,
        answers=typed,
        form=_from_answers(published.definition.form, typed),
        created_at=ctx.now,
    )
    ctx.session.add(case)
    ctx.session.flush()
    dossier = load(ctx, case.id)
    case.awaits = case_awaits(dossier)
    shared_data.fetch(ctx, dossier)
    return case


def _untouched(
    ctx: Context,
    version_hash: str,
    answers: Mapping[str, Any],
    authorisation_id: uuid.UUID | None,
) -> Case | None:
    """A draft that this applicant has begun with the same answers and left as it was.

    The lock on their account makes two presses at the same instant see each other.
    """
    locked = select(Account.id).where(Account.id == ctx.actor.id)
    ctx.session.exec(locked.with_for_update(key_share=True)).one()
    handed_in = select(Upload.id).where(col(Upload.case_id) == col(Case.id)).exists()
    statement = (
        select(Case)
        .where(Case.authorisation_id == authorisation_id, Case.version_hash == version_hash)
        .where(col(Case.number).is_(None), Case.revision == 1, ~handed_in)
        .order_by(col(Case.id).desc())
    )
    own = Case.applicant_id if authorisation_id is None else Case.agent_id
    mine = ctx.session.exec(statement.where(own == ctx.actor.id))
    return next((case for case in mine if case.answers == answers), None)


def answers(ctx: Context, case_id: uuid.UUID, answers: Mapping[str, Any], revision: int) -> Case:
    """Change the answers of a draft; what was filled in stays, also where it is not asked now."""
    dossier, correction = editable(ctx, case_id, revision)
    if correction is not None:
        raise Turn(ctx, dossier).not_possible(CASE, "submit")
    typed = checked_answers(dossier.definition, answers)
    form = {**dossier.case.form, **_from_answers(dossier.definition.form, typed)}
    turn = Turn(ctx, dossier)
    turn.set(CASE, answers=typed, form=form, saved_at=ctx.now)
    turn.save()
    shared_data.fetch(ctx, load(ctx, case_id))
    return dossier.case


def save_section(
    ctx: Context, case_id: uuid.UUID, section_id: str, data: Mapping[str, Any], revision: int
) -> Case:
    """Keep what was typed on one page, right or wrong; `Form.check` tells what is wrong.

    In a correction, only the fields that the notice names are taken over.
    """
    dossier, correction = editable(ctx, case_id, revision)
    form = form_of(dossier)
    try:
        section = form.section(section_id)
    except KeyError:
        raise NotFound("这一页") from None
    known = shared_data.prefilled(dossier, shared_data.facts_of(ctx, case_id))
    writable = {each.id for each in section.fields if each.answer is None}
    if correction is None:
        writable -= known
    else:
        writable &= {str(each["field"]) for each in correction.missing}
    kept = {name: value for name, value in dossier.case.form.items() if name not in writable}
    new = {name: value for name, value in data.items() if name in writable}
    turn = Turn(ctx, dossier)
    turn.set(CASE, form={**kept, **new}, saved_at=ctx.now)
    if correction is not None:
        turn.note("amend", "applicant", fields=sorted(new))
        turn.vouch(lambda: evidence.of_form(dossier.case))
    turn.save()
    return dossier.case


def tasks(ctx: Context, case: Case) -> list[Task]:
    """The task list of a draft: the questions, each page of the form, the material, the check."""
    return tasks_of(ctx, load(ctx, case.id))


def tasks_of(ctx: Context, dossier: Dossier) -> list[Task]:
    """The task list of a dossier."""
    facts = shared_data.facts_of(ctx, dossier.case.id)
    return task_list(dossier, facts, handed_in(ctx, dossier))


def task_list(dossier: Dossier, facts: Facts, have: Container[str]) -> list[Task]:
    """The same, of what is at hand: facts of shared sources, and material that has a file."""
    form, data = form_of(dossier), dossier.case.form
    known = shared_data.prefilled(dossier, facts)
    found = [Task("answers", "回答情形问题", "done", "answers")]
    if shared_data.asked_facts(dossier, facts):
        open_facts = shared_data.undecided(dossier, facts)
        found.append(Task("shared", "核对已有信息", "todo" if open_facts else "done", "shared"))
    for section in form.sections:
        own = [e.id for e in section.fields if e.answer is None and e.id not in known]
        if not own:
            continue
        faults = form.check({k: v for k, v in data.items() if k in own}, section.id)
        faults = [each for each in faults if each.path.split(".")[0] in own]
        typed = any(data.get(name) not in (None, "", []) for name in own)
        state: Literal["todo", "started", "done"] = "started" if typed else "todo"
        path = f"form/{section.id}"
        found.append(Task(path, section.title, "done" if not faults else state, path))
    asked = [each for each in dossier.selection.asked if each.source == "applicant"]
    if asked:
        owed = missing_materials(dossier, have)
        state = "started" if have else "todo"
        found.append(Task("materials", "提交材料", state if owed else "done", "materials"))
    ready = all(task.state == "done" for task in found)
    found.append(Task("review", "核对并提交", "started" if ready else "todo", "review"))
    return found


def missing_materials(dossier: Dossier, have: Container[str]) -> list[FieldError]:
    """Required material of the applicant's own that has no file yet; path `material.<id>`."""
    return [
        FieldError(f"material.{material.id}", f"请上传“{material.title}”")
        for material in dossier.selection.asked
        if material.source == "applicant"
        and material.need == "required"
        and material.id not in have
    ]


def form_of(dossier: Dossier) -> Form:
    """Only what the selected items need."""
    return shared_data.form_needed(dossier)


def asked_data(dossier: Dossier) -> dict[str, Any]:
    """What was filled in, only the fields that are asked, with answers copied where they belong."""
    data = {**dossier.case.form, **_from_answers(dossier.definition.form, dossier.case.answers)}
    return {each.id: data[each.id] for each in form_of(dossier).fields if each.id in data}


def editable(
    ctx: Context, case_id: uuid.UUID, revision: int | None = None
) -> tuple[Dossier, Correction | None]:
    """The locked dossier of a case that its applicant may edit now: a draft, or in correction.

    The correction is given when that is why. Raises Forbidden, Stale or NotPossible.
    """
    dossier = load(ctx, case_id, lock=True)
    check_can_edit(ctx.actor, dossier.case.applicant_id, dossier.case.agent_id)
    turn = Turn(ctx, dossier)
    if revision is not None:
        turn.check_revision(CASE, revision)
    if dossier.case.state == dossier.chart.tables[CASE].initial:
        return dossier, None
    correction = correction_of(ctx, dossier)
    if correction is None or correction.answered_at is not None or not _awaits_applicant(dossier):
        raise turn.not_possible(CASE, "submit")
    return dossier, correction


def checked_answers(definition: Definition, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers typed and pruned to the questions that apply; Invalid otherwise."""
    raw = {name: _as_typed(value) for name, value in answers.items()}
    typed, errors = read_answers(definition, raw)
    if errors:
        raise Invalid(errors)
    if not select_parts(definition, typed).parts:
        raise Invalid([FieldError("", NOTHING_TO_DO)])
    return typed


def _awaits_applicant(dossier: Dossier) -> bool:
    return case_awaits(dossier) == "applicant"


def _as_typed(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _from_answers(form: Form, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that repeat a situation answer (x-from), so that nobody is asked twice."""
    return {
        each.id: answers[each.answer]
        for each in form.fields
        if each.answer is not None and each.answer in answers
    }


def _check_open(ctx: Context, definition: Definition, channel: str) -> None:
    span = definition.workflow.effective
    if ctx.today < span.from_ or (span.until is not None and ctx.today > span.until):
        raise Invalid([FieldError("", "这个一件事现在不在办理期内")])
    if channel not in definition.workflow.submission.channels:
        raise Invalid([FieldError("channel", "这个一件事不能以这种方式申请")])
