"""What nine acts cost: so many statements an act, so many rows and bytes a finished case. Numbers
that a test can hold, where times cannot; scripts/bench measures the times of the very same case."""

import uuid
from collections import Counter
from pathlib import Path

from sqlalchemy import Engine, event

from bench.nine.own import ACTS, Centre, Way
from databases import migrate
from onevisit.store.evidence import verify_ledger
from onevisit.store.session import reading
from onevisit.store.tables import METADATA

STATEMENTS = {
    "submit": 23,
    "accept": 20,
    "approve permit": 16,
    "approve fire": 14,
    "approve signboard": 14,
    "approve tobacco": 14,
    "approve opening": 18,
    "certificate": 1,
    "finish": 15,
}
"""At most so many statements in each act on SQLite, beginning and committing aside; the first and
the last approval look at their page before. On PostgreSQL a decision locks the case and its items
first, which takes MORE."""
MORE = 2
ROWS = {
    "cases": 1, "approvals": 5, "checks": 1, "documents": 10, "certificates": 1, "handouts": 1,
    "ledger_entries": 15, "uncovered": 15, "messages": 9, "dispatches": 9,
}  # fmt: skip
BYTES = 24_500
"""Of all columns of all rows of one case, indices aside."""


def finished(way: Way) -> uuid.UUID:
    """The case at the end of its way."""
    for act in way.acts():
        act()
    return way.case_id


def test_an_act_asks_no_more_than_it_needs(database_url: str, tmp_path: Path) -> None:
    migrate(database_url)
    centre = Centre(database_url, tmp_path)
    finished(centre.drafted())  # services are read, and known from then on
    said: Counter[str] = Counter()
    now = ""

    def count(*given: object) -> None:
        said[now] += not str(given[2]).startswith(("PRAGMA", "BEGIN"))

    way = centre.drafted()
    event.listen(centre.engine, "before_cursor_execute", count)
    for name, act in zip(ACTS, way.acts(), strict=True):
        now = name
        act()
    centre.engine.dispose()
    more = MORE if database_url.startswith("postgresql") else 0
    assert {name: count for name, count in said.items() if count > STATEMENTS[name] + more} == {}
    assert said.keys() == STATEMENTS.keys()


def test_a_finished_case_takes_few_rows_and_little_room(sqlite_url: str, tmp_path: Path) -> None:
    migrate(sqlite_url)
    centre = Centre(sqlite_url, tmp_path)
    finished(centre.drafted())
    before = kept(centre.engine)
    case_id = finished(centre.drafted())
    more = {name: now - before[name] for name, now in kept(centre.engine).items()}
    with reading(centre.engine) as session:
        assert not verify_ledger(session, case_id)
    centre.engine.dispose()
    assert {name: more[f"{name} rows"] for name in METADATA.tables if more[f"{name} rows"]} == ROWS
    assert sum(more[f"{name} bytes"] for name in METADATA.tables) < BYTES


def kept(engine: Engine) -> dict[str, int]:
    """The rows of each table, and the bytes of their columns."""
    found: dict[str, int] = {}
    with engine.connect() as connection:
        for name, table in METADATA.tables.items():
            size = " + ".join(
                f'coalesce(length(CAST("{c.name}" AS BLOB)), 0)' for c in table.columns
            )
            asked = f'SELECT count(*), coalesce(sum({size}), 0) FROM "{name}"'
            rows, room = connection.exec_driver_sql(asked).one()
            found |= {f"{name} rows": rows, f"{name} bytes": room}
    return found
