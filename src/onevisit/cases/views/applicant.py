"""What the applicant sees: their cases, a draft to fill in, and where a case stands."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlalchemy import case as sql_case
from sqlmodel import col, or_, select

from onevisit.access import can_edit, check_can_edit, check_can_see_case
from onevisit.cases import wording
from onevisit.cases.awaiting import case_awaits, running_out
from onevisit.cases.check import correction_of
from onevisit.cases.context import Context
from onevisit.cases.correct import outstanding
from onevisit.cases.discard import kept_until, last_worked_on
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.draft import Task, asked_data, form_of, tasks_of
from onevisit.cases.errors import NotFound
from onevisit.cases.hand_out import COLLECT
from onevisit.cases.lights import Due, Light, due_on, left, light, pauses_ahead, pauses_of
from onevisit.cases.outbox import announce
from onevisit.cases.paper import latest_checks, live_uploads
from onevisit.cases.pickup import DOWNLOAD, TRIES, Recipient, recipient_of, ways
from onevisit.cases.renew import Renewal, renewal
from onevisit.cases.shared_data import FIELD, FactView, fact_views
from onevisit.cases.submit import problems
from onevisit.cases.views.earlier import answers_now, earlier_answers
from onevisit.cases.views.history import entries, public_history
from onevisit.cases.views.idle import idle
from onevisit.cases.views.lanes import ItemLine, Lane, item_lines, lanes
from onevisit.cases.views.papers import linked
from onevisit.cases.views.parts import (
    Act,
    Badge,
    CorrectionView,
    DocumentLink,
    Event,
    MaterialRow,
    Page,
    TurnLink,
    acts,
    badge,
    correction_view,
    documents_of,
    material_rows,
    turn_links,
)
from onevisit.cases.views.standing import Line, standing
from onevisit.cases.views.window import HandoutView, handout_view
from onevisit.definition.form import FieldError, Form
from onevisit.definition.service import Definition
from onevisit.engine import CASE, Selection
from onevisit.store.read_tables import Erasure
from onevisit.store.tables import Account, Approval, Case, Correction

PAGE = 20
PARTS: Mapping[str, tuple[ColumnElement[bool], ...]] = {
    "": (),
    "drafts": (col(Case.number).is_(None),),
    "running": (col(Case.number).is_not(None), col(Case.concluded_at).is_(None)),
    "closed": (col(Case.concluded_at).is_not(None),),
}
"""What a list of one's own cases may be of."""


@dataclass(frozen=True)
class CaseRow:
    """One line of the applicant's list."""

    id: uuid.UUID
    number: str | None
    service: str
    state: Badge
    created_at: datetime
    submitted_at: datetime | None
    promise_due: Due | None
    draft: bool
    correcting: bool
    ready: bool
    regions_done: int
    regions_total: int
    saved_at: datetime
    whose: str
    archived: bool


@dataclass(frozen=True)
class DraftView:
    """A case that its applicant may be filling in; `editable` says whether they may now."""

    id: uuid.UUID
    revision: int
    workflow_id: str
    service: str
    state: Badge
    answers: Mapping[str, Any]
    data: Mapping[str, Any]
    form: Form
    tasks: tuple[Task, ...]
    materials: tuple[MaterialRow, ...]
    items: tuple[ItemLine, ...]
    pickups: tuple[tuple[str, str], ...]
    pickup: str | None
    recipient: Recipient
    correction: CorrectionView | None
    editable: bool
    problems: tuple[FieldError, ...]
    definition: Definition
    selection: Selection
    facts: tuple[FactView, ...]
    saved_at: datetime
    kept_until: date | None
    renewal: Renewal | None
    applicant: str
    agent: str
    earlier: Mapping[str, str]
    now: Mapping[str, str]

    @property
    def prefilled(self) -> frozenset[str]:
        """The fields of the form that a shared source answers; no page asks for them."""
        return frozenset(each.name for each in self.facts if each.kind == FIELD)


@dataclass(frozen=True)
class Progress:
    """Where a submitted case stands. `code` opens the results at a kiosk; only the applicant's side
    reads it. `recipient` is where they are posted."""

    id: uuid.UUID
    revision: int
    number: str | None
    workflow_id: str
    service: str
    state: Badge
    submitted_at: datetime | None
    accepted_at: datetime | None
    concluded_at: datetime | None
    promise_due: Due | None
    legal_due: Due | None
    days_left: int | None
    light: Light
    pickup: str | None
    pickup_title: str
    recipient: Recipient | None
    code: str | None
    lanes: tuple[Lane, ...]
    events: tuple[Event, ...]
    documents: tuple[DocumentLink, ...]
    correction: CorrectionView | None
    acts: tuple[Act, ...]
    centre: str
    phone: str
    handout: HandoutView | None
    standing: tuple[Line, ...]
    turns: tuple[TurnLink, ...]
    erasure: Erasure | None


