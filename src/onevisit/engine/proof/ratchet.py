"""Proves that a new version asks no more than the last, unless it says on what that rests."""

from collections.abc import Iterator

from onevisit.definition.problem import Words
from onevisit.definition.serial import name_of
from onevisit.definition.service import Definition
from onevisit.definition.workflow import Material
from onevisit.engine.proof.findings import Finding
from onevisit.engine.proof.report import Figures
from onevisit.engine.situations import Situations

_FIGURES = (
    ("visits", "跑动次数", "visits"),
    ("visits_counter", "不上网时的跑动次数", "visits without the net"),
    ("visits_with_correction", "含一次补正的跑动次数", "visits with a correction"),
    ("presences", "上门次数", "presences at the premises"),
    ("days_promised", "承诺的工作日", "promised days"),
    ("days_worst", "最长工作日", "days at worst"),
)


def loosened(
    situations: Situations, figures: Figures, before: Situations, figures_before: Figures
) -> Iterator[Finding]:
    """Everything of which the new version asks more than the one before it, without a new basis:
    material by its own `basis`, visits and days by a changed `promise.basis`."""
    definition, previous = situations.definition, before.definition
    known = {each.id for each in _asked(before)} | {name_of(each.title) for each in _asked(before)}
    for each in _asked(situations):
        added = each.id not in known and name_of(each.title) not in known
        if added and not (each.basis or "").strip():
            words = Words(
                f"比上一版多要一份材料“{each.title}”，没有写明依据",
                f"asks for “{each.title}”, which the last version did not, without a basis",
            )
            place = definition.workflow.materials.index(each)
            yield Finding(words, ("materials", place))
    if _basis(definition) and _basis(definition) != _basis(previous):
        return
    for name, chinese, english in _FIGURES:
        now, then = getattr(figures, name), getattr(figures_before, name)
        if then is not None and (now is None or now > then):
            words = Words(
                f"{chinese}从 {then} 增加到 {'无法保证' if now is None else now}，没有写明新的依据",
                f"{english} rise from {then} to {now} without a new basis",
            )
            yield Finding(words, ("promise",))


def _asked(situations: Situations) -> list[Material]:
    """Everything that some situation asks of the applicant."""
    cases = [case for group in situations.groups for case in group.cases]
    chosen = {part.item.id for case in cases for part in case.parts}
    flags = frozenset[str]().union(*(case.materials for case in cases))
    return [
        each
        for each in situations.definition.workflow.materials
        if (each.source in ("applicant", "pledge") or each.carried)
        and (each.id in flags if each.when is not None else not chosen.isdisjoint(each.items))
    ]


def _basis(definition: Definition) -> str:
    return (definition.workflow.promise.basis or "").strip()
