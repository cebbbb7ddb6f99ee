"""Fills a database with so many ledger entries, fast, in whole chains that verify: closed cases of
three items and twenty entries each, and who looked at them. Nothing personal is in them."""

import hashlib
import sqlite3
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from onevisit.store.columns import new_id
from onevisit.store.numbers import mod_11_10
from onevisit.store.secret import Keyring
from onevisit.store.tables import GENESIS, Account, WorkflowVersion

ENTRIES = 20
"""Of one case: eight in its own chain and four in that of each of its three items."""
READS = 4
"""Looks at one case."""
REGIONS = ("licence", "food", "signboard")
DEPARTMENTS = ("market_regulation", "market_regulation", "urban_management")
CASE_ACTS = ("submit", "record_checks", "accept", "join", "issue", "deliver", "hand_out", "rate")
ITEM_ACTS = ("forward", "forward", "forward", "approve")
SLICE = 2_000
"""Cases in one transaction."""
FIRST = datetime(2016, 1, 4, 1, 0, tzinfo=UTC)
UNCOVERED = 50_000
"""Of the newest entries so many wait for checkpoints; the rest is taken as covered long ago."""
COLUMNS = {
    "cases": (
        "id number workflow_id version_hash state applicant_id channel answers form created_at"
        " submitted_at accepted_at decided_at concluded_at pickup_tries revision ledger_seq"
        " ledger_hash"
    ),
    "approvals": (
        "id case_id region item_id department route state started_at decided_at revision ledger_seq"
        " ledger_hash"
    ),
    "ledger_entries": (
        "id case_id region seq at actor_id actor_role act from_state to_state version_hash detail"
        " prev_hash hash"
    ),
    "reads": ("id at reader_id role department case_id subject_id purpose kind what block"),
    "uncovered": "log row_id",
}
Rows = dict[str, list[tuple[Any, ...]]]


