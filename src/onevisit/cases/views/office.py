"""What a department's officer sees: their inbox by due date, and one approval, no more."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from onevisit.access import (
    Actor,
    check_can_see_approval,
    visible_materials,
    visible_sections,
)
from onevisit.cases import seen, wording
from onevisit.cases.claim import Held, held
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load, waits_for
from onevisit.cases.errors import NotFound
from onevisit.cases.lights import (
    Due,
    Light,
    due_on,
    left,
    pauses_ahead,
    pauses_of,
)
from onevisit.cases.paper import latest_checks, live_uploads
from onevisit.cases.phrases import Kept, phrases
from onevisit.cases.ready import check_ready
from onevisit.cases.recusal import recused
from onevisit.cases.views.history import entries, staff_history
from onevisit.cases.views.idle import idle
from onevisit.cases.views.lanes import Step, row_light, steps
from onevisit.cases.views.offered import is_offered
from onevisit.cases.views.papers import linked
from onevisit.cases.views.parts import (
    Act,
    Badge,
    DocumentLink,
    Event,
    MaterialRow,
    Person,
    SectionRows,
    acts,
    badge,
    documents_of,
    material_rows,
    person,
    section_rows,
)
from onevisit.cases.views.remembering import remembering
from onevisit.cases.views.sheets import hindrance
from onevisit.cases.views.standing import Line, standing
from onevisit.definition.lifecycle import APPOINTED
from onevisit.engine import Move, Part
from onevisit.store.tables import Approval


@dataclass(frozen=True)
class Other:
    """Another item of the same case: whose it is and where it stands, and nothing of its data."""

    title: str
    department: str
    state: Badge


@dataclass(frozen=True)
class OfficeCase:
    """One approval with only those fields and materials that its department's items need."""

    approval_id: uuid.UUID
    revision: int
    case_number: str | None
    service: str
    item: str
    department: str
    route_title: str
    state: Badge
    state_final: bool
    steps: tuple[Step, ...]
    submitted_at: datetime | None
    started_at: datetime | None
    promise_due: Due | None
    legal_due: Due | None
    days_left: int | None
    light: Light
    applicant: Person
    sections: tuple[SectionRows, ...]
    materials: tuple[MaterialRow, ...]
    prior: tuple[DocumentLink, ...]
    acts: tuple[Act, ...]
    hindered: tuple[str, ...]
    waits: tuple[str, ...]
    events: tuple[Event, ...]
    documents: tuple[DocumentLink, ...]
    opinion: str | None
    reasons: str | None
    basis: tuple[str, ...]
    result_title: str | None
    standing: tuple[Line, ...]
    turns: tuple[Act, ...]
    others: tuple[Other, ...]
    claimed: Held | None
    phrases: tuple[Kept, ...]


def office_case(ctx: Context, approval_id: uuid.UUID) -> OfficeCase:
    """One approval for an officer of its department."""
    ctx = remembering(ctx)
    dossier, row, part = opened_approval(ctx, approval_id)
    case, definition = dossier.case, dossier.definition
    ahead = pauses_ahead(ctx, [case.id])
    materials = visible_materials(dossier.selection.materials, {row.item_id})
    fields = visible_sections(definition.form, {row.item_id})
    shown = seen.in_words(fields, materials)
    ctx.seen.shown(case.id, seen.PAGE, shown, department=row.department)
    papers = documents_of(ctx, case.id)
    own = _own_moves(ctx, dossier, row.region)
    needed = {each.key for each in dossier.selection.parts if each.item.id in part.item.needs}
    return OfficeCase(
        approval_id=row.id,
        revision=row.revision,
        case_number=case.number,
        service=definition.workflow.title,
        item=wording.item_title(part),
        department=definition.directory.department(row.department).title,
        route_title=wording.ROUTES[row.route],
        state=badge(row.state, dossier.state(row.region)),
        state_final=dossier.state(row.region).final,
        steps=steps(dossier, part),
        submitted_at=case.submitted_at,
        started_at=row.started_at,
        promise_due=due_on(definition.calendar, row.promise_due),
        legal_due=due_on(definition.calendar, row.legal_due),
        days_left=left(definition.calendar, row, ctx.today, pauses_of(ahead, row)),
        light=row_light(ctx, dossier, row),
        applicant=person(dossier),
        sections=section_rows(fields, case.form),
        materials=material_rows(
            dossier, materials, live_uploads(ctx, dossier), latest_checks(ctx, dossier)
        ),
        prior=linked([each for each in papers if each.region in needed]),
        acts=acts([move for move, because in own if because is None]),
        hindered=_hindered([(move.title, because) for move, because in own if because]),
        waits=waits_for(dossier, part),
        events=staff_history(dossier, entries(ctx, dossier, row.region)),
        documents=linked([each for each in papers if each.region == row.region]),
        opinion=row.opinion,
        reasons=row.reasons,
        basis=part.item.basis,
        result_title=part.item.result.title if part.item.result else None,
        standing=standing(ctx, dossier, row.region),
        turns=_turns(ctx, dossier, row),
        others=_others(dossier, row.region),
        claimed=held(ctx, [row]).get(row.id),
        phrases=phrases(ctx, row.department),
    )


