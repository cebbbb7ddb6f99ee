"""Sealed columns: nothing plain in the database, found by keyed hash, never by comparison."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import StatementError
from sqlmodel import col, select

from onevisit.store.kept import KeptValue, KeyedHash, keyed, sought
from onevisit.store.key_tables import KeptKey, check_keys
from onevisit.store.rotation import sealed_columns
from onevisit.store.secret import Key, Keyring, KeysFault, Ring
from onevisit.store.session import engine_for, reading, writing
from onevisit.store.tables import METADATA, Account
from onevisit.store.work_tables import Message
from only_for_tests import KEYRING

NUMBER, PHONE = "99000019900101901X", "19900000001"
GUIDE = Path(__file__).resolve().parents[3] / "docs" / "guide" / "kept.md"


def _person(username: str = "demo", **more: str | None) -> Account:
    given: dict[str, Any] = {"id_number": NUMBER, "phone": PHONE} | more
    return Account(username=username, name="演示申请人甲", password_hash="x", **given)


def test_a_person_is_found_by_the_keyed_hash_however_the_number_is_written(engine: Engine) -> None:
    with writing(engine) as session:
        session.add(_person())
        session.add(_person("other", id_number=None, phone=None))
    with reading(engine) as session:
        for typed in (NUMBER, NUMBER.lower(), f" {NUMBER[:6]} {NUMBER[6:]} "):
            same = select(Account).where(Account.id_number_hash == sought(typed))
            assert session.exec(same).one().phone == PHONE
        both = col(Account.phone_hash).in_([sought(PHONE), sought("1")])
        assert session.exec(select(Account).where(both)).one().username == "demo"
        nobody = select(Account).where(col(Account.id_number).is_(None))
        assert session.exec(nobody).one().id_number_hash is None


def test_the_hash_follows_a_change_and_is_not_hashed_again(engine: Engine) -> None:
    with writing(engine) as session:
        session.add(_person())
    with writing(engine) as session:
        person = session.exec(select(Account)).one()
        person.name = "演示申请人乙"
    with writing(engine) as session:
        person = session.exec(select(Account).where(Account.id_number_hash == sought(NUMBER))).one()
        person.phone = "19900000002"
        person.id_number = None
    with reading(engine) as session:
        same = select(Account).where(Account.phone_hash == sought("19900000002"))
        assert session.exec(same).one().id_number_hash is None


def test_nothing_plain_reaches_the_database(engine: Engine) -> None:
    with writing(engine) as session:
        session.add(_person())
    with engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM accounts")).mappings().one()
    raw = " ".join(
        bytes(v).hex() if isinstance(v, (bytes, memoryview)) else str(v) for v in row.values()
    )
    for plain in (NUMBER, PHONE, NUMBER.encode().hex(), PHONE.encode().hex()):
        assert plain not in raw


def test_a_sealed_column_cannot_be_compared() -> None:
    for wrong in (
        lambda: Account.id_number == NUMBER,
        lambda: col(Account.phone).like("199%"),
        lambda: col(Account.phone).in_([PHONE]),
        lambda: col(Account.phone).desc(),
    ):
        with pytest.raises(TypeError, match="keyed hash"):
            wrong()


def test_a_hash_is_only_compared_with_what_is_sought(engine: Engine) -> None:
    with reading(engine) as session, pytest.raises(StatementError, match="sought"):
        session.exec(select(Account).where(Account.phone_hash == PHONE)).all()


def test_a_value_cannot_be_moved_to_another_column(engine: Engine) -> None:
    with writing(engine) as session:
        session.add(_person())
    with engine.connect() as connection, connection.begin():
        connection.execute(text("UPDATE accounts SET email = phone"))
    with reading(engine) as session, pytest.raises(KeysFault, match=r"accounts\.email"):
        session.exec(select(Account)).one()


def test_without_keys_nothing_is_written_or_read(engine: Engine, database_url: str) -> None:
    keyless = engine_for(database_url)
    with pytest.raises(KeysFault, match="没有给出密钥"), writing(keyless) as session:
        session.add(_person())
    with writing(keyless) as session:
        session.add(_person(id_number=None, phone=None))
    with writing(engine) as session:
        session.add(_person("second"))
    with reading(keyless) as session, pytest.raises(KeysFault, match="没有给出密钥"):
        session.exec(select(Account).where(Account.username == "second")).one()
    keyless.dispose()


def test_no_error_and_no_row_shows_what_is_secret(engine: Engine) -> None:
    person = _person(email="someone@example.invalid")
    shown = repr(person) + str(person)
    assert "demo" in shown
    with writing(engine) as session:
        session.add(person)
    with pytest.raises(Exception) as caught, writing(engine) as session:
        session.add(_person())
    told = str(caught.value) + repr(caught.value)
    for secret in (NUMBER, PHONE, "someone@example.invalid", "password_hash='x'"):
        assert secret not in shown + told


def test_the_keyed_hash_of_a_session_is_that_of_its_engine(engine: Engine) -> None:
    with reading(engine) as session:
        assert keyed(session, f" {PHONE} ") == KEYRING.digest(PHONE)


def test_the_start_finds_a_wrong_a_missing_and_a_mixed_up_key(
    engine: Engine, database_url: str
) -> None:
    check_keys(engine, KEYRING)
    check_keys(engine, KEYRING)
    with reading(engine) as session:
        assert [row.id for row in session.exec(select(KeptKey))] == [KEYRING.ring.writing]
    ring, other = KEYRING.ring, Ring.new(datetime(2026, 11, 22, tzinfo=UTC))
    with pytest.raises(KeysFault, match=f"密钥 {ring.writing} 加密的"):
        check_keys(engine, Keyring.of(other))
    forged = Key(ring.writing, ring.writer.made, ring.writer.cipher, other.writer.secret)
    with pytest.raises(KeysFault, match="打不开"):
        check_keys(engine, Keyring.of(Ring((forged,), forged.id, ring.search)))
    with pytest.raises(KeysFault, match="检索密钥"):
        check_keys(engine, Keyring.of(Ring(ring.keys, ring.writing, other.search)))


def test_every_sealed_column_knows_its_own_place() -> None:
    places = 0
    for table in METADATA.sorted_tables:
        for column in sealed_columns(table):
            assert isinstance(column.type, KeptValue)
            assert column.type.place == f"{table.name}.{column.name}"
            places += 1
    assert places > 50


def test_every_keyed_hash_is_of_a_sealed_column_and_indexed() -> None:
    for table in METADATA.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, KeyedHash):
                assert isinstance(table.c[column.type.of].type, KeptValue)
                first = {next(iter(each.columns)).name for each in table.indexes}
                within = {c.name for each in table.indexes for c in each.columns}
                assert column.name in first | within or column.name == "holder_hash"


def _listed() -> dict[str, str]:
    """{table.column: how it is kept} of the table in the guide."""
    found = {}
    for line in GUIDE.read_text().splitlines():
        cells = [each.strip() for each in line.strip("|").split("|")]
        if len(cells) == 3 and re.fullmatch(r"`[a-z_]+\.[a-z0-9_, ]+`", cells[0]):
            table, _, names = cells[0].strip("`").partition(".")
            for name in names.split(", "):
                assert f"{table}.{name}" not in found
                found[f"{table}.{name}"] = cells[2]
    return found


def test_every_column_says_how_it_is_kept() -> None:
    """A new column has to be thought about: is it in the guide, and kept as the guide says?"""
    expected = {}
    for table in METADATA.sorted_tables:
        for column in table.columns:
            kind = column.type
            how = (
                "加密"
                if isinstance(kind, KeptValue)
                else "带密钥的散列"
                if isinstance(kind, KeyedHash)
                else None
            )
            expected[f"{table.name}.{column.name}"] = how
    listed = _listed()
    assert listed.keys() - expected.keys() == set()
    missing = {name for name in expected if name not in listed}
    assert missing == set(), "docs/guide/kept.md says nothing of these columns"
    wrong = {n: (how, listed[n]) for n, how in expected.items() if (how or "明文") != listed[n]}
    assert wrong == {}


def test_a_message_keeps_its_title_and_words(engine: Engine) -> None:
    with writing(engine) as session:
        person = _person()
        session.add(person)
        session.flush()
        session.add(
            Message(
                key="k",
                account_id=person.id,
                kind="k",
                title="取件码",
                body="123456",
                created_at=datetime(2026, 11, 22, tzinfo=UTC),
            )
        )
    with reading(engine) as session:
        row = session.exec(select(Message)).one()
        assert (row.title, row.body) == ("取件码", "123456")
