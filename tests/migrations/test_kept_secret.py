"""A database with people in it, as it was before anything was kept secret: sealed and back."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, MetaData, insert, select
from sqlmodel import Session, col
from sqlmodel import select as find

from onevisit.store.citizen_tables import Authorisation, SharedFact, SharedRecord
from onevisit.store.evidence import of_form
from onevisit.store.kept import sought
from onevisit.store.migrate import _config, is_current, upgrade
from onevisit.store.secret import KeysFault
from onevisit.store.session import engine_for, reading
from onevisit.store.tables import Account, Case, LedgerEntry
from onevisit.store.turn_tables import Certificate
from only_for_tests import KEYRING

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
NUMBER, PHONE, CARD = "990000199001019011", "19900000001", "6222990000000000001"
BEFORE = "0014"
ACCOUNT, OTHER, CASE, PAPER = (uuid.UUID(int=each) for each in (10, 11, 12, 13))
FORM = {"representative_id": NUMBER, "bank_card": CARD, "名": "演示申请人甲"}
Rows = list[tuple[str, dict[str, Any]]]
PLAIN: Rows = [
    ("accounts", {"id": ACCOUNT, "username": "demo", "name": "演示申请人甲", "id_number": NUMBER,
                  "phone": PHONE, "password_hash": "x", "disabled": False}),
    ("accounts", {"id": OTHER, "username": "counter-0011", "name": "演示申请人乙",
                  "id_number": NUMBER, "password_hash": "x", "disabled": False}),
    ("workflow_versions", {"hash": "f" * 64, "workflow_id": "d", "version": "1", "title": "演示",
                           "content": {}, "published_at": NOW, "current": True}),
    ("cases", {"id": CASE, "workflow_id": "d", "version_hash": "f" * 64, "state": "draft",
               "applicant_id": ACCOUNT, "channel": "online", "answers": {"面积": 120},
               "form": FORM, "created_at": NOW, "revision": 1, "ledger_seq": 0,
               "ledger_hash": "0" * 64, "recipient": {"phone": PHONE}, "pickup_code": "123456"}),
    ("documents", {"id": PAPER, "case_id": CASE, "kind": "certificate", "title": "证",
                   "number": "1", "template": "t", "snapshot": {"holder": NUMBER},
                   "created_at": NOW, "state": "made", "attempts": 0}),
    ("certificates", {"id": uuid.UUID(int=14), "case_id": CASE, "document_id": PAPER, "region": "r",
                      "item_id": "i", "department": "d", "holder_id": ACCOUNT, "number": "1",
                      "title": "证", "state": "valid", "valid_from": NOW.date(), "revision": 1,
                      "detail": {"request": {"kind": "reissue", "text": PHONE}},
                      "ledger_seq": 0, "ledger_hash": "0" * 64}),
    ("ledger_entries", {"id": uuid.UUID(int=15), "case_id": CASE, "region": "case", "seq": 1,
                        "at": NOW, "actor_role": "clerk", "act": "accept", "detail": {"t": PHONE},
                        "version_hash": "f" * 64, "prev_hash": "0" * 64, "hash": "1" * 64}),
    ("authorisations", {"id": uuid.UUID(int=16), "principal_id": ACCOUNT, "named": NUMBER,
                        "agent_name": "演示代办人", "services": [], "until": NOW.date(),
                        "state": "offered", "code": "12345678", "tries": 0, "created_at": NOW}),
    *[
        ("shared_records", {"id": uuid.UUID(int=20 + each), "source": "s", "person": NUMBER,
                            "holder": f"{NUMBER[:-1]}{each}", "data": {"name": PHONE},
                            "as_of": NOW.date(), "imported_at": NOW})
        for each in range(3)
    ],
    ("shared_facts", {"id": uuid.UUID(int=30), "case_id": CASE, "origin": "s.f", "kind": "field",
                      "name": "f", "value": PHONE, "as_of": NOW.date(), "state": "disputed",
                      "said": None, "why": f"我的号码是 {PHONE}"}),
]  # fmt: skip


@pytest.fixture
def before(database_url: str) -> Iterator[Engine]:
    """A database with people in it, made by the migrations up to the one before."""
    upgrade(database_url, revision=BEFORE)
    engine = engine_for(database_url, KEYRING)
    known = MetaData()
    known.reflect(engine)
    with engine.connect() as connection, connection.begin():
        for name, row in PLAIN:
            connection.execute(insert(known.tables[name]).values(_stored(engine, row)))
    yield engine
    engine.dispose()


def _stored(engine: Engine, row: dict[str, Any]) -> dict[str, Any]:
    """Reflection does not know what SQLite's columns mean to us."""
    if engine.dialect.name != "sqlite":
        return row
    plain = {name: v.hex if isinstance(v, uuid.UUID) else v for name, v in row.items()}
    return {n: v.replace(tzinfo=None) if isinstance(v, datetime) else v for n, v in plain.items()}


