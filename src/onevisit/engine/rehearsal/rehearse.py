"""Plays one scenario in a world (the pure engine, a database, the web) and tells what differs.

The player knows neither rows nor pages: a world does what people do and says what it then sees.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from onevisit.definition.problem import Problem, Words, in_language
from onevisit.definition.scenario import EVERY, Act, Expected, Scenario, Step
from onevisit.definition.service import Definition
from onevisit.definition.source import Path, Source
from onevisit.engine.chart import CASE

ITEMS = Words("要办的事项", "the items")
MATERIALS = Words("要交的材料", "the material asked")
DAYS = Words("承诺的工作日", "the working days promised")
VISITS = Words("到场次数", "the visits")
NOTHING = Words("（没有）", "(none)")


class Refused(Exception):
    """The act cannot be done in this world; `reason` says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True)
class Foreseen:
    """What the applicant is told before applying: route by item id, ids of the material asked."""

    items: Mapping[str, str]
    materials: tuple[str, ...]
    days: int | None
    visits: int | None


class World(Protocol):
    """Where a scenario is played, from one application on."""

    def foresee(self) -> Foreseen:
        """What the applicant is told before applying."""

    def do(self, act: Act) -> None:
        """Do it as the person whose act it is; Refused when it cannot be done."""

    def can(self, act: Act) -> bool:
        """Whether it could be done now; nothing is changed."""

    def states(self) -> Mapping[str, str]:
        """The states of the case and of its approvals by region."""

    def documents(self) -> Mapping[str, int]:
        """How many documents of each kind there are."""


@dataclass(frozen=True)
class Mismatch:
    """One expectation that was not met: where it is written, what it was and what was found."""

    at: Path
    message: Words
    expected: str
    found: str

    def problem(self, source: Source) -> Problem:
        """The mismatch at its place in the file."""
        return source.problem(self.at, "rule", expected=self.message)


def rehearse(
    definition: Definition, scenario: Scenario, at: Path, world: World
) -> tuple[Mismatch, ...]:
    """Plays the scenario written at path `at`; what differs from its expectations, in order.

    After an act that should have been possible and was not, the rest is not played.
    """
    return tuple(_Player(definition, world).play(scenario, at))


@dataclass
class _Player:
    definition: Definition
    world: World

    def play(self, scenario: Scenario, at: Path) -> Iterator[Mismatch]:
        if scenario.expect.model_fields_set:
            yield from self._foreseen(scenario.expect, (*at, "expect"))
        made: Mapping[str, int] = {}
        for place, step in enumerate(scenario.steps):
            here = (*at, "steps", place)
            if step.verbs:
                before = Counter(self.world.documents())
                try:
                    self.world.do(step)
                except Refused as refused:
                    yield _undone(step, refused.reason, (*here, step.verbs[0]))
                    return
                made = Counter(self.world.documents()) - before
            yield from self._after(step, made, here)
        ends, here = scenario.ends, (*at, "ends")
        yield from self._states(ends.case, ends.items, here)
        if ends.documents is not None:
            yield from _counted(ends.documents, self.world.documents(), (*here, "documents"))

    def _foreseen(self, expected: Expected, at: Path) -> Iterator[Mismatch]:
        found = self.world.foresee()
        if expected.items is not None:
            yield from _listed(ITEMS, expected.items, tuple(found.items), (*at, "items"))
        for item, route in expected.routes.items():
            what = Words(f"“{item}”的办理方式", f"the route of “{item}”")
            yield from _same(what, route, found.items.get(item), (*at, "routes", item))
        if expected.materials is not None:
            yield from _listed(MATERIALS, expected.materials, found.materials, (*at, "materials"))
        if expected.days is not None:
            yield from _same(DAYS, expected.days, found.days, (*at, "days"))
        if expected.visits is not None:
            yield from _same(VISITS, expected.visits, found.visits, (*at, "visits"))

    def _after(self, step: Step, made: Mapping[str, int], at: Path) -> Iterator[Mismatch]:
        yield from self._states(step.case, step.items, at)
        if step.made is not None:
            yield from _counted(step.made, made, (*at, "made"))
        for place, act in enumerate(step.impossible):
            if self.world.can(act):
                words = Words(
                    f"这时应当做不到“{act.text}”，实际做得到",
                    f"“{act.text}” should be impossible now, but can be done",
                )
                yield Mismatch((*at, "impossible", place), words, "impossible", "possible")

    def _states(self, case: str | None, items: Mapping[str, str], at: Path) -> Iterator[Mismatch]:
        found = self.world.states()
        if case is not None:
            what = Words("整个办件的状态", "the state of the case")
            known = self.definition.lifecycle.case.states
            states = {name: state.title for name, state in known.items()}
            yield from _same(what, case, found[CASE], (*at, "case"), states)
        for item, state in items.items():
            regions = [key for key in found if key != CASE and _means(item, key)]
            place = (*at, "items", item)
            if not regions:
                what = Words(f"“{item}”的状态", f"the state of “{item}”")
                yield from _same(what, state, None, place, self._titles)
            for key in regions:
                what = Words(f"“{key}”的状态", f"the state of “{key}”")
                yield from _same(what, state, found[key], place, self._titles)

    @property
    def _titles(self) -> dict[str, str]:
        """What each state of an approval is called."""
        approval = self.definition.lifecycle.approval
        titles = {name: state.title for name, state in approval.states.items()}
        return titles | {name: step.title for name, step in approval.steps.items()}


