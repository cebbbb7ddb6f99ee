"""Arguments and options that several commands have in common."""

from pathlib import Path
from typing import Annotated

import typer

Root = Annotated[
    Path, typer.Option("--root", help="含 workflows/ 与 forms/ 的目录 / the service folder")
]
WorkflowId = Annotated[str, typer.Argument(help="一件事的标识，如 open_restaurant / workflow id")]
