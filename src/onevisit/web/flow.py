"""Lays out how a service flows, as the picture in its guide: in at one window, through all
departments at once, out at one window. Computed from the plan; no arrow is placed by hand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from onevisit.engine import Plan, Selection
from onevisit.engine.plan import needs_of
from onevisit.web.gantt import span_text

WIDTH, HEIGHT = 196, 84
"""Of a box, in the drawing's own units: one is a CSS pixel at full size."""
GAP, SPACE = 44, 14
"""Between columns and between rows."""
PER_LINE = 12
"""Characters of a title on one line of a box; it has two."""
NEVER_FIRST = "、，。；：）》”"
"""No line begins with one of these."""


@dataclass(frozen=True)
class Box:
    """One step: who does what and when. `window`: it is a counter and no department's item."""

    who: str
    lines: tuple[str, ...]
    when: str
    x: int
    y: int
    window: bool = False


@dataclass(frozen=True)
class Arrow:
    """An arrow as an SVG path; `decides`: only the decision waits for where it comes from."""

    path: str
    decides: bool = False


@dataclass(frozen=True)
class Flow:
    """The drawing and its size. `sentences` say in words which items wait for which; all boxes are
    `box_width` × `box_height`."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    sentences: tuple[str, ...]
    box_width: int = WIDTH
    box_height: int = HEIGHT


@dataclass(frozen=True)
class _Waits:
    """The keys of what each item waits for: to begin, or only to be decided."""

    start: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    decision: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def flow(plan: Plan, selection: Selection) -> Flow:
    """The flow of these items: each as early as it may begin, all others beside it."""
    needs = {part.key: needs_of(selection, part) for part in selection.parts}
    early = {part.key for part in selection.parts if part.item.needs_for == "decision"}
    waits = _Waits(
        {key: () if key in early else needed for key, needed in needs.items()},
        {key: needed if key in early else () for key, needed in needs.items()},
    )
    columns = _columns(waits.start)
    items = _items(plan, columns, waits.start)
    ends = _ends(plan, len(columns))
    return Flow(
        width=ends[-1].x + WIDTH,
        height=max(box.y for box in items.values()) + HEIGHT,
        boxes=(*ends, *items.values()),
        arrows=tuple(_arrows(waits, items, ends)),
        sentences=tuple(_sentences(plan, waits)),
    )


def _columns(start: Mapping[str, tuple[str, ...]]) -> list[list[str]]:
    """The items by how many others have to be finished one after the other before they begin."""
    depth: dict[str, int] = {}

    def of(key: str) -> int:
        if key not in depth:
            depth[key] = max((of(need) + 1 for need in start[key]), default=0)
        return depth[key]

    columns: list[list[str]] = [[] for _ in range(max(of(key) for key in start) + 1)]
    for key in start:
        columns[of(key)].append(key)
    return columns


def _items(
    plan: Plan, columns: list[list[str]], start: Mapping[str, tuple[str, ...]]
) -> dict[str, Box]:
    """Each item beside the first that it waits for, as far up as there is room."""
    rows = {row.key: row for row in plan.rows}
    boxes: dict[str, Box] = {}
    for number, column in enumerate(columns, start=2):
        free = 0
        for key in sorted(column, key=lambda each: _beside(boxes, start[each])):
            row, y = rows[key], max(free, _beside(boxes, start[key]))
            when = span_text(row.start_day, row.end_day)
            boxes[key] = Box(row.department, wrapped(row.title), when, number * (WIDTH + GAP), y)
            free = y + HEIGHT + SPACE
    return boxes


def _beside(boxes: Mapping[str, Box], needs: tuple[str, ...]) -> int:
    return min((boxes[need].y for need in needs), default=0)


def _ends(plan: Plan, columns: int) -> tuple[Box, Box, Box]:
    """Handing in, acceptance, and handing out."""
    step, last = WIDTH + GAP, f"第 {plan.days} 天前"
    accepted = span_text(0, plan.acceptance_days)
    return (
        Box("申请人", ("一张表、一套材料",), "提交申请", 0, 0, window=True),
        Box("综合窗口", ("一窗受理",), accepted, step, 0, window=True),
        Box("综合窗口", ("结果一起交付",), last, (columns + 2) * step, 0, window=True),
    )


def _arrows(waits: _Waits, items: Mapping[str, Box], ends: tuple[Box, Box, Box]) -> Iterator[Arrow]:
    yield Arrow(_path(ends[0], ends[1]))
    needed = {need for needs in waits.start.values() for need in needs}
    for key, box in items.items():
        for need in waits.start[key]:
            yield Arrow(_path(items[need], box))
        for need in waits.decision[key]:
            yield Arrow(_path(items[need], box), decides=True)
        if not waits.start[key]:
            yield Arrow(_path(ends[1], box))
        if key not in needed:
            yield Arrow(_path(box, ends[2]))


def _path(source: Box, target: Box) -> str:
    """Right and left, up and down, so that arrows of one gap share their way: from the right side
    to the left side, turning just before it; within a column from right side to right side."""
    x, y, to_y = source.x + WIDTH, source.y + HEIGHT // 2, target.y + HEIGHT // 2
    if source.x == target.x:
        return f"M{x} {y + 20}H{x + 14}V{to_y - 20}H{x + 4}"
    return f"M{x} {y}H{target.x - 14}V{to_y}H{target.x - 3}"


def _sentences(plan: Plan, waits: _Waits) -> Iterator[str]:
    titles = {row.key: row.title for row in plan.rows}
    free = [row.title for row in plan.rows if not waits.start[row.key]]
    yield f"受理后同时启动：{'、'.join(free)}"
    for key, title in titles.items():
        if waits.start[key]:
            yield f"{title}：{'、'.join(titles[each] for each in waits.start[key])}办好后启动"
        if waits.decision[key]:
            earlier = "、".join(titles[each] for each in waits.decision[key])
            yield f"{title}：先同时审查，等{earlier}有结果后决定"


def wrapped(title: str) -> tuple[str, ...]:
    """A title on at most two lines; the end of a longer one is left to the table."""
    if len(title) <= PER_LINE:
        return (title,)
    half = min((len(title) + 1) // 2, PER_LINE)
    if title[half] in NEVER_FIRST:
        half += 1 if half < PER_LINE else -1
    second = title[half:]
    return (title[:half], second if len(second) <= PER_LINE else second[: PER_LINE - 1] + "…")
