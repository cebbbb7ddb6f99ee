"""Brings an item past the on-site inspection it may need, as officers of its department do."""

from datetime import datetime, time, timedelta

from onevisit.cases import Context, inspection
from onevisit.cases.appointments import Call
from onevisit.cases.dossier import load
from onevisit.cases.inspection import Report
from onevisit.cases.slots import faults
from onevisit.documents.format import BEIJING
from onevisit.engine.clocks import ONE_DAY
from onevisit.store.tables import Approval

PLACE = "示例市演示区演示路八号"


def called(ctx: Context, row: Approval) -> datetime | None:
    """When the item is inspected, called for two minutes from now or the next morning; None when
    it needs no inspection or has passed."""
    dossier = load(ctx, row.case_id)
    waiting = inspection.to_record(ctx, dossier, row.region)
    if waiting is not None:
        return waiting.at
    if inspection.visit_of(ctx, dossier, row.region) is None:
        return None
    at = (ctx.now + timedelta(minutes=2)).astimezone(BEIJING)
    while faults(ctx, dossier, at):
        at = datetime.combine(at.date() + ONE_DAY, time(10), BEIJING)
    inspection.call(ctx, row.id, Call(at, PLACE), row.revision)
    return at


def passed(ctx: Context, row: Approval) -> None:
    """Two officers of the department find everything in order."""
    people = inspection.inspectors(ctx, load(ctx, row.case_id), row.region)
    two = [each.id for each in people[:2]]
    inspection.record(ctx, row.id, Report(two, passed=True, finding="与申报一致"), row.revision)
