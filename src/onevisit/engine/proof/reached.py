"""Finds what a service writes down but no situation uses, and earlier results that never arrive."""

from collections.abc import Iterator

from onevisit.definition.problem import Words
from onevisit.definition.source import Path
from onevisit.definition.workflow import Item, Material
from onevisit.engine.proof.findings import Finding
from onevisit.engine.selection import Part
from onevisit.engine.situations import Situations


def never_reached(situations: Situations) -> Iterator[Finding]:
    """Items, routes, procedures, appointments and material that no answers lead to."""
    workflow = situations.definition.workflow
    cases = [case for group in situations.groups for case in group.cases]
    parts: dict[str, list[Part]] = {item.id: [] for item in workflow.items}
    for case in cases:
        for part in case.parts:
            parts[part.item.id].append(part)
    for place, item in enumerate(workflow.items):
        if parts[item.id]:
            yield from _unused_inside(item, parts[item.id], ("items", place))
        else:
            yield _never(Words(f"事项“{item.title}”", f"item “{item.title}”"), ("items", place))
    asked = {name for case in cases for name in case.materials}
    for place, material in enumerate(workflow.materials):
        needed = any(parts[name] for name in material.items)
        if not needed or (material.when is not None and material.id not in asked):
            name = Words(f"材料“{material.title}”", f"material “{material.title}”")
            yield _never(name, ("materials", place))


def _unused_inside(item: Item, parts: list[Part], at: Path) -> Iterator[Finding]:
    for number, route in enumerate(item.routes):
        if all(part.route is not route for part in parts):
            words = Words(f"“{item.title}”的第 {number + 1} 种办理方式", f"route {number + 1}")
            yield _never(words, (*at, "routes", number))
    for number, special in enumerate(item.special):
        if all(special not in part.special for part in parts):
            words = Words(f"“{item.title}”的特别程序", f"procedure of “{item.title}”")
            yield _never(words, (*at, "special", number))
    for number, meeting in enumerate(item.appointments):
        if all(meeting not in part.appointments for part in parts):
            words = Words(f"到场环节“{meeting.title}”", f"appointment “{meeting.title}”")
            yield _never(words, (*at, "appointments", number))


def _never(what: Words, at: Path) -> Finding:
    words = Words(f"{what}在任何情形下都不会用到", f"{what.en} is used in no situation")
    return Finding(words, at)


def never_arriving(situations: Situations) -> Iterator[Finding]:
    """Material that is an earlier item's result, where that item is not waited for or not there:
    the approval would wait for something that nobody sends."""
    workflow = situations.definition.workflow
    for place, material in enumerate(workflow.materials):
        if material.source != "prior" or material.origin is None:
            continue
        origin = workflow.item(material.origin)
        for name in material.items:
            item = workflow.item(name)
            if origin.id not in _needed(situations, item):
                words = Words(
                    f"“{item.title}”要用“{origin.title}”的结果，却没有把它列为前置（needs）",
                    f"“{item.title}” uses the result of “{origin.title}” but does not need it",
                )
                yield Finding(words, ("items", workflow.items.index(item), "needs"))
            elif text := _missing(situations, material, item, origin):
                words = Words(
                    f"有的情形下“{item.title}”要用“{origin.title}”的结果，而后者并不办理",
                    f"“{item.title}” uses the result of “{origin.title}” where that is not done",
                )
                yield Finding(words, ("materials", place, "origin"), (text,))


def _needed(situations: Situations, item: Item) -> set[str]:
    """Ids of all items that this one needs, directly or not."""
    found: set[str] = set()
    waiting = list(item.needs)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += situations.definition.workflow.item(name).needs
    return found


def _missing(situations: Situations, material: Material, item: Item, origin: Item) -> str | None:
    """A situation in which the item uses the material but its origin is not selected."""

    def fails(chosen: frozenset[str], asked: frozenset[str]) -> bool:
        uses = item.id in chosen and (material.when is None or material.id in asked)
        return uses and origin.id not in chosen

    return situations.find((item.id, origin.id), (material.id,), fails)
