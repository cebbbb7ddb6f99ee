"""Draws a statechart as Mermaid text, so that a drift between drawing and engine is seen."""

from collections.abc import Iterator

from onevisit.definition.lifecycle import State
from onevisit.engine.chart import CASE, Chart, Move, RegionTable


def mermaid(chart: Chart) -> str:
    """The chart as a Mermaid `stateDiagram-v2`: the case, and its approvals as parallel regions."""
    case = chart.tables[CASE]
    lines = ["stateDiagram-v2", "    direction TB"]
    lines += [f"    {line}" for line in _region(chart, case)]
    for name, state in case.states.items():
        if state.regions:
            lines.append(f"    state {_id(CASE, name)} {{")
            inner = [table for key, table in chart.tables.items() if key != CASE]
            for place, table in enumerate(inner):
                lines += ["        --"] if place else []
                lines += [f"        {line}" for line in _region(chart, table)]
            lines.append("    }")
    return "\n".join(lines) + "\n"


def _region(chart: Chart, table: RegionTable) -> Iterator[str]:
    prefix = "" if table.key == CASE else f"{table.title} · "
    for name, state in table.states.items():
        yield f'state "{safe(prefix + state.title)}" as {_id(table.key, name)}'
    yield f"[*] --> {_id(table.key, table.initial)}"
    drawn: set[tuple[str, str, str]] = set()
    for source, moves in table.moves.items():
        for move in moves:
            arrow = (source, move.target, move.event)
            if arrow not in drawn:
                drawn.add(arrow)
                yield _arrow(chart, move)
    for name, state in table.states.items():
        if _ends(table, name, state):
            yield f"{_id(table.key, name)} --> [*]"


def _ends(table: RegionTable, name: str, state: State) -> bool:
    return state.final and not table.moves[name]


def _arrow(chart: Chart, move: Move) -> str:
    """One arrow with its event, and for moves of approvals the items it waits for."""
    label = safe(move.title)
    if move.region != CASE:
        waits = [chart.tables[region].title for region, _ in move.guard if region != CASE]
        label += f"［待：{'、'.join(safe(title) for title in waits)}］" if waits else ""
    return f"{_id(move.region, move.source)} --> {_id(move.region, move.target)} : {label}"


def _id(region: str, state: str) -> str:
    return f"{region}__{state}".replace("/", "_")


def safe(text: str) -> str:
    """Mermaid reads quotes, colons and semicolons as its own."""
    return text.replace('"', "”").replace(":", "：").replace(";", "；").replace("#", "＃")
