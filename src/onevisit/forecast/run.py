"""Runs one service with the people who are there: parallel as compiled, and serial as before.

Every place is a queue with so many people (SimPy); time runs in minutes of office hours. What the
law lets a case wait for (corrections, special procedures, public notices) passes without anybody
working.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import simpy

from onevisit.definition.service import Definition
from onevisit.engine import everything, read_answers, select
from onevisit.engine.plan import in_order, needs_of, wait_of
from onevisit.engine.proof.report import Figures
from onevisit.engine.selection import Part, Selection
from onevisit.forecast.assumptions import DESK, WINDOW, Assumptions, places
from onevisit.forecast.chance import Application, applications
from onevisit.forecast.office_time import OfficeTime, minutes_a_day

Means = Literal["parallel", "serial"]
Process = Generator[Any, Any, None]


@dataclass
class Concluded:
    """One case at its end: `came` and `ended` are minutes of office time, `excused` the minutes
    on its way that no promise counts (supplying, public notices); `waited` the minutes in queues by
    place, of the chain of items that ended last."""

    came: float
    ended: float
    excused: float
    waited: dict[str, float]


@dataclass
class Queue:
    """What was seen at one place: every wait in minutes with the moment from which it was waited,
    the longest queue, and minutes worked until applications ceased."""

    people: int
    waits: list[tuple[float, float]] = field(default_factory=list)
    longest: int = 0
    worked: float = 0.0


@dataclass
class Observed:
    """One run: the cases that came in after the start-up, the places, and how long a day is."""

    cases: list[Concluded]
    queues: dict[str, Queue]
    length: int
    days: int


WARM_UP = 0.2
"""The share of the days at the beginning that is not counted: empty desks are nobody's day."""


def situations(
    definition: Definition, figures: Figures | None, fixed: Mapping[str, str]
) -> list[Selection]:
    """What applications may consist of: each proven situation once, with `fixed` answers put in
    their place; the service at its largest when they cannot be listed. ValueError: an answer that
    the service does not know."""
    found: dict[tuple[str, ...], Selection] = {}
    for row in figures.rows if figures else ():
        raw = {name: _text(value) for name, value in row.answers.items()} | dict(fixed)
        answers, errors = read_answers(definition, raw)
        if not errors:
            selection = select(definition, answers)
            key = tuple(f"{part.key}:{part.route.kind}" for part in selection.parts)
            found.setdefault(key, selection)
    if not found and fixed:
        raise ValueError("这些回答不合任何一种情形")
    return list(found.values()) or [everything(definition)]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def simulate(
    definition: Definition,
    assumed: Assumptions,
    chosen: Sequence[Selection],
    start: date,
    means: Means,
) -> Iterator[Observed]:
    """One `Observed` for each run; the same applications whichever way they are handled."""
    length = minutes_a_day(definition.jurisdiction.hours)
    for number in range(assumed.runs):
        coming = applications(assumed, chosen, length, number)
        yield _Centre(definition, assumed, OfficeTime(definition.calendar, start, length)).run(
            coming, means
        )


class _Centre:
    """The places of one run, and the cases that go through them."""

    def __init__(self, definition: Definition, assumed: Assumptions, time: OfficeTime) -> None:
        self.assumed, self.time = assumed, time
        self.world = simpy.Environment()
        self.queues = {name: Queue(assumed.people(name)) for name in places(definition)}
        self.people = {
            name: simpy.Resource(self.world, queue.people) for name, queue in self.queues.items()
        }
        self.closing = assumed.days * time.length
        self.cases: list[Concluded] = []

    def run(self, coming: Sequence[Application], means: Means) -> Observed:
        """Everything from the first application to the end of the last case."""
        for each in coming:
            self.world.process(_Case(self, each, means).live())
        self.world.run()
        return Observed(self.cases, self.queues, self.time.length, self.assumed.days)

    def work(
        self, place: str, minutes: float, waited: dict[str, float], people: int = 1
    ) -> Process:
        """Wait for so many people of a place at once and keep them for so long."""
        resource, queue, asked = self.people[place], self.queues[place], self.world.now
        requests = [resource.request() for _ in range(min(people, queue.people))]
        queue.longest = max(queue.longest, len(resource.queue))
        yield self.world.all_of(requests)
        queue.waits.append((asked, self.world.now - asked))
        waited[place] = waited.get(place, 0.0) + self.world.now - asked
        before_closing = max(0.0, min(minutes, self.closing - self.world.now))
        queue.worked += before_closing * len(requests)
        yield self.world.timeout(minutes)
        for request in requests:
            resource.release(request)


