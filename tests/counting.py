"""The open work counted now, as the sweep does every little while (cases/board)."""

from datetime import datetime
from functools import partial
from time import monotonic

from sqlalchemy import Engine, delete

from onevisit.cases.board.look import Board
from onevisit.catalog.catalog import Catalog
from onevisit.store.board_tables import BoardLook
from onevisit.store.files import FileStore
from onevisit.store.session import reading, writing


def board_of(engine: Engine, catalog: Catalog, files: FileStore) -> Board:
    """What counts this database, as a server has it."""
    return Board(
        partial(reading, engine, one_moment=True), partial(writing, engine), catalog, files,
        monotonic,
    )  # fmt: skip


def count(engine: Engine, catalog: Catalog, files: FileStore, now: datetime) -> None:
    """Count, whenever it was done last."""
    with writing(engine) as session:
        session.connection().execute(delete(BoardLook))
    assert board_of(engine, catalog, files).run_due(now) == 1
