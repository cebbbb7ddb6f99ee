"""Turns a selection into its schedule: the serial chain it replaces beside the parallel plan.

Everything is computed from the definition. Days are promised working days counted from
submission; the model is docs/proof.md, “时限”.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import accumulate
from typing import Literal

from onevisit.definition.service import Definition
from onevisit.definition.values import Limit
from onevisit.engine.presence import errands
from onevisit.engine.selection import Part, Selection


@dataclass(frozen=True)
class PlanRow:
    """One approval in time. `start_day`…`end_day` are the working days before and at the end of
    which it runs in the parallel plan (0…1 is the first day), `serial_*` the same when every item
    waits for the one before; `wait_days` are natural days of its public notice, in neither."""

    key: str
    title: str
    department: str
    kind: str
    start_day: int
    end_day: int
    serial_start: int
    serial_end: int
    critical: bool
    waits_for: tuple[str, ...]
    promise_text: str
    legal_text: str
    basis: str
    wait_days: int


@dataclass(frozen=True)
class Cap:
    """The legal limit that applies to the whole, in working days, and why: one item (`single`,
    许可法第四十二条第一款), several departments together (`joint`, 第二款), or its own law."""

    kind: Literal["single", "joint", "own"]
    days: int
    basis: str


@dataclass(frozen=True)
class Plan:
    """The schedule of one case. `days` is everything promised, acceptance and issue included;
    `review_days` what lies between them without the special procedures of 许可法第四十五条, which
    is what `joint_cap` limits; `wait_days` natural days of public notices, outside the promise.
    `materials_asked`, `fields` and `steps` are what the applicant hands in, fills in and does."""

    rows: tuple[PlanRow, ...]
    acceptance_days: int
    issue_days: int
    days: int
    days_serial: int
    review_days: int
    wait_days: int
    critical: tuple[str, ...]
    materials_asked: int
    materials_removed: int
    fields: int
    steps: int
    joint_cap: Cap


@dataclass(frozen=True)
class Span:
    """When one part runs: `start` and `end` in days from acceptance, and what held it up."""

    start: int
    end: int
    held_by: tuple[str, ...] = ()


def plan(definition: Definition, selection: Selection) -> Plan:
    """The schedule of a case with this selection (at least one part)."""
    workflow = definition.workflow
    acceptance, issue = workflow.submission.acceptance, workflow.issue.days
    durations = {part.key: promised_days(definition, part) for part in selection.parts}
    spans = schedule(selection, durations)
    plain = schedule(selection, {part.key: promise_of(part).days for part in selection.parts})
    rows = tuple(_rows(definition, selection, durations, spans))
    on_time = sorted((row for row in rows if row.critical), key=lambda r: (r.end_day, r.start_day))
    return Plan(
        rows=rows,
        acceptance_days=acceptance,
        issue_days=issue,
        days=acceptance + max(span.end for span in spans.values()) + issue,
        days_serial=acceptance + sum(durations.values()) + issue,
        review_days=max(span.end for span in plain.values()),
        wait_days=_wait_days(selection),
        critical=tuple(row.title for row in on_time),
        materials_asked=len(selection.asked),
        materials_removed=len(selection.removed),
        fields=len(fields_asked(definition, selection)),
        steps=len(errands(definition, selection)),
        joint_cap=cap(definition, selection),
    )


def _rows(
    definition: Definition,
    selection: Selection,
    durations: Mapping[str, int],
    spans: Mapping[str, Span],
) -> Iterator[PlanRow]:
    accepted = definition.workflow.submission.acceptance
    critical, titles = _critical(spans), _titles(selection)
    order = in_order(selection)
    ends = dict(zip(order, accumulate(durations[key] for key in order), strict=True))
    for part in selection.parts:
        key = part.key
        yield PlanRow(
            key=key,
            title=titles[key],
            department=definition.directory.department(part.item.department).title,
            kind=part.route.kind,
            start_day=accepted + spans[key].start,
            end_day=accepted + spans[key].end,
            serial_start=accepted + ends[key] - durations[key],
            serial_end=accepted + ends[key],
            critical=key in critical,
            waits_for=tuple(titles[need] for need in needs_of(selection, part)),
            promise_text=_promise_text(part),
            legal_text=limit_text(part.item.limit),
            basis=part.item.limit.basis or "",
            wait_days=wait_of(part),
        )


def promise_of(part: Part) -> Limit:
    """What is promised for the part: at once, by its route, or by its item."""
    if part.route.on_the_spot:
        return Limit(days=0, basis=part.item.promise.basis)
    return part.route.promise or part.item.promise


def promised_days(definition: Definition, part: Part) -> int:
    """The part's worst promised working days; special procedures come on top unless the
    jurisdiction stops the promise for them. A promise in natural days is at most as many working
    days."""
    stopped = definition.jurisdiction.special_stops_promise
    return promise_of(part).days + (0 if stopped else sum(each.days for each in part.special))


def needs_of(selection: Selection, part: Part) -> tuple[str, ...]:
    """Region keys of the selected parts this part needs, as the compiler guards them."""
    needs = part.item.needs
    return tuple(each.key for each in selection.parts if each.item.id in needs)


def schedule(selection: Selection, durations: Mapping[str, int]) -> dict[str, Span]:
    """When each part runs, in days from acceptance."""
    spans: dict[str, Span] = {}
    for key in in_order(selection):
        part = selection.part(key)
        needs = {need: spans[need].end for need in needs_of(selection, part)}
        spans[key] = span_of(part, durations[key], needs)
    return spans


def span_of(part: Part, duration: int, needs: Mapping[str, int]) -> Span:
    """When a part runs, given when those it needs end: parallel is a maximum, `needs` a sum; with
    needs_for: decision only the decision itself follows the earlier results."""
    ready = max(needs.values(), default=0)
    last = tuple(need for need, end in needs.items() if end == ready)
    if part.item.needs_for == "start":
        return Span(ready, ready + duration, last)
    deciding = min(part.item.decision_days, duration)
    reviewed = duration - deciding
    start = 0 if reviewed else ready
    return Span(start, max(reviewed, ready) + deciding, last if ready >= reviewed else ())


def fields_asked(definition: Definition, selection: Selection) -> tuple[str, ...]:
    """Ids of the form fields the applicant fills in: needed by a selected item, held by no shared
    source, answered by no situation question."""
    chosen = selection.item_ids
    return tuple(
        each.id
        for each in definition.form.fields
        if each.serves(chosen) and each.answer is None and each.shared is None
    )


def cap(definition: Definition, selection: Selection) -> Cap:
    """Which legal limit binds the whole, acceptance to decision, special procedures excluded."""
    place = definition.jurisdiction
    if len({part.item.department for part in selection.parts}) > 1:
        longest = max((part.item.limit for part in selection.parts), key=lambda each: each.days)
        if longest.days > place.joint_limit.days:  # 法律、法规另有规定的，依照其规定
            return Cap("own", longest.days, longest.basis or "")
        return Cap("joint", place.joint_limit.days, place.joint_limit.basis)
    limits = {part.key: part.item.limit.days for part in selection.parts}
    spans = schedule(selection, limits)
    last = max(selection.parts, key=lambda part: spans[part.key].end)
    days = spans[last.key].end
    if days == place.single_limit.days:
        return Cap("single", days, place.single_limit.basis)
    return Cap("own", days, last.item.limit.basis or "")


def limit_text(limit: Limit) -> str:
    """A limit as people read it."""
    if limit.days == 0:
        return "当场办结"
    return f"{limit.days} 个{'工作日' if limit.unit == 'working' else '自然日'}"


def _promise_text(part: Part) -> str:
    text = limit_text(promise_of(part))
    added = sum(each.days for each in part.special)
    return f"{text}，另特别程序至多 {added} 个工作日" if added else text


def in_order(selection: Selection) -> tuple[str, ...]:
    """Region keys so that needs come first, else as written."""
    places = {part.key: place for place, part in enumerate(selection.parts)}
    sorter = TopologicalSorter({p.key: needs_of(selection, p) for p in selection.parts})
    sorter.prepare()
    order: list[str] = []
    ready: list[str] = []
    while sorter.is_active():
        ready = sorted({*ready, *sorter.get_ready()}, key=places.__getitem__)
        order.append(ready.pop(0))
        sorter.done(order[-1])
    return tuple(order)


def _critical(spans: Mapping[str, Span]) -> frozenset[str]:
    """The parts without slack: those that end last, and whatever held them up."""
    last = max(span.end for span in spans.values())
    waiting = [key for key, span in spans.items() if span.end == last]
    found: set[str] = set()
    while waiting:
        key = waiting.pop()
        found.add(key)
        waiting += [each for each in spans[key].held_by if each not in found]
    return frozenset(found)


def wait_of(part: Part) -> int:
    """Natural days of the part's public notice."""
    return part.item.wait.days if part.item.wait else 0


def _wait_days(selection: Selection) -> int:
    """Natural days of public notices on the longest chain of needs."""
    spans = schedule(selection, {part.key: wait_of(part) for part in selection.parts})
    return max(span.end for span in spans.values())


def _titles(selection: Selection) -> dict[str, str]:
    """A title for each part; several elements of one item are numbered."""
    often = [part.item.id for part in selection.parts]
    return {
        part.key: part.item.title
        if often.count(part.item.id) == 1
        else f"{part.item.title}（{part.element}）"
        for part in selection.parts
    }
