"""What the runs say: how long cases take, where they wait, and whether the promise holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TypeVar

from onevisit.forecast.run import Observed, Queue

Number = TypeVar("Number", int, float)
GROWTH = 1.3
"""A queue grows when people wait this many times as long in the last third as in the second."""


@dataclass(frozen=True)
class Place:
    """One place: `use` is the share of its people's time that was worked, `wait` the mean and
    `wait_90` the 90th percentile of waits in minutes, `longest` the longest queue; `lost` the mean
    minutes that a case lost here on its longest way. `overloaded`: the queue grew all the time,
    and people waited for half a day and more at last."""

    title: str
    people: int
    use: float
    wait: float
    wait_90: float
    longest: int
    lost: float
    overloaded: bool


@dataclass(frozen=True)
class Way:
    """One way of working: `cases` that were looked at; working days from application to result,
    `median` and 90th percentile `most` of what the promise counts, `elapsed` the median of all
    days, pauses included; the share `kept` within the promise; how many cases took how many days;
    the places, and the one where cases lose most (None: nobody waits)."""

    cases: int
    median: int
    most: int
    elapsed: int
    kept: float
    days: Mapping[int, int]
    places: Mapping[str, Place]
    bottleneck: str | None


@dataclass(frozen=True)
class Outcome:
    """The forecast of both ways, and the promise in working days that they are held against."""

    promise: int
    parallel: Way
    serial: Way

    @property
    def holds(self) -> bool:
        """Whether nine of ten cases keep the promise with these people, working in parallel."""
        return self.parallel.most <= self.promise


def outcome(
    promise: int,
    titles: Mapping[str, str],
    parallel: Sequence[Observed],
    serial: Sequence[Observed],
) -> Outcome:
    """The forecast from all runs of both ways; ValueError when no case came in."""
    return Outcome(promise, _way(promise, titles, parallel), _way(promise, titles, serial))


def _way(promise: int, titles: Mapping[str, str], runs: Sequence[Observed]) -> Way:
    counted: list[int] = []
    elapsed: list[int] = []
    for run in runs:
        for case in run.cases:
            whole = int(case.ended // run.length) - int(case.came // run.length)
            elapsed.append(whole)
            counted.append(max(0, whole - ceil(case.excused / run.length)))
    if not counted:
        raise ValueError("这段时间里一件也没有办结：把 --days 或者 --arrivals 写大一些")
    places = {name: _place(name, title, runs) for name, title in titles.items()}
    slowest = max(places, key=lambda name: places[name].lost)
    return Way(
        cases=len(counted),
        median=_percentile(counted, 0.5),
        most=_percentile(counted, 0.9),
        elapsed=_percentile(elapsed, 0.5),
        kept=sum(days <= promise for days in counted) / len(counted),
        days={days: counted.count(days) for days in sorted(set(counted))},
        places=places,
        bottleneck=slowest if places[slowest].lost >= 1 else None,
    )


def _place(name: str, title: str, runs: Sequence[Observed]) -> Place:
    queues: list[Queue] = [run.queues[name] for run in runs]
    waits = [wait for queue in queues for _, wait in queue.waits]
    cases = [case for run in runs for case in run.cases]
    available = sum(run.length * run.days * run.queues[name].people for run in runs)
    return Place(
        title=title,
        people=queues[0].people,
        use=sum(queue.worked for queue in queues) / available,
        wait=sum(waits) / len(waits) if waits else 0.0,
        wait_90=_percentile(waits, 0.9) if waits else 0.0,
        longest=max(queue.longest for queue in queues),
        lost=sum(case.waited.get(name, 0.0) for case in cases) / max(len(cases), 1),
        overloaded=_grows(name, runs),
    )


def _grows(name: str, runs: Sequence[Observed]) -> bool:
    """Whether waits at a place grew from the second third of the days to the last."""
    thirds: tuple[list[float], ...] = ([], [], [])
    for run in runs:
        for asked, wait in run.queues[name].waits:
            third = int(3 * asked / (run.days * run.length))
            if third < len(thirds):
                thirds[third].append(wait)
    _, middle, last = (sum(each) / len(each) if each else 0.0 for each in thirds)
    return last > GROWTH * middle and last > runs[0].length / 2


def _percentile(values: Sequence[Number], share: float) -> Number:
    """The smallest value that at least this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)]
