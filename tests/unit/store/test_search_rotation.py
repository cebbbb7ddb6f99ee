"""Going over to another search key: everybody is found before, meanwhile and after."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, col, select
from typer.testing import CliRunner

from databases import migrate
from onevisit.cli.main import app
from onevisit.store import search_rotation
from onevisit.store.kept import sought
from onevisit.store.key_tables import check_keys
from onevisit.store.keys_file import keyring_of, make_once
from onevisit.store.search_rotation import left, rehash
from onevisit.store.secret import Keyring, KeysFault, Ring
from onevisit.store.session import engine_for, reading, writing
from onevisit.store.tables import Account

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PEOPLE = 5
Command = Callable[..., str]


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A key file of this test's own."""
    path = tmp_path / "keys.json"
    make_once(path, NOW)
    return path


@pytest.fixture
def peopled(database_url: str, keys: Path) -> Iterator[Engine]:
    """A database with some people, one of whom has no telephone."""
    migrate(database_url)
    engine = engine_for(database_url, keyring_of(keys))
    check_keys(engine, keyring_of(keys))
    with writing(engine) as session:
        session.add_all(_person(number) for number in range(PEOPLE))
        session.add(Account(username="nobody", name="演示申请人乙", password_hash="x"))
    yield engine
    engine.dispose()


@pytest.fixture
def command(
    peopled: Engine, keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Command:
    """`onevisit keys search …` on this database; what it says, or with `fails` why it refuses."""
    monkeypatch.setenv("ONEVISIT_KEYS_FILE", str(keys))
    monkeypatch.setenv("ONEVISIT_DATA", str(tmp_path))
    url = peopled.url.render_as_string(hide_password=False)
    monkeypatch.setenv("ONEVISIT_DATABASE_URL", url)

    def run(*words: str, fails: bool = False) -> str:
        result = CliRunner().invoke(app, ["keys", "search", *words])
        assert (result.exit_code != 0) == fails, result.output
        return result.output

    return run


def _person(number: int) -> Account:
    return Account(
        username=f"p{number}", name="演示申请人甲", password_hash="x",
        id_number=f"99000019900101{number:04d}", phone=f"1990000{number:04d}",
    )  # fmt: skip


def _found(engine: Engine, people: int = PEOPLE) -> bool:
    """Whether each is found by telephone and number, one by one and together."""
    phones = [sought(f"1990000{number:04d}") for number in range(people)]
    with reading(engine) as session:
        one_by_one = [
            session.exec(select(Account).where(Account.phone_hash == phone)).one_or_none()
            for phone in phones
        ]
        number = sought("990000199001010001")
        same = session.exec(select(Account).where(Account.id_number_hash == number)).all()
        together = session.exec(select(Account).where(col(Account.phone_hash).in_(phones))).all()
    return None not in one_by_one and len(same) == 1 and len(together) == people


def _hashes(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT id_number_hash, phone_hash FROM accounts"))
        return {each for row in rows for each in row if each}


def _age(keys: Path) -> None:
    """As if the file had lain there unchanged for two hours."""
    then = keys.stat().st_mtime - timedelta(hours=2).total_seconds()
    os.utime(keys, (then, then))


def test_an_operator_goes_over_to_another_and_everybody_is_found_all_the_time(
    command: Command, peopled: Engine, keys: Path
) -> None:
    before, old = _hashes(peopled), keyring_of(keys).ring
    assert "只有一把" in command("use", fails=True)
    assert "只有一把" in command("retire", fails=True)
    command("add", "--not-yet")
    assert _found(peopled) and keyring_of(keys).ring.search == old.search
    assert "已经有两把" in command("add", fails=True)
    command("use")
    assert keyring_of(keys).ring.other == old.search
    assert _found(peopled)
    with writing(peopled) as session:
        session.add(_person(PEOPLE))
    assert _found(peopled, PEOPLE + 1), "one by the new key, the others by the former"
    assert "不到一小时" in command("retire", fails=True)
    _age(keys)
    assert f"还有 {PEOPLE} 行" in command("retire", fails=True)
    assert f"{PEOPLE} 行" in command("rotate")
    assert "0 行" in command("rotate"), "what is done is left alone"
    assert _found(peopled, PEOPLE + 1)
    assert "已移出" in command("retire")
    assert before.isdisjoint(_hashes(peopled))
    fresh = keyring_of(keys)
    assert fresh.ring.other is None and fresh.ring.search != old.search
    check_keys(peopled, fresh)
    assert _found(peopled, PEOPLE + 1)
    with pytest.raises(KeysFault, match="检索密钥"):
        check_keys(peopled, Keyring.of(old))


def test_killed_in_the_middle_it_goes_on_where_it_was(
    command: Command, peopled: Engine, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_rotation, "AT_ONCE", 2)
    command("add")
    keyring, look, write = keyring_of(keys), partial(reading, peopled), partial(writing, peopled)
    steps = rehash(look, write, keyring)
    assert next(steps).done == 2
    del steps
    assert _found(peopled) and left(look, keyring) == PEOPLE - 2
    assert sum(step.done for step in rehash(look, write, keyring)) == PEOPLE - 2
    assert _found(peopled) and left(look, keyring) == 0


def test_what_somebody_changes_meanwhile_is_not_overwritten(
    command: Command, peopled: Engine, keys: Path
) -> None:
    stale = Keyring.of(keyring_of(keys).ring)  # a node that was not given the new file yet
    elsewhere = engine_for(peopled.url.render_as_string(hide_password=False), stale)
    command("add")
    changed: list[bool] = []

    @contextmanager
    def interrupted() -> Iterator[Session]:
        if not changed:
            changed.append(True)
            with writing(elsewhere) as session:
                row = session.exec(select(Account).where(col(Account.username) == "p3")).one()
                row.phone = "19911111111"
        with writing(peopled) as session:
            yield session

    opened: Callable[[], AbstractContextManager[Session]] = interrupted
    steps = list(rehash(partial(reading, peopled), opened, keyring_of(keys)))
    assert sum(step.missed for step in steps) == 1
    with reading(peopled) as session:
        same = select(Account).where(Account.phone_hash == sought("199 1111 1111"))
        assert session.exec(same).one().username == "p3"
    assert left(partial(reading, peopled), keyring_of(keys)) == 0
    elsewhere.dispose()


def test_a_key_file_with_two_is_read_back_and_one_without_is_as_before() -> None:
    ring = Ring.new(NOW)
    assert '"format": 1' in ring.text() and "other" not in ring.text()
    both = Ring(ring.keys, ring.writing, ring.search, b"o" * 32)
    assert '"format": 2' in both.text(), "a release that would overlook it does not read it"
    assert Ring.read(both.text(), "here").other == b"o" * 32
    for spoilt in (both.text().replace('"other"', '"more"'), both.text().replace("b28", "")):
        with pytest.raises(KeysFault):
            Ring.read(spoilt, "here")


def test_whoever_is_sought_can_only_be_found() -> None:
    with pytest.raises(TypeError, match="found"):
        col(Account.phone_hash) != sought("19900000000")  # noqa: B015
