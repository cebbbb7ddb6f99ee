"""Rows asked for and written past the object layer are the same rows, in the same transaction."""

import uuid
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, bindparam, select
from sqlmodel import Session

from onevisit.store.plain import ask, columns, write_new
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account
from onevisit.store.work_tables import Message

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
MESSAGES = columns(Message)
BODIES = select(MESSAGES.id, MESSAGES.body).where(MESSAGES.account_id == bindparam("account"))


def _account(session: Session) -> uuid.UUID:
    account = Account(username="demo", name="演示申请人甲", password_hash="x")
    session.add(account)
    session.flush()
    return account.id


def _message(account_id: uuid.UUID, body: str) -> Message:
    return Message(
        key=body, account_id=account_id, kind="notice", title="演示", body=body, created_at=NOW
    )


def test_what_waits_in_the_session_is_there_when_it_is_asked_for(engine: Engine) -> None:
    with writing(engine) as session:
        account_id = _account(session)
        session.add(_message(account_id, "一"))
        assert [row.body for row in ask(session, BODIES, account=account_id)] == ["一"]


def test_new_rows_are_sealed_and_belong_to_the_session(engine: Engine) -> None:
    with writing(engine) as session:
        account_id = _account(session)
        rows = [_message(account_id, "一"), _message(account_id, "二")]
        write_new(session, rows)
        assert session.get(Message, rows[0].id) is rows[0], "as if it had been read"
        rows[1].body = "三"  # what is changed afterwards is written with the rest
    with reading(engine) as session:
        told = sorted(row.body for row in ask(session, BODIES, account=account_id))
        assert told == ["一", "三"]
        raw = session.connection().exec_driver_sql("SELECT body FROM messages").scalars()
        assert not any("一".encode() in bytes(body) for body in raw)


def test_a_table_with_a_keyed_hash_is_refused(engine: Engine) -> None:
    account = Account(username="demo", name="演示申请人甲", password_hash="x", phone="19900000001")
    with writing(engine) as session, pytest.raises(TypeError, match="keyed hash"):
        write_new(session, [account])