def my_cases(ctx: Context, after: str | None = None, part: str = "") -> Page[CaseRow]:
    """The applicant's cases, newest first, a page at a time; `part` drafts, running or closed."""
    closed = sql_case((col(Approval.decided_at).is_not(None), 1), else_=0)
    statement = (
        select(Case, func.coalesce(func.sum(closed), 0), func.count(col(Approval.id)))
        .join(Approval, col(Approval.case_id) == col(Case.id), isouter=True)
        .where(or_(Case.applicant_id == ctx.actor.id, Case.agent_id == ctx.actor.id), *PARTS[part])
        .group_by(col(Case.id))
        .order_by(col(Case.id).desc())
        .limit(PAGE + 1)
    )
    if after:
        statement = statement.where(Case.id < uuid.UUID(after))
    found = ctx.session.exec(statement).all()
    names = _names(ctx, [case for case, _, _ in found])
    rows = tuple(_case_row(ctx, case, done, total, names) for case, done, total in found[:PAGE])
    return Page(rows, str(rows[-1].id) if len(found) > PAGE else None)


def _names(ctx: Context, cases: Sequence[Case]) -> dict[uuid.UUID, str]:
    """What the other side of cases with an agent is called, by account."""
    ids = {id_ for case in cases if case.agent_id for id_ in (case.applicant_id, case.agent_id)}
    if not ids:
        return {}
    accounts = select(Account).where(col(Account.id).in_(ids))
    return {row.id: row.name for row in ctx.session.exec(accounts)}


def draft_view(ctx: Context, case_id: uuid.UUID) -> DraftView:
    """A case as its applicant fills it in, with what submitting would refuse now."""
    dossier = load(ctx, case_id)
    case = dossier.case
    check_can_edit(ctx.actor, case.applicant_id, case.agent_id)
    is_draft = case.number is None
    correction = None if is_draft else correction_of(ctx, dossier)
    is_open = correction is not None and correction.answered_at is None
    waits = case_awaits(dossier) == "applicant" and running_out(ctx, dossier) is None
    editable = waits and (is_draft or is_open)
    workflow = dossier.definition.workflow
    saved = last_worked_on(ctx, case)
    return DraftView(
        id=case.id,
        revision=case.revision,
        workflow_id=workflow.id,
        service=workflow.title,
        state=badge(case.state, dossier.state()),
        answers=case.answers,
        data=asked_data(dossier),
        form=form_of(dossier),
        tasks=tuple(tasks_of(ctx, dossier)) if is_draft else (),
        materials=material_rows(
            dossier,
            dossier.selection.materials,
            live_uploads(ctx, dossier),
            {} if is_draft else latest_checks(ctx, dossier),
            correction if is_open else None,
        ),
        items=item_lines(dossier),
        pickups=tuple(
            (each, wording.PICKUPS[each]) for each in ways(dossier) or workflow.issue.pickup
        ),
        pickup=case.pickup,
        recipient=recipient_of(dossier),
        correction=correction_view(dossier, correction),
        editable=editable,
        problems=_problems(ctx, dossier, correction) if editable else (),
        definition=dossier.definition,
        selection=dossier.selection,
        facts=fact_views(ctx, dossier),
        saved_at=saved,
        kept_until=kept_until(dossier, saved) if case.ledger_seq == 0 else None,
        renewal=renewal(ctx, dossier) if is_draft else None,
        applicant=dossier.applicant.name,
        agent=dossier.agent.name if dossier.agent else "",
        earlier=earlier_answers(ctx, dossier, correction) if correction and is_open else {},
        now=answers_now(dossier, correction) if correction and is_open else {},
    )


