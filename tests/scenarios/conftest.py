"""The stage on which scenarios play, on both kinds of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scenarios.stage import Stage


@pytest.fixture
def stage(database_url: str, tmp_path: Path) -> Iterator[Stage]:
    """A service centre on a fresh database."""
    stage = Stage(database_url, tmp_path)
    yield stage
    stage.engine.dispose()
