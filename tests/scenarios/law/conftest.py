"""Centres that know one service alone, prepared once for each kind of database, then copied."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from databases import copy_postgres
from scenarios.law import arranged, officers, stall
from scenarios.stage import Stage, prepare


@pytest.fixture(scope="session")
def stall_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The service folder of the stall."""
    return stall.services(tmp_path_factory.mktemp("stall"))


@pytest.fixture(scope="session")
def market_sqlite(stall_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared SQLite file that nobody touches."""
    path = tmp_path_factory.mktemp("market") / "onevisit.db"
    prepare(f"sqlite:///{path}", stall_folder)
    return path


@pytest.fixture(scope="session")
def market_postgres(stall_folder: Path, postgres_server) -> Iterator[str]:  # type: ignore[no-untyped-def]  # conftest's own class
    """The name of a prepared PostgreSQL database that nobody touches."""
    name = postgres_server.create_database()
    prepare(postgres_server.url(name), stall_folder)
    yield name
    postgres_server.drop_database(name)


@pytest.fixture
def market(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Stage]:
    """A service centre of one's own that knows the stall alone."""
    if database_url.startswith("sqlite"):
        prepared = request.getfixturevalue("market_sqlite")
        shutil.copyfile(prepared, database_url.removeprefix("sqlite:///"))
    else:
        copy_postgres(request.getfixturevalue("market_postgres"), database_url)
    stage = Stage(database_url, tmp_path)
    yield stage
    stage.engine.dispose()


@pytest.fixture(scope="session")
def kitchen_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The service folder of the restaurant whose kitchen may have to be tested."""
    return officers.services(tmp_path_factory.mktemp("kitchen") / "root")


@pytest.fixture(scope="session")
def kitchen_sqlite(kitchen_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared SQLite file that nobody touches."""
    path = tmp_path_factory.mktemp("kitchen") / "onevisit.db"
    prepare(f"sqlite:///{path}", kitchen_folder)
    return path


@pytest.fixture(scope="session")
def kitchen_postgres(kitchen_folder: Path, postgres_server) -> Iterator[str]:  # type: ignore[no-untyped-def]  # conftest's own class
    """The name of a prepared PostgreSQL database that nobody touches."""
    name = postgres_server.create_database()
    prepare(postgres_server.url(name), kitchen_folder)
    yield name
    postgres_server.drop_database(name)


@pytest.fixture
def kitchen(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Stage]:
    """A service centre of one's own that knows the restaurant with special procedures alone."""
    if database_url.startswith("sqlite"):
        prepared = request.getfixturevalue("kitchen_sqlite")
        shutil.copyfile(prepared, database_url.removeprefix("sqlite:///"))
    else:
        copy_postgres(request.getfixturevalue("kitchen_postgres"), database_url)
    stage = Stage(database_url, tmp_path)
    yield stage
    stage.engine.dispose()


@pytest.fixture(scope="session")
def hall_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The service folder of the restaurant that is inspected, interviewed and heard."""
    return arranged.services(tmp_path_factory.mktemp("hall") / "root")


@pytest.fixture(scope="session")
def hall_sqlite(hall_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared SQLite file that nobody touches."""
    path = tmp_path_factory.mktemp("hall") / "onevisit.db"
    prepare(f"sqlite:///{path}", hall_folder)
    return path


@pytest.fixture(scope="session")
def hall_postgres(hall_folder: Path, postgres_server) -> Iterator[str]:  # type: ignore[no-untyped-def]  # conftest's own class
    """The name of a prepared PostgreSQL database that nobody touches."""
    name = postgres_server.create_database()
    prepare(postgres_server.url(name), hall_folder)
    yield name
    postgres_server.drop_database(name)


@pytest.fixture
def hall(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Stage]:
    """A service centre of one's own that knows the restaurant with everything arranged alone."""
    if database_url.startswith("sqlite"):
        prepared = request.getfixturevalue("hall_sqlite")
        shutil.copyfile(prepared, database_url.removeprefix("sqlite:///"))
    else:
        copy_postgres(request.getfixturevalue("hall_postgres"), database_url)
    stage = Stage(database_url, tmp_path)
    yield stage
    stage.engine.dispose()
