"""One city is built a run; every attack is on a copy of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from attack.target import Built, Target, build, nothing_published
from functional import city as cities


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The city that nobody attacks."""
    home = tmp_path_factory.mktemp("attacked")
    return build(cities.prepare(home), home / "built")


@pytest.fixture
def target(built: Built, tmp_path: Path) -> Iterator[Target]:
    """A city of this test's own."""
    with nothing_published():
        yield built.copied(tmp_path / "target")
