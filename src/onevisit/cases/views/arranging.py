"""What an officer sees before arranging something with people: inspections, appearances, hearings.

Each view raises what its page cannot do without: NotFound, Forbidden, or NotPossible when the act
is not possible now, so that nobody fills in a form in vain.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from onevisit.access import check_can_chair, check_can_see_approval, visible_sections
from onevisit.cases import wording
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.errors import NotFound
from onevisit.cases.meetings import appointments, hearing, hearing_day, inspection, meeting
from onevisit.cases.meetings.appointments import Visit
from onevisit.cases.signing import check_signer
from onevisit.cases.turn import Turn
from onevisit.cases.views.parts import section_rows
from onevisit.store.tables import Account, Approval
from onevisit.store.turn_tables import Appointment, Hearing

ADDRESSES = ("address", "place")
"""Names of form fields that say where something is to be looked at."""


@dataclass(frozen=True)
class Head:
    """Which item of which case; `hours` are those in which people may be asked to appear."""

    approval_id: uuid.UUID
    revision: int
    item: str
    service: str
    case_number: str | None
    applicant: str
    hours: str


@dataclass(frozen=True)
class Person:
    """Somebody who can be chosen."""

    id: uuid.UUID
    name: str


@dataclass(frozen=True)
class Coming:
    """An appointment that is called; `may_move` once."""

    at: datetime
    place: str
    may_move: bool


@dataclass(frozen=True)
class VisitView:
    """One presence for all of `together` (department, item); `coming` when it is called."""

    head: Head
    key: str
    title: str
    together: tuple[tuple[str, str], ...]
    coming: Coming | None
    place: str
    waivable: bool
    by_applicant: bool


@dataclass(frozen=True)
class FindingView:
    """An inspection to record: when and where it was, and who can have been there."""

    head: Head
    at: datetime
    place: str
    people: tuple[Person, ...]
    needed: int
    over: bool


@dataclass(frozen=True)
class HearingView:
    """A hearing as far as it has come; `first` and `last` are the days on which it may be held."""

    head: Head
    interests: str
    parties: str
    asked_by: str
    stage: str
    ask_by: date | None
    at: datetime | None
    place: str
    first: date | None
    last: date | None
    chairs: tuple[Person, ...]


def inspection_call(ctx: Context, approval_id: uuid.UUID) -> VisitView:
    """Before an inspection is called, or moved."""
    dossier, row = _opened(ctx, approval_id, inspection.CALL)
    visit = inspection.visit_of(ctx, dossier, row.region)
    if visit is None:
        because = "这个事项不用现场核查，或者已经核查通过"
        raise dossier.hindered(row.region, inspection.CALL, because)
    return _visit(ctx, dossier, row, visit)


def inspection_record(ctx: Context, approval_id: uuid.UUID) -> FindingView:
    """Before what was found is recorded."""
    dossier, row = _opened(ctx, approval_id, inspection.RECORD)
    coming = inspection.to_record(ctx, dossier, row.region)
    need = dossier.selection.part(row.region).item.inspection
    if coming is None or need is None:
        because = "没有等待记录的现场核查，请先约定"
        raise dossier.hindered(row.region, inspection.RECORD, because)
    people = tuple(_person(each) for each in inspection.inspectors(ctx, dossier, row.region))
    return FindingView(
        _head(dossier, row), coming.at, coming.place, people, need.officers, ctx.now >= coming.at
    )


def meetings(ctx: Context, approval_id: uuid.UUID, event: str) -> tuple[VisitView, ...]:
    """The appearances of an item; for recording, only those that are called."""
    dossier, row = _opened(ctx, approval_id, event)
    found = tuple(
        _visit(ctx, dossier, row, visit) for visit in meeting.visits_of(dossier, row.region)
    )
    if not found:
        raise dossier.hindered(row.region, event, "这个事项不用申请人到场")
    if event == meeting.CALL:
        return found
    called = tuple(view for view in found if view.coming is not None)
    if not called:
        raise dossier.hindered(row.region, event, "没有等待记录的到场约定，请先约定")
    return called


def hearing_view(ctx: Context, approval_id: uuid.UUID, event: str) -> HearingView:
    """Before a hearing is offered, entered, called or held."""
    dossier, row = _opened(ctx, approval_id, event)
    rules = hearing.rules_of(dossier, row.region, event)
    held = hearing.of_region(ctx, dossier, row.region)
    first = last = None
    chairs: tuple[Person, ...] = ()
    if event == hearing_day.CALL:
        first, last = hearing_day.days_for(ctx, dossier, held, rules.notice)
        chairs = tuple(_person(each) for each in hearing_day.chairs(ctx, dossier, row.region))
    return HearingView(
        head=_head(dossier, row),
        interests=held.interests if held else "",
        parties=(held.parties or "") if held else "",
        asked_by=_asked_by(held),
        stage=hearing.stage(held, ctx.today) if held else "",
        ask_by=held.ask_by if held else None,
        at=held.held_at if held else None,
        place=(held.place or "") if held else "",
        first=first,
        last=None if last == date.max else last,
        chairs=chairs,
    )


def _asked_by(row: Hearing | None) -> str:
    if row is None or row.asked_at is None:
        return ""
    return row.asked_by or "申请人"


def _opened(ctx: Context, approval_id: uuid.UUID, event: str) -> tuple[Dossier, Approval]:
    """An approval of the officer's department in which the act is possible now."""
    found = ctx.session.get(Approval, approval_id)
    if found is None:
        raise NotFound("这个事项")
    check_can_see_approval(ctx.actor, found.department)
    dossier = load(ctx, found.case_id)
    if dossier.case.accepted_at is None:
        raise NotFound("这个事项")
    act = dossier.standing(found.region, event)
    if act is None:
        raise Turn(ctx, dossier).not_possible(found.region, event)
    if event == hearing_day.HOLD:
        row = hearing.of_region(ctx, dossier, found.region)
        check_can_chair(ctx.actor, found.department, row.chair_id if row else None)
    else:
        check_signer(ctx, dossier, found.region, act)
    return dossier, dossier.approvals[found.region]


