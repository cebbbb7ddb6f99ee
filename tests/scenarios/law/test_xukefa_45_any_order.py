"""许可法第四十二条、第四十五条 in whatever order: after every act, the clocks of an item and of the
whole are what a calendar on the wall says, counted day by day here once more."""

import random
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from onevisit.cases.errors import CaseError
from scenarios.law.officers import (
    PANEL,
    TEST,
    accepted_on,
    asked_for,
    begin,
    dues,
    end,
    granted,
    morning,
    resumed,
    suspended,
)
from scenarios.stage import Stage

MONDAY = date(2026, 2, 9)
OFF = {date(2026, 2, day) for day in (16, 17, 18, 19, 20, 23)} | {
    date(2026, 4, 6), date(2026, 5, 1), date(2026, 5, 4), date(2026, 5, 5), date(2026, 6, 19),
}  # fmt: skip
MADE_UP = {date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9)}
STEPS = 20


def after(start: date, days: int, stopped: set[date]) -> date:
    """So many worked days after a day, without those on which the clock stands still."""
    day = start
    while days:
        day += timedelta(days=1)
        worked = day in MADE_UP or (day.weekday() < 5 and day not in OFF)
        days -= worked and day not in stopped
    return day


def between(first: date, last: date) -> set[date]:
    """The days after the first up to the last."""
    return {first + timedelta(days=n) for n in range(1, (last - first).days + 1)}


@dataclass
class Wall:
    """What a person would keep on a calendar: which days were said to stop which clock."""

    special: dict[str, list[tuple[date, date]]] = field(default_factory=dict)
    suspensions: list[tuple[date, date]] = field(default_factory=list)
    added: int = 0

    def said(self) -> dict[str, tuple[str, str]]:
        """All four last days; special procedures do not stop the promise in this city."""
        legal = {day for each in self.special.values() for pair in each for day in between(*pair)}
        promise = {day for pair in self.suspensions for day in between(*pair)}
        return {
            "food": (str(after(MONDAY, 20 + self.added, legal)), str(after(MONDAY, 5, promise))),
            "case": (str(after(MONDAY, 45, legal)), str(after(MONDAY, 40, promise))),
        }

    def shorten(self, pauses: list[tuple[date, date]], today: date) -> None:
        """The last of these pauses ends today."""
        began, planned = pauses[-1]
        pauses[-1] = (began, min(planned, today))


def one_act(stage: Stage, case_id: uuid.UUID, wall: Wall, today: date, dice: random.Random) -> str:
    """Try one act, and note it on the wall when it was done; its name."""
    act, days = (
        dice.choice(["test", "panel", "end", "suspend", "resume", "extend"]),
        dice.choice([1, 2]),
    )
    until = after(today, days, set())
    if act in ("test", "panel"):
        title = TEST if act == "test" else PANEL
        begin(stage, case_id, days, title)
        wall.special.setdefault(title, []).append((today, until))
    elif act == "end":
        title = dice.choice([TEST, PANEL])
        end(stage, case_id, title)
        wall.shorten(wall.special[title], today)
    elif act == "suspend":
        suspended(stage, case_id, days)
        wall.suspensions.append((today, until))
    elif act == "resume":
        resumed(stage, case_id)
        wall.shorten(wall.suspensions, today)
    else:
        asked_for(stage, case_id, days)
        granted(stage, case_id)
        wall.added = days
    return act


@pytest.mark.parametrize("seed", range(3))
def test_45_the_clocks_are_those_of_the_calendar_on_the_wall(kitchen: Stage, seed: int) -> None:
    dice, wall, done = random.Random(seed), Wall(), []
    case_id, today = accepted_on(kitchen, MONDAY), MONDAY
    for _ in range(STEPS):
        morning(kitchen, today)
        with suppress(CaseError):  # refused: nothing may have changed
            done.append(one_act(kitchen, case_id, wall, today, dice))
        found = {region: dues(kitchen, case_id, region) for region in ("food", "case")}
        assert found == wall.said(), (today, done)
        today += timedelta(days=dice.choice([0, 0, 0, 1, 1]))
    assert len(set(done)) > 3, "too little was tried"
    assert kitchen.problems(case_id) == []
