"""The drivers themselves, without anything above: as durable as the rest, and the floor of nine
acts, each of which writes two rows."""

import sqlite3
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from bench.nine.service import ITEMS

ACTS = ("submit", "accept", *ITEMS, "certificate", "finish")
TABLES = (
    "CREATE TABLE floor_cases (id text PRIMARY KEY, state text NOT NULL)",
    "CREATE TABLE floor_acts (id text PRIMARY KEY, case_id text NOT NULL, act text NOT NULL)",
)
BEGUN = "INSERT INTO floor_cases (id, state) VALUES ({0}, {0})"
MOVED = "UPDATE floor_cases SET state = {0} WHERE id = {0}"
ACTED = "INSERT INTO floor_acts (id, case_id, act) VALUES ({0}, {0}, {0})"
Statement = tuple[str, Sequence[Any]]
Execute = Callable[..., Any]


class Plain:
    """One connection. `{0}` in a statement is where a value stands."""

    def __init__(self, url: str) -> None:
        if url.startswith("sqlite"):
            self._mark, self._begin = "?", "BEGIN IMMEDIATE"
            self._sqlite = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
            self._sqlite.execute("PRAGMA busy_timeout = 15000")
            self._sqlite.execute("PRAGMA journal_mode = WAL")
            self._sqlite.execute("PRAGMA synchronous = FULL")
            self._execute: Execute = self._sqlite.execute
        else:
            self._mark, self._begin = "%s", "BEGIN"
            plain = url.replace("postgresql+psycopg", "postgresql")
            self._execute = psycopg.connect(plain, autocommit=True).execute

    @contextmanager
    def transaction(self) -> Iterator[Execute]:
        """One transaction: committed at the end."""
        self._execute(self._begin)
        yield lambda said, values=(): self._execute(said.format(self._mark), values)
        self._execute("COMMIT")

    def commit(self, statements: Sequence[Statement]) -> None:
        """These statements in one transaction."""
        with self.transaction() as execute:
            for said, values in statements:
                execute(said, values)


class Floor:
    """The floor on one database."""

    def __init__(self, url: str, _: Path, *, new: bool = True) -> None:
        self._plain = Plain(url)
        if new:
            self._plain.commit([(table, ()) for table in TABLES])

    def drafted(self) -> "Way":
        """A case that nobody has begun."""
        return Way(self._plain)


class Way:
    """One case: nine transactions of two rows."""

    def __init__(self, plain: Plain) -> None:
        self._plain, self._id = plain, str(uuid.uuid4())

    def acts(self) -> Iterator[Callable[[], None]]:
        """The acts in their order, each of which commits."""
        for act in ACTS:
            yield partial(self._act, act)

    def _act(self, act: str) -> None:
        moved = (BEGUN, (self._id, act)) if act == ACTS[0] else (MOVED, (act, self._id))
        self._plain.commit([moved, (ACTED, (str(uuid.uuid4()), self._id, act))])
