"""Whatever breaks beneath us: the state stays consistent, a page says so, and nothing is lost."""

import errno
import html
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Engine, event, text, update
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from functional.city import CHECKED, ORIGIN, PDF, City, populate, settings_in
from functional.system import APPROVALS, system
from onevisit.cases.outbox import claims
from onevisit.cases.outbox.claims import LEASE
from onevisit.jobs import Sweeper
from onevisit.store.evidence import verify_ledger
from onevisit.store.files import FileStore
from onevisit.store.session import engine_for, reading, writing
from onevisit.store.tables import Case, Document, LedgerEntry, Upload


def strict(city: City, username: str, referer: str) -> TestClient:
    """The browser of somebody who meets the page that a failing server shows."""
    cookies = city.client(username).cookies
    return TestClient(
        city.app,
        base_url=ORIGIN,
        headers={"origin": ORIGIN, "referer": f"{ORIGIN}{referer}"},
        cookies=cookies,
        raise_server_exceptions=False,
        follow_redirects=False,
    )


def form_again(page: str) -> tuple[str, dict[str, str]]:
    """The form that the page keeps: its address and its fields."""
    forms = re.findall(r'<form method="post" action="([^"]+)">(.*?)</form>', page, re.DOTALL)
    [(action, form)] = [each for each in forms if "再提交一次" in each[1]]
    fields = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', form)
    return action, {html.unescape(name): html.unescape(value) for name, value in fields}


def whole(city: City) -> None:
    """Every ledger says what the rows say, and every row's file is there."""
    with reading(city.engine) as session:
        for case_id in session.exec(select(Case.id)).all():
            assert verify_ledger(session, case_id) == []
        for upload in session.exec(select(Upload)):
            assert FileStore(city.settings.files).stored(upload.storage_key).exists()


def entries(city: City, case_id: UUID) -> int:
    with reading(city.engine) as session:
        return len(session.exec(select(LedgerEntry).where(LedgerEntry.case_id == case_id)).all())


ROOMY = """
CREATE TABLE filling (bytes BLOB);
CREATE TRIGGER roomy AFTER INSERT ON ledger_entries
BEGIN INSERT INTO filling VALUES (zeroblob(100000)); END;
"""
"""An entry takes new pages, wherever the pages of its table still have a gap."""


@contextmanager
def no_room(engine: Engine) -> Iterator[None]:
    """SQLite finds the disk full at the next page that it needs."""

    def bound(connection: object, *_: object) -> None:
        own = connection.connection.driver_connection  # type: ignore[attr-defined]  # SQLite's
        [(pages,)] = own.execute("PRAGMA page_count").fetchall()
        own.execute(f"PRAGMA max_page_count = {pages}")

    def free(connection: object, *_: object) -> None:
        connection.connection.driver_connection.execute(  # type: ignore[attr-defined]  # SQLite's
            "PRAGMA max_page_count = 1073741823"
        )

    event.listen(engine, "begin", bound)
    try:
        yield
    finally:
        event.remove(engine, "begin", bound)
        event.listen(engine, "begin", free)


def test_a_full_database_keeps_what_was_typed_and_takes_it_afterwards(city: City) -> None:
    case_id = city.filled()
    page = f"/my/{case_id}/review"
    browser = strict(city, "applicant", page)
    revision = str(city.case(case_id).revision)
    typed = {"pickup": "window", "agreed": "yes", "revision": revision}
    with closing(sqlite3.connect(str(city.engine.url.database))) as connection:
        connection.executescript(ROOMY)
    with no_room(city.app.state.site.engine):
        answer = browser.post(f"/my/{case_id}/submit", data=typed)
        assert answer.status_code == 503, answer.text
        assert "存储空间满了" in answer.text and "没有丢" in answer.text
        assert answer.headers["retry-after"]
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert browser.get(f"/my/{case_id}").status_code == 200, "reading goes on"
    assert city.case(case_id).state == "draft" and entries(city, case_id) == 0
    whole(city)
    action, kept = form_again(answer.text)
    assert kept == typed
    assert browser.post(action, data=kept).status_code == 303
    assert city.case(case_id).state == "submitted"
    whole(city)


