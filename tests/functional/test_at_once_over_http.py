"""Everybody at once: eight people's requests over HTTP on both databases, and nobody is in the way
of anybody else."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from functional.city import City, populate, settings_in
from functional.crowd import Work, check_rows
from functional.node import Node

CASES, WORKERS = 4, 8


@pytest.fixture
def work(tmp_path: Path, database_url: str) -> Iterator[Work]:
    """Complete drafts in a city on this database, and a running server."""
    settings = settings_in(tmp_path / "city").model_copy(update={"database_url": database_url})
    populate(settings)
    city = City(settings)
    work = Work(city, Node(settings), [city.filled() for _ in range(CASES)])
    work.sign_in()
    work.node.start()
    yield work
    work.node.kill()
    city.app.state.site.engine.dispose()
    city.engine.dispose()


def test_cases_run_to_their_end_with_everybody_at_work(work: Work) -> None:
    threads = [threading.Thread(target=work.work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert work.faults == []
    assert work.finished()
    check_rows(work.city)
