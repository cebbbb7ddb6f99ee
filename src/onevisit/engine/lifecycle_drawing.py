"""Draws a kind of service life as it is written, before any service gives it its items."""

from collections.abc import Iterator
from itertools import groupby

from onevisit.definition.lifecycle import ApprovalRegion, Region
from onevisit.engine.compile import expand
from onevisit.engine.diagram import safe


def draw_region(region: Region) -> str:
    """The region as a Mermaid `stateDiagram-v2`; an approval with all steps and a public notice.

    Moves between the same two states share one arrow.
    """
    lines = ["stateDiagram-v2", "    direction LR"]
    titles = {name: state.title for name, state in region.states.items()}
    if isinstance(region, ApprovalRegion):
        titles |= {name: step.title for name, step in region.steps.items()}
    lines += [f'    state "{safe(title)}" as {name}' for name, title in titles.items()]
    lines.append(f"    [*] --> {region.initial}")
    arrows = sorted(_arrows(region), key=lambda arrow: arrow[:2])
    for (source, target), same in groupby(arrows, key=lambda arrow: arrow[:2]):
        label = "／".join(dict.fromkeys(title for _, _, title in same))
        lines.append(f"    {source} --> {target} : {safe(label)}")
    lines += [f"    {name} --> [*]" for name, state in region.states.items() if state.final]
    return "\n".join(lines) + "\n"


def _arrows(region: Region) -> Iterator[tuple[str, str, str]]:
    """(source, target, title) of every move, placeholders filled in."""
    notice, stages = None, tuple[str, ...]()
    if isinstance(region, ApprovalRegion):
        notice, steps = region.notice, tuple(region.steps)
        stages = steps if notice is None else (*steps[:-1], notice, steps[-1])
    for each in region.transitions:
        for source, target in expand(each, stages, notice):
            yield source, target, each.title
