"""A server killed again and again while a city works on it: whatever was answered stays done,
whatever was not is done once more or not at all, and every paper gets made in the end."""

import hashlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from functional.city import City
from functional.crowd import Act, Work, check_rows
from functional.node import Node
from onevisit.cases.outbox.claims import LEASE
from onevisit.jobs import Sweeper
from onevisit.store.files import FileStore
from onevisit.store.session import reading
from onevisit.store.tables import Approval, Document, LedgerEntry, Upload

CASES, WORKERS, CUTS = 3, 4, 5


def entries(session: Session, act: Act) -> list[LedgerEntry]:
    """What the ledger has of one act."""
    statement = select(LedgerEntry).where(
        LedgerEntry.case_id == act.case_id,
        LedgerEntry.region == act.region,
        LedgerEntry.act == act.event,
        LedgerEntry.from_state == act.source,
    )
    return list(session.exec(statement).all())


@pytest.fixture
def tmp_path(on_disk: Path) -> Path:
    """Where the power fails is a disk."""
    return on_disk


@pytest.fixture
def work(city: City) -> Iterator[Work]:
    """Complete drafts, a running server, and everybody signed in."""
    cases = [city.filled() for _ in range(CASES)]
    work = Work(city, Node(city.settings), cases)
    work.sign_in()
    work.node.start()
    yield work
    work.node.kill()


def test_nothing_is_lost_or_done_twice_however_often_the_power_fails(work: Work) -> None:
    city = work.city
    threads = [threading.Thread(target=work.work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for _ in range(CUTS):
        work.cut()
        check_rows(city)
    for thread in threads:
        thread.join()
    assert work.faults == []
    assert work.finished()
    check_rows(city)
    with reading(city.engine) as session:
        for act in work.done:
            assert len(entries(session, act)) == 1, f"{act} was answered as done"
        decided = session.exec(select(Approval)).all()
        assert {row.state for row in decided} == {"approved"}
    check_papers(work)


def check_papers(work: Work) -> None:
    """Every document that was ordered gets made, whole; no half file stays."""
    city = work.city
    work.node.kill()
    files = FileStore(city.settings.files)
    sweeper = Sweeper(city.engine, files, city.settings.press.make, abandoned=timedelta())
    while sweeper.sweep(datetime.now(UTC) + LEASE):
        pass
    with reading(city.engine) as session:
        rows = session.exec(select(Document).order_by(col(Document.case_id))).all()
        uploads = session.exec(select(Upload)).all()
    each = {case_id: [row.kind for row in rows if row.case_id == case_id] for case_id in work.cases}
    assert len({tuple(sorted(kinds)) for kinds in each.values()}) == 1, (
        "all cases went the same way"
    )
    for row in rows:
        assert row.state == "made" and row.pdf_key is not None, row.error
        content = files.stored(row.pdf_key).read()
        assert hashlib.sha256(content).hexdigest() == row.sha256
    for upload in uploads:
        content = files.stored(upload.storage_key).read()
        assert hashlib.sha256(content).hexdigest() == upload.sha256
    assert list((files.shelf.root / "incoming").iterdir()) == []
