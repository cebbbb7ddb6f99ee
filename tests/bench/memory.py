"""How much memory a node holds: when it is idle, after a thousand requests, after five hundred
papers; the server and the process in which it makes papers."""

import subprocess
import tempfile
import time
from contextlib import redirect_stdout, suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
import sqlalchemy as sa
from sqlmodel import col

from bench import crowded, serving, web
from bench.fresh import Figures
from browser import tour
from browser.town import Town
from onevisit.store.session import reading, writing
from onevisit.store.tables import Document

REQUESTS, PAPERS, PATIENCE = 1000, 500, 3600
PAGES = (("clerk", "/desk"), ("clerk", "/desk/{accepted}"), ("supervisor", "/watch"),
         ("market_regulation.handler", "/office"), ("applicant", "/my"), ("-", "/"))  # fmt: skip


def measure() -> Figures:
    """The figures of this part; some minutes."""
    with tempfile.TemporaryDirectory(prefix="onevisit-bench-") as folder:
        with Path("/dev/null").open("w") as nowhere, redirect_stdout(nowhere):
            town = tour.town_in(Path(folder))
        process = serving.started(serving.environment(town.settings))
        try:
            origin = serving.ready(process)
            found = {"idle": _held(process)}
            _ask(origin, town)
            found[f"after {REQUESTS} requests"] = _held(process)
            most = _make_papers(town, process.pid)
            found[f"after {PAPERS} papers"] = _held(process) | {"papers_most_mb": round(most)}
        finally:
            process.terminate()
            process.wait()
            town.engine.dispose()
    return found


def lines(found: Figures) -> list[str]:
    """The figures, for people."""
    return [
        f"  {name:22} server {each['server_mb']:4.0f} MB, most {each['most_mb']:4.0f} MB;"
        f" below it, making papers, {each['papers_mb']:4.0f} MB" + _at_most(each)
        for name, each in found.items()
    ]


def _at_most(found: Figures) -> str:
    most = found.get("papers_most_mb")
    return f", most {most:4.0f} MB" if most else ""


def _ask(origin: str, town: Town) -> None:
    known = {name: value for (kind, name), value in town.named.items() if kind == "case_id"}
    browsers = {who: web.signed_in(origin, who) for who, _ in PAGES}
    for count in range(REQUESTS):
        who, page = PAGES[count % len(PAGES)]
        answer = browsers[who].get(page.format_map(known))
        assert answer.status_code == httpx.codes.OK, f"{page}: {answer.status_code}"


def _make_papers(town: Town, server: int) -> float:
    """The running server's own sweep makes them all, each of another case. The most megabytes that
    a process below it held meanwhile: after 500 papers it makes room for a fresh one."""
    case_id = UUID(town.named["case_id", "accepted"])
    crowded.fill(town.engine, {case_id: PAPERS})
    kind = col(Document.kind) == "acceptance"
    with writing(town.engine) as session:
        values = {"state": "pending", "pdf_key": None, "next_at": datetime.now(UTC)}
        session.connection().execute(sa.update(Document).where(kind).values(**values))
    waiting = sa.select(sa.func.count()).where(kind, col(Document.state) == "pending")
    give_up, most = time.monotonic() + PATIENCE, 0.0
    while _number(town, waiting):
        assert time.monotonic() < give_up, "the papers do not get made"
        most = max([most, *(_most(each) for each in _below(server))])
        time.sleep(1)
    assert most, "no process of its own made them"
    return most


def _number(town: Town, statement: sa.Select[int]) -> int:
    with reading(town.engine) as session:
        return int(session.connection().execute(statement).scalar_one())


def _held(process: subprocess.Popen[str]) -> Figures:
    """Megabytes of the server now and at its most, and of the processes below it."""
    return {
        "server_mb": round(_resident(process.pid)),
        "most_mb": round(_most(process.pid)),
        "papers_mb": round(sum(_resident(each) for each in _below(process.pid))),
    }


def _resident(pid: int) -> float:
    return _of(pid, "VmRSS")


def _most(pid: int) -> float:
    return _of(pid, "VmHWM")


def _of(pid: int, name: str) -> float:
    """Megabytes; 0 for a process that has just ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return next((int(each.split()[1]) / 1024 for each in lines if each.startswith(name)), 0.0)


def _below(pid: int) -> list[int]:
    """The processes that any thread of a process has begun, and those below them; Linux lists them
    by thread, and it is not the main one that makes papers."""
    found = []
    for each in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):
            found += [int(child) for child in each.read_text().split()]
    return [*found, *(below for each in found for below in _below(each))]
