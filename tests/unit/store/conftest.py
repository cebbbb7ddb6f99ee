"""A migrated database of each kind for the tests of the store."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from databases import migrate
from onevisit.store.session import engine_for
from only_for_tests import KEYRING


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on an empty database with today's tables."""
    migrate(database_url)
    engine = engine_for(database_url, KEYRING)
    yield engine
    engine.dispose()
