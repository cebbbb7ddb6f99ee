"""Places the bars of a plan, serial beside parallel, as percentages for SVG attributes."""

from collections.abc import Iterable
from dataclasses import dataclass

from onevisit.engine import Plan, PlanRow


@dataclass(frozen=True)
class Bar:
    """One item's bar: `left` and `width` in per cent of the whole, `span` in words."""

    title: str
    department: str
    left: float
    width: float
    span: str
    critical: bool


@dataclass(frozen=True)
class Chart:
    """One way of doing it: its bars on a scale shared with the other way."""

    days: int
    bars: tuple[Bar, ...]


def charts(plan: Plan) -> tuple[Chart, Chart]:
    """The serial way and the parallel way of the same items, in working days, on one scale."""
    scale = max(plan.days_serial, plan.days, 1)
    serial = (_bar(row, row.serial_start, row.serial_end, scale) for row in plan.rows)
    parallel = (_bar(row, row.start_day, row.end_day, scale) for row in plan.rows)
    return Chart(plan.days_serial, _together(serial)), Chart(plan.days, _together(parallel))


def _together(bars: Iterable[Bar]) -> tuple[Bar, ...]:
    return tuple(sorted(bars, key=lambda bar: (bar.left, bar.left + bar.width)))


def _bar(row: PlanRow, start: int, end: int, scale: int) -> Bar:
    width = 100 * (end - start) / scale
    return Bar(
        title=row.title,
        department=row.department,
        left=round(100 * start / scale, 2),
        width=round(max(width, 1), 2),
        span=span_text(start, end),
        critical=row.critical,
    )


def span_text(start: int, end: int) -> str:
    """Days counted from 1, as people count: 当场, 第 3 天, 第 1—5 天."""
    if end <= start:
        return "当场"
    return f"第 {end} 天" if end == start + 1 else f"第 {start + 1}—{end} 天"
