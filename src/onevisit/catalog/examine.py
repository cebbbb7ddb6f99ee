"""What a service would be if its texts were published: proof, figures, plan and statechart as plain
data, or everything that is wrong with it and where."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from onevisit import engine
from onevisit.catalog.folder import load
from onevisit.definition.bundle import parse_definition
from onevisit.definition.problem import DefinitionError, Problem
from onevisit.definition.scenario_file import parse_scenarios, scenario_path
from onevisit.definition.service import Definition
from onevisit.definition.source import Source, read
from onevisit.engine.chart import CASE, Chart, RegionTable
from onevisit.engine.diagram import mermaid
from onevisit.engine.proof.findings import Obligation
from onevisit.engine.proof.prove import prove
from onevisit.engine.proof.report import Figures
from onevisit.engine.rehearsal.application import application
from onevisit.engine.rehearsal.dry_run import DryRun
from onevisit.engine.rehearsal.rehearse import rehearse

MOST = 60
"""Faults that are told at once; nobody mends more in one go."""
OBLIGATIONS = {
    "soundness": "可靠",
    "visits": "跑动",
    "time": "时限",
    "asked_once": "只要一次",
    "law": "依法",
    "ratchet": "只减不增",
    "names": "名称",
}
Json = dict[str, Any]


def examine(texts: Mapping[str, str], path: str, before: Mapping[str, str], *, play: bool) -> Json:
    """All there is to know about the workflow in the file `path` among `texts` (path → text).

    before: the texts of the version in force, {} when there is none; play: the scenarios too.
    Returns {readable, faults, more, proven, figures, before, plan, chart, mermaid, scenarios}; a
    fault is {path, line, column, message, about, trace}.
    """
    try:
        definition = load(path, texts).definition
    except DefinitionError as error:
        return _told([_fault(each) for each in error.problems])
    previous = _previous(path, before)
    report = prove(definition, previous)
    faults = [_refuted(each) for each in report.obligations if each.status == "refuted"]
    faults += [_fault(each) for each in _at_odds(definition, texts, path)]
    scenarios, wrong = _scenarios(definition, texts, play=play)
    found = _told(faults + wrong) | {
        "readable": True,
        "proven": [
            {"about": OBLIGATIONS[each.id], "message": each.message_zh}
            for each in report.obligations
            if each.status == "proven"
        ],
        "title": report.title,
        "version": definition.workflow.version,
        "scenarios": scenarios,
    }
    if report.figures is not None:
        then = prove(previous).figures if previous is not None else None
        found |= {"figures": _figures(report.figures), "before": then and _figures(then)}
        found |= _drawn(definition)
    return found


def _told(faults: list[Json]) -> Json:
    """The shape of every answer, with nothing but faults in it."""
    nothing = dict.fromkeys(("figures", "before", "plan", "chart", "mermaid", "scenarios"))
    rest = max(0, len(faults) - MOST)
    return nothing | {"readable": False, "faults": faults[:MOST], "more": rest, "proven": []}


def _fault(problem: Problem) -> Json:
    return {
        "path": problem.path,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message(),
        "about": "",
        "trace": [],
    }


def _refuted(each: Obligation) -> Json:
    return {
        **asdict(each.place),
        "message": each.message_zh,
        "about": OBLIGATIONS[each.id],
        "trace": list(each.counterexample),
    }


def _previous(path: str, before: Mapping[str, str]) -> Definition | None:
    """The version in force; None when there is none, or it can no longer be read."""
    try:
        return parse_definition(path, before) if path in before else None
    except DefinitionError:
        return None


def _at_odds(definition: Definition, texts: Mapping[str, str], path: str) -> Iterator[Problem]:
    """A form that another service uses as well cannot be changed from within this one."""
    form = definition.workflow.form
    for name, text in texts.items():
        other = name.count("/") == 1 and name.startswith("workflows/") and name != path
        if other and f"form: {form}" in text and _names_form(text, name, form):
            words = f"表单 {form} 由 {name} 使用，请为这件事另写一张表单"
            yield definition.source.problem(("form",), "rule", expected=words)


def _names_form(text: str, name: str, form: str) -> bool:
    try:
        return bool(read(text, name).value(("form",)) == form)
    except DefinitionError:
        return False


# ---- figures and pictures ----------------------------------------------------------------------


def _figures(figures: Figures) -> Json:
    names = (
        "visits", "visits_counter", "visits_with_correction", "presences", "days_promised",
        "days_worst", "wait_days", "materials", "fields", "steps", "situations",
    )  # fmt: skip
    found: Json = {name: getattr(figures, name) for name in names}
    return found | {"baseline": asdict(figures.baseline), "critical": list(figures.critical)}


def _drawn(definition: Definition) -> Json:
    """The plan of everything together, and the statechart: the way through it, and as text."""
    whole = engine.everything(definition)
    schedule = asdict(engine.plan(definition, whole))
    chart = engine.compile_chart(definition, whole)
    return {"plan": schedule, "chart": _chart(definition, chart), "mermaid": mermaid(chart)}


def _chart(definition: Definition, chart: Chart) -> Json:
    items = {each.id: each for each in definition.workflow.items}
    lanes = []
    for key, table in chart.tables.items():
        if key != CASE:
            item = items[key.partition("/")[0]]
            department = definition.directory.department(item.department).short
            waits = [items[need].title for need in item.needs]
            lanes.append(
                {
                    "title": table.title,
                    "department": department,
                    "way": _way(table),
                    "waits": waits,
                    "until": "决定前" if item.needs_for == "decision" else "开始前",
                }
            )
    return {"case": _way(chart.tables[CASE]), "lanes": lanes}


def _way(table: RegionTable) -> list[Json]:
    """The shortest way through a region to an end that is well: [{title, tone}]."""
    ways: dict[str, tuple[str, ...]] = {table.initial: (table.initial,)}
    queue = deque([table.initial])
    while queue:
        state = queue.popleft()
        found = table.states[state]
        if found.final and (found.granted or found.tone == "done"):
            return [
                {"title": table.states[each].title, "tone": table.states[each].tone}
                for each in ways[state]
            ]
        for move in table.moves[state]:
            if move.by != "timer" and move.target not in ways:
                ways[move.target] = (*ways[state], move.target)
                queue.append(move.target)
    return []


# ---- scenarios ---------------------------------------------------------------------------------


def _scenarios(
    definition: Definition, texts: Mapping[str, str], *, play: bool
) -> tuple[list[Json] | None, list[Json]]:
    """How each scenario went (None: not played), and what is wrong with their file."""
    path = scenario_path(definition.workflow.id)
    text = texts.get(path, "")
    if not text.strip():
        return ([] if play else None), []
    try:
        found, source = parse_scenarios(text, path, definition)
    except DefinitionError as error:
        return None, [_fault(each) for each in error.problems]
    if not play:
        return None, []
    return [
        {
            "title": each.title,
            "line": source.positions["scenarios", place][0],
            "faults": list(_played(definition, source, place, each)),
        }
        for place, each in enumerate(found.scenarios)
    ], []


def _played(definition: Definition, source: Source, place: int, scenario: Any) -> Iterable[Json]:
    at = ("scenarios", place)
    world = DryRun(definition, application(definition, scenario))
    for mismatch in rehearse(definition, scenario, at, world):
        yield _fault(mismatch.problem(source))
