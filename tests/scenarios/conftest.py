"""The stage on which scenarios play: prepared once for each kind of database, then copied."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from databases import copy_postgres
from onevisit.cases import paper
from onevisit.store import ledger
from scenarios.papers import faults_of
from scenarios.stage import ROOT, Stage, prepare
from scenarios.tried import region_of, tried_by

SetUp = Callable[[Path], Stage]


@pytest.fixture(scope="session")
def prepared_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared SQLite file that nobody touches."""
    path = tmp_path_factory.mktemp("prepared") / "onevisit.db"
    prepare(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def prepared_postgres(postgres_server) -> Iterator[str]:  # type: ignore[no-untyped-def]  # conftest's own class
    """The name of a prepared PostgreSQL database that nobody touches."""
    name = postgres_server.create_database()
    prepare(postgres_server.url(name))
    yield name
    postgres_server.drop_database(name)


@pytest.fixture
def stage(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Stage]:
    """A service centre of one's own."""
    if database_url.startswith("sqlite"):
        shutil.copyfile(
            request.getfixturevalue("prepared_sqlite"), database_url.removeprefix("sqlite:///")
        )
    else:
        copy_postgres(request.getfixturevalue("prepared_postgres"), database_url)
    stage = Stage(database_url, tmp_path)
    yield stage
    stage.engine.dispose()


@pytest.fixture
def set_up(database_url: str, tmp_path: Path) -> Iterator[SetUp]:
    """Prepares a stage with services from another folder than the real one."""
    made: list[Stage] = []

    def make(root: Path = ROOT) -> Stage:
        prepare(database_url, root)
        made.append(Stage(database_url, tmp_path))
        return made[-1]

    yield make
    for stage in made:
        stage.engine.dispose()


@pytest.fixture(autouse=True)
def tried(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test that says which events it makes happen (tried.py) is held to it, by the ledger."""
    node = request.node.nodeid.partition("[")[0].rpartition("tests/scenarios/")[2]
    wanted = set(tried_by(node))
    recorded: set[tuple[str, str]] = set()
    write = ledger.write

    def watched(session: Session, entries: Sequence[Mapping[str, Any]]) -> None:
        recorded.update((region_of(str(each["region"])), str(each["act"])) for each in entries)
        write(session, entries)

    if wanted:
        monkeypatch.setattr(ledger, "write", watched)
    yield
    assert wanted <= recorded, f"did not happen in this test: {sorted(wanted - recorded)}"


@pytest.fixture(autouse=True)
def papers_held(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every paper that any scenario writes can be made, and lacks only what its template was tried
    without before it was published."""
    write, faults = paper.write, list[str]()

    def watched(ctx: Any, dossier: Any, wanted: Any) -> Any:
        written = write(ctx, dossier, wanted)
        for _, document in written:
            faults.extend(faults_of(document.template, document.snapshot))
        return written

    monkeypatch.setattr(paper, "write", watched)
    yield
    assert not faults, "\n".join(sorted(set(faults)))
