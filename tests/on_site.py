"""Brings an item past the inspection and the appearances it needs, as its officers do."""

from datetime import datetime, time, timedelta

from onevisit.cases import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.meetings import appointments, inspection, meeting
from onevisit.cases.meetings.appointments import Call
from onevisit.cases.meetings.inspection import Report
from onevisit.cases.meetings.meeting import Purpose, Result
from onevisit.cases.meetings.slots import faults
from onevisit.documents.format import BEIJING
from onevisit.engine.clocks import ONE_DAY
from onevisit.store.tables import Approval

PLACE = "示例市演示区演示路八号"


def called(ctx: Context, row: Approval) -> datetime | None:
    """When everything that the item still needs can be recorded, called for two minutes from now
    or the next morning; None when it needs nothing."""
    dossier = load(ctx, row.case_id)
    at, when = _moment(ctx, dossier), []
    waiting = inspection.to_record(ctx, dossier, row.region)
    if waiting is not None:
        when.append(waiting.at)
    elif inspection.visit_of(ctx, dossier, row.region) is not None:
        inspection.call(ctx, row.id, Call(at, PLACE), row.revision)
        when.append(at)
    for visit in _unmet(ctx, dossier, row):
        before = appointments.called(appointments.rows(ctx, dossier, visit))
        if before is None:
            meeting.call(ctx, row.id, Purpose(visit.key), Call(at, PLACE), _revision(ctx, row))
        when.append(at if before is None else before.at)
    return max(when, default=None)


def passed(ctx: Context, row: Approval) -> None:
    """Two officers of the department find everything in order, and the applicant has come."""
    dossier = load(ctx, row.case_id)
    if inspection.to_record(ctx, dossier, row.region) is not None:
        people = inspection.inspectors(ctx, dossier, row.region)
        two = [each.id for each in people[:2]]
        report = Report(two, passed=True, finding="与申报一致")
        inspection.record(ctx, row.id, report, row.revision)
    for visit in _unmet(ctx, dossier, row):
        meeting.record(ctx, row.id, visit.key, Result("held", ""), _revision(ctx, row))


def _unmet(ctx: Context, dossier: Dossier, row: Approval) -> list[appointments.Visit]:
    return [
        visit
        for visit in meeting.visits_of(dossier, row.region)
        if not visit.waivable
        and not any(each.state == "held" for each in appointments.rows(ctx, dossier, visit))
    ]


def _moment(ctx: Context, dossier: Dossier) -> datetime:
    at = (ctx.now + timedelta(minutes=2)).astimezone(BEIJING)
    while faults(ctx, dossier, at):
        at = datetime.combine(at.date() + ONE_DAY, time(10), BEIJING)
    return at


def _revision(ctx: Context, row: Approval) -> int:
    return load(ctx, row.case_id).approvals[row.region].revision