def _means(item: str, region: str) -> bool:
    """Whether the name in a scenario (an item, one of its elements, all) means this region."""
    return item in (EVERY, region, region.partition("/")[0])


def _undone(step: Step, reason: str, at: Path) -> Mismatch:
    english = in_language(reason, "en")
    words = Words(f"做不到“{step.text}”：{reason}", f"“{step.text}” cannot be done: {english}")
    return Mismatch(at, words, step.text, reason)


def _same(
    what: Words,
    expected: object,
    found: object,
    at: Path,
    titles: Mapping[str, str] | None = None,
) -> Iterator[Mismatch]:
    """A mismatch unless both are the same; `titles` tell people what names mean."""
    if expected != found:
        shown = [_shown(each, titles or {}) for each in (expected, found)]
        yield _mismatch(what, shown[0], shown[1], at)


def _listed(
    what: Words, expected: tuple[str, ...], found: tuple[str, ...], at: Path
) -> Iterator[Mismatch]:
    """A mismatch unless both hold the same names, in any order."""
    if set(expected) != set(found):
        more = [name for name in found if name not in expected]
        less = [name for name in expected if name not in found]
        chinese = [f"多了 {name}" for name in more] + [f"少了 {name}" for name in less]
        english = [f"+{name}" for name in more] + [f"-{name}" for name in less]
        shown = Words(
            f"{'、'.join(found) or NOTHING}（{'，'.join(chinese)}）",
            f"{', '.join(found) or NOTHING.en} ({', '.join(english)})",
        )
        yield _mismatch(what, Words("、".join(expected), ", ".join(expected)), shown, at)


def _counted(expected: Mapping[str, int], found: Mapping[str, int], at: Path) -> Iterator[Mismatch]:
    """A mismatch for every kind of document of which there are more or fewer."""
    for kind in dict.fromkeys((*expected, *found)):
        what = Words(f"文书“{kind}”的份数", f"the number of documents “{kind}”")
        place = (*at, kind) if kind in expected else at
        yield from _same(what, expected.get(kind, 0), found.get(kind, 0), place)


def _mismatch(what: Words, expected: Words, found: Words, at: Path) -> Mismatch:
    words = Words(
        f"{what}应为 {expected}，实际是 {found}",
        f"{what.en}: expected {expected.en}, found {found.en}",
    )
    return Mismatch(at, words, expected, found)


def _shown(value: object, titles: Mapping[str, str]) -> Words:
    if value is None:
        return NOTHING
    name = str(value)
    return Words(f"{name}（{titles[name]}）" if name in titles else name, name)