class _Case:
    """One application on its way."""

    def __init__(self, centre: _Centre, application: Application, means: Means) -> None:
        self.centre, self.application, self.means = centre, application, means
        self.world = centre.world
        self.excused = 0.0
        self.waited: dict[str, float] = {}
        self.ended = {part.key: self.world.event() for part in application.selection.parts}
        self.chains: dict[str, tuple[float, dict[str, float]]] = {}
        self.ready: dict[str, simpy.Event] = {}

    def live(self) -> Process:
        """From coming in to the results handed out."""
        yield self.world.timeout(self.application.at)
        yield from self._intake()
        if self.means == "parallel":
            parts = [self.world.process(self._item(each)) for each in self._parts()]
            yield self.world.all_of(parts)
        else:
            for each in self._parts():
                take_in = self.application.work[f"{each.key}.take_in"]
                yield from self.centre.work(DESK, take_in, self.waited)
                yield from self._item(each)
        self._join()
        yield from self.centre.work(WINDOW, self.application.work["hand_out"], self.waited)
        if self.application.at >= WARM_UP * self.centre.closing:
            self.centre.cases.append(
                Concluded(self.application.at, self.world.now, self.excused, self.waited)
            )

    def _parts(self) -> list[Part]:
        selection = self.application.selection
        return [selection.part(key) for key in in_order(selection)]

    def _intake(self) -> Process:
        """Taken in by the desk, and supplied once if it has to be."""
        if self.means == "parallel":
            yield from self.centre.work(DESK, self.application.work["take_in"], self.waited)
        if self.application.supplied_for is not None:
            yield self.world.timeout(self.application.supplied_for)
            self.excused += self.application.supplied_for
            yield from self.centre.work(DESK, self.application.work["recheck"], self.waited)

    def _item(self, part: Part) -> Process:
        """One item in its department, as the compiler guards it: what it needs first, then its
        steps; with needs_for: decision only the last step waits."""
        waited: dict[str, float] = {}
        excused = 0.0
        needs = [self.ended[key] for key in needs_of(self.application.selection, part)]
        if needs and part.item.needs_for == "start":
            yield self.world.all_of(needs)
        *first, last = part.route.steps
        for place, step in enumerate(first or [last]):
            yield from self._step(part, step, waited)
            if place == 0:
                yield from self._inspected(part, waited)
        for special in part.special:
            yield self.world.timeout(self.application.work[f"{part.key}.{special.kind}"])
        if wait_of(part):
            began = self.world.now
            until = self.centre.time.after_natural_days(began, wait_of(part))
            yield self.world.timeout(until - began)
            excused = until - began
        if needs and part.item.needs_for == "decision":
            yield self.world.all_of(needs)
        if first:
            yield from self._step(part, last, waited)
        self.chains[part.key] = (excused, waited)
        self.ended[part.key].succeed()

    def _step(self, part: Part, step: str, waited: dict[str, float]) -> Process:
        minutes = self.application.work[f"{part.key}.{step}"]
        yield from self.centre.work(part.item.department, minutes, waited)

    def _inspected(self, part: Part, waited: dict[str, float]) -> Process:
        """The officers go there from the next morning on; those of one group go together, once
        everybody's papers have been looked at."""
        inspection = part.item.inspection
        if inspection is None:
            return
        if inspection.joint is not None and self.means == "parallel":
            yield self._everybody(inspection.joint, part)
        length = self.centre.time.length
        yield self.world.timeout(length - self.world.now % length)
        minutes = self.application.work[f"{part.key}.inspect"]
        yield from self.centre.work(part.item.department, minutes, waited, inspection.officers)

    def _everybody(self, group: str, part: Part) -> simpy.Event:
        """Happens when every part of the group that does not wait for another is ready."""
        mine = self.ready.setdefault(part.key, self.world.event())
        mine.succeed()
        selection = self.application.selection
        together = [
            each
            for each in selection.parts
            if each.item.inspection is not None
            and each.item.inspection.joint == group
            and (each.item.needs_for == "decision" or not needs_of(selection, each))
        ]
        events = [self.ready.setdefault(each.key, self.world.event()) for each in together]
        return self.world.all_of(events)

    def _join(self) -> None:
        """What the chain that ended last waited for counts for the case; one after another, all."""
        chains = list(self.chains.values())
        if self.means == "parallel":
            chains = chains[-1:]  # in the order in which they ended
        for excused, waited in chains:
            self.excused += excused
            for place, minutes in waited.items():
                self.waited[place] = self.waited.get(place, 0.0) + minutes
