"""What is read of one moment does not change while somebody else writes."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, func, select

from databases import migrate
from onevisit.store.session import engine_for, reading, writing
from onevisit.store.tables import Account
from only_for_tests import KEYRING


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    migrate(database_url)
    made = engine_for(database_url, KEYRING)
    yield made
    made.dispose()


def count(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Account)).one()


def account(name: str) -> Account:
    return Account(username=name, name="演示申请人甲", password_hash="-")


def test_others_go_on_writing_and_are_not_seen(engine: Engine) -> None:
    with reading(engine, one_moment=True) as session:
        before = count(session)
        with writing(engine) as other:
            other.add(account("later"))
        assert count(session) == before
    with reading(engine, one_moment=True) as session:
        assert count(session) == before + 1


def test_nothing_can_be_written_in_it(engine: Engine) -> None:
    with reading(engine, one_moment=True) as session, pytest.raises(DBAPIError):
        session.add(account("never"))
        session.flush()


def test_the_next_session_is_an_ordinary_one(engine: Engine) -> None:
    with reading(engine, one_moment=True) as session:
        count(session)
    with writing(engine) as session:
        session.add(account("after"))
    with reading(engine) as session:
        assert count(session) == 1
