"""Through a real PgBouncer that hands each transaction whichever of two connections is free."""

import threading
from datetime import date

import pytest
from sqlalchemy import func, text
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from databases import migrate
from onevisit.store.numbers import draw
from onevisit.store.session import Limits, engine_for, reading, writing
from onevisit.store.tables import Account
from only_for_tests import KEYRING
from pooler import pooled

PEOPLE, TIMES = 6, 15


def test_many_share_two_connections(postgres_url: str) -> None:
    migrate(postgres_url)
    faults: list[BaseException] = []
    drawn: list[int] = []
    with pooled(postgres_url, 2) as through:
        engine = engine_for(through, KEYRING, Limits(PEOPLE, pooler=True))

        def work(person: int) -> None:
            try:
                for number in range(TIMES):
                    with writing(engine) as session:
                        row = Account(
                            username=f"a{person}-{number}", name="演示", password_hash="x"
                        )
                        session.add(row)
                        lock = func.pg_try_advisory_xact_lock(person)
                        assert session.connection().execute(select(lock)).scalar_one()
                        drawn.append(draw(session, f"case/990000/{date(2026, 11, 22)}"))
                    with reading(engine, one_moment=number % 2 == 0) as session:
                        assert session.get(Account, row.id) is not None
                        with pytest.raises(Exception, match="read-only"):
                            session.connection().execute(text("DELETE FROM accounts"))
            except BaseException as error:
                faults.append(error)

        threads = [threading.Thread(target=work, args=(person,)) for person in range(PEOPLE)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        with reading(engine) as session:
            locks = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
            assert session.connection().execute(locks).scalar_one() == 0
        engine.dispose()
    assert faults == []
    assert sorted(drawn) == list(range(1, PEOPLE * TIMES + 1))


def test_whoever_forgets_to_say_so_is_told_at_once(postgres_url: str) -> None:
    with pooled(postgres_url, 2) as through:
        engine = engine_for(through, KEYRING, Limits())
        with pytest.raises(OperationalError, match="options"), reading(engine) as session:
            session.connection()
        engine.dispose()
