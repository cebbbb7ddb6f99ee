"""The open statistics: what came in, how long it took, whether promises were kept, what people say.

Read from the monthly figures in three grouped queries: as many rows as services × months × values,
whether there were a thousand cases or a million. Nothing personal, and no small numbers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func
from sqlalchemy import select as rows_of
from sqlmodel import Session, col

from onevisit.cases.views.withheld import SMALLEST, Told, shown, withheld
from onevisit.catalog.catalog import Catalog
from onevisit.definition.workflow import Workflow
from onevisit.store.figure_tables import CountedDay, Figure

MONTHS = 12
GRADES = {5: "非常满意", 4: "满意", 3: "基本满意", 2: "不满意", 1: "非常不满意"}
"""The five grades of 好差评, the best first."""
SATISFIED = 3
"""Grades from 基本满意 on count as satisfied (好差评)."""
Histogram = Mapping[int, int]
"""Cases by value."""


@dataclass(frozen=True)
class Spread:
    """How long cases took, in working days: half within `median`, nine of ten within `ninety`."""

    cases: int
    median: int
    ninety: int


@dataclass(frozen=True)
class ServiceFigures:
    """One service over the whole period. `spread` and the rates (whole per cent) are None where too
    few cases were decided or rated."""

    id: str
    title: str
    submitted: Told
    months: tuple[Told, ...]
    decided: Told
    promise: int | None
    spread: Spread | None
    on_time: int | None
    saved: int | None
    satisfied: int | None


@dataclass(frozen=True)
class MonthFigures:
    """All services in one month."""

    month: date
    submitted: Told
    decided: Told
    on_time: int | None


@dataclass(frozen=True)
class Statistics:
    """The page; `until` is the last day that is counted, None while none is."""

    until: date | None
    months: tuple[MonthFigures, ...]
    services: tuple[ServiceFigures, ...]
    submitted: Told
    decided: Told
    on_time: int | None
    saved: int | None
    satisfied: int | None
    grades: tuple[tuple[str, Told], ...]


def statistics(session: Session, catalog: Catalog, today: date) -> Statistics:
    """The last twelve months, the present one included as far as its days are over."""
    months = _months(today)
    found = _by_service(session, months[0])
    workflows = {p.definition.workflow.id: p.definition.workflow for p in catalog.list(session)}
    ids = sorted({service for service, _ in found}, key=lambda each: (each not in workflows, each))
    came_in = _by_month(session, months[0])
    numbers = [[came_in.get((each, month), 0) for month in months] for each in ids]
    table = withheld(numbers or [[0] * len(months)])
    decided = withheld([[sum(found.get((each, "used"), {}).values()) for each in ids]])[0]
    whole = {name: _together(found, name) for name in ("kept", "saved", "grade")}
    return Statistics(
        until=session.execute(rows_of(func.max(CountedDay.day))).scalar(),
        months=_month_figures(session, months, table[-1]),
        services=tuple(
            _service(found, each, workflows.get(each), row, number)
            for each, row, number in zip(ids, table, decided, strict=False)
        ),
        submitted=table[-1][-1],
        decided=decided[-1],
        on_time=share(whole["kept"], (1,)),
        saved=saved(whole["saved"]),
        satisfied=share(whole["grade"], range(SATISFIED, 6)),
        grades=tuple((title, shown(whole["grade"].get(each, 0))) for each, title in GRADES.items()),
    )


def _service(
    found: Mapping[tuple[str, str], Histogram],
    service: str,
    workflow: Workflow | None,
    row: Sequence[Told],
    decided: Told,
) -> ServiceFigures:
    def of(measure: str) -> Histogram:
        return found.get((service, measure), {})

    return ServiceFigures(
        id=service,
        title=workflow.title if workflow else f"已停办的服务（{service}）",
        submitted=row[-1],
        months=tuple(row[:-1]),
        decided=decided,
        promise=workflow.promise.days if workflow else None,
        spread=spread(of("used")),
        on_time=share(of("kept"), (1,)),
        saved=saved(of("saved")),
        satisfied=share(of("grade"), range(SATISFIED, 6)),
    )


def spread(days: Histogram) -> Spread | None:
    """The median and the ninth decile; None for so few cases that they say who it was."""
    cases = sum(days.values())
    if cases < SMALLEST:
        return None
    return Spread(cases, _quantile(days, cases, 50), _quantile(days, cases, 90))


def _quantile(days: Histogram, cases: int, per_cent: int) -> int:
    """The least value within which so many per cent of the cases lie (nearest rank)."""
    seen = 0
    for value in sorted(days):
        seen += days[value]
        if seen * 100 >= cases * per_cent:
            return value
    raise AssertionError("a histogram ends with all of its cases")


def share(values: Histogram, good: Iterable[int]) -> int | None:
    """The share of cases with one of the good values, in whole per cent rounded down; None for too
    few cases."""
    cases = sum(values.values())
    return None if cases < SMALLEST else 100 * sum(values.get(v, 0) for v in good) // cases


def saved(visits: Histogram) -> int | None:
    """All visits together that the cases saved; None for too few cases."""
    few = sum(visits.values()) < SMALLEST
    return None if few else sum(value * cases for value, cases in visits.items())


def _months(today: date) -> tuple[date, ...]:
    """The first days of the last twelve months, the oldest first."""
    last = today.year * 12 + today.month - 1
    return tuple(date(each // 12, each % 12 + 1, 1) for each in range(last - MONTHS + 1, last + 1))


def _by_service(session: Session, since: date) -> dict[tuple[str, str], dict[int, int]]:
    """The histogram of each service and measure over the whole period."""
    statement = (
        rows_of(Figure.workflow_id, Figure.measure, Figure.value, func.sum(Figure.cases))  # type: ignore[call-overload]  # SQLModel types a column as its value
        .where(col(Figure.month) >= since)
        .group_by(Figure.workflow_id, Figure.measure, Figure.value)
    )
    found: dict[tuple[str, str], dict[int, int]] = {}
    for service, measure, value, cases in session.execute(statement):
        found.setdefault((service, measure), {})[value] = int(cases)
    return found


def _by_month(session: Session, since: date) -> dict[tuple[str, date], int]:
    """What came in, by service and month."""
    statement = rows_of(col(Figure.workflow_id), col(Figure.month), col(Figure.cases)).where(
        col(Figure.month) >= since, col(Figure.measure) == "submitted"
    )
    return {(service, month): cases for service, month, cases in session.execute(statement)}


def _month_figures(
    session: Session, months: tuple[date, ...], submitted: Sequence[Told]
) -> tuple[MonthFigures, ...]:
    statement = (
        rows_of(col(Figure.month), col(Figure.value), func.sum(col(Figure.cases)))
        .where(col(Figure.month) >= months[0], col(Figure.measure) == "kept")
        .group_by(col(Figure.month), col(Figure.value))
    )
    kept: dict[date, dict[int, int]] = {month: {} for month in months}
    for month, value, cases in session.execute(statement):
        kept[month][value] = int(cases)
    decided = withheld([[sum(kept[month].values()) for month in months]])[0]
    return tuple(
        MonthFigures(month, came_in, number, share(kept[month], (1,)))
        for month, came_in, number in zip(months, submitted, decided, strict=False)
    )


def _together(found: Mapping[tuple[str, str], Histogram], measure: str) -> dict[int, int]:
    """One measure of all services."""
    whole: dict[int, int] = {}
    for (_, name), values in found.items():
        if name == measure:
            for value, cases in values.items():
                whole[value] = whole.get(value, 0) + cases
    return whole
