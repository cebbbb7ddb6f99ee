"""Commands about the data as a whole: backup, shared sources, and the keys that seal it."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from onevisit.checkout import CHECKOUT
from onevisit.cli.commands.options import Root

PANEL = "数据与密钥 / data and keys"
app = typer.Typer()
command = partial(app.command, rich_help_panel=PANEL)
sources = typer.Typer(help="共享来源的本地前置库 / the local front database of shared sources.")
app.add_typer(sources, name="sources", no_args_is_help=True, rich_help_panel=PANEL)
keys = typer.Typer(help="加密个人信息的密钥 / the keys under which personal data is kept.")
app.add_typer(keys, name="keys", no_args_is_help=True, rich_help_panel=PANEL)
search = typer.Typer(help="按号码找人的检索密钥 / the key of the hashes by which people are found.")
keys.add_typer(search, name="search", no_args_is_help=True)
files = typer.Typer(help="上传和制好的文件 / uploaded and made files.")
app.add_typer(files, name="files", no_args_is_help=True, rich_help_panel=PANEL)
KeyId = Annotated[str, typer.Argument(help="密钥的标识（8 位），见 keys list / id of the key")]


@command()
def backup(
    target: Annotated[Path, typer.Argument(help="备份写到这个新目录 / a new folder")],
) -> None:
    """不停机备份：同一时刻的数据库和全部文件，附校验 / back up everything while people work."""
    from onevisit.cli.backup import backup as run  # noqa: PLC0415

    raise typer.Exit(run(target))


@command()
def restore(
    source: Annotated[Path, typer.Argument(help="备份所在的目录 / the folder of a backup")],
) -> None:
    """把备份恢复到空的地方，并核对文件和留痕 / bring a backup back into an empty place."""
    from onevisit.cli.backup import restore as run  # noqa: PLC0415

    raise typer.Exit(run(source))


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


@files.command("tidy")
def files_tidy(
    remove: Annotated[
        bool, typer.Option("--remove", help="清掉；不写就只看有多少 / else only count")
    ] = False,
) -> None:
    """没有记录指着的文件（断电、进程被杀时留下的）：看有多少，清掉 / files that no row names."""
    from onevisit.cli.tidying import tidy as run  # noqa: PLC0415

    raise typer.Exit(run(remove=remove))


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


@search.command("add")
def search_add(
    not_yet: Annotated[
        bool, typer.Option("--not-yet", help="先加入不启用，分发到各节点以后再 keys search use")
    ] = False,
) -> None:
    """加一把新的检索密钥；新旧两把都能找到人 / a new search key; both find."""
    from onevisit.cli.search_keys import add as run  # noqa: PLC0415

    raise typer.Exit(run(use_now=not not_yet))


@search.command("use")
def search_use() -> None:
    """启用先前加入的检索密钥 / have the search key hash that was added before."""
    from onevisit.cli.search_keys import use as run  # noqa: PLC0415

    raise typer.Exit(run())


@search.command("rotate")
def search_rotate() -> None:
    """把旧的散列换成现在的检索密钥；不停机，可中断重来 / hash everything anew."""
    from onevisit.cli.search_keys import rotate as run  # noqa: PLC0415

    raise typer.Exit(run())


@search.command("retire")
def search_retire() -> None:
    """停用再没有内容的旧检索密钥 / take out the search key that nothing needs any more."""
    from onevisit.cli.search_keys import retire as run  # noqa: PLC0415

    raise typer.Exit(run())
