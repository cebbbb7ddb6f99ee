"""What the sessions promise: writers take turns, readers never wait and never write."""

import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlmodel import Session, select

from onevisit.store.session import connections_in_use, engine_for, reading, writing
from onevisit.store.tables import Account, Post, WorkflowVersion
from only_for_tests import KEYRING

NOW = datetime(2026, 11, 21, 2, 0, 0, 123456, tzinfo=UTC)


def _account(name: str = "a") -> Account:
    return Account(username=name, name="演示申请人甲", password_hash="x")


def test_writing_commits_and_an_error_rolls_back(engine: Engine) -> None:
    with writing(engine) as session:
        session.add(_account("kept"))
    with pytest.raises(RuntimeError), writing(engine) as session:
        session.add(_account("lost"))
        session.flush()
        raise RuntimeError
    with reading(engine) as session:
        assert [row.username for row in session.exec(select(Account))] == ["kept"]


def test_a_reader_reads_beside_a_writer(engine: Engine) -> None:
    with writing(engine) as writer:
        writer.add(_account())
        writer.flush()
        with reading(engine) as reader:
            assert reader.exec(select(Account)).all() == []


def test_a_reader_cannot_write_and_the_next_writer_can(engine: Engine) -> None:
    with reading(engine) as session:
        session.add(_account())
        with pytest.raises(DBAPIError):
            session.flush()
    with writing(engine) as session:
        session.add(_account())


def test_who_reads_on_sqlite_has_a_connection_that_is_never_turned(sqlite_url: str) -> None:
    engine = engine_for(sqlite_url, KEYRING)
    said: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    for _ in range(2):  # also after the connections were closed
        for _ in range(2):
            with writing(engine) as session:
                assert _reads_only(session) == 0
            with reading(engine) as session:
                assert _reads_only(session) == 1
        engine.dispose()
    turned = [each for each in said if "query_only =" in each]
    assert not turned, "after which SQLite compiles every statement anew"
    assert {"BEGIN", "BEGIN IMMEDIATE"} <= set(said)


def test_connections_are_counted_whoever_holds_them(engine: Engine) -> None:
    assert connections_in_use(engine) == 0
    with writing(engine) as session, reading(engine) as other:
        session.connection()
        assert connections_in_use(engine) == 1
        other.connection()
        assert connections_in_use(engine) == 2
    assert connections_in_use(engine) == 0


def _reads_only(session: Session) -> int:
    found: int = session.connection().exec_driver_sql("PRAGMA query_only").scalar_one()
    return found


def test_sqlite_writers_take_the_lock_when_they_begin(sqlite_url: str) -> None:
    first, second = engine_for(sqlite_url, KEYRING), engine_for(sqlite_url, KEYRING)
    with first.connect() as connection, connection.begin():
        connection.execute(text("SELECT 1"))
        with second.connect() as other:
            driver = other.connection.dbapi_connection
            assert driver is not None
            driver.execute("PRAGMA busy_timeout = 50")  # type: ignore[attr-defined]
            with pytest.raises(DBAPIError, match="locked"):
                other.begin()
    first.dispose()
    second.dispose()


def test_sqlite_is_durable(sqlite_url: str) -> None:
    engine = engine_for(sqlite_url, KEYRING)
    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    engine.dispose()


def test_times_come_back_in_utc_to_the_microsecond(engine: Engine) -> None:
    beijing = NOW.astimezone(timezone(timedelta(hours=8)))
    with writing(engine) as session:
        session.add(
            WorkflowVersion(
                hash="0" * 64,
                workflow_id="w",
                version="1",
                title="t",
                content={},
                published_at=beijing,
            )
        )
    with reading(engine) as session:
        found = session.exec(select(WorkflowVersion)).one().published_at
    assert found == NOW
    assert found.utcoffset() == timedelta(0)


def test_a_time_without_zone_is_refused(engine: Engine) -> None:
    with pytest.raises(StatementError, match="naive"), writing(engine) as session:
        session.add(
            WorkflowVersion(
                hash="0" * 64,
                workflow_id="w",
                version="1",
                title="t",
                content={},
                published_at=NOW.replace(tzinfo=None),
            )
        )


def test_at_most_one_version_is_current(engine: Engine) -> None:
    def version(digit: str) -> WorkflowVersion:
        return WorkflowVersion(
            hash=digit * 64, workflow_id="w", version=digit, title="t", content={},
            published_at=NOW, current=True,
        )  # fmt: skip

    with writing(engine) as session:
        session.add(version("1"))
    with pytest.raises(IntegrityError), writing(engine) as session:
        session.add(version("2"))


def test_keys_are_honoured(engine: Engine) -> None:
    with pytest.raises(IntegrityError), writing(engine) as session:
        session.add(Post(account_id=uuid.uuid4(), role="clerk"))
    with pytest.raises(IntegrityError), writing(engine) as session:
        account = _account()
        session.add(account)
        session.flush()
        session.add(Post(account_id=account.id, role="emperor"))
