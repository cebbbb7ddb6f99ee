"""What a forecast assumes of people and work, read from what an admin wrote on the command line."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from onevisit.definition.problem import nearest_name
from onevisit.definition.service import Definition

DESK, WINDOW = "desk", "window"
"""The two places of the centre itself: 综合受理 and 统一出件."""
MINUTES: Mapping[str, float] = {
    "take_in": 15,
    "recheck": 8,
    "handle": 40,
    "review": 20,
    "decide": 10,
    "on_the_spot": 5,
    "inspect": 90,
    "hand_out": 5,
}
"""Minutes of work that half of the cases take less than; a place that knows better says so."""
_RATE = re.compile(r"(\d+(?:\.\d+)?)(?:/(day|week))?")
_DAYS_A_WEEK = 5


class WrongAssumption(ValueError):
    """An assumption cannot be used; the message says which and what would do."""


@dataclass(frozen=True)
class Assumptions:
    """`arrivals`: applications a working day. `staff`: people at work at once, by place (DESK,
    WINDOW or a department's id); places not named have one. `minutes`: the median of each kind of
    work. `spread`: sigma of its lognormal. `correction`: the share of applications that must be
    supplied once, `correction_days` the mean working days that the applicant takes for it.
    `days`: working days during which applications come in; `runs`: how often all is repeated with
    other chances; `seed`: the same seed gives the same forecast."""

    arrivals: float
    staff: Mapping[str, int] = field(default_factory=dict)
    minutes: Mapping[str, float] = field(default_factory=lambda: dict(MINUTES))
    spread: float = 0.5
    correction: float = 0.1
    correction_days: float = 2.0
    days: int = 120
    runs: int = 5
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what no forecast can be made of."""
        wrong = (
            (self.arrivals <= 0, "--arrivals 要大于 0"),
            (not 0 <= self.correction <= 1, "--correction 是 0 到 1 之间的比例"),
            (self.correction_days < 0, "--correction-days 不能小于 0"),
            (not 10 <= self.days <= 2500, "--days 在 10 到 2500 个工作日之间"),
            (not 1 <= self.runs <= 100, "--runs 在 1 到 100 之间"),
            (not 0 <= self.spread <= 2, "--spread 在 0 到 2 之间"),
        )
        for bad, said in wrong:
            if bad:
                raise WrongAssumption(said)

    def people(self, place: str) -> int:
        """How many people are at work in a place."""
        return self.staff.get(place, 1)


def read(
    definition: Definition, arrivals: str, staff: Iterable[str], work: Iterable[str]
) -> tuple[float, dict[str, int], dict[str, float]]:
    """Arrivals a day, staff and minutes as typed: "8/day" or "40/week"; "market_regulation=3";
    "handle=30". WrongAssumption names what cannot be read and the nearest name that can."""
    return rate(arrivals), _staff(definition, staff), _minutes(work)


def rate(text: str) -> float:
    """Applications a working day."""
    match = _RATE.fullmatch(text.strip())
    if match is None:
        raise WrongAssumption(f"--arrivals {text}：写成 8/day（每个工作日）或者 40/week（每周）")
    return float(match[1]) / (_DAYS_A_WEEK if match[2] == "week" else 1)


def places(definition: Definition) -> dict[str, str]:
    """Where a case of this service is worked on, by id, with what people call it."""
    directory = definition.directory
    found = {DESK: "综合受理窗口"}
    for item in definition.workflow.items:
        found[item.department] = directory.department(item.department).short
    return {**found, WINDOW: "统一出件窗口"}


def _staff(definition: Definition, given: Iterable[str]) -> dict[str, int]:
    known = places(definition)
    found: dict[str, int] = {}
    for name, text in _pairs("--staff", given):
        if name not in known:
            near = nearest_name(name, list(known))
            hint = f"，是不是 {near}" if near else f"；可以写 {'、'.join(known)}"
            raise WrongAssumption(f"--staff {name}：这一件事里没有这个部门{hint}")
        if not re.fullmatch("[1-9][0-9]{0,2}", text):
            raise WrongAssumption(f"--staff {name}={text}：人数写 1 到 999 的整数")
        found[name] = int(text)
    return found


def _minutes(given: Iterable[str]) -> dict[str, float]:
    found = dict(MINUTES)
    for name, text in _pairs("--work", given):
        if name not in MINUTES:
            near = nearest_name(name, list(MINUTES))
            hint = f"，是不是 {near}" if near else f"；可以写 {'、'.join(MINUTES)}"
            raise WrongAssumption(f"--work {name}：没有这种工作{hint}")
        if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]+)?", text) or float(text) == 0:
            raise WrongAssumption(f"--work {name}={text}：写分钟数，如 30")
        found[name] = float(text)
    return found


def _pairs(option: str, given: Iterable[str]) -> Iterable[tuple[str, str]]:
    """NAME=VALUE, several of them separated by commas."""
    for text in (each for one in given for each in one.split(",") if each.strip()):
        name, sign, value = text.strip().partition("=")
        if not sign:
            raise WrongAssumption(f"{option} {text}：写成 名称=数字")
        yield name.strip(), value.strip()
