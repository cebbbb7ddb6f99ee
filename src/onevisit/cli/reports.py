"""What `onevisit` prints about services without running any: faults, plans, drawings."""

import json
import sys
from pathlib import Path

from onevisit.catalog.folder import load, read_texts
from onevisit.catalog.published import Published, workflow_path
from onevisit.definition.keys import KINDS
from onevisit.definition.problem import DefinitionError, Problem, nearest_name
from onevisit.definition.schemas import schema
from onevisit.engine import compile_chart, everything
from onevisit.engine.diagram import mermaid

UNREADABLE = 2


def diagram(root: Path, workflow_id: str) -> int:
    """Prints the statechart of a service; 2 when it could not be read."""
    service = read_service(root, workflow_id)
    if service is None:
        return UNREADABLE
    definition = service.definition
    sys.stdout.write(mermaid(compile_chart(definition, everything(definition))))
    return 0


def read_service(root: Path, workflow_id: str) -> Published | None:
    """The service named so; None after its faults were printed to standard error."""
    files, _ = read_texts(root)
    path = workflow_path(workflow_id)
    if path not in files:
        names = [Path(each).stem for each in files if Path(each).parent == Path("workflows")]
        near = nearest_name(workflow_id, names)
        problem = Problem(path, 1, 1, "unknown_name", workflow_id, "一件事", near)
        print_problems([problem], files)
        return None
    try:
        return load(path, files)
    except DefinitionError as error:
        print_problems(error.problems, files)
        return None


def print_problems(problems: list[Problem] | tuple[Problem, ...], files: dict[str, str]) -> None:
    """Each fault with its place and the offending line, to standard error."""
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
        lines = files.get(problem.path, "").splitlines()
        if 0 < problem.line <= len(lines):
            gutter = f"{problem.line:>5} | "
            sys.stderr.write(f"{gutter}{lines[problem.line - 1]}\n")
            sys.stderr.write(" " * (len(gutter) + problem.column - 1) + "^\n")


def print_schema(kind: str) -> int:
    """Prints the JSON Schema of a kind of definition file; 2 when there is no such kind."""
    if kind not in KINDS:
        near = nearest_name(kind, KINDS)
        hint = f"；是否想写“{near}”？" if near else ""
        sys.stderr.write(f"没有“{kind}”这类文件，可选：{'、'.join(KINDS)}{hint}\n")
        return UNREADABLE
    sys.stdout.write(json.dumps(schema(kind), ensure_ascii=False, indent=2) + "\n")
    return 0