@dataclass
class Filler:
    """Where it fills, and with whose rows: one version of a service, some applicants, a reader."""

    engine: Engine
    keyring: Keyring
    version: str
    workflow: str
    people: list[uuid.UUID]
    reader: uuid.UUID

    @classmethod
    def of(cls, engine: Engine, keyring: Keyring, workflow: str) -> "Filler":
        """For a prepared database; the applicants and the reader are made if they are not there."""
        with Session(engine) as session, session.begin():
            current = WorkflowVersion.workflow_id == workflow, WorkflowVersion.current
            version = session.exec(select(WorkflowVersion).where(*current)).one()
            made = col(Account.username).startswith("ledger")
            ids = list(session.exec(select(Account.id).where(made).order_by(col(Account.id))))
            if not ids:
                people = [
                    Account(username=f"ledger{n}", name=f"演示申请人{n}", password_hash="-")
                    for n in range(1001)
                ]
                session.add_all(people)
                session.flush()
                ids = [each.id for each in people]
            return cls(engine, keyring, version.hash, workflow, ids[:-1], ids[-1])

    def fill(
        self, entries: int, first: int = 0, tell: Callable[[int], None] = lambda _: None
    ) -> None:
        """Make it so many entries, if there were `first` of them."""
        cases = range(first // ENTRIES, entries // ENTRIES)
        kept = Kept(
            self.keyring.seal(b"{}", "cases.answers"),
            self.keyring.seal(b"{}", "cases.form"),
            self.keyring.seal(b"{}", "ledger_entries.detail"),
        )
        with closing(self._sink()) as sink:
            for at in range(cases.start, cases.stop, SLICE):
                some = range(at, min(at + SLICE, cases.stop))
                rows: Rows = {name: [] for name in COLUMNS}
                for number in some:
                    waits = entries - number * ENTRIES <= UNCOVERED
                    self._case(rows, number, kept, waits=waits)
                sink.write(rows)
                tell(some.stop * ENTRIES)
            sink.settle()

    def _sink(self) -> "_Sqlite | _Postgres":
        if self.engine.dialect.name == "sqlite":
            return _Sqlite(str(self.engine.url.database))
        return _Postgres(self.engine)

    def _case(self, rows: Rows, number: int, kept: "Kept", *, waits: bool) -> None:
        """One case with everything that is of it; days pass as cases come."""
        case_id, began = new_id(), FIRST + timedelta(seconds=30 * number)
        ended = began + timedelta(days=10)
        who = self.people[number % len(self.people)]
        heads = {"case": self._chain(rows, (case_id, "case", who), CASE_ACTS, began, kept, waits)}
        for region in REGIONS:
            heads[region] = self._chain(rows, (case_id, region, who), ITEM_ACTS, began, kept, waits)
        digits = f"990000{began:%Y%m%d}{number:06d}"
        shown = f"990000-{began:%Y%m%d}-{number:06d}-{mod_11_10.calc_check_digit(digits)}"
        rows["cases"].append((
            case_id, shown, self.workflow, self.version, f"s{len(CASE_ACTS)}", who, "online",
            kept.answers, kept.form, began, began, began, ended, ended, 0, 9, *heads["case"],
        ))  # fmt: skip
        rows["approvals"].extend(
            (
                new_id(), case_id, region, region, department, "approval", f"s{len(ITEM_ACTS)}",
                began, ended, 5, *heads[region],
            )
            for region, department in zip(REGIONS, DEPARTMENTS, strict=True)
        )  # fmt: skip
        rows["reads"].extend(
            (
                new_id(), began + timedelta(hours=look), self.reader, "handler", DEPARTMENTS[0],
                case_id, who, "handle", "page", "办件概况", number // 100 + 1,
            )
            for look in range(READS)
        )  # fmt: skip

    def _chain(
        self,
        rows: Rows,
        of: tuple[uuid.UUID, str, uuid.UUID],
        acts: tuple[str, ...],
        began: datetime,
        kept: "Kept",
        waits: bool,
    ) -> tuple[int, str]:
        """One chain; its head. Hashed as ledger.seal does, without the detour over dictionaries."""
        case_id, region, who = of
        previous, before = GENESIS, None
        for seq, act in enumerate(acts, start=1):
            quoted = f'"{before}"' if before else "null"
            at, after = began + timedelta(hours=seq), f"s{seq}"
            said = (
                f'["{case_id}","{region}",{seq},"{at.isoformat(timespec="microseconds")}","{who}",'
                f'"handler","{act}",{quoted},"{after}",'
                f'"{self.version}",{{}},"{previous}"]'
            )
            sealed = hashlib.sha256(said.encode()).hexdigest()
            entry_id = new_id()
            rows["ledger_entries"].append((
                entry_id, case_id, region, seq, at, who, "handler", act, before, after,
                self.version, kept.detail, previous, sealed,
            ))  # fmt: skip
            if waits:
                rows["uncovered"].append(("cases", entry_id))
            previous, before = sealed, after
        return len(acts), previous


@dataclass(frozen=True)
class Kept:
    """What is sealed and the same in every row."""

    answers: bytes
    form: bytes
    detail: bytes


class _Sqlite:
    """Straight into the file; a database half filled is filled anew, so it waits for no disk."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path)
        for pragma in ("synchronous = OFF", "cache_size = -1000000"):
            self._connection.execute(f"PRAGMA {pragma}")

    def write(self, rows: Rows) -> None:
        """One transaction."""
        for name, some in rows.items():
            names = COLUMNS[name].replace(" ", ", ")
            holes = ", ".join("?" * len(COLUMNS[name].split()))
            statement = f"INSERT INTO {name} ({names}) VALUES ({holes})"
            self._connection.executemany(statement, some)
        self._connection.commit()

    def settle(self) -> None:
        """Nothing lies beside the file."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        self._connection.close()


sqlite3.register_adapter(uuid.UUID, lambda value: value.hex)
sqlite3.register_adapter(
    datetime, lambda value: value.replace(tzinfo=None).isoformat(" ", "microseconds")
)


class _Postgres:
    """By COPY."""

    def __init__(self, engine: Engine) -> None:
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection = psycopg.connect(url)
        self._connection.execute("SET synchronous_commit = off")

    def write(self, rows: Rows) -> None:
        """One transaction."""
        with self._connection.cursor() as cursor:
            for name, some in rows.items():
                said = f"COPY {name} ({COLUMNS[name].replace(' ', ', ')}) FROM STDIN"
                with cursor.copy(said.encode()) as copy:
                    for row in some:
                        copy.write_row(row)
        self._connection.commit()

    def settle(self) -> None:
        """The planner knows what is there."""
        self._connection.autocommit = True
        self._connection.execute("VACUUM ANALYZE")

    def close(self) -> None:
        self._connection.close()
