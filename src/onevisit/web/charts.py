"""Places the columns of a chart, as percentages for SVG attributes, from the numbers of the table
that stands beside it: drawn by the server, so that charts need no script and print like all else.
"""

from collections.abc import Sequence
from dataclasses import dataclass

TOP, BOTTOM = 10.0, 84.0
"""Where columns may begin and where they stand, in per cent of the height; labels go below."""
LEFT = 6.0
"""Room for the scale, in per cent of the width."""


@dataclass(frozen=True)
class Column:
    """One column of one series; all places in per cent of the drawing."""

    series: int
    left: float
    width: float
    top: float
    height: float


@dataclass(frozen=True)
class Tick:
    """A label of the axis below, in the middle of its group."""

    text: str
    at: float


@dataclass(frozen=True)
class ColumnChart:
    """Groups of columns on one scale that ends at `most`, a round number."""

    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]
    most: int
    legend: tuple[str, ...]
    left: float = LEFT
    top: float = TOP
    bottom: float = BOTTOM


def columns(
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[int | None]]],
    *,
    most: int | None = None,
    every: int = 1,
) -> ColumnChart:
    """Columns for each label, one a series (its name and values; None is not drawn). `most` ends
    the scale, else it is the next round number; every so manieth label is written."""
    highest = max((value or 0 for _, values in series for value in values), default=0)
    scale = most or round_up(highest)
    group = (100 - LEFT) / max(len(labels), 1)
    width = group * 0.76 / max(len(series), 1)
    drawn = [
        _column(number, LEFT + place * group + group * 0.12 + number * width, width, value, scale)
        for number, (_, values) in enumerate(series)
        for place, value in enumerate(values)
        if value
    ]
    ticks = [
        Tick(label, round(LEFT + (place + 0.5) * group, 2))
        for place, label in enumerate(labels)
        if (len(labels) - 1 - place) % every == 0
    ]
    return ColumnChart(tuple(drawn), tuple(ticks), scale, tuple(name for name, _ in series))


def _column(series: int, left: float, width: float, value: int, scale: int) -> Column:
    height = (BOTTOM - TOP) * value / scale
    return Column(
        series, round(left, 2), round(width, 2), round(BOTTOM - height, 2), round(height, 2)
    )


def round_up(value: int) -> int:
    """The next 1, 2, 3, 4, 5, 6 or 8 times a power of ten, at least 5: where a scale ends."""
    power = 1
    while True:
        for step in (1, 2, 3, 4, 5, 6, 8):
            if step * power >= max(value, 5):
                return step * power
        power *= 10


@dataclass(frozen=True)
class Compared:
    """One figure before and after as two bars, in per cent of the longer; `less` is by how many
    per cent it shrank, None when it did not."""

    title: str
    unit: str
    before: int
    after: int
    before_width: float
    after_width: float
    less: int | None


def compared(title: str, unit: str, before: int, after: int) -> Compared:
    """A figure of the process that a service replaces, beside its own."""
    most = max(before, after, 1)
    less = 100 * (before - after) // before if after < before else None
    return Compared(
        title,
        unit,
        before,
        after,
        round(100 * before / most, 1),
        round(100 * after / most, 1),
        less,
    )
