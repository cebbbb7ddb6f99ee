"""The commands by name; each imports what it needs when called, so that `check` starts fast."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from onevisit.checkout import CHECKOUT
from onevisit.definition.problem import Language

app = typer.Typer(
    name="onevisit",
    help="一次办：检查、发布和运行“一件事” / check, publish and run one-visit services.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
Root = Annotated[
    Path, typer.Option("--root", help="含 workflows/ 与 forms/ 的目录 / the service folder")
]
WorkflowId = Annotated[str, typer.Argument(help="一件事的标识，如 open_restaurant / workflow id")]


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="监听地址")] = None,
    port: Annotated[int | None, typer.Option(help="监听端口，0 为任选")] = None,
) -> None:
    """启动服务 / serve on the configured database."""
    from onevisit.cli.serving import serve as run  # noqa: PLC0415

    run(host, port)


@app.command()
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


@app.command()
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


@app.command()
def admin(
    username: Annotated[str, typer.Argument(help="用户名，小写英文字母开头；或者 disable")],
    name: Annotated[str, typer.Argument(help="姓名；disable 之后是要停用的用户名")],
) -> None:
    """开立一个流程管理员账号，显示一次首次密码；admin disable 用户名：立即停用账号 / open an
    administrator's account, or shut somebody out at once."""
    from onevisit.cli.admins import disable, run  # noqa: PLC0415

    raise typer.Exit(disable(name) if username == "disable" else run(username, name))


@app.command()
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


@app.command()
def jobs(
    failed: Annotated[bool, typer.Option("--failed", help="只列失败的")] = False,
    retry: Annotated[str | None, typer.Option("--retry", help="重试这一项，按标识")] = None,
    retry_all: Annotated[bool, typer.Option("--retry-all", help="失败的全部重试")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """后台任务：等待、正在办、失败的文书与通知，可以重试 / background work, and trying it again."""
    from onevisit.cli.jobs import jobs as run  # noqa: PLC0415

    raise typer.Exit(run(failed, retry, retry_all, as_json))


@app.command()
def migrate() -> None:
    """把数据库升级到当前版本 / bring the database to the current version."""
    from onevisit.cli.serving import migrate as run  # noqa: PLC0415

    run()


@app.command()
def publish(root: Root = CHECKOUT) -> None:
    """发布目录中的一件事；有错的不发布并说明 / publish the service folder."""
    from onevisit.cli.serving import publish as run  # noqa: PLC0415

    raise typer.Exit(run(root))


@app.command()
def diagram(
    workflow: WorkflowId,
    root: Root = CHECKOUT,
) -> None:
    """打印状态图（Mermaid）/ print the statechart."""
    from onevisit.cli.reports import diagram as run  # noqa: PLC0415

    raise typer.Exit(run(root, workflow))


@app.command()
def lifecycle(
    name: Annotated[str, typer.Argument(help="生命周期的标识 / id of the lifecycle")] = "standard",
    root: Root = CHECKOUT,
) -> None:
    """打印办件生命周期：状态图和全部动作 / print a lifecycle as a page."""
    from onevisit.cli.lifecycle import print_lifecycle as run  # noqa: PLC0415

    raise typer.Exit(run(root, name))


@app.command()
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


@app.command()
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


@app.command()
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


@app.command()
def schema(
    kind: Annotated[
        str, typer.Argument(help="workflow、form、jurisdiction、calendar、lifecycle、directory 等")
    ],
) -> None:
    """打印某类文件的 JSON Schema，供编辑器补全和提示 / the JSON Schema of a kind of file."""
    from onevisit.cli.reports import print_schema  # noqa: PLC0415

    raise typer.Exit(print_schema(kind))


@app.command()
def test(
    workflow: WorkflowId,
    root: Root = CHECKOUT,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """演练写好的情景，说出与预期不符的每一处 / play the scenarios of a service."""
    from onevisit.cli.rehearsal import test as run  # noqa: PLC0415

    raise typer.Exit(run(root, workflow, as_json=as_json))


@app.command()
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


@app.command()
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


ledger = typer.Typer(help="留痕的检查点与核对 / checkpoints of the ledger, and checking it.")
app.add_typer(ledger, name="ledger", no_args_is_help=True)


@ledger.command("verify")
def ledger_verify(
    case: Annotated[str | None, typer.Option("--case", help="只核对这一件，编号或者标识")] = None,
    since: Annotated[str | None, typer.Option("--since", help="只核对这一天以来的")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """找出绕过系统的改动、删除、插入、换序和回退，说出在哪里 / find whatever was tampered with."""
    from onevisit.cli.ledger import verify as run  # noqa: PLC0415

    raise typer.Exit(run(case, since, as_json))


@ledger.command("checkpoint")
def ledger_checkpoint(
    lost: Annotated[
        str | None, typer.Option("--lost", help="恢复备份以后：说明丢失的检查点是怎样丢失的")
    ] = None,
) -> None:
    """立即作一个检查点 / make a checkpoint now."""
    from onevisit.cli.ledger import checkpoint as run  # noqa: PLC0415

    raise typer.Exit(run(lost))


@ledger.command("key")
def ledger_key() -> None:
    """打印检查点签名密钥的名称，请另行记下 / print the names of the keys of checkpoints."""
    from onevisit.cli.ledger import key as run  # noqa: PLC0415

    raise typer.Exit(run())


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="备份写到这个新目录 / a new folder")],
) -> None:
    """不停机备份：同一时刻的数据库和全部文件，附校验 / back up everything while people work."""
    from onevisit.cli.backup import backup as run  # noqa: PLC0415

    raise typer.Exit(run(target))


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="备份所在的目录 / the folder of a backup")],
) -> None:
    """把备份恢复到空的地方，并核对文件和留痕 / bring a backup back into an empty place."""
    from onevisit.cli.backup import restore as run  # noqa: PLC0415

    raise typer.Exit(run(source))