def test_sent_again_though_it_had_counted_is_said_and_done_once(city: City) -> None:
    case_id = city.filled()
    browser = strict(city, "applicant", f"/my/{case_id}/review")
    revision = str(city.case(case_id).revision)
    typed = {"pickup": "window", "agreed": "yes", "revision": revision}

    def lose_the_answer(connection: object) -> None:
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    engine = city.app.state.site.engine
    with answer_of_commit_lost(engine, lose_the_answer):
        answer = browser.post(f"/my/{case_id}/submit", data=typed)
    assert answer.status_code == 503
    action, kept = form_again(answer.text)
    again = browser.post(action, data=kept)
    assert again.status_code == 409 and "已经提交过了" in again.text
    assert city.case(case_id).state == "submitted"
    whole(city)


@contextmanager
def answer_of_commit_lost(engine: Engine, lost: Callable[[object], None]) -> Iterator[None]:
    """The database commits, and its answer gets lost on the way, once."""
    original = engine.dialect.do_commit

    def commit(connection: object) -> None:
        engine.dialect.do_commit = original  # type: ignore[method-assign]  # only once
        original(connection)  # type: ignore[arg-type]  # its own
        try:
            lost(connection)
        except psycopg.OperationalError as error:
            raise OperationalError("COMMIT", None, error) from error

    engine.dialect.do_commit = commit  # type: ignore[assignment,method-assign]  # the fault
    try:
        yield
    finally:
        engine.dialect.do_commit = original  # type: ignore[method-assign]  # as it was


def test_a_full_disk_takes_no_half_upload_and_says_so(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = city.filled()
    before = sorted(city.settings.shelf.root.glob("*/*"))
    fsync = os.fsync

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    browser = strict(city, "applicant", f"/my/{case_id}/materials")
    monkeypatch.setattr(os, "fsync", full)
    files = {"file": ("floor_plan.pdf", PDF * 10, "application/pdf")}
    answer = browser.post(f"/my/{case_id}/materials/floor_plan", files=files)
    monkeypatch.setattr(os, "fsync", fsync)
    assert answer.status_code == 503, answer.text
    assert "存储空间满了" in answer.text and "需要重新选择" in answer.text
    assert sorted(city.settings.shelf.root.glob("*/*")) == before, "nothing half"
    answer = browser.post(f"/my/{case_id}/materials/floor_plan", files=files)
    assert answer.status_code == 303
    whole(city)


def test_a_paper_that_finds_no_room_is_made_later(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.submitted()
    sweeper = Sweeper(city.engine, FileStore(city.settings.files), city.app.state.site.printing)
    fsync = os.fsync

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    now = datetime.now(UTC)
    monkeypatch.setattr(os, "fsync", full)
    sweeper.sweep(now)
    monkeypatch.setattr(os, "fsync", fsync)
    for row in papers(city):
        assert (row.state, row.pdf_key) == ("pending", None)
        assert "No space left" in (row.error or "")
    assert list((city.settings.shelf.root / "incoming").iterdir()) == []
    sweeper.sweep(now + LEASE)
    for row in papers(city):
        assert row.state == "made" and row.pdf_key is not None
        assert FileStore(city.settings.files).stored(row.pdf_key).read().startswith(b"%PDF")


def papers(city: City) -> list[Document]:
    """What was ordered; at least one."""
    with reading(city.engine) as session:
        rows = session.exec(select(Document)).all()
    assert rows
    return list(rows)


def test_a_clock_that_was_wrong_holds_up_no_work_when_it_is_right_again(city: City) -> None:
    city.submitted()
    now = datetime.now(UTC)
    ahead = now + timedelta(days=400)
    with writing(city.engine) as session:
        claim = claims.claim_next(session, claims.DOCUMENTS, ahead, "a node in another year")
        assert claim is not None
        waiting = update(Document).where(col(Document.id) != claim.row_id).values(next_at=ahead)
        session.connection().execute(waiting)
    printing = city.app.state.site.printing
    Sweeper(city.engine, FileStore(city.settings.files), printing).sweep(now)
    assert {row.state for row in papers(city)} == {"made"}
    with writing(city.engine) as session:
        assert not claims.settle(session, claims.DOCUMENTS, claim, state="pending"), "too late"


@pytest.mark.parametrize("days", [400, -400])
def test_a_clock_that_jumps_ends_nothing_twice_and_goes_on_where_it_is(
    city: City, days: int
) -> None:
    case_id = city.accepted()
    printing = city.app.state.site.printing
    sweeper = Sweeper(city.engine, FileStore(city.settings.files), printing)
    sweeper.sweep(datetime.now(UTC))
    before = entries(city, case_id)
    for _ in range(2):
        sweeper.sweep(datetime.now(UTC) + timedelta(days=days))
        sweeper.sweep(datetime.now(UTC))
    whole(city)
    assert days > 0 or entries(city, case_id) == before, "nothing is due in the past"
    city.approve(case_id, "licence")
    whole(city)


@pytest.fixture
def on_postgres(postgres_url: str, tmp_path: Path) -> Iterator[City]:
    """A city on a PostgreSQL of its own."""
    settings = settings_in(tmp_path / "city").model_copy(update={"database_url": postgres_url})
    populate(settings)
    city = City(settings)
    yield city
    city.app.state.site.engine.dispose()
    city.engine.dispose()


@contextmanager
def database_away(city: City) -> Iterator[None]:
    """Every connection is ended and no new one let in, as while PostgreSQL is started again."""
    name = city.engine.url.database
    city.engine.dispose()
    elsewhere = city.engine.url.set(database="postgres")
    server = engine_for(elsewhere.render_as_string(hide_password=False))

    def allow(word: str) -> None:
        with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {word}'))
            ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
            connection.execute(text(ended), {"name": name})

    allow("false")
    try:
        yield
    finally:
        allow("true")
        server.dispose()


def test_a_database_that_is_started_again_loses_nobodys_form(on_postgres: City) -> None:
    city = on_postgres
    case_id = city.filled()
    browser = strict(city, "applicant", f"/my/{case_id}/review")
    typed = {"pickup": "window", "agreed": "yes", "revision": str(city.case(case_id).revision)}
    robot = system(city, "tobacco", "read")
    assert browser.get("/services").status_code == 200
    assert robot.get(APPROVALS).status_code == 200
    with database_away(city):
        told = robot.get(APPROVALS)
        assert (told.status_code, told.json()["type"]) == (503, "/api/problems/unavailable")
        assert told.headers["content-type"] == "application/problem+json"
        assert int(told.headers["retry-after"]) > 0 and "SELECT" not in told.text
        assert browser.get(f"/my/{case_id}").status_code == 503
        answer = browser.post(f"/my/{case_id}/submit", data=typed)
        assert answer.status_code == 503 and "连不上数据库" in answer.text
        assert browser.get("/healthz").status_code == 200
        assert browser.get("/readyz").status_code == 503
    action, kept = form_again(answer.text)
    assert kept == typed
    _lost_in_the_middle(city, browser, action, kept)
    assert city.case(case_id).state == "draft" and entries(city, case_id) == 0
    assert browser.post(action, data=kept).status_code == 303, "at once, on a new connection"
    assert city.case(case_id).state == "submitted"
    assert robot.get(APPROVALS).status_code == 200
    whole(city)


def _lost_in_the_middle(city: City, browser: TestClient, action: str, kept: dict[str, str]) -> None:
    """The connection is cut after everything was written and before it is committed."""

    def cut(session: Session) -> None:
        event.remove(Session, "before_commit", cut)
        session.flush()
        with city.engine.connect() as another:
            pid = session.connection().execute(text("SELECT pg_backend_pid()")).scalar_one()
            another.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})

    event.listen(Session, "before_commit", cut)
    answer = browser.post(action, data=kept)
    assert answer.status_code == 503 and form_again(answer.text) == (action, kept)


