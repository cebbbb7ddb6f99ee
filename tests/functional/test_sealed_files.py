"""Files lie sealed wherever they are kept, come out as they went in, go over to another key, and
come back from a backup; a store that is out of reach or altered is told in words."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import Session, col, select
from starlette.testclient import TestClient
from typer.testing import CliRunner

import s3_server
from functional.city import ORIGIN, PDF, City
from onevisit.cases.deadlines import due
from onevisit.cli.main import app
from onevisit.settings import Settings
from onevisit.store.discarded import GRACE, DiscardedFile
from onevisit.store.file_rotation import left_under, reseal_files, tally_files
from onevisit.store.files import FileStore, key_of
from onevisit.store.keys_file import keyring_of
from onevisit.store.secret import Key, Keyring
from onevisit.store.session import engine_for, reading, writing
from onevisit.store.tables import Upload
from only_for_tests import KEYS_FILE
from s3_server import S3

MARK = b"fictional mark 3f9c of somebody's own"
MARKED = PDF.replace(b"startxref", b"% " + MARK * 3000 + b"\nstartxref")
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with s3_server.started() as server:
        yield server


def in_bucket(city: City, server: S3) -> City:
    """The same city with its files in a bucket."""
    said = server.settings()
    update = {"files_url": said["url"]}
    words = {"files_access_key": said["access_key"], "files_secret_key": said["secret_key"]}
    settings = Settings(**city.settings.model_dump() | update | words)
    return replace(city, settings=settings, kept=None, clients={}, cookies={})


def handed_in(city: City, content: bytes = MARKED) -> Upload:
    """A file that the applicant sends for a fresh draft, over HTTP."""
    case_id = city.filled()
    answer = send(city, case_id, content)
    assert answer.status_code == 200, answer.text
    with reading(city.engine) as session:
        newest = select(Upload).order_by(col(Upload.uploaded_at).desc())
        row = session.exec(newest).first()
    assert row is not None and row.size == len(content)
    return row


def send(city: City, case_id: object, content: bytes):  # type: ignore[no-untyped-def]  # httpx
    files = {"file": ("平面图.pdf", content, "application/pdf")}
    return city.client("applicant").post(f"/my/{case_id}/materials/floor_plan", files=files)


def marked(folder: Path) -> list[Path]:
    """Where anything plain of the marked file lies."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 4
    return [path for path in files if MARK in path.read_bytes()]


def test_no_byte_of_an_upload_lies_plain_anywhere_below_the_data(city: City) -> None:
    row = handed_in(city)
    assert marked(city.settings.data) == []
    answer = city.client("applicant").get(f"/files/{row.id}", headers={"range": "bytes=0-3"})
    assert answer.status_code == 200 and answer.content == MARKED
    assert answer.headers["accept-ranges"] == "none"
    assert answer.headers["content-length"] == str(len(MARKED))
    assert answer.headers["content-disposition"].startswith("inline; filename*=utf-8''")
    assert key_of(row.storage_key) == city.settings.keyring.ring.writing


def test_an_altered_file_is_refused_in_words_and_gives_nothing_away(city: City) -> None:
    row = handed_in(city)
    path = city.settings.shelf.path(row.storage_key)  # type: ignore[attr-defined]  # a folder
    content = bytearray(path.read_bytes())
    content[60] ^= 1
    path.write_bytes(content)
    for address in (f"/files/{row.id}", f"/files/{row.id}/pages/1"):
        answer = city.client("applicant").get(address)
        assert answer.status_code == 500 and "这个文件打不开" in answer.text
        assert MARK not in answer.content
    path.unlink()
    assert city.client("applicant").get(f"/files/{row.id}").status_code == 404


def test_a_bucket_serves_as_a_folder_does_and_its_absence_is_told(city: City) -> None:
    with s3_server.started() as server:
        there = in_bucket(city, server)
        row = handed_in(there)
        assert there.client("applicant").get(f"/files/{row.id}").content == MARKED
        picture = there.client("applicant").get(f"/files/{row.id}/pages/1?small=1")
        assert picture.headers["content-type"] == "image/jpeg"
        assert row.storage_key in set(there.settings.shelf.names())
        assert not (there.settings.data / "files" / row.storage_key).exists()
    answer = send(there, row.case_id, PDF)
    assert answer.status_code == 503 and answer.headers["retry-after"]
    assert "连不上存放文件的地方" in answer.text and "需要重新选择" in answer.text
    answer = there.client("applicant").get(f"/files/{row.id}")
    assert answer.status_code == 503 and "再试一次" in answer.text
    with reading(there.engine) as session:
        assert len(session.exec(select(Upload).where(Upload.case_id == row.case_id)).all()) == 5
    there.app.state.site.engine.dispose()


