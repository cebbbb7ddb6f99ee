"""A million open deadlines: how long a look of the sweep takes when none is due, when some are, and
when a node that was away finds all of them due; and how much memory."""

import logging
import statistics
import tempfile
from contextlib import redirect_stdout
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from bench import city, crowded, fresh
from bench.documents import megabytes
from bench.fresh import Figures
from browser import tour
from browser.town import Town
from onevisit.cases.deadlines import alerts, due, timers
from onevisit.cases.deadlines.look import Look
from onevisit.store.session import writing
from onevisit.store.tables import METADATA, Approval, Case
from onevisit.store.work_tables import Rule

DEADLINES, LOOKS, REALLY_DUE = 1_000_000, 9, 200
KEPT = ("cases", "approvals", "accounts", "posts")
FINDS = (timers.due_cases, timers.due_approvals, alerts.waiting_cases, alerts.waiting_approvals)


def measure() -> Figures:
    """The figures of this part; some minutes."""
    return fresh.run(looks, deadlines=DEADLINES)


def lines(found: Figures) -> list[str]:
    """The figures, for people."""
    none, some, all_ = found["none"], found["some"], found["all"]
    return [
        (
            f"{found['deadlines']} open cases and items with a day to look at and a day to end,"
            f" put in within {found['filled_s']:.0f} s"
        ),
        (
            f"  a look, none due: {none['p50_ms']:.0f} ms (most {none['max_ms']:.0f}),"
            f" holding {none['mb']} MB"
        ),
        (
            f"  {some['done']} lights that come on: {some['rate']:.0f} a second,"
            f" holding {some['mb']} MB"
        ),
        (
            f"  all due at once, found batch by batch: {all_['rows']} in {all_['seconds']:.1f} s,"
            f" holding {all_['mb']} MB"
        ),
    ]


def looks(deadlines: int) -> Figures:
    """All of it in this process, on a SQLite database of its own."""
    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory(prefix="onevisit-bench-") as folder:
        with Path("/dev/null").open("w") as nowhere, redirect_stdout(nowhere):
            town = tour.town_in(Path(folder))
            town.back(1)
            bare = town.accepted()
        rows = len(town.approvals(bare)) + 1
        _strip(town, bare)
        while _look(town):  # the day before is counted while nobody else is there
            pass
        began = perf_counter()
        copies = deadlines // rows
        crowded.fill(town.engine, {bare: copies}, tell=city.progress(copies))
        town.engine.dispose()  # with the large cache that filling took
        filled = perf_counter() - began
        _all_on(town, datetime.now(UTC).date() + timedelta(days=30))
        none = _none(town)
        some = _some(town)
        _all_on(town, datetime.now(UTC).date() - timedelta(days=1))
        found = {"none": none, "some": some, "all": _all(town)}
        town.engine.dispose()
    return {"deadlines": copies * rows, "filled_s": round(filled, 1), **found}


def _strip(town: Town, case_id: UUID) -> None:
    """Without papers, messages and ledger, at which nothing looks before something is due."""
    with writing(town.engine) as session:
        for table in reversed(METADATA.sorted_tables):
            where = table.columns.get("case_id")
            if table.name not in KEPT and where is not None and crowded.target(where) == "cases":
                _delete_through(session.connection(), table, case_id)
                session.connection().execute(table.delete().where(where == case_id))


def _delete_through(connection: sa.Connection, table: sa.Table, case_id: UUID) -> None:
    for name, through in crowded.THROUGH.items():
        if through == table.name:
            other = METADATA.tables[name]
            key = next(each for each in other.columns if crowded.target(each) == through)
            rows = sa.select(table.c.id).where(table.c.case_id == case_id)
            connection.execute(other.delete().where(key.in_(rows)))


def _all_on(town: Town, day: date) -> None:
    with writing(town.engine) as session:
        for table in (Case, Approval):
            is_open = sa.update(table).where(col(table.decided_at).is_(None))
            session.connection().execute(is_open.values(alert_on=day, timer_due=day))


def _look(town: Town) -> int:
    now = datetime.now(UTC)
    return due.run_all(partial(writing, town.engine), town.catalog, town.files, now)


def _none(town: Town) -> Figures:
    with writing(town.engine) as session:  # the rules of the place have just been published
        session.connection().execute(sa.update(Rule).values(applied_at=datetime.now(UTC)))
    while _look(town):  # what the few cases of the town have due
        pass
    taken = []
    for _ in range(LOOKS):
        began = perf_counter()
        _look(town)
        taken.append((perf_counter() - began) * 1000)
    return {
        "p50_ms": round(statistics.median(taken), 1),
        "max_ms": round(max(taken), 1),
        "mb": round(megabytes()),
    }


def _some(town: Town) -> Figures:
    """So many really late cases, in all of which lights come on, among the others."""
    late = UUID(town.named["case_id", "accepted"])
    day = datetime.now(UTC).date() - timedelta(days=1)
    crowded.fill(town.engine, {late: REALLY_DUE}, first=10_000_000)
    days = {"alert_on": day, "promise_due": day, "legal_due": day, "yellow_on": day}
    with writing(town.engine) as session:
        mine = sa.select(col(Case.id)).where(col(Case.number).like("%-1000____"))
        where = sa.update(Case).where(col(Case.id).in_(mine))
        session.connection().execute(where.values(**days))
    began = perf_counter()
    done = _look(town)
    taken = perf_counter() - began
    return {
        "done": done,
        "rate": round(done / taken, 1),
        "mb": round(megabytes()),
    }


def _all(town: Town) -> Figures:
    """Every row found in its batches; nothing is done to it, which is measured above."""
    look = Look(partial(writing, town.engine), town.catalog, town.files, datetime.now(UTC))
    rows: list[int] = []

    def count(find: Any, ctx: Any, after: Any) -> Any:
        batch = find(ctx, after)
        rows.append(len(batch.rows))
        return batch

    began = perf_counter()
    for find in FINDS:
        look.all_of(partial(count, find), lambda *_: 0)
    return {
        "rows": sum(rows),
        "seconds": round(perf_counter() - began, 1),
        "mb": round(megabytes()),
    }
