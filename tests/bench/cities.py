"""The cities that are compared, each with its servers: on SQLite files, or on one PostgreSQL that
runs as it is shipped."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import select

from bench import city, postgres
from bench.fresh import Figures
from bench.serving import servers
from browser.town import Town
from onevisit.cli.demonstration import PASSWORD
from onevisit.cli.journey.browser import Browser
from onevisit.store.board_tables import BoardLook
from onevisit.store.session import reading

SERVERS, PATIENCE = 2, 600
DATABASES = ("sqlite", "postgresql")


@dataclass(frozen=True)
class City:
    """One city with the addresses of its servers, what it took to build it, the password of all,
    and the browsers of those who act there."""

    cases: int
    town: Town
    origins: list[str]
    figures: Figures = field(default_factory=dict)
    password: str = PASSWORD
    people: dict[str, Browser] = field(default_factory=dict)


@dataclass(frozen=True)
class Wanted:
    """How large the cities are, the smallest first, on which database, and in which folder they are
    kept for another time ("" for not at all): a million cases take 24 GB."""

    cases: tuple[int, ...] = (10_000, 50_000)
    database: str = "sqlite"
    folder: str = ""

    @contextmanager
    def opened(self) -> Iterator[list[City]]:
        """All of them, with their servers running until the block ends."""
        with ExitStack() as stack:
            place = Path(self.folder or stack.enter_context(tempfile.TemporaryDirectory("-bench")))
            kept = None
            if self.database == "postgresql":
                home = place / "server" if self.folder else None
                kept = stack.enter_context(postgres.server(home))
            yield [stack.enter_context(_city(place, each, kept)) for each in self.cases]


@contextmanager
def _city(place: Path, cases: int, kept: postgres.Server | None) -> Iterator[City]:
    city.say(f"a city of {cases} cases")
    folder, url = place / str(cases), ""
    if kept is not None:
        folder, name = place / f"{cases}-postgresql", f"city_{cases}"
        url = kept.url(name) if (folder / city.NAMED).exists() else kept.new(name)
    town, taken = city.built(folder, cases, url)
    size = postgres.size(url) if url else _size(town.settings.data)
    figures = {"filled_s": round(taken), "mb": round(size / 1e6)}
    try:
        with servers(town.settings, SERVERS) as origins:
            _await_counts(town)
            yield City(cases, town, origins, figures)
    finally:
        town.engine.dispose()


def _await_counts(town: Town) -> None:
    """The open work has been counted once, as it has wherever a server has run for a while."""
    give_up = time.monotonic() + PATIENCE
    while True:
        with reading(town.engine) as session:
            if session.exec(select(BoardLook.counted_at)).first() is not None:
                return
        assert time.monotonic() < give_up, "nobody counts the open work"
        time.sleep(0.2)


def _size(data: Path) -> int:
    return sum(each.stat().st_size for each in data.glob("onevisit.db*"))