def _others(dossier: Dossier, region: str) -> tuple[Other, ...]:
    """The other items of the case, in the order of the service."""
    return tuple(
        Other(
            wording.item_title(part),
            dossier.department(part).title,
            badge(dossier.approvals[part.key].state, dossier.state(part.key)),
        )
        for part in dossier.selection.parts
        if part.key != region
    )


def opened_approval(ctx: Context, approval_id: uuid.UUID) -> tuple[Dossier, Approval, Part]:
    """An accepted approval of the officer's department; NotFound or Forbidden otherwise."""
    found = ctx.session.get(Approval, approval_id)
    if found is None:
        raise NotFound("这个事项")
    check_can_see_approval(ctx.actor, found.department)
    dossier = load(ctx, found.case_id)
    if dossier.case.accepted_at is None:  # not the departments' business yet
        raise NotFound("这个事项")
    part = dossier.selection.part(found.region)
    what = f"“{wording.item_title(part)}”的办理页面：申请人、进度"
    ctx.seen.shown(found.case_id, seen.PAGE, what, department=found.department)
    return dossier, dossier.approvals[found.region], part


def _own_moves(ctx: Context, dossier: Dossier, region: str) -> list[tuple[Move, str | None]]:
    """The moves that this officer's posts may make now, each with what still hinders it."""
    department = dossier.approvals[region].department
    mine = [move for move in dossier.possible(region) if ctx.actor.holds(move.by, department)]
    return [
        (
            move,
            recused(ctx, dossier, region, move)
            or hindrance(partial(check_ready, ctx, dossier, region, move.event)),
        )
        for move in mine
    ]


def safe_acts(ctx: Context, approval_id: uuid.UUID) -> tuple[Act, ...]:
    """What this officer may sign of an approval that needs no reasons and refuses nothing; whether
    it can be signed now, the verb says."""
    dossier, row, _ = opened_approval(ctx, approval_id)
    table = dossier.chart.tables[row.region]
    return acts(
        [
            move
            for move in table.moves[row.state]
            if ctx.actor.holds(move.by, row.department)
            and not move.reasons
            and (table.states[move.target].granted or not table.states[move.target].final)
        ]
    )


def _hindered(found: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """One sentence for each reason, naming all that waits for it."""
    titles: dict[str, list[str]] = {}
    for title, because in found:
        titles.setdefault(because, []).append(f"“{title}”")
    return tuple(f"还不能{'、'.join(names)}：{because}" for because, names in titles.items())


def _turns(ctx: Context, dossier: Dossier, row: Approval) -> tuple[Act, ...]:
    """The standing acts that this officer's posts may do and that have something to act on."""
    region, nothing = row.region, idle(ctx, dossier)
    mine = [
        act
        for act in dossier.acts(region)
        if _may_open(ctx.actor, row, act) and (region, act.event) not in nothing
    ]
    return acts([act for act in mine if is_offered(ctx, dossier, region, act.event)])


def _may_open(actor: Actor, row: Approval, act: Move) -> bool:
    """Whether the officer's posts may do a standing act; who is appointed is checked there."""
    return act.by in APPOINTED or actor.holds(act.by, row.department)
