"""One case as supervisors see it: its items, whose turn it is, and who did what when.

Not the applicant, not the form, not the material, not what was written to the applicant: for time
and duty none of it is needed (个人信息保护法第六条). Officers act in office, so they are named.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from onevisit.access import check_can_supervise
from onevisit.cases import seen
from onevisit.cases.board.lights import Place
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load
from onevisit.cases.errors import NotFound
from onevisit.cases.lights import Due, Light, due_on, left, light, pauses_ahead, pauses_of
from onevisit.cases.views.history import entries, staff_history
from onevisit.cases.views.lanes import Lane, lanes
from onevisit.cases.views.parts import Badge, Event, badge
from onevisit.cases.views.watch_causes import Cause, causes
from onevisit.engine import CASE

OF_TIME = frozenset(
    {"begin_special", "suspend", "ask_extension", "extend", "refuse_extension", "explain_delay"}
)
"""Acts whose written reasons are about time, which is what supervisors look at."""
CITIZENS = frozenset({"applicant", "agent"})


@dataclass(frozen=True)
class WatchCase:
    """A case without the person: states, last days, causes, and the acts, the newest first."""

    id: uuid.UUID
    number: str
    service: str
    authority: str
    state: Badge
    submitted_at: datetime | None
    accepted_at: datetime | None
    decided_at: datetime | None
    concluded_at: datetime | None
    promise_due: Due | None
    legal_due: Due | None
    days_left: int | None
    light: Light
    cause: Cause
    lanes: tuple[tuple[Lane, Cause], ...]
    events: tuple[Event, ...]


def watch_case(ctx: Context, case_id: uuid.UUID) -> WatchCase:
    """A submitted case for supervisors; NotFound, Forbidden."""
    check_can_supervise(ctx.actor)
    dossier = load(ctx, case_id)
    case, definition = dossier.case, dossier.definition
    if case.number is None:
        raise NotFound("这个办件")
    ctx.seen.shown(case_id, seen.PAGE, "时限和办理经过，不含申请人、申请表和材料")
    why = _causes(ctx, dossier)
    ahead = pauses_ahead(ctx, [case.id])
    return WatchCase(
        id=case.id,
        number=case.number,
        service=definition.workflow.title,
        authority=definition.directory.department(definition.workflow.authority).title,
        state=badge(case.state, dossier.state()),
        submitted_at=case.submitted_at,
        accepted_at=case.accepted_at,
        decided_at=case.decided_at,
        concluded_at=case.concluded_at,
        promise_due=due_on(definition.calendar, case.promise_due),
        legal_due=due_on(definition.calendar, case.legal_due),
        days_left=left(definition.calendar, case, ctx.today, pauses_of(ahead, case)),
        light=light(definition.jurisdiction.hours, case, ctx.local),
        cause=why[case.id, CASE],
        lanes=tuple((lane, why[case.id, lane.region]) for lane in _lanes(ctx, dossier)),
        events=tuple(_events(ctx, dossier)),
    )


def _lanes(ctx: Context, dossier: Dossier) -> tuple[Lane, ...]:
    """The items, once they have been accepted."""
    return lanes(ctx, dossier) if dossier.approvals else ()


def _causes(ctx: Context, dossier: Dossier) -> dict[Place, Cause]:
    rows = [None, *dossier.approvals.values()]
    return causes(ctx, [(dossier.case, row, dossier.definition) for row in rows])


def _events(ctx: Context, dossier: Dossier) -> Iterator[Event]:
    """Every act; of the applicant's side only that they did it, of texts only those about time."""
    found = entries(ctx, dossier)
    for (entry, _), event in zip(found, staff_history(dossier, found), strict=True):
        own = entry.actor_role in CITIZENS
        note = str(entry.detail.get("reasons") or "") if entry.act in OF_TIME else ""
        yield Event(event.at, event.title, "申请人" if own else event.who, note or None)
