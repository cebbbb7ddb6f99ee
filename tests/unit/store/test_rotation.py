"""Going over to another key: everything, in batches, beside people at work, and begun again."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from typer.testing import CliRunner

from databases import migrate
from onevisit.cli.main import app
from onevisit.settings import Settings
from onevisit.store import rotation
from onevisit.store.kept import sought
from onevisit.store.key_tables import KeptKey, check_keys
from onevisit.store.keys_file import keyring_of, make_once, replace_by
from onevisit.store.rotation import reseal, tally
from onevisit.store.secret import Key, Keyring, KeysFault
from onevisit.store.session import engine_for, reading, writing
from onevisit.store.tables import Account

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PEOPLE = 7


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A key file of this test's own."""
    path = tmp_path / "keys.json"
    make_once(path, NOW)
    return path


@pytest.fixture
def peopled(database_url: str, keys: Path) -> Iterator[Engine]:
    """A database with some people under the first key."""
    keyring = keyring_of(keys)
    migrate(database_url)
    engine = engine_for(database_url, keyring)
    with writing(engine) as session:
        for number in range(PEOPLE):
            session.add(_person(number))
    yield engine
    engine.dispose()


def _person(number: int) -> Account:
    return Account(
        username=f"p{number}", name="演示申请人甲", password_hash="x",
        id_number=f"99000019900101{number:04d}", phone=f"1990000{number:04d}",
    )  # fmt: skip


def _add_key(keys: Path, cipher: str = "aes-256-gcm") -> Key:
    key = Key.new(NOW, cipher)
    replace_by(keys, keyring_of(keys).ring.with_key(key))
    return key


def _assert_all_found(engine: Engine) -> None:
    with reading(engine) as session:
        for number in range(PEOPLE):
            same = select(Account).where(Account.phone_hash == sought(f"1990000{number:04d}"))
            assert session.exec(same).one().id_number == f"99000019900101{number:04d}"


@pytest.mark.parametrize("cipher", ["aes-256-gcm", "sm4-gcm"])
def test_everything_goes_over_and_people_are_found_before_and_after(
    peopled: Engine, keys: Path, cipher: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "AT_ONCE", 3)
    old, new = keyring_of(keys).ring.writing, _add_key(keys, cipher).id
    _assert_all_found(peopled)
    steps = reseal(partial(reading, peopled), partial(writing, peopled), keyring_of(keys))
    for step in steps:
        assert step.missed == 0
        _assert_all_found(peopled)
    with reading(peopled) as session:
        assert tally(session) == {new: PEOPLE * 2}
        assert old != new


def test_what_was_begun_is_gone_on_with(
    peopled: Engine, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "AT_ONCE", 2)
    old, new = keyring_of(keys).ring.writing, _add_key(keys).id
    steps = reseal(partial(reading, peopled), partial(writing, peopled), keyring_of(keys))
    assert next(steps).done == 4
    del steps  # as when somebody presses Ctrl-C
    with reading(peopled) as session:
        assert tally(session) == {new: 4, old: PEOPLE * 2 - 4}
    again = reseal(partial(reading, peopled), partial(writing, peopled), keyring_of(keys))
    assert sum(step.done for step in again) == PEOPLE * 2 - 4
    _assert_all_found(peopled)


def test_what_somebody_changes_meanwhile_is_not_overwritten(peopled: Engine, keys: Path) -> None:
    """A person's telephone changes between reading and writing: the change stays, and the next
    pass takes what the change left under the old key."""
    stale = Keyring.of(keyring_of(keys).ring)  # a process that has not looked at the file since
    elsewhere = engine_for(peopled.url.render_as_string(hide_password=False), stale)
    _add_key(keys)
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
    steps = list(reseal(partial(reading, peopled), opened, keyring_of(keys)))
    assert sum(step.missed for step in steps) == 1
    with reading(peopled) as session:
        row = session.exec(select(Account).where(col(Account.username) == "p3")).one()
        assert row.phone == "19911111111"
        assert set(tally(session)) == {keyring_of(keys).ring.writing}
    elsewhere.dispose()


@pytest.fixture
def command(
    peopled: Engine, keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    """`onevisit keys …` on this database; what it says, or with `fails` why it refuses."""
    monkeypatch.setenv("ONEVISIT_KEYS_FILE", str(keys))
    monkeypatch.setenv("ONEVISIT_DATA", str(tmp_path))
    url = peopled.url.render_as_string(hide_password=False)
    monkeypatch.setenv("ONEVISIT_DATABASE_URL", url)
    check_keys(peopled, keyring_of(keys))

    def run(*words: str, fails: bool = False) -> str:
        result = CliRunner().invoke(app, ["keys", *words])
        assert (result.exit_code != 0) == fails, result.output
        return result.output

    return run


def test_an_operator_lists_adds_rotates_and_retires(
    command: Callable[..., str], peopled: Engine, keys: Path
) -> None:
    old = keyring_of(keys).ring.writing
    assert f"{old}  加密中  aes-256-gcm" in command("list")
    assert f"{PEOPLE * 2} 个值" in command("list")
    assert "正在使用" in command("retire", old, fails=True)
    assert "已启用" not in command("add", "--cipher", "sm4-gcm", "--not-yet")
    waiting = keyring_of(keys).ring.keys[-1].id
    assert keyring_of(keys).ring.writing == old
    command("use", waiting)
    assert keyring_of(keys).ring.writing == waiting
    assert "不到一小时" in command("retire", old, fails=True)
    _age(keys)
    assert f"还有 {PEOPLE * 2} 个值" in command("retire", old, fails=True)
    assert f"{PEOPLE * 2} 个值" in command("rotate")
    assert "移出" in command("retire", old)
    assert old not in command("list")
    with reading(peopled) as session:
        assert [row.id for row in session.exec(select(KeptKey))] == [waiting]
    fresh = keyring_of(keys)
    check_keys(peopled, fresh)
    engine = engine_for(peopled.url.render_as_string(hide_password=False), fresh)
    _assert_all_found(engine)
    engine.dispose()


def _age(keys: Path) -> None:
    """As if the file had lain there unchanged for two hours."""
    then = keys.stat().st_mtime - timedelta(hours=2).total_seconds()
    os.utime(keys, (then, then))


def test_what_cannot_be_is_refused(
    command: Callable[..., str], keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = keys.read_text()
    assert "没有“rot13”" in command("add", "--cipher", "rot13", fails=True)
    assert "没有 ffffffff" in command("use", "ffffffff", fails=True)
    assert "没有 ffffffff" in command("retire", "ffffffff", fails=True)
    assert "已经有了" in command("create", fails=True)
    assert keys.read_text() == before
    monkeypatch.setenv("ONEVISIT_KEYS", before)
    assert "ONEVISIT_KEYS_FILE" in command("add", fails=True)


def test_a_key_file_is_made_where_it_is_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONEVISIT_KEYS_FILE", str(tmp_path / "safe" / "keys.json"))
    assert CliRunner().invoke(app, ["keys", "create"]).exit_code == 0
    assert Settings(data=tmp_path).keyring.ring.keys


def test_the_wrong_key_file_stops_the_command(
    command: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_once(tmp_path / "other.json", NOW)
    monkeypatch.setenv("ONEVISIT_KEYS_FILE", str(tmp_path / "other.json"))
    result = CliRunner().invoke(app, ["keys", "list"])
    assert isinstance(result.exception, KeysFault)
    assert "请把原来的密钥文件放回原处" in str(result.exception)
