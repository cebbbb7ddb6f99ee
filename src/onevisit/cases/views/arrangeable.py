"""Which inspections, appearances and hearings can be arranged or recorded now, so that pages link
only to what leads somewhere; the verbs themselves still say why not."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from sqlmodel import select

from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.cases.meetings import appointments, hearing, hearing_day, inspection, meeting
from onevisit.store.turn_tables import Appointment, Hearing

Offer = Callable[[Context, Dossier, str], bool]


def _may_inspect(ctx: Context, dossier: Dossier, region: str) -> bool:
    if not inspection.is_needed(dossier.selection.part(region)):
        return False
    visit = inspection.visit_of(ctx, dossier, region)
    return visit is not None and _is_free(appointments.rows(ctx, dossier, visit))


def _is_free(found: Sequence[Appointment]) -> bool:
    """Whether nothing is called yet, or what is may be moved."""
    return appointments.called(found) is None or appointments.may_move(found)


def _was_inspected(ctx: Context, dossier: Dossier, region: str) -> bool:
    needed = inspection.is_needed(dossier.selection.part(region))
    row = inspection.to_record(ctx, dossier, region) if needed else None
    return row is not None and row.at <= ctx.now


def _may_meet(ctx: Context, dossier: Dossier, region: str) -> bool:
    if not dossier.selection.part(region).appointments:
        return False
    for visit in meeting.visits_of(dossier, region):
        found = appointments.rows(ctx, dossier, visit)
        if not meeting.why_not(visit, found) and _is_free(found):
            return True
    return False


def _is_called(ctx: Context, dossier: Dossier, region: str) -> bool:
    if not dossier.selection.part(region).appointments:
        return False
    return any(
        appointments.called(appointments.rows(ctx, dossier, visit)) is not None
        for visit in meeting.visits_of(dossier, region)
    )


def _stage(ctx: Context, dossier: Dossier, region: str) -> str:
    row = hearing.of_region(ctx, dossier, region)
    return "" if row is None else hearing.stage(row, ctx.today)


def _may_offer(ctx: Context, dossier: Dossier, region: str) -> bool:
    ruled = dossier.definition.jurisdiction.hearing is not None
    return ruled and hearing.of_region(ctx, dossier, region) is None


def _may_call(ctx: Context, dossier: Dossier, region: str) -> bool:
    ruled = dossier.definition.jurisdiction.hearing is not None
    return ruled and _stage(ctx, dossier, region) not in ("open", "held")


def _may_hold(ctx: Context, dossier: Dossier, region: str) -> bool:
    row = hearing.of_region(ctx, dossier, region)
    return row is not None and row.chair_id == ctx.actor.id and row.recorded_at is None


def _still(event: str) -> Offer:
    def offer(ctx: Context, dossier: Dossier, region: str) -> bool:
        row = hearing.of_region(ctx, dossier, region)
        return row is not None and hearing.may(row, event, ctx.today)

    return offer


OFFERS: Mapping[str, Offer] = {
    inspection.CALL: _may_inspect,
    inspection.RECORD: _was_inspected,
    meeting.CALL: _may_meet,
    meeting.RECORD: _is_called,
    hearing.OFFER: _may_offer,
    hearing.ASK: _still(hearing.ASK),
    hearing.ENTER: _still(hearing.ENTER),
    hearing.WAIVE: _still(hearing.WAIVE),
    hearing_day.CALL: _may_call,
    hearing_day.HOLD: _may_hold,
}


def idle_hearings(ctx: Context, dossier: Dossier) -> Iterator[tuple[str, str]]:
    """(region, event) of what the applicant cannot ask for or give up now."""
    statement = select(Hearing).where(Hearing.case_id == dossier.case.id)
    rows = {row.region: row for row in ctx.session.exec(statement)}
    for region in dossier.approvals:
        for event in (hearing.ASK, hearing.WAIVE):
            if region not in rows or not hearing.may(rows[region], event, ctx.today):
                yield region, event
