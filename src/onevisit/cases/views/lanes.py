"""The items of a case side by side, each with its steps, clocks and what it waits for."""

from dataclasses import dataclass
from datetime import datetime

from onevisit.cases import wording
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier, waits_for
from onevisit.cases.lights import Due, Light, due_on, light
from onevisit.cases.snapshot import promise_of
from onevisit.cases.views.parts import Badge, StepState, badge
from onevisit.engine import Part
from onevisit.store.tables import Approval


@dataclass(frozen=True)
class Step:
    """One working step or public notice of an approval."""

    id: str
    title: str
    state: StepState


@dataclass(frozen=True)
class Lane:
    """One item of a submitted case."""

    region: str
    title: str
    department: str
    route_title: str
    state: Badge
    steps: tuple[Step, ...]
    started_at: datetime | None
    promise_due: Due | None
    legal_due: Due | None
    decided_at: datetime | None
    reasons: str | None
    remedies: tuple[str, ...]
    waits_for: tuple[str, ...]
    light: Light


@dataclass(frozen=True)
class ItemLine:
    """One item of a selection, before anything has started."""

    region: str
    title: str
    department: str
    route_title: str
    promise_text: str
    legal_text: str


def lanes(ctx: Context, dossier: Dossier) -> tuple[Lane, ...]:
    """All items of a submitted case, in the order of the service."""
    return tuple(lane(ctx, dossier, part) for part in dossier.selection.parts)


def lane(ctx: Context, dossier: Dossier, part: Part) -> Lane:
    """One item of a submitted case."""
    row = dossier.approvals[part.key]
    state = dossier.state(part.key)
    calendar = dossier.definition.calendar
    refused = state.final and not state.granted and row.reasons is not None
    return Lane(
        region=part.key,
        title=wording.item_title(part),
        department=dossier.department(part).title,
        route_title=wording.ROUTES[part.route.kind],
        state=badge(row.state, state),
        steps=steps(dossier, part),
        started_at=row.started_at,
        promise_due=due_on(calendar, row.promise_due),
        legal_due=due_on(calendar, row.legal_due),
        decided_at=row.decided_at,
        reasons=row.reasons,
        remedies=dossier.definition.jurisdiction.remedies if refused else (),
        waits_for=waits_for(dossier, part),
        light=row_light(ctx, dossier, row),
    )


def item_lines(dossier: Dossier) -> tuple[ItemLine, ...]:
    """The selected items with their limits."""
    return tuple(
        ItemLine(
            part.key,
            wording.item_title(part),
            dossier.department(part).title,
            wording.ROUTES[part.route.kind],
            promise_of(part),
            wording.days(part.item.limit),
        )
        for part in dossier.selection.parts
    )


def steps(dossier: Dossier, part: Part) -> tuple[Step, ...]:
    """The states on the way from the start to the decision: done, current, still to do."""
    table = dossier.chart.tables[part.key]
    names = [n for n, state in table.states.items() if n != table.initial and not state.final]
    present = dossier.approvals[part.key].state
    place = names.index(present) if present in names else None
    if place is None:
        place = 0 if present == table.initial else len(names)
        waiting = present == table.initial
    else:
        waiting = False
    found: list[Step] = []
    for number, name in enumerate(names):
        state: StepState = "done" if number < place else "todo"
        if number == place and not waiting:
            state = "current"
        found.append(Step(name, table.states[name].title, state))
    return tuple(found)


def row_light(ctx: Context, dossier: Dossier, row: Approval) -> Light:
    """The light of an approval that is under way."""
    return light(dossier.definition.jurisdiction.hours, row, ctx.local)