def test_clicks_and_tabs_and_replays_count_once(city: City) -> None:
    """The same form twice, an older page after a newer one, and an act before the one that it
    rests on: each counts once or not at all, and says so."""
    case_id = city.submitted()
    clerk = strict(city, "clerk", f"/desk/{case_id}")
    accept = {**CHECKED, "revision": str(city.case(case_id).revision)}
    assert clerk.post(f"/desk/{case_id}/accept", data=accept).status_code == 303
    replayed = [clerk.post(f"/desk/{case_id}/accept", data=accept) for _ in range(2)]
    assert {each.status_code for each in replayed} == {409}
    assert all("已经提交过了" in each.text for each in replayed)
    row = city.approval(case_id, "licence")
    handler = strict(city, f"{row.department}.handler", f"/office/{row.id}")
    decider = strict(city, f"{row.department}.decider", f"/office/{row.id}")
    signed = {"event": "forward", "opinion": "同意。", "revision": str(row.revision)}
    early = decider.post(f"/office/{row.id}", data={**signed, "event": "approve"})
    assert early.status_code in (403, 409), "before the one below has signed"
    assert handler.post(f"/office/{row.id}", data=signed).status_code == 303
    older = handler.post(f"/office/{row.id}", data=signed)
    assert older.status_code in (403, 409)
    assert city.approval(case_id, "licence").revision == row.revision + 1
    whole(city)
