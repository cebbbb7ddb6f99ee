"""Commands about single cases and their papers: explained, exported, verified, archived, erased."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from onevisit.definition.problem import Language

PANEL = "办件与档案 / cases and records"
app = typer.Typer()
command = partial(app.command, rich_help_panel=PANEL)
archive = typer.Typer(help="办结多年的办件移出数据库、调回 / closed cases out, and back.")
app.add_typer(archive, name="archive", no_args_is_help=True, rich_help_panel=PANEL)
ArchiveFiles = Annotated[list[Path], typer.Argument(help="归档文件，可多个 / archive files")]


@command()
def explain(
    case: Annotated[str, typer.Argument(help="办件编号或者标识 / the number or id of a case")],
    item: Annotated[
        str | None, typer.Argument(help="事项标识；不写为整件和全部事项 / one of its items")
    ] = None,
    language: Annotated[Language, typer.Option("--lang", help="zh 或 en")] = "zh",
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """逐日说明时限怎样算出，依据哪一条 / every counted day of a case's clocks."""
    from onevisit.cli.explaining import explain_case as run  # noqa: PLC0415

    raise typer.Exit(run(case, item, language, as_json))


@command()
def export(
    case: Annotated[str, typer.Argument(help="办件编号或者标识 / the number or id of a case")],
    out: Annotated[
        Path, typer.Option("--out", help="写到这个目录之下 / write below this folder")
    ] = Path(),
    zipped: Annotated[bool, typer.Option("--zip", help="写成一个压缩包 / one ZIP file")] = False,
    recipient: Annotated[
        str | None, typer.Option("--for", help="交给谁，写在卷首并登记 / for whom it is")
    ] = None,
) -> None:
    """导出一个办件的全部档案：表、材料、留痕、文书，附单机核验程序 / a case as a court reads it."""
    from onevisit.cli.export import export as run  # noqa: PLC0415

    raise typer.Exit(run(case, out, zipped, recipient))


@command()
def verify(
    file: Annotated[Path | None, typer.Argument(help="要核验的 PDF 文件")] = None,
    code: Annotated[str | None, typer.Option("--code", help="二维码里的文字")] = None,
    trust: Annotated[Path | None, typer.Option("--trust", help="信任列表（JSON）")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="不联网查询")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """核验文书证照：谁在什么时候盖的章、有没有被改动、是否仍然有效 / who sealed it, is it whole."""
    if (file is None) == (code is None):
        raise typer.BadParameter("请给出一个 PDF 文件，或者用 --code 给出二维码里的文字")
    from onevisit.cli.verifying import verify as run  # noqa: PLC0415

    raise typer.Exit(run(file, code, trust, offline=offline, as_json=as_json))


@command()
def erase(
    do: Annotated[bool, typer.Option("--do/--dry-run", help="清除；不写只列出到期的")] = False,
) -> None:
    """列出（--do 清除）保存期限已到的办件里的个人信息，留痕仍可核验 / erase what is due."""
    from onevisit.cli.erasing import erase as run  # noqa: PLC0415

    raise typer.Exit(run(do=do))


@archive.command("out")
def archive_out(
    before: Annotated[str, typer.Option("--before", help="这一天以前办结的，如 2024-01-01")],
    to: Annotated[Path, typer.Option("--to", help="归档文件写到这个目录")],
    case: Annotated[str | None, typer.Option("--case", help="只移出这一件，按编号")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看哪些可以移出")] = False,
) -> None:
    """把办结的办件移进签名的归档文件，库里留一行 / move closed cases into signed files."""
    from onevisit.cli.archiving import move_out as run  # noqa: PLC0415

    raise typer.Exit(run(before, case, to, dry=dry_run))


@archive.command("back")
def archive_back(
    files: ArchiveFiles,
    case: Annotated[str | None, typer.Option("--case", help="只调回这一件，按编号")] = None,
) -> None:
    """把归档文件里的办件原样调回数据库 / bring cases back as they were."""
    from onevisit.cli.archiving import bring_back as run  # noqa: PLC0415

    raise typer.Exit(run(files, case))


@archive.command("check")
def archive_check(files: ArchiveFiles) -> None:
    """核对归档文件：签名、内容、留痕、与检查点是否相符 / whether archive files are whole."""
    from onevisit.cli.archiving import check as run  # noqa: PLC0415

    raise typer.Exit(run(files))


@archive.command("find")
def archive_find(
    case: Annotated[str, typer.Argument(help="办件编号 / the number of a case")],
) -> None:
    """一个办件在哪个归档文件里 / in which file a case lies."""
    from onevisit.cli.archiving import find as run  # noqa: PLC0415

    raise typer.Exit(run(case))
