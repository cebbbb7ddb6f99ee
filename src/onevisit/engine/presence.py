"""What a case asks of the applicant in person: originals, appointments, papers to carry, results.

These are the duties of the game of visits (docs/proof.md); which of them cost a visit is decided
by playing it, not here.
"""

from dataclasses import dataclass
from typing import Literal

from onevisit.definition.service import Definition
from onevisit.definition.workflow import Material
from onevisit.engine.selection import Part, Selection


@dataclass(frozen=True)
class Meeting:
    """An appointment that the department may impose; a joint one is one for all its parts.

    `waivable`: the department may decide without it. `joint`: named so, whoever takes part."""

    key: str
    title: str
    parts: tuple[str, ...]
    held: Literal["submission", "review"]
    waivable: bool
    joint: bool


@dataclass(frozen=True)
class Carry:
    """A paper result that the applicant collects from `origins` and hands in for `targets`.

    `before_start`: the targets cannot even be examined without it."""

    material: Material
    origins: tuple[str, ...]
    targets: tuple[str, ...]
    before_start: bool


@dataclass(frozen=True)
class Inspection:
    """One on-site check at the applicant's premises, for all its parts: a presence, not a visit."""

    key: str
    titles: tuple[str, ...]
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Handover:
    """One thing that is handed out for a part, and the ways to get it."""

    part: str
    title: str
    ways: frozenset[str]


@dataclass(frozen=True)
class Duties:
    """Everything that may bring the applicant to the counter, for one selection."""

    originals: tuple[Material, ...]
    paper: tuple[Material, ...]
    meetings: tuple[Meeting, ...]
    carries: tuple[Carry, ...]
    inspections: tuple[Inspection, ...]
    handovers: tuple[Handover, ...]


def duties(definition: Definition, selection: Selection) -> Duties:
    """The duties of a case with this selection, the law's premise being complete material."""
    handed_in = [each for each in selection.asked if each.need != "optional"]
    return Duties(
        originals=tuple(each for each in handed_in if each.original and not each.carried),
        paper=tuple(each for each in handed_in if each.media == "paper" and not each.carried),
        meetings=_meetings(selection),
        carries=_carries(selection),
        inspections=_inspections(selection),
        handovers=_handovers(definition, selection),
    )


def errands(definition: Definition, selection: Selection) -> tuple[str, ...]:
    """Keys of the applicant's own steps (环节): applying, each appointment, inspection and paper to
    carry, taking the results."""
    found = duties(definition, selection)
    return (
        "submit",
        *(f"meeting {each.key}" for each in found.meetings),
        *(f"carry {each.id}" for each in selection.asked if each.carried),
        *(f"inspection {each.key}" for each in found.inspections),
        "collect",
    )


def _meetings(selection: Selection) -> tuple[Meeting, ...]:
    """Appointments by the department; those the applicant may ask for are never needed."""
    found: dict[str, Meeting] = {}
    for part in selection.parts:
        for each in part.appointments:
            if each.by == "applicant":
                continue
            key = f"{each.joint}/{each.held}" if each.joint else f"{part.key}/{each.id}"
            before = found.get(key)
            parts = (*(before.parts if before else ()), part.key)
            waivable = each.may_be_waived and (before is None or before.waivable)
            title = before.title if before else each.title
            joint = each.joint is not None
            found[key] = Meeting(key, title, parts, each.held, waivable, joint)
    return tuple(found.values())


def _carries(selection: Selection) -> tuple[Carry, ...]:
    found = []
    for material in selection.materials:
        origins = _keys(selection, (material.origin or "",))
        targets = _keys(selection, material.items)
        if material.carried and origins and targets:
            before_start = any(
                selection.part(key).item.needs_for == "start"
                or material.origin not in selection.part(key).item.needs
                for key in targets
            )
            found.append(Carry(material, origins, targets, before_start))
    return tuple(found)


def _inspections(selection: Selection) -> tuple[Inspection, ...]:
    groups: dict[str, list[Part]] = {}
    for part in selection.parts:
        if part.item.inspection is not None:
            groups.setdefault(part.item.inspection.joint or part.key, []).append(part)
    return tuple(
        Inspection(
            key,
            tuple(dict.fromkeys(part.item.title for part in parts)),
            tuple(part.key for part in parts),
        )
        for key, parts in groups.items()
    )


def _handovers(definition: Definition, selection: Selection) -> tuple[Handover, ...]:
    """Paper cannot be downloaded; a result says its own ways or takes the service's, and so does
    the decision itself where there is no result."""
    ways = frozenset(definition.workflow.issue.pickup)
    if all(part.item.result is None for part in selection.parts):
        return (Handover("", "办理结果", ways),)
    found = []
    for part in selection.parts:
        result = part.item.result
        if result is not None:
            ways = frozenset(result.pickup or definition.workflow.issue.pickup)
            ways -= {"download"} if result.media == "paper" else set()
            found.append(Handover(part.key, result.title, ways))
    return tuple(found)


def _keys(selection: Selection, item_ids: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.key for part in selection.parts if part.item.id in item_ids)


def is_slow(part: Part) -> bool:
    """Whether the part's moves take time; only 即办 is done while the applicant waits."""
    return not part.route.on_the_spot or part.item.wait is not None or part.item.batch
