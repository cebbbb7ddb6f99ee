"""Prints what a service will be like with given arrivals and people, as text, SVG or JSON."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2.sandbox import SandboxedEnvironment
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from onevisit import forecast
from onevisit.catalog.published import Published
from onevisit.cli.planning import WIDTH
from onevisit.cli.reports import UNREADABLE, read_service
from onevisit.forecast.assumptions import places
from onevisit.forecast.office_time import minutes_a_day
from onevisit.forecast.outcome import Place, Way

PICTURE = Path("templates/forecast.svg")
BROKEN_PROMISE = 1
MEANS = {"parallel": "现在：并联", "serial": "以前：串联"}


@dataclass(frozen=True)
class Asked:
    """The options of the command, as typed."""

    arrivals: str
    staff: list[str]
    work: list[str]
    answers: list[str]
    correction: float
    correction_days: float
    days: int
    runs: int
    seed: int
    start: date | None


def simulate(root: Path, workflow_id: str, asked: Asked, output: str) -> int:
    """Prints the forecast; `output` is text, json or svg.

    1 when one of ten cases would break the promise, 2 when something could not be read.
    """
    service = read_service(root, workflow_id)
    if service is None:
        return UNREADABLE
    definition = service.definition
    try:
        arrivals, staff, minutes = forecast.read(
            definition, asked.arrivals, asked.staff, asked.work
        )
        assumed = forecast.Assumptions(
            arrivals=arrivals,
            staff=staff,
            minutes=minutes,
            correction=asked.correction,
            correction_days=asked.correction_days,
            days=asked.days,
            runs=asked.runs,
            seed=asked.seed,
        )
        fixed = dict(each.partition("=")[::2] for each in asked.answers)
        chosen = forecast.situations(definition, service.report.figures, fixed)
        found = _run(service, assumed, chosen, asked.start or _today())
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return UNREADABLE
    _print(root, service, assumed, found, len(chosen), output)
    return 0 if found.holds else BROKEN_PROMISE


def _today() -> date:
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def _run(
    service: Published, assumed: forecast.Assumptions, chosen: list[Any], start: date
) -> forecast.Outcome:
    """Both ways, with a bar on standard error where somebody looks at it."""
    definition = service.definition
    seen: dict[str, list[forecast.Observed]] = {"parallel": [], "serial": []}
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("模拟", total=2 * assumed.runs)
        for means in ("parallel", "serial"):
            for run in forecast.simulate(definition, assumed, chosen, start, means):
                seen[means].append(run)
                progress.advance(bar)
    promise = definition.workflow.promise.days
    return forecast.outcome(promise, places(definition), seen["parallel"], seen["serial"])


def _print(  # noqa: PLR0917 -- what a forecast is about, each once
    root: Path,
    service: Published,
    assumed: forecast.Assumptions,
    found: forecast.Outcome,
    situations: int,
    output: str,
) -> None:
    if output == "json":
        report = {
            "workflow": service.definition.workflow.id,
            "version": service.definition.workflow.version,
            "hash": service.hash,
            "assumed": asdict(assumed),
            "situations": situations,
            "holds": found.holds,
            **asdict(found),
        }
        sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=2) + "\n")
    elif output == "svg":
        sys.stdout.write(_picture(root, service, assumed, found))
    else:
        _text(service, assumed, found, situations)


def _picture(
    root: Path, service: Published, assumed: forecast.Assumptions, found: forecast.Outcome
) -> str:
    """Days and places as one SVG drawing, readable without colours."""
    environment = SandboxedEnvironment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string((root / PICTURE).read_text(encoding="utf-8"))
    last = max((*found.parallel.days, *found.serial.days, found.promise))
    ways = [(MEANS["parallel"], found.parallel), (MEANS["serial"], found.serial)]
    return template.render(
        title=service.definition.workflow.title,
        found=found,
        assumed=assumed,
        ways=[(title, way, _bars(way, last)) for title, way in ways],
        last=last,
    )


COLUMNS = 80


def _bars(way: Way, last: int) -> list[tuple[int, int, float]]:
    """(first day, last day, share of the cases) in at most COLUMNS columns of equal width."""
    wide = -(-(last + 1) // COLUMNS)
    bars = []
    for first in range(0, last + 1, wide):
        count = sum(way.days.get(day, 0) for day in range(first, first + wide))
        bars.append((first, first + wide - 1, count / way.cases))
    return bars


def _text(
    service: Published, assumed: forecast.Assumptions, found: forecast.Outcome, situations: int
) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH)
    workflow = service.definition.workflow
    length = minutes_a_day(service.definition.jurisdiction.hours)
    console.print(f"[bold]{workflow.title}[/bold]  {workflow.version}")
    console.print(
        f"每个工作日 {assumed.arrivals:g} 件，{assumed.days} 个工作日，重复 {assumed.runs} 次"
        f"（种子 {assumed.seed}），{situations} 种情形机会均等；"
        f"{assumed.correction:.0%} 要补正一次，平均 {assumed.correction_days:g} 个工作日"
    )
    console.print()
    console.print(_ways(found))
    console.print()
    console.print(_places(found.parallel, length))
    console.print()
    for line in _conclusions(found, length):
        console.print(line)
    typed = "、".join(f"{name} {minutes:g}" for name, minutes in assumed.minutes.items())
    console.print(
        f"[dim]假定（--work、--staff 可改）：工作的中位分钟数 {typed}；没写人数的地方 1 人[/dim]"
    )


def _ways(found: forecast.Outcome) -> Table:
    table = Table(
        "",
        "中位",
        "九成在",
        "连同补正、公示",
        f"{found.promise} 天内",
        "件",
        box=None,
        pad_edge=False,
    )
    for name, way in (("parallel", found.parallel), ("serial", found.serial)):
        days = (f"{way.median} 天", f"{way.most} 天内", f"中位 {way.elapsed} 天")
        table.add_row(MEANS[name], *days, f"{way.kept:.0%}", str(way.cases))
    return table


def _places(way: Way, length: int) -> Table:
    heads = ("在哪里", "人", "忙", "平均排队", "九成在", "最长队", "每件耽误")
    table = Table(*heads, title="并联时各处", title_justify="left", box=None, pad_edge=False)
    for place in way.places.values():
        mark = "（越排越长）" if place.overloaded else ""
        table.add_row(
            place.title,
            str(place.people),
            f"{place.use:.0%}{mark}",
            _lasting(place.wait, length),
            f"{_lasting(place.wait_90, length)}内",
            str(place.longest),
            _lasting(place.lost, length),
        )
    return table


def _lasting(minutes: float, length: int) -> str:
    """Minutes of office time as people say them; `length` is a working day."""
    if minutes >= 2 * length:
        return f"{minutes / length:.1f} 个工作日"
    return f"{minutes / 60:.1f} 小时" if minutes >= 60 else f"{minutes:.0f} 分"


def _conclusions(found: forecast.Outcome, length: int) -> list[str]:
    parallel, serial = found.parallel, found.serial
    kept = "守得住" if found.holds else "守不住"
    promise = f"按这些人手，{found.promise} 个工作日的承诺[bold]{kept}[/bold]"
    lines = [f"{promise}：九成在 {parallel.most} 天内；串联要 {serial.most} 天内。"]
    crowded = _overloaded(parallel.places)
    if crowded:
        lines.append(f"忙不过来，队越排越长：{'、'.join(crowded)}。")
    if parallel.bottleneck:
        place = parallel.places[parallel.bottleneck]
        lines.append(
            f"卡在 {place.title}（{parallel.bottleneck}，{place.people} 人）："
            f"每件平均在这里多等 {_lasting(place.lost, length)}。"
        )
    else:
        lines.append("没有哪里要排队。")
    return lines


def _overloaded(found: Mapping[str, Place]) -> list[str]:
    return [place.title for place in found.values() if place.overloaded]
