"""Why a last day is the last day: both clocks of a case and of its items, day by day, with every
pause, extension and article (浙江规定第十二条: both limits are shown).

What is read here holds no personal data: no name but that of who granted an extension.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlmodel import col, select

from onevisit.access import check_can_see_case, check_can_supervise, check_can_take_in
from onevisit.cases import wording
from onevisit.cases.clock import Clocks, clocks
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, load, waits_for
from onevisit.cases.errors import NotFound
from onevisit.cases.views.deadlines import Deadline, deadlines
from onevisit.cases.views.months import Month, months
from onevisit.cases.views.office import opened_approval
from onevisit.definition.place import Calendar
from onevisit.documents.format import BEIJING
from onevisit.engine import CASE
from onevisit.engine.clocks import Clock, Stop, Why, is_past, is_provisional
from onevisit.store.tables import Account
from onevisit.store.turn_tables import Extension

FIRST_DAY = "民法典第二百零一条第一款"
ROLLED = "民法典第二百零三条第一款"
CLOSING = "民法典第二百零三条第二款"
WORKING_DAYS = "行政许可法第八十二条"
Kind = Literal["legal", "promise"]
Standing = Literal["running", "stopped", "late", "ended"]


@dataclass(frozen=True)
class DayLine:
    """One day of a clock; `number` is how many have been counted with it, None: not counted;
    `provisional` while the holidays of its year are not announced."""

    day: date
    number: int | None
    why: Why
    last: bool
    stop: Stop | None
    provisional: bool


@dataclass(frozen=True)
class Granted:
    """Days that were added, by whom and when."""

    days: int
    reasons: str
    basis: str
    by: str
    on: date | None


@dataclass(frozen=True)
class ClockLine:
    """One limit from its start to its last day. `left` counts its own days after today, `late`
    the natural days past the last day; `recorded` is what the row says where that is another day:
    a period that had ended is not moved by rules that came later."""

    kind: Kind
    days: int
    unit: Literal["working", "natural"]
    basis: str | None
    start: date
    because: Literal["accepted", "deemed", "together", "after", "started"]
    lines: tuple[DayLine, ...]
    stops: tuple[Stop, ...]
    granted: tuple[Granted, ...]
    due: date
    recorded: date | None
    closes: str | None
    provisional: bool
    standing: Standing
    used: int
    left: int
    months: tuple[Month, ...]


@dataclass(frozen=True)
class RegionClocks:
    """The clocks of the case (region `case`) or of one item; None until they start."""

    region: str
    title: str
    department: str
    state: str
    ended: date | None
    waits: tuple[str, ...]
    legal: ClockLine | None
    promise: ClockLine | None

    @property
    def lines(self) -> tuple[ClockLine, ...]:
        """Both clocks, the promise first; empty until they start."""
        return tuple(each for each in (self.promise, self.legal) if each is not None)


@dataclass(frozen=True)
class Explanation:
    """Everything about time in one case."""

    case_id: uuid.UUID
    number: str | None
    service: str
    today: date
    known_until: date
    regions: tuple[RegionClocks, ...]
    deadlines: tuple[Deadline, ...]


def my_clock(ctx: Context, case_id: uuid.UUID) -> Explanation:
    """For whoever may see the whole case: the applicant's side, clerks and the window."""
    dossier = _submitted(ctx, case_id)
    check_can_see_case(ctx.actor, dossier.case.applicant_id, dossier.case.agent_id)
    return explain(ctx, dossier)


def desk_clock(ctx: Context, case_id: uuid.UUID) -> Explanation:
    """For the clerks."""
    check_can_take_in(ctx.actor)
    return explain(ctx, _submitted(ctx, case_id))


def watch_clock(ctx: Context, case_id: uuid.UUID) -> Explanation:
    """For supervisors, who see time and nothing else of a case."""
    check_can_supervise(ctx.actor)
    return explain(ctx, _submitted(ctx, case_id))


def office_clock(ctx: Context, approval_id: uuid.UUID) -> Explanation:
    """For the officers of an item's department: that item and no other."""
    dossier, row, _ = opened_approval(ctx, approval_id)
    return explain(ctx, dossier, (row.region,))


def explain(ctx: Context, dossier: Dossier, regions: Sequence[str] = ()) -> Explanation:
    """The clocks and deadlines of these regions, of the case and all of its items when none are
    named. Whoever calls has checked who looks."""
    wanted = regions or (CASE, *(part.key for part in dossier.selection.parts))
    granted = _granted(ctx, dossier)
    return Explanation(
        case_id=dossier.case.id,
        number=dossier.case.number,
        service=dossier.definition.workflow.title,
        today=ctx.today,
        known_until=dossier.definition.calendar.last,
        regions=tuple(_region(ctx, dossier, each, granted.get(each, ())) for each in wanted),
        deadlines=deadlines(ctx, dossier, frozenset(wanted)),
    )


