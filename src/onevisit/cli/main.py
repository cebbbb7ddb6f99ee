"""The command `onevisit`: its subcommands lie in `commands`, by subject. Each imports what it needs
when called, so that `check` starts fast."""

import sys

import typer

from onevisit.cli.commands import data, evidence, records, running, services

app = typer.Typer(
    name="onevisit",
    help="一次办：检查、发布和运行“一件事” / check, publish and run one-visit services.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
for subject in (services, running, records, evidence, data):
    app.add_typer(subject.app)


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
