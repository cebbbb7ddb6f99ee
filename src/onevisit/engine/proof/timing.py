"""Proves that the promised days hold: worst case ≤ promise, each promise ≤ its legal limit.

Argument. The end of the last approval is a maximum over chains of `needs`, and more approvals
never make a chain shorter. A chain goes through each independent group of situations once, so the
worst end of an approval follows from the worst ends of those it needs in other groups, group by
group (groups that need each other are put together first). A property test compares with the
plan of every situation. The model is docs/proof.md, “时限”.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from graphlib import CycleError, TopologicalSorter
from itertools import product

from onevisit.definition.problem import Words
from onevisit.definition.service import Definition
from onevisit.definition.source import Path
from onevisit.definition.values import Limit
from onevisit.engine.clocks import due
from onevisit.engine.groups import Case, Group
from onevisit.engine.plan import (
    Span,
    in_order,
    limit_text,
    needs_of,
    promise_of,
    promised_days,
    span_of,
)
from onevisit.engine.proof.findings import Finding
from onevisit.engine.selection import Part, Selection
from onevisit.engine.situations import Situations

Duration = Callable[[Part], int]


@dataclass(frozen=True)
class Leg:
    """One approval on the worst chain, with its days counted from acceptance."""

    part: Part
    start: int
    end: int


@dataclass(frozen=True)
class Worst:
    """The longest that review can take, in working days from acceptance, the chain that takes it,
    first approval first, and an example situation."""

    days: int
    chain: tuple[Leg, ...]
    text: str


def worst(situations: Situations, duration: Duration) -> Worst:
    """The worst case over all situations, each part taking `duration` working days."""
    ends: dict[str, int] = {}
    found: dict[str, tuple[Case, Mapping[str, Span]]] = {}
    for cases in _bundled(situations):
        latest: dict[str, tuple[Case, Mapping[str, Span]]] = {}
        for case in cases:
            spans = _spans(case, duration, ends, situations)
            for key, span in spans.items():
                if key not in latest or latest[key][1][key].end < span.end:
                    latest[key] = (case, spans)
        found |= latest
        ends |= {key: spans[key].end for key, (_, spans) in latest.items()}
    last = max(ends, key=lambda key: ends[key])
    legs, texts = _chain(found, last)
    return Worst(ends[last], legs, "；".join(dict.fromkeys(filter(None, texts))) or "所有情形")


def _spans(
    case: Case, duration: Duration, ends: Mapping[str, int], situations: Situations
) -> dict[str, Span]:
    """When the parts of one case run, those of other groups ending at their worst."""
    own = Selection(case.parts, ())
    spans: dict[str, Span] = {}
    for key in in_order(own):
        part = own.part(key)
        needs = {need: spans[need].end for need in needs_of(own, part)}
        inside = {each.item.id for each in case.parts}
        outside = set(part.item.needs) - inside
        needs |= {other: end for other, end in ends.items() if other.split("/")[0] in outside}
        spans[key] = span_of(part, duration(part), needs)
    return spans


def _chain(
    found: Mapping[str, tuple[Case, Mapping[str, Span]]], last: str
) -> tuple[tuple[Leg, ...], list[str]]:
    legs: list[Leg] = []
    texts: list[str] = []
    case, spans = found[last]
    key: str | None = last
    while key is not None:
        if key not in spans:
            case, spans = found[key]
        part = next(each for each in case.parts if each.key == key)
        legs.append(Leg(part, spans[key].start, spans[key].end))
        texts.append(case.text)
        key = next(iter(spans[key].held_by), None)
    return tuple(reversed(legs)), texts[::-1]


def _bundled(situations: Situations) -> Iterator[tuple[Case, ...]]:
    """The cases of each group, groups that others need first; groups that need each other are
    one."""
    groups: dict[int, tuple[Group, ...]] = {
        place: (each,) for place, each in enumerate(situations.groups)
    }
    while True:
        home = {name: place for place, some in groups.items() for g in some for name in g.items}
        graph: dict[int, set[int]] = {place: set() for place in groups}
        for item in situations.definition.workflow.items:
            graph[home[item.id]] |= {home[need] for need in item.needs} - {home[item.id]}
        try:
            order = tuple(TopologicalSorter(graph).static_order())
            break
        except CycleError as error:
            loop = set(error.args[1])
            merged = tuple(group for place in sorted(loop) for group in groups[place])
            groups = {p: some for p, some in groups.items() if p not in loop} | {min(loop): merged}
    for place in order:
        yield tuple(_joined(cases) for cases in product(*(g.cases for g in groups[place])))


def _joined(cases: tuple[Case, ...]) -> Case:
    answers = {key: value for case in cases for key, value in case.answers.items()}
    parts = tuple(part for case in cases for part in case.parts)
    materials = frozenset[str]().union(*(case.materials for case in cases))
    return Case(answers, parts, materials, "；".join(case.text for case in cases if case.text))


# ---- the obligation ------------------------------------------------------------------------


def late(definition: Definition, situations: Situations, promised: Worst) -> Iterator[Finding]:
    """Every promise of days that does not hold, or promises more time than the law gives.
    `promised` is the worst case with special procedures as the jurisdiction counts them."""
    workflow, place = definition.workflow, definition.jurisdiction
    acceptance, issue = workflow.submission.acceptance, workflow.issue.days
    days = acceptance + promised.days + issue
    if days > workflow.promise.days:
        words = Words(
            f"最长要 {days} 个工作日，超过承诺的 {workflow.promise.days} 个工作日",
            f"it can take {days} working days, more than the {workflow.promise.days} promised",
        )
        yield Finding(words, ("promise", "days"), path_in_days(promised, acceptance, issue))
    yield from _over_limits(definition, situations)
    plain = worst(situations, lambda part: promise_of(part).days)
    longest = max((item.limit.days for item in workflow.items), default=0)
    cap = max(place.joint_limit.days, longest)
    if len({item.department for item in workflow.items}) > 1 and plain.days > cap:
        words = Words(
            f"联合办理最长 {plain.days} 个工作日，超过 {cap} 个工作日（{place.joint_limit.basis}）",
            f"joint handling can take {plain.days} working days, more than {cap}",
        )
        yield Finding(words, ("promise", "days"), path_in_days(plain, acceptance, issue))
    yield from _ends_too_late(definition)


def _ends_too_late(definition: Definition) -> Iterator[Finding]:
    """Acceptance and handing out within what the law gives them (许可法第三十二、四十四条)."""
    workflow, place = definition.workflow, definition.jurisdiction
    for at, own, limit, what in (
        (
            ("submission", "acceptance"),
            workflow.submission.acceptance,
            place.correction_notice,
            "受理",
        ),
        (("issue", "days"), workflow.issue.days, place.delivery, "送达"),
    ):
        if own > limit.days:
            words = Words(
                f"{what}承诺 {own} 个工作日，超过 {limit.days} 个工作日（{limit.basis}）",
                f"{own} working days are more than the {limit.days} that the law gives",
            )
            yield Finding(words, at)


def path_in_days(found: Worst, acceptance: int, issue: int) -> tuple[str, ...]:
    """The worst chain in words, acceptance and issue included."""
    steps = [f"受理：{acceptance} 个工作日"] if acceptance else []
    steps += (
        f"“{leg.part.item.title}”：{days_text(leg.start + acceptance, leg.end + acceptance)}"
        for leg in found.chain
    )
    if issue:
        steps.append(f"出件：{issue} 个工作日")
    return (*steps, f"情形：{found.text}")


def days_text(start: int, end: int) -> str:
    """The working days between two moments, counted from 1 as people count."""
    if end <= start:
        return "当场"
    return f"第 {end} 天" if end == start + 1 else f"第 {start + 1}—{end} 天"


def _over_limits(definition: Definition, situations: Situations) -> Iterator[Finding]:
    seen: set[object] = set()
    workflow = definition.workflow
    for part in (p for group in situations.groups for case in group.cases for p in case.parts):
        key = (part.item.id, part.route)
        promise, limit = promise_of(part), part.item.limit
        if key in seen or (promise.days <= limit.days and promise.unit == limit.unit):
            continue
        seen.add(key)
        step = _exceeds(definition, promise, limit)
        if step is not None:
            at: Path = ("items", workflow.items.index(part.item), "promise")
            if part.route.promise is not None:
                at = (*at[:2], "routes", part.item.routes.index(part.route), "promise")
            words = Words(
                f"“{part.item.title}”承诺 {limit_text(promise)}，超过法定的 {limit_text(limit)}"
                f"（{limit.basis}）",
                f"“{part.item.title}” promises more days than its legal limit",
            )
            yield Finding(words, at, step)


def _exceeds(definition: Definition, promise: Limit, limit: Limit) -> tuple[str, ...] | None:
    """How a promise outlasts its limit, None when it never does. Working and natural days are
    compared on every day of the calendar."""
    if promise.unit == limit.unit:
        return (f"{promise.days} > {limit.days}",) if promise.days > limit.days else None
    calendar = definition.calendar
    day = calendar.first
    while day <= calendar.last:
        promised, legal = due(calendar, day, promise), due(calendar, day, limit)
        if promised > legal:
            return (f"{day} 受理", f"法定 {legal} 到期", f"承诺 {promised} 到期")
        day += timedelta(days=1)
    return None


def with_special(definition: Definition) -> Duration:
    """How long each part is promised to take, special procedures as the jurisdiction counts."""
    return lambda part: promised_days(definition, part)
