"""One city is prepared a run; every test works on a copy of its own."""

from pathlib import Path

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
