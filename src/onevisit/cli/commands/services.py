"""Commands for whoever writes services: check, plan, forecast, rehearse, publish."""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from onevisit.checkout import CHECKOUT
from onevisit.cli.commands.options import Root, WorkflowId
from onevisit.definition.problem import Language

PANEL = "一件事 / services"
app = typer.Typer()
command = partial(app.command, rich_help_panel=PANEL)


@command()
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="工作流文件或目录；不写为本目录 / files or folders")
    ] = None,
    against: Annotated[
        Path | None, typer.Option("--against", help="上一版所在目录，核对只减不增")
    ] = None,
    language: Annotated[Language, typer.Option("--lang", help="zh 或 en")] = "zh",
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """证明一件事最多跑一次、时限守得住；否则指出哪一行、哪条路 / prove the promise of a service."""
    from onevisit.cli.checking import check as run  # noqa: PLC0415

    raise typer.Exit(run(paths or [CHECKOUT], against, language, as_json))


@command()
def plan(
    workflow: WorkflowId,
    root: Root = CHECKOUT,
    answers: Annotated[
        list[str] | None, typer.Option(help="情形的回答，如 area=80，可多次；不写为全部事项")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
    svg: Annotated[bool, typer.Option("--svg", help="以 SVG 图输出")] = False,
) -> None:
    """并联方案与串联对照：时间、关键路径、减材料减跑动 / the parallel plan beside the serial."""
    from onevisit.cli.planning import print_plan  # noqa: PLC0415

    output = "json" if as_json else "svg" if svg else "text"
    raise typer.Exit(print_plan(root, workflow, answers or [], output))


@command()
def simulate(  # noqa: PLR0917 -- each is an option with a name of its own
    workflow_id: WorkflowId,
    arrivals: Annotated[str, typer.Option(help="来多少件：8/day 或者 40/week")] = "8/day",
    staff: Annotated[
        list[str] | None,
        typer.Option(help="同时在岗的人数，如 desk=3,market_regulation=4,window=1"),
    ] = None,
    work: Annotated[
        list[str] | None, typer.Option(help="每项工作的中位分钟数，如 take_in=12,handle=30")
    ] = None,
    answers: Annotated[
        list[str] | None, typer.Option(help="只看这样回答的，如 cooking=true；可多次")
    ] = None,
    correction: Annotated[float, typer.Option(help="要补正的比例，0 到 1")] = 0.1,
    correction_days: Annotated[float, typer.Option(help="申请人补正平均用几个工作日")] = 2.0,
    days: Annotated[int, typer.Option(help="模拟多少个工作日")] = 120,
    runs: Annotated[int, typer.Option(help="换一批偶然重复几次")] = 5,
    seed: Annotated[int, typer.Option(help="种子：相同的种子得到相同的结果")] = 1,
    start: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="从哪一天起，默认今天")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
    svg: Annotated[bool, typer.Option("--svg", help="以 SVG 图输出")] = False,
    root: Root = CHECKOUT,
) -> None:
    """按来件和人手预测办结要多久、卡在哪里、承诺守不守得住 / forecast with the people you have."""
    from onevisit.cli import simulating  # noqa: PLC0415

    asked = simulating.Asked(
        arrivals=arrivals,
        staff=staff or [],
        work=work or [],
        answers=answers or [],
        correction=correction,
        correction_days=correction_days,
        days=days,
        runs=runs,
        seed=seed,
        start=start.date() if start else None,
    )
    output = "json" if as_json else "svg" if svg else "text"
    raise typer.Exit(simulating.simulate(root, workflow_id, asked, output))


@command()
def test(
    workflow: WorkflowId,
    root: Root = CHECKOUT,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """演练写好的情景，说出与预期不符的每一处 / play the scenarios of a service."""
    from onevisit.cli.rehearsal import test as run  # noqa: PLC0415

    raise typer.Exit(run(root, workflow, as_json=as_json))


@command()
def parallelize(
    file: Annotated[Path, typer.Argument(help="今天的流程，YAML / today's serial process")],
    out: Annotated[
        Path | None, typer.Option("--out", help="写到这个目录；不写则打印 / write the draft here")
    ] = None,
    root: Root = CHECKOUT,
) -> None:
    """把今天的串联流程换算成并联草案，逐条说明理由 / propose the parallel workflow."""
    from datetime import date  # noqa: PLC0415

    from onevisit.cli.parallelize import convert as run  # noqa: PLC0415

    raise typer.Exit(run(file, out, root, date.today()))  # noqa: DTZ011 - the admin's own day


@command()
def publish(root: Root = CHECKOUT) -> None:
    """发布目录中的一件事；有错的不发布并说明 / publish the service folder."""
    from onevisit.cli.serving import publish as run  # noqa: PLC0415

    raise typer.Exit(run(root))


@command()
def schema(
    kind: Annotated[
        str, typer.Argument(help="workflow、form、jurisdiction、calendar、lifecycle、directory 等")
    ],
) -> None:
    """打印某类文件的 JSON Schema，供编辑器补全和提示 / the JSON Schema of a kind of file."""
    from onevisit.cli.reports import print_schema  # noqa: PLC0415

    raise typer.Exit(print_schema(kind))


@command()
def diagram(
    workflow: WorkflowId,
    root: Root = CHECKOUT,
) -> None:
    """打印状态图（Mermaid）/ print the statechart."""
    from onevisit.cli.reports import diagram as run  # noqa: PLC0415

    raise typer.Exit(run(root, workflow))


@command()
def lifecycle(
    name: Annotated[str, typer.Argument(help="生命周期的标识 / id of the lifecycle")] = "standard",
    root: Root = CHECKOUT,
) -> None:
    """打印办件生命周期：状态图和全部动作 / print a lifecycle as a page."""
    from onevisit.cli.lifecycle import print_lifecycle as run  # noqa: PLC0415

    raise typer.Exit(run(root, name))


@command()
def calendar(
    year: Annotated[int, typer.Argument(min=1900, max=2999, help="哪一年 / which year")],
) -> None:
    """打印一年的放假与调休，供追加到工作日历 / a year's holidays for the calendar file."""
    from onevisit.cli.calendars import print_year as run  # noqa: PLC0415

    raise typer.Exit(run(year))
