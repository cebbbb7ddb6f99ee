"""The server answers everybody while papers are made, and leaves no process behind."""

import multiprocessing
import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from databases import migrate
from onevisit.checkout import CHECKOUT
from onevisit.cli.serving import Server
from onevisit.documents import sample_snapshot
from onevisit.settings import Settings

PAPERS = 20
PATIENCE = 60  # seconds, only until a failing test gives up
WAITING = "notices/_wait.html"
HELD = f"""<!doctype html><title>{{{{ title }}}}</title>{{% include "{WAITING}" %}}"""
"""Takes until the test lets go: it includes a pipe that nobody has written to."""


@pytest.fixture
def home(tmp_path) -> Path:
    """Our own templates, and beside them one that is held and one that is not."""
    home = tmp_path / "home"
    shutil.copytree(CHECKOUT / "templates", home / "templates")
    notices = home / "templates" / "notices"
    (notices / "held.html").write_text(HELD)
    (notices / "quick.html").write_text("<title>{{ title }}</title>{{ number }}")
    os.mkfifo(home / "templates" / WAITING)
    return home


def test_others_are_answered_while_a_paper_is_in_the_press(home, tmp_path):
    settings = Settings(home=home, data=tmp_path / "data", printing_processes=1).prepared()
    migrate(settings.database_url)
    snapshot = sample_snapshot("receipt", "收件回执")
    before = set(multiprocessing.active_children())
    with (
        ThreadPoolExecutor(PAPERS + 1) as pool,
        Server(settings, "127.0.0.1", 0) as server,
    ):
        serving = threading.Thread(target=server.wait)
        serving.start()
        make = server._workshop.make
        first = pool.submit(make, "notices/held", snapshot)
        pipe = os.open(home / "templates" / WAITING, os.O_WRONLY)  # it is in the press
        others = [pool.submit(make, "notices/quick", snapshot) for _ in range(PAPERS)]
        with httpx.Client(base_url=server.address, timeout=PATIENCE) as client:
            for address in ("/healthz", "/sign-in", "/healthz", "/sign-in"):
                assert client.get(address).status_code == 200
        assert not first.done() and not any(each.done() for each in others)
        os.close(pipe)
        papers = [each.result(PATIENCE) for each in (first, *others)]
        server.stop()
        serving.join(PATIENCE)
    assert len(papers) == PAPERS + 1
    assert all(paper.startswith(b"%PDF") for paper in papers)
    assert set(multiprocessing.active_children()) == before
