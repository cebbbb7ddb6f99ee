"""Commands that run a site: serving, the demonstration, background work, the first account."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

PANEL = "运行 / running it"
app = typer.Typer()
command = partial(app.command, rich_help_panel=PANEL)


@command()
def serve(
    host: Annotated[str | None, typer.Option(help="监听地址")] = None,
    port: Annotated[int | None, typer.Option(help="监听端口，0 为任选")] = None,
) -> None:
    """启动服务 / serve on the configured database."""
    from onevisit.cli.serving import serve as run  # noqa: PLC0415

    run(host, port)


@command()
def demo(
    headless: Annotated[bool, typer.Option("--headless", help="不开浏览器，自动走完全程")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="全程产生的 PDF 存放处")] = None,
    workflow: Annotated[str, typer.Option("--workflow", help="要演示的一件事")] = "open_restaurant",
    host: Annotated[str | None, typer.Option(help="监听地址")] = None,
    port: Annotated[int | None, typer.Option(help="监听端口")] = None,
) -> None:
    """准备虚构的演示账号并启动服务；--headless 自动走完全程 / serve with fictional accounts."""
    if headless:
        from onevisit.cli.journey import drive  # noqa: PLC0415

        raise typer.Exit(drive(workflow, out or Path("demo-out")))
    from onevisit.cli.demonstration import serve as run  # noqa: PLC0415

    run(host, port)


@command()
def migrate() -> None:
    """把数据库升级到当前版本 / bring the database to the current version."""
    from onevisit.cli.serving import migrate as run  # noqa: PLC0415

    run()


@command()
def jobs(
    failed: Annotated[bool, typer.Option("--failed", help="只列失败的")] = False,
    retry: Annotated[str | None, typer.Option("--retry", help="重试这一项，按标识")] = None,
    retry_all: Annotated[bool, typer.Option("--retry-all", help="失败的全部重试")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """后台任务：等待、正在办、失败的文书与通知，可以重试 / background work, and trying it again."""
    from onevisit.cli.jobs import jobs as run  # noqa: PLC0415

    raise typer.Exit(run(failed, retry, retry_all, as_json))


@command()
def admin(
    username: Annotated[str, typer.Argument(help="用户名，小写英文字母开头；或者 disable")],
    name: Annotated[str, typer.Argument(help="姓名；disable 之后是要停用的用户名")],
) -> None:
    """开立一个流程管理员账号，显示一次首次密码；admin disable 用户名：立即停用账号 / open an
    administrator's account, or shut somebody out at once."""
    from onevisit.cli.admins import disable, run  # noqa: PLC0415

    raise typer.Exit(disable(name) if username == "disable" else run(username, name))
