"""What sealing promises: only the right key, at the right place, of the right bytes, opens it."""

import json
import os
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from onevisit.settings import Settings
from onevisit.store.keys_file import keyring_in, keyring_of, make_once, replace_by
from onevisit.store.secret import CIPHERS, Key, Keyring, KeysFault, Ring

NOW = datetime(2026, 11, 22, tzinfo=UTC)
NUMBER = "990000199001019011"


@pytest.fixture(params=sorted(CIPHERS))
def keyring(request: pytest.FixtureRequest) -> Keyring:
    return Keyring.of(Ring.new(NOW, request.param))


def test_what_is_sealed_opens_and_is_different_every_time(keyring: Keyring) -> None:
    first, second = (keyring.seal(NUMBER.encode(), "accounts.id_number") for _ in range(2))
    assert first != second
    assert NUMBER.encode() not in first
    assert keyring.open(first, "accounts.id_number").decode() == NUMBER


def test_it_opens_nowhere_else(keyring: Keyring) -> None:
    kept = keyring.seal(NUMBER.encode(), "accounts.id_number")
    with pytest.raises(KeysFault, match=r"accounts\.phone .*打不开"):
        keyring.open(kept, "accounts.phone")


@pytest.mark.parametrize("place", [0, 1, 6, 20, -1])
def test_no_byte_of_it_can_be_changed(keyring: Keyring, place: int) -> None:
    kept = bytearray(keyring.seal(NUMBER.encode(), "a.b"))
    kept[place] ^= 1
    with pytest.raises(KeysFault) as caught:
        keyring.open(bytes(kept), "a.b")
    assert NUMBER not in str(caught.value)


@pytest.mark.parametrize("length", [0, 4, 5, 17, 32])
def test_nothing_that_is_too_short_opens(keyring: Keyring, length: int) -> None:
    with pytest.raises(KeysFault):
        keyring.open(keyring.seal(b"", "a.b")[:length], "a.b")


def test_another_key_of_the_same_name_opens_nothing(keyring: Keyring) -> None:
    key = keyring.ring.writer
    other = Keyring.of(
        replace(keyring.ring, keys=(replace(key, secret=os.urandom(len(key.secret))),))
    )
    with pytest.raises(KeysFault, match="不是当时的那一把"):
        other.open(keyring.seal(b"x", "a.b"), "a.b")


def test_the_hash_is_that_of_the_ring_and_stays_when_keys_change() -> None:
    ring = Ring.new(NOW)
    more = ring.with_key(Key.new(NOW))
    assert Keyring.of(ring).digest(NUMBER) == Keyring.of(more).digest(NUMBER)
    assert Keyring.of(ring).digest(NUMBER) != Keyring.of(Ring.new(NOW)).digest(NUMBER)


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    ring = Ring.new(NOW)
    more = ring.with_key(Key.new(NOW, "sm4-gcm"))
    old = Keyring.of(ring).seal(b"x", "a.b")
    assert Keyring.of(more).open(old, "a.b") == b"x"
    new = Keyring.of(more).seal(b"x", "a.b")
    assert new[:5] == more.keys[1].head
    with pytest.raises(KeysFault, match=f"密钥 {more.writing} 加密"):
        Keyring.of(ring).open(new, "a.b")
    assert Keyring.of(ring.with_key(Key.new(NOW), writing=False)).ring.writing == ring.writing


def test_the_text_of_a_ring_reads_back(tmp_path: Path) -> None:
    ring = Ring.new(NOW).with_key(Key.new(NOW, "sm4-gcm"))
    path = tmp_path / "keys.json"
    replace_by(path, ring)
    assert keyring_of(path).ring == ring
    assert keyring_in(ring.text(), "ONEVISIT_KEYS").ring == ring
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_file_is_made_once_and_only_for_us(tmp_path: Path) -> None:
    path = tmp_path / "below" / "keys.json"
    make_once(path, NOW)
    first = path.read_text()
    make_once(path, NOW)
    assert path.read_text() == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["keys.json"]


def test_a_running_keyring_follows_its_file_and_outlives_it(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    make_once(path, NOW)
    running = keyring_of(path)
    more = running.ring.with_key(Key.new(NOW))
    sealed_elsewhere = Keyring.of(more).seal(b"x", "a.b")
    replace_by(path, more)
    assert running.open(sealed_elsewhere, "a.b") == b"x"
    assert running.seal(b"x", "a.b")[:5] == more.keys[1].head
    path.write_text("{}")
    assert running.seal(b"x", "a.b")[:5] == more.keys[1].head
    path.unlink()
    assert running.seal(b"x", "a.b")[:5] == more.keys[1].head


SPOILED = {
    "no JSON": lambda said: "{",
    "nothing in it": lambda said: "{}",
    "another format": lambda said: json.dumps(said | {"format": 2}),
    "no such writing key": lambda said: json.dumps(said | {"writing": "ffffffff"}),
    "a short search key": lambda said: json.dumps(said | {"search": "AAAA"}),
    "a short key": lambda said: json.dumps(said | {"keys": [said["keys"][0] | {"secret": "AAAA"}]}),
    "a long name": lambda said: json.dumps(said | {"keys": [said["keys"][0] | {"id": "00" * 5}]}),
    "an unknown cipher": lambda said: json.dumps(
        said | {"keys": [said["keys"][0] | {"cipher": "rot13"}]}
    ),
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_what_is_no_key_file_is_refused_without_a_byte_of_it(spoil: object, tmp_path: Path) -> None:
    ring = Ring.new(NOW)
    path = tmp_path / "keys.json"
    assert callable(spoil)
    path.write_text(spoil(json.loads(ring.text())))
    with pytest.raises(KeysFault, match="请放回备份的密钥文件") as caught:
        keyring_of(path)
    for secret in (json.loads(ring.text())["search"], json.loads(ring.text())["keys"][0]["secret"]):
        assert secret not in str(caught.value)


def test_a_missing_or_binary_key_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(KeysFault, match="ONEVISIT_KEYS_FILE"):
        keyring_of(tmp_path / "keys.json")
    (tmp_path / "keys.json").write_bytes(b"\xff\xfe")
    with pytest.raises(KeysFault, match="不是密钥文件"):
        keyring_of(tmp_path / "keys.json")


def test_no_secret_is_printed() -> None:
    ring = Ring.new(NOW)
    shown = repr(Keyring.of(ring)) + repr(ring) + repr(ring.keys) + str(ring.writer)
    assert ring.writing in shown
    for secret in (ring.search, ring.writer.secret):
        assert repr(secret)[2:-1] not in shown
        assert secret.hex() not in shown


def test_settings_find_the_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ONEVISIT_KEYS_FILE")
    made = Settings(data=tmp_path).prepared()
    assert made.keyring.ring == keyring_of(tmp_path / "keys.json").ring
    ring = Ring.new(NOW)
    handed = Settings(data=tmp_path / "other", keys=SecretStr(ring.text())).prepared()
    assert handed.keyring.ring == ring
    assert not (tmp_path / "other" / "keys.json").exists()
    assert ring.text() not in repr(handed)
    elsewhere = Settings(data=tmp_path / "third", keys_file=tmp_path / "none.json").prepared()
    with pytest.raises(KeysFault, match=r"none\.json"):
        _ = elsewhere.keyring
