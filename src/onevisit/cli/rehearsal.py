"""`onevisit test`: plays the scenarios of a service on the pure engine; no database, no server."""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from onevisit.catalog.folder import load, read_texts
from onevisit.catalog.published import workflow_path
from onevisit.cli.checking import workflow_files
from onevisit.definition.problem import DefinitionError, Problem, Words, nearest_name
from onevisit.definition.scenario import Scenario
from onevisit.definition.scenario_file import parse_scenarios, scenario_path
from onevisit.definition.service import Definition
from onevisit.definition.source import Source
from onevisit.engine.rehearsal.application import application
from onevisit.engine.rehearsal.dry_run import DryRun
from onevisit.engine.rehearsal.rehearse import Mismatch, rehearse

PASSED, FAILED, UNREADABLE = 0, 1, 2
_FILE = Words("一件事", "service")


@dataclass(frozen=True)
class Played:
    """One scenario as it went: where it is written and what differed."""

    scenario: Scenario
    line: int
    mismatches: tuple[Mismatch, ...]


def test(root: Path, workflow_id: str, *, as_json: bool = False) -> int:
    """Plays all scenarios of one service and prints how they went.

    0 when all pass, 1 when one does not, 2 when the service or its scenarios cannot be read.
    """
    began = time.perf_counter()
    files, unreadable = read_texts(root)
    try:
        definition, scenarios, source = _read(files, unreadable, workflow_id)
    except DefinitionError as error:
        _print_unreadable(error.problems, files, as_json=as_json)
        return UNREADABLE
    played = [_played(definition, *each, source) for each in enumerate(scenarios)]
    seconds = time.perf_counter() - began
    if as_json:
        _print_json(_report(workflow_id, played, source, seconds))
    else:
        _print_text(definition, played, source, seconds)
    return FAILED if any(each.mismatches for each in played) else PASSED


def _played(definition: Definition, place: int, scenario: Scenario, source: Source) -> Played:
    """One scenario, the `place`-th of its file, as it goes on the pure engine."""
    at = ("scenarios", place)
    world = DryRun(definition, application(definition, scenario))
    mismatches = rehearse(definition, scenario, at, world)
    return Played(scenario, source.positions[at][0], mismatches)


def _read(
    files: Mapping[str, str], unreadable: Sequence[Problem], workflow_id: str
) -> tuple[Definition, tuple[Scenario, ...], Source]:
    """The service and its scenarios; DefinitionError says what is missing or wrong."""
    path, beside = workflow_path(workflow_id), scenario_path(workflow_id)
    told = [each for each in unreadable if each.path in (path, beside)]
    if told:
        raise DefinitionError(told)
    if path not in files:
        near = nearest_name(workflow_id, [Path(each).stem for each in workflow_files(files)])
        raise DefinitionError([Problem(path, 1, 1, "unknown_name", workflow_id, _FILE, near)])
    definition = load(path, files).definition
    if beside not in files:
        raise DefinitionError([Problem(beside, 1, 1, "missing_file", beside)])
    found, source = parse_scenarios(files[beside], beside, definition)
    return definition, found.scenarios, source


# ---- for people ------------------------------------------------------------------------------


def _print_text(
    definition: Definition, played: Sequence[Played], source: Source, seconds: float
) -> None:
    workflow = definition.workflow
    _say(f"{workflow.title}（{workflow.id} {workflow.version}）：{len(played)} 个情景")
    for each in played:
        _say(f"  {'✗' if each.mismatches else '✓'} {each.scenario.title}")
        for mismatch in each.mismatches:
            _say(_framed(mismatch.problem(source), source.text))
    failed = sum(bool(each.mismatches) for each in played)
    told = f"{failed} 个没有通过，" if failed else "全部通过，"
    _say(f"{told}共 {len(played)} 个情景，用时 {seconds:.2f} 秒")


def _framed(problem: Problem, text: str) -> str:
    """A problem with the line it points at and a mark below the place."""
    lines = text.splitlines()
    if not 0 < problem.line <= len(lines):
        return str(problem)
    gutter = f"{problem.line:>6} | "
    mark = " " * (len(gutter) + problem.column - 1) + "^"
    return f"{problem}\n{gutter}{lines[problem.line - 1]}\n{mark}"


def _print_unreadable(
    problems: Sequence[Problem], files: Mapping[str, str], *, as_json: bool
) -> None:
    if as_json:
        _print_json({"problems": [_placed(each) | {"code": each.code} for each in problems]})
        return
    for problem in problems:
        sys.stderr.write(_framed(problem, files.get(problem.path, "")) + "\n")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


# ---- for programs ----------------------------------------------------------------------------


def _report(
    workflow_id: str, played: Sequence[Played], source: Source, seconds: float
) -> dict[str, Any]:
    """The outcome as data: every scenario with what differed and where that is written."""
    failed = sum(bool(each.mismatches) for each in played)
    return {
        "workflow": workflow_id,
        "path": source.path,
        "passed": len(played) - failed,
        "failed": failed,
        "seconds": round(seconds, 3),
        "scenarios": [
            {
                "title": each.scenario.title,
                "line": each.line,
                "passed": not each.mismatches,
                "failures": [
                    _placed(mismatch.problem(source))
                    | {"expected": mismatch.expected, "found": mismatch.found}
                    for mismatch in each.mismatches
                ],
            }
            for each in played
        ],
    }


def _placed(problem: Problem) -> dict[str, Any]:
    return {
        "path": problem.path,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message(),
        "message_en": problem.message("en"),
    }


def _print_json(data: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
