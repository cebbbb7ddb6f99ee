"""What is left to chance in one application, drawn once so that both ways of working meet the same.

Drawn beforehand and by name: serial and parallel are compared on the very same cases.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from onevisit.engine.selection import Part, Selection
from onevisit.forecast.assumptions import Assumptions


@dataclass(frozen=True)
class Application:
    """One application: when it comes in (minute of office time), what follows from its answers,
    whether and for how long (minutes) it has to be supplied, and the minutes of each piece of
    work, by name."""

    at: float
    selection: Selection
    supplied_for: float | None
    work: dict[str, float]


def applications(
    assumed: Assumptions, situations: Sequence[Selection], length: int, run: int
) -> list[Application]:
    """All applications of one run, in the order in which they come in (a Poisson stream)."""
    chance = Random(f"{assumed.seed}/{run}")  # noqa: S311 -- a forecast, no secret
    found: list[Application] = []
    at = chance.expovariate(assumed.arrivals / length)
    while at < assumed.days * length:
        found.append(_application(assumed, chance, at, chance.choice(situations), length))
        at += chance.expovariate(assumed.arrivals / length)
    return found


def _application(
    assumed: Assumptions, chance: Random, at: float, selection: Selection, length: int
) -> Application:
    def takes(kind: str) -> float:
        return chance.lognormvariate(math.log(assumed.minutes[kind]), assumed.spread)

    supplied = None
    if chance.random() < assumed.correction:
        mean = assumed.correction_days * length
        supplied = chance.expovariate(1 / mean) if mean else 0.0
    work = {kind: takes(kind) for kind in ("take_in", "recheck", "hand_out")}
    for part in selection.parts:
        work[f"{part.key}.take_in"] = takes("take_in")
        for step in part.route.steps:
            work[f"{part.key}.{step}"] = takes(_kind(part, step, assumed))
        work[f"{part.key}.inspect"] = takes("inspect")
        for special in part.special:
            work[f"{part.key}.{special.kind}"] = chance.uniform(0.5, 1) * special.days * length
    return Application(at, selection, supplied, work)


def _kind(part: Part, step: str, assumed: Assumptions) -> str:
    """The kind of work that a step is; a lifecycle may have steps of its own name."""
    if part.route.on_the_spot:
        return "on_the_spot"
    return step if step in assumed.minutes else "handle"
