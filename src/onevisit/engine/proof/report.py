"""The result of a proof as data: obligations, figures, and the same for JSON."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from typing import Any

from onevisit.definition.problem import Language, Problem
from onevisit.engine.proof.findings import Obligation, unreadable


@dataclass(frozen=True)
class Row:
    """The figures of one situation: example answers, the titles of its items, the material asked,
    working days in all, visits (None: cannot be guaranteed) and presences."""

    text: str
    answers: dict[str, Any]
    items: tuple[str, ...]
    materials: int
    days: int
    visits: int | None
    visits_counter: int | None
    presences: int


@dataclass(frozen=True)
class Before:
    """The serial process that the service replaces, as its author states it."""

    visits: int
    materials: int
    days: int
    steps: int
    source: str


@dataclass(frozen=True)
class Figures:
    """The worst figures over all situations. `days_promised` is what the service promises,
    `days_worst` what its items add up to; `critical` the titles of the chain that takes longest.
    `supplied` lists (title, supplier) of what is not asked; `list_rows` goes through the situations
    one by one."""

    visits: int | None
    visits_counter: int | None
    visits_with_correction: int | None
    visits_counter_with_correction: int | None
    presences: int
    days_promised: int
    days_worst: int
    wait_days: int
    materials: int
    fields: int
    steps: int
    situations: int
    baseline: Before
    critical: tuple[str, ...]
    advice: tuple[str, ...]
    supplied: tuple[tuple[str, str], ...]
    list_rows: Callable[[], Iterable[Row]] = field(compare=False, repr=False)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The situations one by one, empty when there are too many to list; nothing is proven by
        them, and they take as long as the proof: so they wait until somebody asks."""
        return tuple(self.list_rows())

    def as_json(self) -> dict[str, Any]:
        """The figures as plain JSON data, the rows last."""
        kept = [each.name for each in fields(self) if each.name != "list_rows"]
        found = {name: getattr(self, name) for name in kept}
        rows = [asdict(each) for each in self.rows]
        return {**_plain(found), "baseline": asdict(self.baseline), "rows": _plain(rows)}


@dataclass(frozen=True)
class Report:
    """What is proven of one service; `figures` is None when it could not be read."""

    workflow: str
    title: str
    obligations: tuple[Obligation, ...]
    figures: Figures | None

    @property
    def proven(self) -> bool:
        """Whether every obligation holds."""
        return all(each.status == "proven" for each in self.obligations)

    def as_json(self, language: Language = "zh") -> dict[str, Any]:
        """The report as plain JSON data: workflow, title, proven, obligations of {id, status,
        message, location, counterexample}, figures; messages in `language`."""
        return {
            "workflow": self.workflow,
            "title": self.title,
            "proven": self.proven,
            "obligations": [_obligation(each, language) for each in self.obligations],
            "figures": None if self.figures is None else self.figures.as_json(),
        }


def unread(workflow: str, problems: Iterable[Problem]) -> Report:
    """The report on a service whose files could not be read."""
    return Report(workflow, "", tuple(map(unreadable, problems)), None)


def _obligation(each: Obligation, language: Language) -> dict[str, Any]:
    return {
        "id": each.id,
        "status": each.status,
        "message": each.message_en if language == "en" else each.message_zh,
        "location": asdict(each.place),
        "counterexample": list(each.counterexample),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value
