"""One city is prepared a run; every test works on a copy of its own."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from functional import city as cities
from functional.city import City, Prepared


@pytest.fixture(scope="session")
def prepared_city(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A prepared city that nobody touches."""
    return cities.prepare(tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def city(prepared_city: Prepared, tmp_path: Path) -> City:
    """A city of this test's own."""
    return prepared_city.copied(tmp_path / "city")


@pytest.fixture
def on_disk() -> Iterator[Path]:
    """A folder on a real disk: whoever is killed there may be waiting for it."""
    with TemporaryDirectory(dir="/var/tmp", prefix="onevisit-") as folder:
        yield Path(folder)
