"""Commands about the ledger: checkpoints, proofs, and finding what was tampered with."""

from pathlib import Path
from typing import Annotated

import typer

PANEL = "留痕 / evidence"
app = typer.Typer()
ledger = typer.Typer(help="留痕的检查点与核对 / checkpoints of the ledger, and checking it.")
app.add_typer(ledger, name="ledger", no_args_is_help=True, rich_help_panel=PANEL)


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


@ledger.command("proof")
def ledger_proof(  # noqa: PLR0917 -- each is an option with a name of its own
    case: Annotated[str | None, typer.Argument(help="办件编号或者标识 / of which case")] = None,
    chain: Annotated[str, typer.Option("--chain", help="只证明这一条链，如 case、food")] = "",
    seq: Annotated[
        int | None, typer.Option("--seq", min=1, help="链里的第几条，连同它的内容；要写 --chain")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="写到这个新文件；不写则打印")] = None,
    check: Annotated[
        Path | None, typer.Option("--check", help="核验这份证明，不联网、不用数据库")
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", help="核验用的公钥文件（PEM）；不写为本机的")
    ] = None,
    tsa: Annotated[
        Path | None, typer.Option("--tsa", help="核验时信任的时间戳机构根证书（PEM）")
    ] = None,
) -> None:
    """证明留痕在某时以前就已写下，交给外人；--check 核验 / prove what was written by when."""
    if (case is None) == (check is None):
        raise typer.BadParameter("请给出办件编号，或者用 --check 给出要核验的文件")
    if seq is not None and not chain:
        raise typer.BadParameter("写了 --seq，还要用 --chain 写明是哪一条链")
    from onevisit.cli import proving  # noqa: PLC0415

    if check is not None:
        raise typer.Exit(proving.check(check, key, tsa))
    raise typer.Exit(proving.write(case or "", chain, seq, out))
