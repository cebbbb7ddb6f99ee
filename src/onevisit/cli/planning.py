"""Prints a service's plan: the serial chain beside the parallel one, as text, SVG or JSON."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jinja2.sandbox import SandboxedEnvironment
from rich.console import Console
from rich.table import Table
from rich.text import Text

from onevisit.catalog.published import Published
from onevisit.cli.reports import UNREADABLE, read_service
from onevisit.definition.service import Definition
from onevisit.engine import Plan, PlanRow, Selection, everything, plan, read_answers, select, visits

BAR_WIDTH = 30
WIDTH = 120  # columns when the output is no terminal
CAPS = {"single": "单一事项", "joint": "联合办理", "own": "专门规定"}
PICTURE = Path("templates/plan.svg")


def print_plan(root: Path, workflow_id: str, answers: list[str], output: str) -> int:
    """Prints the plan for `answers` (NAME=VALUE); without any, for the service at its largest.

    `output` is text, json or svg. 2 when the service or an answer could not be read.
    """
    service = read_service(root, workflow_id)
    if service is None:
        return UNREADABLE
    definition = service.definition
    selection = _selection(definition, answers)
    if selection is None:
        return UNREADABLE
    found = plan(definition, selection)
    if output == "json":
        report = plan_report(service, selection, found)
        sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=2) + "\n")
    elif output == "svg":
        sys.stdout.write(picture(root, definition, found))
    else:
        _text(definition, selection, found)
    return 0


def _selection(definition: Definition, answers: list[str]) -> Selection | None:
    """What the answers select; None after saying which answer cannot be used."""
    if not answers:
        return everything(definition)
    pairs = dict(each.partition("=")[::2] for each in answers)
    read, errors = read_answers(definition, pairs)
    unknown = set(pairs) - {question.id for question in definition.questions}
    for name in sorted(unknown):
        sys.stderr.write(f"--answers {name}：没有这个情形问题\n")
    for error in errors:
        question = next(each for each in definition.questions if each.id == error.path)
        sys.stderr.write(f"--answers {error.path}：{question.ask} {error.message}\n")
    return None if unknown or errors else select(definition, read)


def figures(
    definition: Definition, selection: Selection, found: Plan
) -> list[tuple[str, int, int]]:
    """(what, before, after) of 减跑动 · 减材料 · 减时限 · 减环节; before is the baseline."""
    before = definition.workflow.baseline
    trips = visits(definition, selection).visits
    return [
        (
            "跑动（次）",
            before.visits,
            definition.workflow.promise.visits if trips is None else trips,
        ),
        ("材料（份）", before.materials, found.materials_asked),
        ("时间（工作日）", before.days, found.days),
        ("环节（个）", before.steps, found.steps),
    ]


def plan_report(service: Published, selection: Selection, found: Plan) -> dict[str, Any]:
    """The plan as JSON values: schedule, critical path, caps, before and after."""
    names = ("visits", "materials", "days", "steps")
    rows = zip(names, figures(service.definition, selection, found), strict=True)
    return {
        "workflow": service.definition.workflow.id,
        "version": service.definition.workflow.version,
        "hash": service.hash,
        **asdict(found),
        "before_after": {
            name: {"before": before, "after": after} for name, (_, before, after) in rows
        },
        "baseline_source": service.definition.workflow.baseline.source,
    }


def picture(root: Path, definition: Definition, found: Plan) -> str:
    """Both ways as one SVG drawing, readable without colours."""
    environment = SandboxedEnvironment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string((root / PICTURE).read_text(encoding="utf-8"))
    scale = max(found.days_serial, found.days, 1)
    return template.render(title=definition.workflow.title, plan=found, scale=scale)


def _text(definition: Definition, selection: Selection, found: Plan) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH)
    console.print(f"[bold]{definition.workflow.title}[/bold]  {definition.workflow.version}")
    scale = max(found.days_serial, found.days, 1)
    rows = found.rows
    ways = (
        (f"现在：并联，{found.days} 个工作日", [(r, r.start_day, r.end_day) for r in rows]),
        (
            f"以前：串联，{found.days_serial} 个工作日",
            [(r, r.serial_start, r.serial_end) for r in rows],
        ),
    )
    for title, bars in ways:
        console.print()
        console.print(_gantt(title, bars, scale))
    console.print(f"\n关键路径：{' → '.join(found.critical)}")
    cap = found.joint_cap
    console.print(f"法定总时限：{cap.days} 个工作日（{CAPS[cap.kind]}，{cap.basis}）")
    if found.wait_days:
        console.print(f"另有公示公告 {found.wait_days} 个自然日，不计入承诺")
    table = Table("", "改革前", "现在", box=None, pad_edge=False)
    for what, before, after in figures(definition, selection, found):
        table.add_row(what, str(before), str(after))
    console.print()
    console.print(table)
    console.print(f"改革前的数字：{definition.workflow.baseline.source}")


def _gantt(title: str, bars: list[tuple[PlanRow, int, int]], scale: int) -> Table:
    table = Table(title=title, title_justify="left", box=None)
    table.add_column("时间", no_wrap=True)
    for heading in ("事项", "部门", "承诺", "法定"):
        table.add_column(heading)
    for row, start, end in bars:
        left, right = (round(day * BAR_WIDTH / scale) for day in (start, end))
        filled = "█" if row.critical else "▒"
        bar = Text("·" * left + filled * max(right - left, 1))
        table.add_row(bar, row.title, row.department, row.promise_text, row.legal_text)
    return table
