"""Papers made in a process of their own: the same bytes and errors, and a process that may die."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import wait
from pathlib import Path

import pytest

from onevisit.documents import (
    BrokenTemplate,
    MissingValue,
    Press,
    PressFailed,
    RefusedAsset,
    Seals,
    UnknownTemplate,
    Workshop,
)
from onevisit.documents.errors import NoSeal
from onevisit.documents.trust import demo_authority

PATIENCE = 60  # seconds, only until a failing test gives up
ADDRESS = "https://verify.example.gov.cn/verify"
SMALL = """<!doctype html><html lang="zh-CN"><title>{{ title }}</title>{{ title }}{{ number }}"""


@pytest.fixture
def small(tmp_path) -> Path:
    """Templates that are made in no time: a good one, and one for each way to fail."""
    folder = tmp_path / "templates"
    (folder / "notices").mkdir(parents=True)
    texts = {
        "good": SMALL,
        "missing": SMALL + "{{ decision.nobody }}",
        "broken": SMALL + "\n\n{% if %}",
        "elsewhere": SMALL + '<img src="file:///etc/hostname">',
    }
    for name, text in texts.items():
        (folder / "notices" / f"{name}.html").write_text(text)
    return folder


@pytest.fixture
def workshop(small, tmp_path):
    made = Workshop(Press(small, Seals(tmp_path / "seals"), ADDRESS))
    yield made
    made.close()


@pytest.fixture
def snapshot(sample):
    return sample("notices/receipt")


def children() -> dict[int, multiprocessing.process.BaseProcess]:
    return {each.pid: each for each in multiprocessing.active_children() if each.pid}


def test_its_papers_are_the_presss_own_byte_for_byte(templates, tmp_path, sample):
    press = Press(templates, Seals(tmp_path / "seals"), ADDRESS)
    workshop = Workshop(press)
    for template in ("certificates/standard", "notices/approval"):
        assert workshop.make(template, sample(template)) == press.make(template, sample(template))
    workshop.close()


def test_no_process_runs_before_the_first_paper_nor_after_the_end(workshop, snapshot):
    before = set(children())
    workshop.close()
    assert set(children()) == before
    workshop.make("notices/good", snapshot)
    (own,) = set(children()) - before
    workshop.make("notices/good", snapshot)
    assert set(children()) - before == {own}
    workshop.close()
    assert set(children()) == before
    assert workshop.make("notices/good", snapshot), "closed, it starts again when asked"


ERRORS = {
    "notices/missing": (MissingValue, {"name": "decision.nobody", "template": "notices/missing"}),
    "notices/broken": (BrokenTemplate, {"template": "notices/broken", "line": 3}),
    "notices/elsewhere": (RefusedAsset, {"url": "file:///etc/hostname"}),
    "notices/nowhere": (UnknownTemplate, {"template": "notices/nowhere"}),
}


def test_errors_arrive_whole(workshop, snapshot):
    for template, (kind, said) in ERRORS.items():
        with pytest.raises(kind) as here:
            workshop.press.make(template, snapshot)
        with pytest.raises(kind) as there:
            workshop.make(template, snapshot)
        assert type(there.value) is type(here.value)
        assert str(there.value) == str(here.value)
        assert {name: getattr(there.value, name) for name in said} == said
    assert workshop.make("notices/good", snapshot), "an error ends nothing"


def test_a_department_without_a_seal_is_told_so(small, tmp_path, snapshot):
    seals = tmp_path / "foreign"
    demo_authority.found(seals)
    (seals / "root.key").unlink()  # somebody else's authority, which issues nothing here
    workshop = Workshop(Press(small, Seals(seals), ADDRESS))
    with pytest.raises(NoSeal, match="示例市第一演示局"):
        workshop.make("notices/good", snapshot)
    workshop.close()


def test_many_threads_each_get_their_own_paper(workshop, snapshot):
    def one(number: int) -> tuple[int, bytes]:
        return number, workshop.make(
            "notices/good", snapshot | {"number": f"示例〔2026〕{number}号"}
        )

    with ThreadPoolExecutor(8) as pool:
        made = dict(pool.map(one, range(24)))
    for number, paper in made.items():
        assert paper == workshop.press.make(
            "notices/good", snapshot | {"number": f"示例〔2026〕{number}号"}
        )


@pytest.fixture
def held(small, tmp_path):
    """A template that takes until the test lets go: it includes a pipe nobody has written to."""
    pipe = small / "notices" / "_wait.html"
    os.mkfifo(pipe)
    text = SMALL + '{% include "notices/_wait.html" %}'
    (small / "notices" / "held.html").write_text(text)
    return pipe


def test_killed_in_the_middle_it_says_so_and_makes_the_next(workshop, snapshot, held):
    workshop.make("notices/good", snapshot)
    (own,) = (each for each in children().values() if is_ours(each))
    with ThreadPoolExecutor(2) as pool:
        lost = pool.submit(workshop.make, "notices/held", snapshot)
        waiting = pool.submit(workshop.make, "notices/good", snapshot)
        end = os.open(held, os.O_WRONLY)  # returns when the process has begun to read the template
        os.kill(own.pid, signal.SIGKILL)
        with pytest.raises(PressFailed, match="意外中断"):
            lost.result(PATIENCE)
        with pytest.raises(PressFailed):
            waiting.result(PATIENCE)
    os.close(end)
    assert workshop.make("notices/good", snapshot) == workshop.press.make("notices/good", snapshot)


def is_ours(process: multiprocessing.process.BaseProcess) -> bool:
    return process.is_alive() and "Spawn" in type(process).__name__


PARENT = """
import json, multiprocessing, sys, threading
from pathlib import Path
from onevisit.documents import Press, Workshop

if __name__ == "__main__":
    workshop, snapshot = Workshop(Press(Path(sys.argv[1]))), json.load(sys.stdin)
    workshop.make("notices/good", snapshot)
    (own,) = multiprocessing.active_children()
    print(own.pid, flush=True)
    if sys.argv[2] == "busy":
        workshop.make("notices/held", snapshot)
    threading.Event().wait()
"""


@pytest.mark.parametrize("busy", [True, False], ids=["busy", "idle"])
def test_it_ends_with_a_server_that_is_killed(small, snapshot, held, tmp_path, busy):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    parent = subprocess.Popen(
        [sys.executable, str(script), str(small), "busy" if busy else "idle"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    json.dump(snapshot, parent.stdin)
    parent.stdin.close()
    child = os.pidfd_open(int(parent.stdout.readline()))
    ends = [os.open(held, os.O_WRONLY)] if busy else []  # it is in the middle of a paper
    parent.kill()
    parent.wait(PATIENCE)
    parent.stdout.close()
    assert wait([child], PATIENCE) == [child], "its process outlived the server"
    for end in [child, *ends]:
        os.close(end)


def test_closing_waits_for_the_paper_in_hand(workshop, snapshot, held):
    workshop.make("notices/good", snapshot)
    with ThreadPoolExecutor(2) as pool:
        paper = pool.submit(workshop.make, "notices/held", snapshot)
        end = os.open(held, os.O_WRONLY)
        closing = pool.submit(workshop.close)
        os.write(end, "完".encode())
        os.close(end)
        assert paper.result(PATIENCE).startswith(b"%PDF")
        closing.result(PATIENCE)


def test_changed_templates_count_at_once(workshop, snapshot, small):
    first = workshop.make("notices/good", snapshot)
    (small / "notices" / "good.html").write_text(SMALL.replace("{{ number }}", "另一句"))
    assert workshop.make("notices/good", snapshot) != first
