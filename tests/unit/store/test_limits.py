"""How a serving process uses a PostgreSQL that many share: bounded, and through a pooler too."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session, select

from databases import migrate
from onevisit.store.session import Limits, engine_for, is_away, reading, writing
from onevisit.store.tables import Account
from only_for_tests import KEYRING


@pytest.fixture(params=[False, True], ids=["straight", "pooler"])
def limited(request: pytest.FixtureRequest, postgres_url: str) -> Iterator[Engine]:
    """An engine whose waits are short, as straight to the server as through a pooler."""
    migrate(postgres_url)
    limits = Limits(2, wait=0.05, statement=1, lock=1, idle=1, pooler=request.param)
    engine = engine_for(postgres_url, KEYRING, limits)
    yield engine
    engine.dispose()


def said(session: Session, name: str) -> str:
    found: str = session.connection().execute(text(f"SHOW {name}")).scalar_one()
    return found


def test_every_transaction_has_its_ends(limited: Engine) -> None:
    for kind in (writing, reading):
        with kind(limited) as session:
            assert said(session, "statement_timeout") == "1s"
            assert said(session, "lock_timeout") == "1s"
            assert said(session, "idle_in_transaction_session_timeout") == "1s"
            assert said(session, "transaction_read_only") == ("on" if kind is reading else "off")
    with reading(limited, one_moment=True) as session:
        assert said(session, "transaction_isolation") == "repeatable read"


def test_what_takes_too_long_ends_and_the_next_one_works(limited: Engine) -> None:
    with (
        pytest.raises(OperationalError, match="statement timeout") as ended,
        writing(limited) as at,
    ):
        at.connection().execute(text("SELECT pg_sleep(30)"))
    assert not is_away(ended.value)
    with writing(limited) as first:
        first.connection().execute(text("LOCK TABLE accounts"))
        with pytest.raises(OperationalError), reading(limited) as second:
            second.connection().execute(text("SET LOCAL lock_timeout = 50"))
            second.exec(select(Account)).all()
    with reading(limited) as session:
        assert session.exec(select(Account)).all() == []


def test_who_finds_no_connection_free_is_told_so(limited: Engine) -> None:
    with (
        reading(limited) as first, reading(limited) as second,
        pytest.raises(PoolTimeout), reading(limited) as third,
    ):  # fmt: skip
        for session in (first, second, third):
            session.connection()


def test_through_a_pooler_nothing_is_prepared_and_nothing_outlasts_a_transaction(
    postgres_url: str,
) -> None:
    engine = engine_for(postgres_url, KEYRING, Limits(2, pooler=True))
    for _ in range(8):  # psycopg prepares what comes for the sixth time
        with reading(engine) as session:
            session.connection().execute(text("SELECT 1"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        prepared = connection.execute(text("SELECT count(*) FROM pg_prepared_statements"))
        assert prepared.scalar_one() == 0
        driver = connection.connection.driver_connection
        assert driver is not None
        assert driver.execute("SHOW statement_timeout").fetchone() == ("0",)
    engine.dispose()


def test_a_command_takes_the_time_that_it_needs(postgres_url: str) -> None:
    engine = engine_for(postgres_url, KEYRING)
    with writing(engine) as session:
        assert said(session, "statement_timeout") == "0"
    engine.dispose()


def test_options_of_the_address_stand(postgres_url: str) -> None:
    url = f"{postgres_url}&options=-c%20statement_timeout%3D7s&connect_timeout=9"
    engine = engine_for(url, KEYRING, Limits())
    with writing(engine) as session:
        assert said(session, "statement_timeout") == "7s" and said(session, "lock_timeout") == "15s"
    engine.dispose()


def test_left_alone_in_the_midst_of_a_transaction(postgres_url: str) -> None:
    engine = engine_for(postgres_url, KEYRING, Limits(2, idle=1))
    with pytest.raises(InternalError, match="idle-in-transaction"), writing(engine) as session:
        pid = session.connection().execute(text("SELECT pg_backend_pid()")).scalar_one()
        _until_gone(engine, pid)
        session.connection().execute(text("SELECT 1"))
    with writing(engine) as session:
        session.connection().execute(text("SELECT 1"))
    engine.dispose()


def _until_gone(engine: Engine, pid: int) -> None:
    tick = threading.Event()
    alive = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid")
    for _ in range(600):
        with reading(engine) as session:
            if not session.connection().execute(alive, {"pid": pid}).scalar_one():
                return
        tick.wait(0.05)
    raise AssertionError("nobody ended it")
