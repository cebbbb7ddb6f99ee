"""A stored file is complete or not there at all, whatever goes wrong while it comes in, wherever it
lies; and what lies there tells nothing."""

import hashlib
import itertools
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import onevisit
import s3_server
from onevisit.store.files import FileStore, Place, Stored, TooLarge, key_of
from onevisit.store.s3 import PART, Address, Bucket
from onevisit.store.sealed_files import CHUNK, HEADER, Altered
from onevisit.store.secret import TAG, Key, Keyring, KeysFault
from onevisit.store.shelves import Folder, Unreachable
from only_for_tests import KEYRING
from s3_server import S3

NOW = datetime(2026, 11, 22, tzinfo=UTC)
MARK = b"%PDF-1.7 a mark that anybody would find again\n"
SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7)


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with s3_server.started() as server:
        yield server


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    """The same store, in a folder and in a bucket."""
    place = Place(tmp_path / "files", KEYRING)
    if request.param == "s3":
        place = request.getfixturevalue("s3").place(place)
    return FileStore(place)


@pytest.fixture
def folder(tmp_path: Path) -> FileStore:
    return FileStore(Place(tmp_path / "files", KEYRING))


def content(size: int) -> bytes:
    """Bytes of which no two chunks are the same."""
    block = b"".join(hashlib.sha256(bytes([each])).digest() for each in range(64))
    return b"".join(bytes([at % 251]) + block for at in range(size // len(block) + 1))[:size]


def lying(store: FileStore) -> dict[str, bytes]:
    """Everything as it lies."""
    return {name: raw(store, name) for name in store.shelf.names()}


def raw(store: FileStore, name: str) -> bytes:
    with store.shelf.open(name) as file:
        return file.read()


def everything(store: FileStore) -> list[str]:
    """Whatever is there, half files too."""
    if isinstance(store.shelf, Folder):
        return [str(path) for path in store.shelf.root.rglob("*") if path.is_file()]
    shelf = store.shelf
    assert isinstance(shelf, Bucket)
    where = {"Bucket": shelf.address.bucket, "Prefix": shelf.address.prefix}
    found = shelf._client.list_objects_v2(**where).get("Contents", [])
    begun = shelf._client.list_multipart_uploads(**where).get("Uploads", [])
    return [each["Key"] for each in (*found, *begun)]


@pytest.mark.parametrize("size", [0, CHUNK + 1, 2 * PART + 1])
def test_a_file_comes_back_as_it_went_in(store: FileStore, size: int) -> None:
    whole = content(size)
    pieces = [whole[: size // 3], b"", whole[size // 3 :]]
    saved = store.save_stream(pieces, limit=size)
    stored = store.stored(saved.key)
    assert stored.read() == whole and stored.sha256() == saved.sha256
    assert (saved.size, saved.sha256) == (size, hashlib.sha256(whole).hexdigest())
    assert stored.size() == size and stored.exists() and stored.whole()
    assert key_of(saved.key) == KEYRING.ring.writing
    with stored.local() as path:
        assert path.read_bytes() == whole
    assert everything(store) != []
    store.delete(saved.key)
    store.delete(saved.key)
    assert not stored.exists() and everything(store) == []
    with pytest.raises(FileNotFoundError):
        stored.read()


@pytest.mark.parametrize("size", SIZES)
def test_at_each_size_the_chunks_end_where_the_file_does(folder: FileStore, size: int) -> None:
    saved = folder.save_stream([content(size)], limit=size)
    assert folder.stored(saved.key).read() == content(size)
    assert folder.size(saved.key) == size


def test_too_large_leaves_nothing(store: FileStore) -> None:
    with pytest.raises(TooLarge):
        store.save_stream([b"abc", b"d"], limit=3)
    with pytest.raises(TooLarge):
        store.save_stream([content(3 * PART), b"d"], limit=3 * PART)
    assert everything(store) == []


@pytest.mark.parametrize("before", [b"half", content(2 * PART)])
def test_a_cut_connection_leaves_nothing(store: FileStore, before: bytes) -> None:
    def cut() -> Iterator[bytes]:
        yield before
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store.save_stream(cut(), limit=10 * PART)
    assert everything(store) == []


def test_what_lies_there_tells_nothing(store: FileStore) -> None:
    saved = store.save_stream(itertools.repeat(MARK, 4000), limit=10**6)
    [[name, kept]] = lying(store).items()
    assert name == saved.key and MARK[:12] not in kept and b"PDF" not in kept[:HEADER]
    assert store.stored(saved.key).read() == MARK * 4000


def test_two_files_with_the_same_content_do_not_look_alike(folder: FileStore) -> None:
    one, other = (folder.save_stream([MARK], 100).key for _ in range(2))
    assert raw(folder, one)[HEADER:] != raw(folder, other)[HEADER:]


def changed(kept: bytes, at: int) -> bytes:
    return kept[:at] + bytes([kept[at] ^ 1]) + kept[at + 1 :]


BODY = CHUNK + TAG
SPOILT = {
    "a bit of the cipher": lambda kept: changed(kept, 4),
    "a bit of the name of the key": lambda kept: changed(kept, 6),
    "a bit of the salt": lambda kept: changed(kept, HEADER - 1),
    "a bit of the first chunk": lambda kept: changed(kept, HEADER + 3),
    "a bit of the last tag": lambda kept: changed(kept, len(kept) - 1),
    "the last chunk left out": lambda kept: kept[: HEADER + 2 * BODY],
    "cut within a chunk": lambda kept: kept[: HEADER + BODY + 99],
    "cut behind the header": lambda kept: kept[:HEADER],
    "cut within the header": lambda kept: kept[: HEADER - 1],
    "nothing left": lambda _: b"",
    "two chunks in each other's place": lambda kept: (
        kept[:HEADER] + kept[HEADER + BODY :][:BODY] + kept[HEADER:][:BODY]
        + kept[HEADER + 2 * BODY :]
    ),
    "a chunk twice": lambda kept: kept[: HEADER + BODY] + kept[HEADER:],
    "something behind it": lambda kept: kept + b"x",
    "plain, as if from before": lambda _: MARK,
}  # fmt: skip


@pytest.mark.parametrize("how", SPOILT)
def test_what_was_tampered_with_is_refused(folder: FileStore, how: str) -> None:
    store = folder
    saved = store.save_stream([content(2 * CHUNK + 500)], limit=10**6)
    store.shelf.put(saved.key, [SPOILT[how](raw(store, saved.key))])
    stored = store.stored(saved.key)
    with pytest.raises(Altered, match=r"打不开.*从备份恢复"):
        stored.read()
    assert stored.exists() and not stored.whole()
    with pytest.raises(Altered), stored.local():
        pytest.fail("a path to something altered")


def test_nothing_of_a_spoilt_chunk_comes_out_however_often_one_asks(store: FileStore) -> None:
    whole = content(2 * CHUNK + 500)
    saved = store.save_stream([whole], limit=10**6)
    store.shelf.put(saved.key, [changed(raw(store, saved.key), HEADER + BODY + 5)])
    with store.open(saved.key) as file:
        assert file.read(CHUNK) == whole[:CHUNK]
        for _ in range(2):
            with pytest.raises(Altered, match="第 2 段"):
                file.read(1)


def test_a_file_in_the_place_of_another_is_refused(store: FileStore) -> None:
    one = store.save_stream([MARK], 100).key
    other = store.save_stream([b"another"], 100).key
    store.shelf.put(other, [raw(store, one)])
    with pytest.raises(Altered, match=other):
        store.open(other)


@pytest.mark.parametrize("cipher", ["aes-256-gcm", "sm4-gcm"])
def test_another_key_seals_from_its_day_on_and_a_missing_one_is_named(
    tmp_path: Path, cipher: str
) -> None:
    old = replace(KEYRING.ring)
    new = old.with_key(Key.new(NOW, cipher))
    place = Place(tmp_path, Keyring.of(new))
    before = FileStore(Place(tmp_path, Keyring.of(old))).save_stream([MARK], 100).key
    after = FileStore(place).save_stream([content(CHUNK + 5)], 10**6).key
    assert (key_of(before), key_of(after)) == (old.writing, new.writing)
    assert FileStore(place).stored(before).read() == MARK
    assert FileStore(place).stored(after).read() == content(CHUNK + 5)
    for lacking in (Keyring.of(old), None):
        with pytest.raises(KeysFault, match=f"密钥 {new.writing} 加密的"):
            FileStore(Place(tmp_path, lacking)).open(after)


def test_files_from_before_stay_readable_and_no_sealed_one_passes_for_one(store: FileStore) -> None:
    sealed = store.save_stream([MARK], 100).key
    bare, _, by = sealed.partition(".")
    assert by == KEYRING.ring.writing
    store.shelf.put(bare, [MARK])
    assert store.stored(bare).read() == MARK and store.size(bare) == len(MARK)
    store.shelf.put(bare, [raw(store, sealed)])
    assert store.stored(bare).read() == raw(store, sealed), "what it is, is said by its row"


def test_what_has_lain_there_for_long_is_told_in_order(store: FileStore) -> None:
    keys = sorted(store.save_stream([MARK], 100).key for _ in range(3))
    now = datetime.now(UTC)
    assert list(store.shelf.settled(now + timedelta(minutes=1))) == keys
    assert list(store.shelf.settled(now - timedelta(minutes=1))) == []


LARGE = """
import itertools, sys, tracemalloc
from pathlib import Path
from onevisit.store.files import FileStore, Place
from onevisit.store.sealed_files import CHUNK
from only_for_tests import KEYRING

store, piece = FileStore(Place(Path(sys.argv[1]), KEYRING)), bytes(CHUNK)
tracemalloc.start()
saved = store.save_stream(itertools.repeat(piece, 320), limit=20 * 2**20)
assert sum(map(len, store.stored(saved.key).chunks())) == saved.size == 20 * 2**20
print(tracemalloc.get_traced_memory()[1])
"""


def test_a_large_file_takes_little_memory(tmp_path: Path) -> None:
    """In a process of its own: threads of other tests would be counted with it."""
    path = {"PYTHONPATH": str(Path(__file__).parents[2])}
    said = subprocess.check_output(
        [sys.executable, "-c", LARGE, str(tmp_path)], env=os.environ | path
    )
    assert int(said) < 2 * 2**20


def test_a_large_file_on_its_way_to_a_bucket_is_held_in_parts(s3: S3, tmp_path: Path) -> None:
    store, piece = FileStore(s3.place(Place(tmp_path, KEYRING))), content(CHUNK)
    sent: list[int] = []
    shelf = store.shelf
    assert isinstance(shelf, Bucket)
    client = shelf._client
    upload = client.upload_part
    client.upload_part = lambda **what: sent.append(len(what["Body"])) or upload(**what)
    saved = store.save_stream(itertools.repeat(piece, 240), limit=15 * 2**20)
    assert max(sent) == PART and len(sent) == 4
    assert sum(map(len, store.stored(saved.key).chunks())) == saved.size


def test_a_power_cut_before_the_last_step_leaves_nothing_that_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Cut(BaseException):
        pass

    def cut(*_: object, **__: object) -> None:
        raise Cut

    store = FileStore(Place(tmp_path, KEYRING))
    monkeypatch.setattr(Path, "rename", cut)
    monkeypatch.setattr(Path, "unlink", cut)  # a process that is dead tidies nothing up
    with pytest.raises(Cut):
        store.save_stream([MARK], 100)
    monkeypatch.undo()
    [half] = everything(store)
    assert "incoming" in half and MARK[:12] not in Path(half).read_bytes()
    assert list(store.shelf.names()) == []
    store.discard_incoming(datetime.now(UTC) + timedelta(minutes=1))
    assert everything(store) == []


def test_what_a_killed_server_was_receiving_is_discarded_later(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    kept = store.save_stream([b"whole"], limit=9)
    half = tmp_path / "incoming" / "half"
    half.write_bytes(b"ha")
    moment = datetime.fromtimestamp(half.stat().st_mtime, UTC)
    store.discard_incoming(moment - timedelta(seconds=1))
    assert half.exists()
    store.discard_incoming(moment + timedelta(seconds=1))
    assert not half.exists()
    assert store.stored(kept.key).read() == b"whole"


def test_parts_that_a_killed_server_sent_are_discarded_later(s3: S3, tmp_path: Path) -> None:
    store = FileStore(s3.place(Place(tmp_path, KEYRING)))
    shelf = store.shelf
    assert isinstance(shelf, Bucket)
    begun = {"Bucket": shelf.address.bucket, "Key": shelf.address.prefix + "aa/" + "a" * 32}
    shelf._client.create_multipart_upload(**begun)
    shelf.discard_incoming(datetime(2001, 1, 1, tzinfo=UTC))  # moto says they began in 2010
    assert len(everything(store)) == 1, "it may still be on its way"
    shelf.discard_incoming(datetime.now(UTC) + timedelta(days=1))
    assert len(everything(store)) == 1, "nobody lists a bucket every second"
    Bucket(shelf.address).discard_incoming(datetime.now(UTC) + timedelta(days=1))
    assert everything(store) == []


OWN = "ab/" + "0" * 30 + "ab"


@pytest.mark.parametrize(
    "key", ["../../etc/passwd", "aa/" + "b" * 32, "", "x", "ab/..", f"{OWN}/", f"{OWN}.0badc0d"]
)
def test_a_key_from_outside_never_meets_the_disk(store: FileStore, key: str) -> None:
    for lead in (store.stored, store.open, store.delete, store.shelf.open, store.shelf.size):
        with pytest.raises(ValueError, match="storage key"):
            lead(key)


def test_a_local_copy_has_no_name_and_is_gone_afterwards(tmp_path: Path) -> None:
    store = FileStore(Place(tmp_path, KEYRING))
    stored = store.stored(store.save_stream([MARK], 100).key)
    with stored.local() as path:
        assert path.read_bytes() == MARK
        assert Path("/proc/self/fd").exists() == path.is_relative_to(f"/proc/{os.getpid()}")
    assert not path.exists() or MARK not in path.read_bytes()


def nobody_there(tmp_path: Path) -> Stored:
    """A file in a store at which nobody answers."""
    url = "s3://bucket?endpoint=http://127.0.0.1:1"
    place = Place(tmp_path, KEYRING, url, "only-for", "tests")
    return FileStore(place).stored(OWN)


def test_a_store_that_is_not_reached_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onevisit.store.s3.ATTEMPTS", 1)
    stored = nobody_there(tmp_path)
    calls = (stored.read, stored.exists, lambda: stored.files.delete(stored.key))
    for call in (*calls, lambda: stored.files.save_stream([MARK], 100)):
        with pytest.raises(Unreachable, match=r"文件存储暂时用不了.*EndpointConnectionError"):
            call()


def test_a_bucket_that_is_not_there_is_no_missing_file(s3: S3, tmp_path: Path) -> None:
    url = f"s3://nowhere-at-all?endpoint={s3.endpoint}"
    store = FileStore(Place(tmp_path, KEYRING, url, "only-for", "tests"))
    with pytest.raises(Unreachable, match="NoSuchBucket"):
        store.open(OWN)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("s3://", "应形如"),
        ("http://minio/bucket", "应形如"),
        ("s3://key:secret@bucket/", "不写在网址里"),
        ("s3://bucket?endpiont=x", "不认识 endpiont"),
        ("s3://bucket?style=other", "path 或 virtual"),
    ],
)
def test_an_address_that_is_none_is_explained(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Address.of(url)


def test_an_address_says_where_and_how() -> None:
    found = Address.of("s3://city/one/visit?endpoint=https://minio:9000&region=cn", "key", "secret")
    assert (found.bucket, found.prefix, found.endpoint) == (
        "city",
        "one/visit/",
        "https://minio:9000",
    )
    assert (found.region, found.access_key, found.secret_key) == ("cn", "key", "secret")
    assert "secret" not in repr(found) and "key" not in repr(found)
    with pytest.raises(ValueError, match="一起设置"):
        Address.of("s3://city", "key")


def test_a_shared_folder_may_lie_elsewhere(tmp_path: Path) -> None:
    store = FileStore(Place(tmp_path / "data", KEYRING, f"file://{tmp_path}/shared"))
    saved = store.save_stream([MARK], 100)
    assert (tmp_path / "shared" / saved.key).is_file()
    with pytest.raises(ValueError, match="从根目录写起"):
        FileStore(Place(tmp_path, KEYRING, "file://shared"))


def test_the_program_keeps_no_file_without_its_keys() -> None:
    source = Path(onevisit.__file__).parent
    made = [
        (path.name, given)
        for path in source.rglob("*.py")
        for given in re.findall(r"\bFileStore\(([^)]*)\)", path.read_text(encoding="utf-8"))
    ]
    assert len(made) > 5
    assert {given for _, given in made} <= {"settings.files", "self.settings.files"}, made