def _submitted(ctx: Context, case_id: uuid.UUID) -> Dossier:
    dossier = load(ctx, case_id)
    if dossier.case.number is None:
        raise NotFound("这个办件")
    return dossier


def _region(
    ctx: Context, dossier: Dossier, region: str, granted: Sequence[Granted]
) -> RegionClocks:
    row, running = dossier.row(region), clocks(ctx, dossier, region)
    definition = dossier.definition
    if region == CASE:
        title, department = "整件", definition.workflow.authority
        waits: tuple[str, ...] = ()
    else:
        part = dossier.selection.part(region)
        title, department = wording.item_title(part), dossier.approvals[region].department
        waits = waits_for(dossier, part) if running is None else ()
    return RegionClocks(
        region=region,
        title=title,
        department=definition.directory.department(department).title,
        state=dossier.state(region).title,
        ended=row.decided_at.astimezone(BEIJING).date() if row.decided_at else None,
        waits=waits,
        legal=_line(ctx, dossier, region, "legal", running, granted),
        promise=_line(ctx, dossier, region, "promise", running, ()),
    )


def _line(  # noqa: PLR0917 -- what one clock of one region is drawn from
    ctx: Context,
    dossier: Dossier,
    region: str,
    kind: Kind,
    running: Clocks | None,
    granted: Sequence[Granted],
) -> ClockLine | None:
    if running is None:
        return None
    row, definition = dossier.row(region), dossier.definition
    clock = running.legal if kind == "legal" else running.promise
    recorded = row.legal_due if kind == "legal" else row.promise_due
    ended = row.decided_at.astimezone(BEIJING).date() if row.decided_at else None
    due, until = recorded or clock.due, ended or ctx.today
    hours = definition.jurisdiction.hours
    return ClockLine(
        kind=kind,
        days=clock.limit.days,
        unit=clock.limit.unit,
        basis=clock.limit.basis,
        start=clock.start,
        because=_because(dossier, region),
        lines=_days(definition.calendar, clock),
        stops=clock.stops,
        granted=tuple(granted),
        due=due,
        recorded=recorded if recorded != clock.due else None,
        closes=hours.close if hours is not None else None,
        provisional=is_provisional(definition.calendar, due),
        standing="ended" if ended is not None else _standing(ctx, dossier, clock, due),
        used=clock.used(until),
        left=clock.left(until),
        months=months(clock, ctx.today),
    )


def _standing(ctx: Context, dossier: Dossier, clock: Clock, due: date) -> Standing:
    """Where a clock stands that nobody has ended by deciding."""
    if is_past(dossier.definition.jurisdiction.hours, due, ctx.local):
        return "late"
    return "running" if clock.stop_on(ctx.today) is None else "stopped"


def _days(calendar: Calendar, clock: Clock) -> tuple[DayLine, ...]:
    return tuple(
        DayLine(
            day=each.day,
            number=each.number,
            why=each.why,
            last=each.day == clock.due,
            stop=each.stop,
            provisional=is_provisional(calendar, each.day),
        )
        for each in clock.days
    )


def _because(
    dossier: Dossier, region: str
) -> Literal["accepted", "deemed", "together", "after", "started"]:
    """Why the clocks start on their day: accepted on it, deemed accepted from the day of receipt
    (许可法第三十二条); an item begins with the rest or after an earlier result (浙江规定第五条)."""
    case, row = dossier.case, dossier.row(region)
    if region != CASE and row.clock_from != case.clock_from:
        needs = dossier.selection.part(region).item.needs
        return "after" if needs else "started"
    accepted = case.accepted_at.astimezone(BEIJING).date() if case.accepted_at else None
    if accepted is not None and case.clock_from is not None and case.clock_from < accepted:
        return "deemed"
    return "accepted" if region == CASE else "together"


def _granted(ctx: Context, dossier: Dossier) -> Mapping[str, list[Granted]]:
    """The extensions that were granted, by region, with the name of who granted each."""
    statement = (
        select(Extension, Account.name)
        .join(Account, col(Account.id) == col(Extension.decided_by), isouter=True)
        .where(Extension.case_id == dossier.case.id, Extension.state == "granted")
        .order_by(col(Extension.id))
    )
    found: dict[str, list[Granted]] = {}
    for row, name in ctx.session.exec(statement):
        on = row.decided_at.astimezone(BEIJING).date() if row.decided_at else None
        granted = Granted(row.days, row.reasons, row.basis, name or "", on)
        found.setdefault(row.region, []).append(granted)
    return found
