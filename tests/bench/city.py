"""A city of as many cases as asked: most concluded long ago, three of a hundred still under way.

What is copied are cases that really went their way through the verbs (see crowded.py). The many
that are long done are lean: one service with two items, all sixteen ledger entries, the certificate
and the handing out as they were written. Left out of these are messages, uploads, checks, notices
and the snapshot of the certificate, which no list, search or dashboard reads. Lights and timers
that the moved days of copies would bring on all at once are taken back.
"""

import json
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import perf_counter
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from bench import crowded, postgres
from browser import tour, town_life
from browser.town import Town
from onevisit.cases import figures
from onevisit.catalog.catalog import Catalog
from onevisit.settings import Settings
from onevisit.store.figure_tables import CountedDay, Figure
from onevisit.store.files import FileStore
from onevisit.store.session import engine_for, reading, writing
from onevisit.store.tables import METADATA, Account, Approval, Case, Document
from onevisit.web.accounts import actor_of

OPEN_OF_A_HUNDRED = 3
OPEN = {
    "accepted": 40, "submitted": 17, "called": 10, "correcting": 10, "ready": 10, "owing": 7,
    "late": 6,
}  # fmt: skip
"""Of a hundred cases under way, how many stand where."""
WHOLE_OF_A_HUNDRED = 1
"""Concluded cases that are copied with everything, of four departments."""
SMALL = {"area": 80, "cooking": True, "gathering": False, "signboard": False, "want_tobacco": False}
LEFT_OUT = (
    "dispatches", "messages", "scans", "uploads", "checks", "holdings", "findings",
    "shared_reads", "shared_facts", "appointments", "reads",
)  # fmt: skip
KEPT_PAPERS = ("certificate",)
NAMED = "named.json"
PEOPLE = ("applicant", "clerk", "window")
"""Who of the town acts by verbs; all others act on pages."""


def built(folder: Path, cases: int, database_url: str = "") -> tuple[Town, float]:
    """The city below `folder`, and the seconds that copying took; 0 when it was there already."""
    known = folder / NAMED
    if known.exists():
        return _again(folder, database_url), 0.0
    with Path("/dev/null").open("w") as nowhere, redirect_stdout(nowhere):
        town = tour.town_in(folder, database_url)
        town.back(45)
        lean = town.handed_out(town.decided(town.taken_in(town_life.RESTAURANT, SMALL)))
        town.all_printed()
    _make_lean(town, lean)
    began = perf_counter()
    shares = _shares(town, lean, cases)
    crowded.fill(town.engine, shares, tell=progress(cases))
    _settle(town)
    _count_days(town)
    if database_url.startswith("postgresql"):
        postgres.settled(database_url)
    taken = perf_counter() - began
    named = [[*key, value] for key, value in town.named.items()]
    known.write_text(json.dumps(named))
    return town, taken


def _again(folder: Path, database_url: str) -> Town:
    """A city that was built before."""
    settings = Settings(
        home=folder / "home", data=folder / "data", database_url=database_url,
        printing_processes=0, second_factor="off",
    )  # fmt: skip
    rows = json.loads((folder / NAMED).read_text())
    return Again(settings.prepared(), {(kind, name): value for kind, name, value in rows})


class Again(Town):
    """A town that knows its people without reading a million accounts of copies."""

    def __post_init__(self) -> None:
        self.engine = engine_for(self.settings.database_url, self.settings.keyring)
        self.catalog = Catalog(self.engine)
        self.files = FileStore(self.settings.files)
        with reading(self.engine) as session:
            wanted = select(Account.username, Account.id).where(col(Account.username).in_(PEOPLE))
            known = {name: actor_of(session, id_) for name, id_ in session.exec(wanted)}
        self.actors = {name: actor for name, actor in known.items() if actor is not None}


def _shares(town: Town, lean: UUID, cases: int) -> dict[UUID, int]:
    """How often each case is copied."""
    open_ = cases * OPEN_OF_A_HUNDRED // 100
    shares = {UUID(town.named["case_id", name]): open_ * of // 100 for name, of in OPEN.items()}
    whole = UUID(town.named["case_id", "concluded"])
    shares[whole] = cases * WHOLE_OF_A_HUNDRED // 100
    return {lean: cases - sum(shares.values()), **shares}


def _make_lean(town: Town, case_id: UUID) -> None:
    """What is left out of the cases that are long done."""
    with writing(town.engine) as session:
        connection = session.connection()
        for name in LEFT_OUT:
            table = METADATA.tables[name]
            where = table.columns.get("case_id")
            if where is None:
                through = crowded.THROUGH[name]
                rows = sa.select(METADATA.tables[through].c.id).filter_by(case_id=case_id)
                key = next(each for each in table.columns if crowded.target(each) == through)
                connection.execute(table.delete().where(key.in_(rows)))
            else:
                connection.execute(table.delete().where(where == case_id))
        mine = col(Document.case_id) == case_id
        connection.execute(sa.delete(Document).where(mine, col(Document.kind).not_in(KEPT_PAPERS)))
        connection.execute(sa.update(Document).where(mine).values(snapshot={}))


def _settle(town: Town) -> None:
    """Nothing has fallen due at once because days were moved."""
    with writing(town.engine) as session:
        for table in (Case, Approval):
            for column in (col(table.alert_on), col(table.timer_due)):
                due = sa.update(table).where(column <= datetime.now(UTC).date())
                session.connection().execute(due.values({column.key: None}))


def _count_days(town: Town) -> None:
    """The statistics of all days that are over, from the first on, as the sweep counts them."""
    with writing(town.engine) as session:
        for table in (CountedDay, Figure):
            session.connection().execute(sa.delete(table))
    days = 0
    while figures.run_due(
        partial(writing, town.engine), town.catalog, town.files, datetime.now(UTC)
    ):
        days += figures.AT_ONCE
        say(f"  counted {days} days")


def progress(cases: int) -> Callable[[int], None]:
    """Tells on the screen how many of `cases` there are, and how long the rest will take."""
    began = perf_counter()

    def tell(done: int) -> None:
        left = (perf_counter() - began) / done * (cases - done)
        say(f"  {done} of {cases} cases, {left:.0f} s more")

    return tell


def say(text: str) -> None:
    """A line for whoever waits, beside the figures."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