@contextmanager
def rows(city: City) -> Iterator[tuple[Session, list[Upload]]]:
    with writing(city.engine) as session:
        yield session, list(session.exec(select(Upload).order_by(col(Upload.id))).all())


def with_another_key(city: City, cipher: str = "aes-256-gcm") -> FileStore:
    """The city's files, once a key was added that writes from now on."""
    ring = city.settings.keyring.ring.with_key(Key.new(NOW, cipher))
    return FileStore(replace(city.settings.files, keyring=Keyring.of(ring)))


def test_files_go_over_to_another_key_and_may_be_interrupted(city: City) -> None:
    city.filled()
    old = city.settings.keyring.ring.writing
    files = with_another_key(city, "sm4-gcm")
    keyring = files._place.keyring
    assert keyring is not None
    new = keyring.ring.writing
    with rows(city) as (_, [bare, lost, swapped, _other]):
        for row in (bare, lost, swapped):
            files.delete(row.storage_key)
        bare.storage_key = bare.storage_key.partition(".")[0]  # as before there were keys
        files.shelf.put(bare.storage_key, [PDF])
        swapped.storage_key = swapped.storage_key.partition(".")[0]
        files.shelf.put(swapped.storage_key, [b"%PDF-1.7 not what was handed in"])
    go = partial(
        reseal_files, partial(reading, city.engine), partial(writing, city.engine), files, new, NOW
    )
    first = go()
    assert next(first).became == "sealed"
    first.close()  # killed after the first
    became = [each.became for each in go()]
    assert sorted(became) == ["altered", "missing", "sealed"]
    with rows(city) as (session, [bare, lost, swapped, other]):
        for row in (bare, other):
            assert key_of(row.storage_key) == new
            assert files.stored(row.storage_key).sha256() == row.sha256
        assert key_of(swapped.storage_key) is None, "not made to look genuine"
        assert tally_files(session) == {new: 2, old: 1, "": 1}
        assert left_under(session, files, old) == 1, "somebody may still be opening it"
    assert due.run_all(partial(writing, city.engine), city.catalog, files, NOW) >= 0
    due.run_all(partial(writing, city.engine), city.catalog, files, NOW + GRACE)
    with rows(city) as (session, _):
        assert left_under(session, files, old) == 0
        assert session.exec(select(DiscardedFile)).all() == []
    assert [name for name in files.shelf.names() if key_of(name) == old] == []


def test_a_row_that_somebody_changes_meanwhile_keeps_what_they_made_of_it(city: City) -> None:
    city.filled()
    files = with_another_key(city)
    changed: list[str] = []

    @contextmanager
    def interrupted() -> Iterator[Session]:
        if not changed:
            with rows(city) as (_, [row, *_others]):
                row.storage_key = FileStore(city.settings.files).save_stream([PDF], 10**6).key
                changed.append(row.storage_key)
        with writing(city.engine) as session:
            yield session

    keyring = files._place.keyring
    assert keyring is not None
    to = keyring.ring.writing
    steps = list(reseal_files(partial(reading, city.engine), interrupted, files, to, NOW))
    assert [each.became for each in steps].count("overtaken") == 1
    assert changed[0] in [each.key for each in steps if each.became == "sealed"]
    with rows(city) as (_, found):
        assert {key_of(row.storage_key) for row in found} == {to}
        assert all(files.stored(row.storage_key).sha256() == row.sha256 for row in found)