def progress(ctx: Context, case_id: uuid.UUID) -> Progress:
    """Where a submitted case stands, for whoever may see all of it."""
    dossier = load(ctx, case_id)
    case, place = dossier.case, dossier.definition.jurisdiction
    check_can_see_case(ctx.actor, case.applicant_id, case.agent_id)
    if case.number is None and not can_edit(ctx.actor, case.applicant_id, case.agent_id):
        raise NotFound("这个办件")
    calendar = dossier.definition.calendar
    ahead = pauses_ahead(ctx, [case.id])
    return Progress(
        id=case.id,
        revision=case.revision,
        number=case.number,
        workflow_id=case.workflow_id,
        service=dossier.definition.workflow.title,
        state=badge(case.state, dossier.state()),
        submitted_at=case.submitted_at,
        accepted_at=case.accepted_at,
        concluded_at=case.concluded_at,
        promise_due=due_on(calendar, case.promise_due),
        legal_due=due_on(calendar, case.legal_due),
        days_left=left(calendar, case, ctx.today, pauses_of(ahead, case)),
        light=light(place.hours, case, ctx.local),
        pickup=case.pickup,
        pickup_title=wording.PICKUPS[case.pickup] if case.pickup else "",
        recipient=recipient_of(dossier) if case.recipient is not None else None,
        code=_code(ctx, dossier),
        lanes=lanes(ctx, dossier) if case.number else (),
        events=public_history(dossier, entries(ctx, dossier)),
        documents=linked(
            [row for row in documents_of(ctx, case_id) if row.kind not in announce.INTERNAL]
        ),
        correction=correction_view(dossier, correction_of(ctx, dossier)),
        acts=_own_acts(ctx, dossier),
        centre=place.centre,
        phone=place.phone,
        handout=handout_view(ctx, dossier),
        standing=tuple(line for line in standing(ctx, dossier) if not line.inside),
        turns=_own_turns(ctx, dossier),
        erasure=ctx.session.get(Erasure, case_id) if case.awaits is None else None,
    )


def _code(ctx: Context, dossier: Dossier) -> str | None:
    """The code for the kiosk, for its owner, as long as it still opens anything."""
    case = dossier.case
    own = can_edit(ctx.actor, case.applicant_id, case.agent_id)
    return case.pickup_code if own and case.pickup_tries < TRIES else None


def _own_acts(ctx: Context, dossier: Dossier) -> tuple[Act, ...]:
    """What the applicant may do now; nothing for somebody who only looks."""
    case = dossier.case
    own = can_edit(ctx.actor, case.applicant_id, case.agent_id)
    if not own or running_out(ctx, dossier) is not None:
        return ()
    moves = [move for move in dossier.possible(CASE) if move.by == "applicant"]
    if DOWNLOAD not in ways(dossier):
        moves = [move for move in moves if move.event != COLLECT]
    return acts(moves)


def _own_turns(ctx: Context, dossier: Dossier) -> tuple[TurnLink, ...]:
    """The standing acts that are the applicant's; nothing for somebody who only looks."""
    own = can_edit(ctx.actor, dossier.case.applicant_id, dossier.case.agent_id)
    if not own or not dossier.approvals or running_out(ctx, dossier) is not None:
        return ()
    return turn_links(dossier, "applicant", idle(ctx, dossier))


def _problems(
    ctx: Context, dossier: Dossier, correction: Correction | None
) -> tuple[FieldError, ...]:
    """What handing in would refuse now; the pickup is only asked on the page that hands in."""
    if correction is not None:
        return tuple(outstanding(ctx, dossier, correction))
    first = dossier.definition.workflow.issue.pickup[0]
    return tuple(problems(ctx, dossier, first))


def _case_row(
    ctx: Context, case: Case, done: int, total: int, names: Mapping[uuid.UUID, str]
) -> CaseRow:
    definition = ctx.catalog.version(ctx.session, case.version_hash).definition
    state = definition.lifecycle.case.states[case.state]
    is_draft = case.number is None
    return CaseRow(
        id=case.id,
        number=case.number,
        service=definition.workflow.title,
        state=badge(case.state, state),
        created_at=case.created_at,
        submitted_at=case.submitted_at,
        promise_due=due_on(definition.calendar, case.promise_due),
        draft=is_draft,
        correcting=case.awaits == "applicant" and not is_draft,
        ready=case.awaits == "window",
        regions_done=done,
        regions_total=total,
        saved_at=case.saved_at or case.created_at,
        whose=_whose(ctx, case, names),
        archived=case.archived_at is not None,
    )


def _whose(ctx: Context, case: Case, names: Mapping[uuid.UUID, str]) -> str:
    """For whom an agent applies, or who applies for the applicant; "" for one's own."""
    if case.agent_id is None:
        return ""
    if case.agent_id == ctx.actor.id:
        return f"替{names[case.applicant_id]}办"
    return f"由{names[case.agent_id]}代办"