@app.command()
def erase(
    do: Annotated[bool, typer.Option("--do/--dry-run", help="清除；不写只列出到期的")] = False,
) -> None:
    """列出（--do 清除）保存期限已到的办件里的个人信息，留痕仍可核验 / erase what is due."""
    from onevisit.cli.erasing import erase as run  # noqa: PLC0415

    raise typer.Exit(run(do=do))


archive = typer.Typer(help="办结多年的办件移出数据库、调回 / closed cases out, and back.")
app.add_typer(archive, name="archive", no_args_is_help=True)
ArchiveFiles = Annotated[list[Path], typer.Argument(help="归档文件，可多个 / archive files")]


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


sources = typer.Typer(help="共享来源的本地前置库 / the local front database of shared sources.")
app.add_typer(sources, name="sources", no_args_is_help=True)


@sources.command("import")
def sources_import(
    source: Annotated[str, typer.Argument(help="来源的标识，如 population / id of the source")],
    file: Annotated[
        Path, typer.Argument(help="CSV：holder、as_of、person（单位的负责人）和来源的字段")
    ],
    root: Root = CHECKOUT,
) -> None:
    """把来源部门交来的名单导入前置库；有错的一条也不导入 / take over a list of a shared source."""
    from onevisit.cli.sources import import_file as run  # noqa: PLC0415

    raise typer.Exit(run(source, file, root))


keys = typer.Typer(help="加密个人信息的密钥 / the keys under which personal data is kept.")
app.add_typer(keys, name="keys", no_args_is_help=True)
KeyId = Annotated[str, typer.Argument(help="密钥的标识（8 位），见 keys list / id of the key")]


@keys.command("list")
def keys_list() -> None:
    """列出密钥：哪一把在加密、多久了、各有多少个值 / every key and what it holds."""
    from onevisit.cli.keys import list_keys as run  # noqa: PLC0415

    raise typer.Exit(run())


@keys.command("create")
def keys_create() -> None:
    """在 ONEVISIT_KEYS_FILE 指明的地方生成密钥文件 / make the key file where it is to be."""
    from onevisit.cli.keys import create as run  # noqa: PLC0415

    raise typer.Exit(run())


@keys.command("add")
def keys_add(
    cipher: Annotated[str, typer.Option(help="aes-256-gcm 或 sm4-gcm")] = "aes-256-gcm",
    not_yet: Annotated[
        bool, typer.Option("--not-yet", help="先加入不启用，分发到各节点以后再 keys use")
    ] = False,
) -> None:
    """加一把新密钥，从现在起用它加密 / a new key, which seals from now on."""
    from onevisit.cli.keys import add as run  # noqa: PLC0415

    raise typer.Exit(run(cipher, use_now=not not_yet))


@keys.command("use")
def keys_use(key_id: KeyId) -> None:
    """启用先前加入的密钥 / have a key seal that was added before."""
    from onevisit.cli.keys import use as run  # noqa: PLC0415

    raise typer.Exit(run(key_id))


@keys.command("rotate")
def keys_rotate() -> None:
    """把旧密钥加密的内容换成现在的密钥；不停机，可中断重来 / seal everything with the new key."""
    from onevisit.cli.keys import rotate as run  # noqa: PLC0415

    raise typer.Exit(run())


@keys.command("retire")
def keys_retire(key_id: KeyId) -> None:
    """停用一把再没有内容的旧密钥 / take out a key that nothing is sealed with any more."""
    from onevisit.cli.keys import retire as run  # noqa: PLC0415

    raise typer.Exit(run(key_id))


@app.command()
def calendar(
    year: Annotated[int, typer.Argument(min=1900, max=2999, help="哪一年 / which year")],
) -> None:
    """打印一年的放假与调休，供追加到工作日历 / a year's holidays for the calendar file."""
    from onevisit.cli.calendars import print_year as run  # noqa: PLC0415

    raise typer.Exit(run(year))


def main() -> None:
    """The entry point of the `onevisit` command."""
    try:
        app()
    except Exception as error:
        from onevisit.store.secret import KeysFault  # noqa: PLC0415 -- only when something failed

        if not isinstance(error, KeysFault):
            raise
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None
