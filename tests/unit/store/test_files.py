"""A stored file is complete or not there at all, whatever goes wrong while it comes in."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from onevisit.store.files import FileStore, TooLarge


def _everything(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_a_file_comes_back_as_it_went_in(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "files")
    saved = store.save_stream([b"abc", b"", b"def"], limit=6)
    assert store.path(saved.key).read_bytes() == b"abcdef"
    assert (saved.size, saved.sha256) == (6, hashlib.sha256(b"abcdef").hexdigest())


def test_too_large_leaves_nothing(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    with pytest.raises(TooLarge):
        store.save_stream([b"abc", b"d"], limit=3)
    assert _everything(tmp_path) == []


def test_a_cut_connection_leaves_nothing(tmp_path: Path) -> None:
    def cut() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    store = FileStore(tmp_path)
    with pytest.raises(ConnectionResetError):
        store.save_stream(cut(), limit=100)
    assert _everything(tmp_path) == []


def test_what_a_killed_server_was_receiving_is_discarded_later(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    kept = store.save_stream([b"whole"], limit=9)
    half = tmp_path / "incoming" / "half"
    half.write_bytes(b"ha")
    moment = datetime.fromtimestamp(half.stat().st_mtime, UTC)
    store.discard_incoming(moment - timedelta(seconds=1))
    assert half.exists(), "it may still be arriving"
    store.discard_incoming(moment + timedelta(seconds=1))
    assert not half.exists()
    assert store.path(kept.key).read_bytes() == b"whole"


def test_the_same_content_twice_is_two_files(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    first, second = (store.save_stream([b"same"], limit=9) for _ in range(2))
    store.delete(first.key)
    store.delete(first.key)
    assert store.path(second.key).read_bytes() == b"same"


@pytest.mark.parametrize("key", ["", "../secret", "ab/../../etc/passwd", "ab/" + "c" * 31, "x/y"])
def test_a_key_from_outside_never_meets_the_disk(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="not a storage key"):
        FileStore(tmp_path).path(key)
