"""What the desk sees: the queue by where cases stand, and one case with its whole checklist."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, union_all
from sqlalchemy import select as sql_select
from sqlmodel import col, or_, select

from onevisit.access import check_can_see_case, check_can_take_in
from onevisit.cases import seen, wording
from onevisit.cases.awaiting import running_out
from onevisit.cases.check import correction_of, current_round
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.draft import form_of
from onevisit.cases.errors import NotFound
from onevisit.cases.hand_over import Held, held
from onevisit.cases.lights import Due, Light, due_on, period_light
from onevisit.cases.paper import latest_checks, live_uploads
from onevisit.cases.shared_data import FactView, disputes
from onevisit.cases.views.history import entries, staff_history
from onevisit.cases.views.idle import idle
from onevisit.cases.views.lanes import ItemLine, Lane, item_lines, lanes
from onevisit.cases.views.named import named
from onevisit.cases.views.papers import linked
from onevisit.cases.views.parts import (
    Act,
    Badge,
    CorrectionView,
    DocumentLink,
    Event,
    MaterialRow,
    Page,
    Person,
    SectionRows,
    TurnLink,
    acts,
    badge,
    correction_view,
    documents_of,
    material_rows,
    person,
    section_rows,
    turn_links,
)
from onevisit.cases.views.standing import Line, standing
from onevisit.cases.views.typed import found_by
from onevisit.definition.service import Definition
from onevisit.documents.format import BEIJING
from onevisit.engine import CASE, Move
from onevisit.engine.clocks import add_working_days
from onevisit.store.beginning import only_checked
from onevisit.store.tables import Account, Approval, Case, Correction
from onevisit.store.turn_tables import Owed

PAGE = 50
TABS: dict[str, ColumnElement[bool]] = {
    "waiting": col(Case.awaits) == "clerk",
    "brought": and_(
        col(Case.awaits) == "office",
        col(Case.id).in_(sql_select(col(Owed.case_id)).where(col(Owed.state) == "brought")),
    ),
    "correcting": and_(col(Case.awaits) == "applicant", col(Case.number).is_not(None)),
    "running": col(Case.awaits).in_(("office", "window")),
    "closed": and_(col(Case.awaits).is_(None), col(Case.number).is_not(None)),
}
OLDEST = (col(Case.submitted_at), col(Case.id))
TOO_LONG: dict[str, tuple[str, ...]] = {"running": ("office", "window"), "closed": ("",)}
"""Tabs too long to be searched through: numbers and names are looked up by their indexes, and only
then is asked whether a case stands there (whose turn it is, "" nobody's)."""


@dataclass(frozen=True)
class DeskRow:
    """One line of the queue; `due` is when the desk has promised to answer while it must, `since`
    from when on it waits, `held` who has it in hand."""

    id: uuid.UUID
    number: str | None
    service: str
    applicant: str
    state: Badge
    submitted_at: datetime | None
    due: Due | None
    light: Light
    items: int
    channel: str
    since: datetime | None
    held: Held | None


@dataclass(frozen=True)
class DeskCase:
    """One case with everything that the clerk checks."""

    id: uuid.UUID
    revision: int
    number: str | None
    service: str
    state: Badge
    applicant: Person
    channel: str
    submitted_at: datetime | None
    due: Due | None
    light: Light
    round: int
    items: tuple[ItemLine, ...]
    materials: tuple[MaterialRow, ...]
    sections: tuple[SectionRows, ...]
    acts: tuple[Act, ...]
    correction: CorrectionView | None
    documents: tuple[DocumentLink, ...]
    events: tuple[Event, ...]
    lanes: tuple[Lane, ...]
    standing: tuple[Line, ...]
    turns: tuple[TurnLink, ...]
    answer_by: Due | None
    held: Held | None
    disputes: tuple[FactView, ...]


def desk_queue(
    ctx: Context,
    tab: str = "waiting",
    after: str | None = None,
    search: str = "",
    *,
    service: str = "",
    channel: str = "",
) -> Page[DeskRow]:
    """Submitted cases of one tab, the oldest first; `search` in number or name, on tabs TOO_LONG by
    the whole number or the beginning of the name."""
    check_can_take_in(ctx.actor)
    items = sql_select(func.count()).where(col(Approval.case_id) == col(Case.id)).scalar_subquery()
    statement = (
        select(Case, Account.name, items, Correction.answered_at)
        .join(Account, col(Account.id) == col(Case.applicant_id))
        .join(Correction, col(Correction.case_id) == col(Case.id), isouter=True)
        .where(*_wanted(ctx, tab, search.strip(), _narrowed(service, channel, after)))
        .order_by(*OLDEST)
        .limit(PAGE + 1)
    )
    found = ctx.session.exec(statement).all()
    hands = held(ctx, [case.id for case, *_ in found[:PAGE]])
    rows = tuple(
        replace(
            _row(ctx, *each), held=hands.get(each[0].id), applicant=named(ctx, *each[:2], search)
        )
        for each in found[:PAGE]
    )
    following = None
    if len(found) > PAGE and rows[-1].submitted_at is not None:
        following = f"{rows[-1].submitted_at.isoformat()}|{rows[-1].id}"
    return Page(rows, following)


def _wanted(
    ctx: Context, tab: str, search: str, narrowed: list[ColumnElement[bool]]
) -> list[ColumnElement[bool]]:
    """What belongs on a tab, and what is looked for there."""
    if search and tab in TOO_LONG:
        stands = only_checked(Case.awaits).in_(TOO_LONG[tab])
        numbered = col(Case.number).is_not(None)
        return [found_by(ctx.session, search), stands, numbered, *narrowed]
    if search:
        like = f"%{search}%"
        narrowed.append(or_(col(Case.number).like(like), col(Account.name).like(like)))
    if tab == "running":
        return [_oldest_of(TOO_LONG[tab], narrowed)]
    return [TABS[tab], *narrowed]


def _narrowed(service: str, channel: str, after: str | None) -> list[ColumnElement[bool]]:
    found = [_later(after)] if after else []
    if service:
        found.append(col(Case.workflow_id) == service)
    if channel:
        found.append(col(Case.channel) == channel)
    return found


def _oldest_of(turns: Iterable[str], narrowed: list[ColumnElement[bool]]) -> ColumnElement[bool]:
    """The oldest of each turn by the index of that turn, instead of sorting all of both."""
    firsts = (
        sql_select(col(Case.id))
        .where(col(Case.awaits) == turn, *narrowed)
        .order_by(*OLDEST)
        .limit(PAGE + 1)
        .subquery()
        for turn in turns
    )
    return col(Case.id).in_(union_all(*(sql_select(each.c.id) for each in firsts)))


def _later(after: str) -> ColumnElement[bool]:
    """The rows that follow the last one of the page before."""
    at, _, last = after.partition("|")
    when = datetime.fromisoformat(at)
    later = and_(col(Case.submitted_at) == when, col(Case.id) > uuid.UUID(last))
    return or_(col(Case.submitted_at) > when, later)


def desk_case(ctx: Context, case_id: uuid.UUID) -> DeskCase:
    """One submitted case for the clerk; a draft is nobody's business yet."""
    dossier = load(ctx, case_id)
    check_can_take_in(ctx.actor)
    case = dossier.case
    check_can_see_case(ctx.actor, case.applicant_id, case.agent_id)
    if case.number is None:
        raise NotFound("这个办件")
    correction = correction_of(ctx, dossier)
    due, lit = _answer_due(ctx, dossier.definition, case, _answered(correction))
    checks = latest_checks(ctx, dossier)
    form = form_of(dossier).sections
    ctx.seen.shown(case_id, seen.PAGE, seen.in_words(form, dossier.selection.materials))
    return DeskCase(
        id=case.id,
        revision=case.revision,
        number=case.number,
        service=dossier.definition.workflow.title,
        state=badge(case.state, dossier.state()),
        applicant=person(dossier),
        channel=wording.CHANNELS[case.channel],
        submitted_at=case.submitted_at,
        due=due,
        light=lit,
        round=current_round(correction),
        items=item_lines(dossier),
        materials=material_rows(
            dossier, dossier.selection.materials, live_uploads(ctx, dossier), checks
        ),
        sections=section_rows(form, case.form),
        acts=acts(_clerk_moves(ctx, dossier)),
        correction=correction_view(dossier, correction),
        documents=linked(documents_of(ctx, case_id)),
        events=staff_history(dossier, entries(ctx, dossier)),
        lanes=lanes(ctx, dossier),
        standing=standing(ctx, dossier),
        turns=_turns(ctx, dossier),
        answer_by=_answer_by(dossier),
        held=held(ctx, [case_id]).get(case_id),
        disputes=disputes(ctx, dossier),
    )


def _clerk_moves(ctx: Context, dossier: Dossier) -> list[Move]:
    """What the clerk may do now; nothing once the days for telling what is missing are over."""
    if running_out(ctx, dossier) is not None:
        return []
    return [move for move in dossier.possible(CASE) if move.by == "clerk"]


def _turns(ctx: Context, dossier: Dossier) -> tuple[TurnLink, ...]:
    """The clerk's standing acts that have something to act on and are not too late."""
    if running_out(ctx, dossier) is not None:
        return ()
    return turn_links(dossier, "clerk", idle(ctx, dossier))


def _answer_by(dossier: Dossier) -> Due | None:
    """The last day for telling what is missing, after which the case is accepted by law."""
    waits = dossier.case.awaits == "clerk"
    return due_on(dossier.definition.calendar, dossier.case.timer_due) if waits else None


def _answered(correction: Correction | None) -> datetime | None:
    return correction.answered_at if correction else None


def _row(
    ctx: Context,
    case: Case,
    applicant: str,
    items: int,
    answered_at: datetime | None,
) -> DeskRow:
    definition = ctx.catalog.version(ctx.session, case.version_hash).definition
    state = definition.lifecycle.case.states[case.state]
    due, lit = _answer_due(ctx, definition, case, answered_at)
    return DeskRow(
        id=case.id,
        number=case.number,
        service=definition.workflow.title,
        applicant=applicant,
        state=badge(case.state, state),
        submitted_at=case.submitted_at,
        due=due,
        light=lit,
        items=items,
        channel=wording.CHANNELS[case.channel],
        since=answered_at or case.submitted_at,
        held=None,
    )


def _answer_due(
    ctx: Context, definition: Definition, case: Case, answered_at: datetime | None
) -> tuple[Due | None, Light]:
    """When acceptance is promised, counted from submission or from the answered correction."""
    since = answered_at or case.submitted_at
    if case.awaits != "clerk" or since is None:
        return None, "none"
    start = since.astimezone(BEIJING).date()
    days = definition.workflow.submission.acceptance
    due = add_working_days(definition.calendar, start, days)
    return due_on(definition.calendar, due), period_light(definition, start, due, ctx.local)