def _head(dossier: Dossier, row: Approval) -> Head:
    hours = dossier.definition.jurisdiction.hours
    return Head(
        approval_id=row.id,
        revision=row.revision,
        item=wording.item_title(dossier.selection.part(row.region)),
        service=dossier.definition.workflow.title,
        case_number=dossier.case.number,
        applicant=dossier.applicant.name,
        hours=f"工作日{hours.open or '00:00'}至{hours.close}" if hours else "工作日",
    )


def _visit(ctx: Context, dossier: Dossier, row: Approval, visit: Visit) -> VisitView:
    found = appointments.rows(ctx, dossier, visit)
    called: Appointment | None = appointments.called(found)
    coming = Coming(called.at, called.place, appointments.may_move(found)) if called else None
    return VisitView(
        head=_head(dossier, row),
        key=visit.key,
        title=visit.title,
        together=tuple(appointments.titles(dossier, visit.regions)),
        coming=coming,
        place=_address(dossier, row) if visit.kind == "inspection" else "",
        waivable=visit.waivable,
        by_applicant=visit.by_applicant,
    )


def _address(dossier: Dossier, row: Approval) -> str:
    """The place that the form names, if this department may read it; "" otherwise."""
    sections = visible_sections(dossier.definition.form, {row.item_id})
    rows = [each for part in section_rows(sections, dossier.case.form) for each in part.rows]
    named = (each.text for name in ADDRESSES for each in rows if each.id == name)
    titled = (each.text for each in rows if "地址" in each.title or "地点" in each.title)
    return next(named, "") or next(titled, "")


def _person(account: Account) -> Person:
    return Person(account.id, account.name)