def _all(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    known = MetaData()
    known.reflect(engine)
    with engine.connect() as connection:
        return {
            table.name: [
                dict(row)
                for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()
            ]
            for table in known.sorted_tables
            if table.name != "alembic_version"
        }


def test_what_is_there_is_sealed_and_found(before: Engine, database_url: str) -> None:
    upgrade(database_url, KEYRING)
    assert is_current(before)
    with reading(before) as session:
        _assert_found(session)
        case = session.get_one(Case, CASE)
        assert (case.form, case.recipient, case.answers) == (FORM, {"phone": PHONE}, {"面积": 120})
        assert of_form(case) == of_form(_plain_case())
        assert session.exec(find(LedgerEntry)).one().detail == {"t": PHONE}
        assert session.exec(find(Certificate)).one().asked == "reissue"
        fact = session.exec(find(SharedFact)).one()
        assert (fact.value, fact.said, fact.why) == (PHONE, None, f"我的号码是 {PHONE}")
    told = json.dumps(
        _all(before),
        default=lambda each: (
            bytes(each).hex() if isinstance(each, (bytes, memoryview)) else str(each)
        ),
    )
    for plain in (NUMBER, PHONE, CARD, NUMBER.encode().hex(), PHONE.encode().hex(), "12345678"):
        assert plain not in told


def _assert_found(session: Session) -> None:
    same = Account.id_number_hash == sought(NUMBER)
    first, second = session.exec(find(Account).where(same).order_by(col(Account.id))).all()
    assert (first.id_number, first.phone, second.phone) == (NUMBER, PHONE, None)
    assert second.username == f"counter-{KEYRING.digest(NUMBER)[:32]}"
    offered = find(Authorisation).where(Authorisation.named_hash == sought(NUMBER))
    assert session.exec(offered).one().code == "12345678"
    held = find(SharedRecord).where(SharedRecord.holder_hash == sought(f"{NUMBER[:-1]}1"))
    assert session.exec(held).one().data == {"name": PHONE}


def _plain_case() -> Case:
    row = next(row for name, row in PLAIN if name == "cases")
    return Case(**row)


def test_the_file_has_no_trace_of_what_was_plain(sqlite_url: str) -> None:
    upgrade(sqlite_url, revision=BEFORE)
    engine = engine_for(sqlite_url)
    known = MetaData()
    known.reflect(engine)
    with engine.connect() as connection, connection.begin():
        for name, row in PLAIN:
            connection.execute(insert(known.tables[name]).values(_stored(engine, row)))
    upgrade(sqlite_url, KEYRING)
    database = engine.url.database
    assert database is not None
    for name in (database, f"{database}-wal"):
        raw = Path(name).read_bytes()
        for plain in (NUMBER, PHONE, CARD):
            assert plain.encode() not in raw
    engine.dispose()


def test_taken_back_everything_is_as_it_was(before: Engine, database_url: str) -> None:
    was = _all(before)
    upgrade(database_url, KEYRING)
    assert _all(before) != was
    with before.connect() as connection, connection.begin():
        command.downgrade(_config(connection), BEFORE)
    now = _all(before)
    renamed = now["accounts"][1].pop("username")
    assert was["accounts"][1].pop("username") == "counter-0011"
    assert renamed.startswith("counter-")
    assert now == was


def test_without_keys_nothing_is_changed(before: Engine, database_url: str) -> None:
    was = _all(before)
    with pytest.raises(KeysFault, match="没有给出密钥"):
        upgrade(database_url)
    assert _all(before) == was