def test_the_operator_tidies_what_no_row_names_and_nothing_else(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.filled()
    files = FileStore(city.settings.files)
    stray, fresh = (files.save_stream([MARK], 100).key for _ in range(2))
    kept = set(files.shelf.names()) - {stray}
    for name in files.shelf.names():
        if name != fresh:
            long_ago = (NOW - timedelta(days=900)).timestamp()
            os.utime(city.settings.shelf.path(name), (long_ago, long_ago))  # type: ignore[attr-defined]  # a folder
    monkeypatch.setenv("ONEVISIT_DATA", str(city.settings.data))
    monkeypatch.setenv("ONEVISIT_DATABASE_URL", city.settings.database_url)
    monkeypatch.setenv("ONEVISIT_KEYS_FILE", str(KEYS_FILE))

    def tidied(*words: str) -> str:
        return CliRunner().invoke(app, ["files", "tidy", *words]).output

    assert "1 个没有记录指着的文件" in tidied() and stray in set(files.shelf.names())
    assert "已经清掉" in tidied("--remove") and set(files.shelf.names()) == kept
    assert "没有可以清的" in tidied("--remove")
    with rows(city) as (session, found):
        for row in found:
            session.delete(row)
    assert "连错了" in tidied("--remove") and set(files.shelf.names()) == kept


def test_the_operators_command_takes_the_files_along(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.filled()
    own = tmp_path / "keys.json"  # all other tests share theirs
    shutil.copyfile(KEYS_FILE, own)
    monkeypatch.setenv("ONEVISIT_KEYS_FILE", str(own))
    monkeypatch.setenv("ONEVISIT_DATA", str(city.settings.data))
    monkeypatch.setenv("ONEVISIT_DATABASE_URL", city.settings.database_url)
    old = city.settings.keyring.ring.writing

    def keys(*words: str) -> str:
        result = CliRunner().invoke(app, ["keys", *words])
        assert result.exit_code == 0, result.output
        return result.output

    assert "4 个文件" in keys("list")
    keys("add")
    assert "4 个文件。" in keys("rotate")
    listed = {line[:8]: line for line in keys("list").splitlines()}
    new = keyring_of(own).ring.writing
    assert new != old and "0 个文件" in listed[old] and "4 个文件" in listed[new]
    engine = engine_for(city.settings.database_url, keyring_of(own))
    files = FileStore(replace(city.settings.files, keyring=keyring_of(own)))
    with reading(engine) as session:
        found = session.exec(select(Upload)).all()
        assert {key_of(row.storage_key) for row in found} == {new}
        assert left_under(session, files, old) == 4
        assert all(files.stored(row.storage_key).sha256() == row.sha256 for row in found)
    engine.dispose()


def test_a_backup_of_sealed_files_comes_back_into_a_bucket_whole(
    city: City, s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, kept, elsewhere = handed_in(city), tmp_path / "kept", tmp_path / "elsewhere"
    said = s3.settings()

    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, list(words))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result.exit_code, result.output

    monkeypatch.setenv("ONEVISIT_DATA", str(city.settings.data))
    assert run("backup", str(kept))[0] == 0
    assert marked(kept) == []
    monkeypatch.setenv("ONEVISIT_DATA", str(elsewhere))
    monkeypatch.setenv("ONEVISIT_KEYS_FILE", str(city.settings.keys_path))
    monkeypatch.setenv("ONEVISIT_FILES_URL", said["url"])
    monkeypatch.setenv("ONEVISIT_FILES_ACCESS_KEY", said["access_key"])
    monkeypatch.setenv("ONEVISIT_FILES_SECRET_KEY", said["secret_key"])
    code, told = run("restore", str(kept))
    assert code == 0 and "没有发现改动" in told, told
    settings = Settings().prepared()
    files = FileStore(settings.files)
    assert files.stored(row.storage_key).read() == MARKED
    assert not (elsewhere / "files").exists()
    code, told = run("restore", str(kept))
    assert code == 1 and "不是空的" in told
    again = tmp_path / "again"
    assert run("backup", str(again))[0] == 0
    content = (again / "files" / row.storage_key).read_bytes()
    assert content == (kept / "files" / row.storage_key).read_bytes(), "as it lies"
    spoilt = bytearray(content)
    spoilt[-1] ^= 1
    files.shelf.put(row.storage_key, [bytes(spoilt)])
    assert not files.stored(row.storage_key).whole()


def test_what_cannot_be_removed_at_once_is_removed_later(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = handed_in(city)
    files = FileStore(city.settings.files)
    shelf = type(city.app.state.site.files.shelf)

    def away(*_: object) -> None:
        raise OSError(5, "Input/output error")

    client: TestClient = city.client("applicant")
    assert client.headers["origin"] == ORIGIN
    revision = str(city.case(row.case_id).revision)
    with monkeypatch.context() as broken:
        broken.setattr(shelf, "delete", away)
        client.post(f"/my/{row.case_id}/discard", data={"revision": revision})
    with reading(city.engine) as session:
        assert session.get(Upload, row.id) is None, "the draft is gone"
    assert files.stored(row.storage_key).exists()
    transaction, later = partial(writing, city.engine), datetime.now(UTC) + timedelta(minutes=1)
    due.run_all(transaction, city.catalog, files, later)
    assert not files.stored(row.storage_key).exists()
