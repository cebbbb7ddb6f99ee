"""A backup taken while people work comes back whole elsewhere; one that is torn is not used."""

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session, select
from typer.testing import CliRunner

from functional.city import City, Prepared, populate, settings_in
from onevisit.cli.main import app
from onevisit.jobs import Sweeper
from onevisit.store import backup_database, backup_files
from onevisit.store.evidence import verify_ledger
from onevisit.store.files import FileStore
from onevisit.store.migrate import is_current, upgrade
from onevisit.store.session import engine_for, reading, writing
from onevisit.store.tables import Case, Document, LedgerEntry, Upload
from only_for_tests import KEYRING


@dataclass
class Place:
    """One installation and its command line."""

    data: Path
    url: str
    monkeypatch: pytest.MonkeyPatch

    def run(self, *words: str) -> tuple[int, str]:
        """`onevisit WORDS` here: how it ended and what it said."""
        with self.monkeypatch.context() as here:
            here.setenv("ONEVISIT_DATA", str(self.data))
            here.setenv("ONEVISIT_DATABASE_URL", self.url)
            done = CliRunner().invoke(app, list(words))
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output


@pytest.fixture(params=["sqlite"])
def city(request: pytest.FixtureRequest, prepared_city: Prepared, tmp_path: Path) -> Iterator[City]:
    """A city; where a test asks for it, on PostgreSQL."""
    if request.param == "sqlite":
        yield prepared_city.copied(tmp_path / "city")
        return
    url = request.getfixturevalue("postgres_url")
    settings = settings_in(tmp_path / "city").model_copy(update={"database_url": url})
    populate(settings)
    city = City(settings)
    yield city
    city.app.state.site.engine.dispose()
    city.engine.dispose()


@pytest.fixture
def here(city: City, monkeypatch: pytest.MonkeyPatch) -> Place:
    return Place(city.settings.data, city.settings.database_url, monkeypatch)


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, here: Place, tmp_path: Path) -> Iterator[Place]:
    """An empty place, under the keys that were kept apart."""
    data = tmp_path / "elsewhere"
    data.mkdir()
    if here.url.startswith("sqlite"):
        yield Place(data, f"sqlite:///{data / 'onevisit.db'}", here.monkeypatch)
        return
    server = request.getfixturevalue("postgres_server")
    name = server.create_database()
    yield Place(data, server.url(name), here.monkeypatch)
    server.drop_database(name)


def contents(session: Session) -> dict[UUID, tuple[str, int]]:
    """Every case with its state and how long its ledger is."""
    entries = session.exec(select(LedgerEntry.case_id)).all()
    return {row.id: (row.state, entries.count(row.id)) for row in session.exec(select(Case))}


@pytest.mark.parametrize("city", ["sqlite", "postgresql"], indirect=True)
def test_it_comes_back_whole_though_people_went_on(
    city: City, here: Place, elsewhere: Place, tmp_path: Path
) -> None:
    case_id = city.submitted()
    make_papers(city)
    assert here.run("ledger", "checkpoint")[0] == 0
    began, stop, faults = threading.Event(), threading.Event(), list[BaseException]()

    def work() -> None:
        try:
            while not stop.is_set():
                city.filled()
                began.set()
        except BaseException as error:
            faults.append(error)
            began.set()

    thread = threading.Thread(target=work)
    thread.start()
    began.wait()
    code, said = here.run("backup", str(tmp_path / "kept"))
    with reading(city.engine) as session:
        after = contents(session)
    stop.set()
    thread.join()
    assert faults == [] and code == 0, said
    assert "个人信息的加密密钥" in said and "checkpoint.key" in said, "what else to keep is named"
    code, said = elsewhere.run("restore", str(tmp_path / "kept"))
    assert code == 0, said
    assert "没有发现改动" in said and "暂且相信" in said
    engine = engine_for(elsewhere.url, city.settings.keyring)
    store = FileStore(replace(city.settings.files, folder=elsewhere.data / "files"))
    with reading(engine) as session:
        found = contents(session)
        assert found[case_id] == after[case_id] and set(found) <= set(after)
        for each in found:
            assert verify_ledger(session, each) == []
        named = [row.storage_key for row in session.exec(select(Upload))]
        papers = [row.pdf_key for row in session.exec(select(Document)) if row.pdf_key]
        assert len(named) >= 4 and papers
        for key in (*named, *papers):
            original = FileStore(city.settings.files).stored(key).read()
            assert store.stored(key).read() == original
    engine.dispose()
    assert elsewhere.run("ledger", "verify")[0] == 0
    code, said = elsewhere.run("restore", str(tmp_path / "kept"))
    assert code == 1 and "不是空的" in said


def make_papers(city: City) -> None:
    """The papers that were ordered are made."""
    files = FileStore(city.settings.files)
    site = city.app.state.site
    Sweeper(city.engine, files, site.printing).sweep(datetime.now(UTC))
    with reading(city.engine) as session:
        assert session.exec(select(Document).where(Document.state == "made")).first()


def tear_off(backup: Path) -> None:
    (backup / "COMPLETE").unlink()


def flip_a_bit(backup: Path) -> None:
    path = next(path for path in sorted((backup / "files").glob("*/*")))
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def flip_in_database(backup: Path) -> None:
    path = next(backup.glob("database.*"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut_off(backup: Path) -> None:
    path = next(backup.glob("database.*"))
    path.write_bytes(path.read_bytes()[:-100])


def lose_a_file(backup: Path) -> None:
    next(path for path in sorted((backup / "files").glob("*/*"))).unlink()


def lose_a_line(backup: Path) -> None:
    path = backup / "SHA256SUMS"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))


def rewrite_the_manifest(backup: Path) -> None:
    path = backup / "manifest.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 1 '))


def from_the_future(backup: Path) -> None:
    path = backup / "manifest.json"
    said = json.loads(path.read_text()) | {"revision": "9999"}
    path.write_text(json.dumps(said))
    (backup / "COMPLETE").write_text(backup_files.sha256_of(path))


def of_other_keys(backup: Path) -> None:
    path = backup / "manifest.json"
    said = json.loads(path.read_text()) | {"keys": ["0badc0de"]}
    path.write_text(json.dumps(said))
    (backup / "COMPLETE").write_text(backup_files.sha256_of(path))


SPOILT = {
    tear_off: "不是完整的备份",
    flip_a_bit: "已损坏或者被改动",
    flip_in_database: "已损坏或者被改动",
    cut_off: "已损坏或者被改动",
    lose_a_file: "少了文件",
    lose_a_line: "SHA256SUMS 已损坏",
    rewrite_the_manifest: "manifest.json 已损坏",
    from_the_future: "来自更新的版本",
    of_other_keys: "缺少加密密钥 0badc0de",
}


def test_a_spoilt_backup_is_refused_and_nothing_is_touched(
    city: City, here: Place, elsewhere: Place, tmp_path: Path
) -> None:
    city.filled()
    assert here.run("backup", str(tmp_path / "kept"))[0] == 0
    for spoil, word in SPOILT.items():
        copy = tmp_path / spoil.__name__
        shutil.copytree(tmp_path / "kept", copy)
        spoil(copy)
        code, said = elsewhere.run("restore", str(copy))
        assert code == 1 and word in said, (spoil, said)
        assert backup_database.is_empty(elsewhere.url)
        assert list((elsewhere.data / "files").glob("*/*")) == []
    code, said = elsewhere.run("restore", str(tmp_path / "kept"))
    assert code == 0, said


def test_a_place_that_is_not_empty_is_left_as_it_is(
    city: City, here: Place, tmp_path: Path
) -> None:
    city.filled()
    assert here.run("backup", str(tmp_path / "kept"))[0] == 0
    code, said = here.run("backup", str(tmp_path / "kept"))
    assert code == 1 and "已经存在" in said
    code, said = here.run("restore", str(tmp_path / "kept"))
    assert code == 1 and "不是空的" in said
    with reading(city.engine) as session:
        assert len(contents(session)) == 1


def test_what_was_changed_before_the_backup_is_said_after_it(
    city: City, here: Place, elsewhere: Place, tmp_path: Path
) -> None:
    city.submitted()
    assert here.run("ledger", "checkpoint")[0] == 0
    with writing(city.engine) as session:
        session.connection().execute(text("UPDATE cases SET state = 'concluded'"))
        upload = session.exec(select(Upload)).first()
        assert upload is not None
        FileStore(city.settings.files).delete(upload.storage_key)
    code, said = here.run("backup", str(tmp_path / "kept"))
    assert code == 0 and f"提到的文件 {upload.storage_key} 已经不在" in said
    code, said = elsewhere.run("restore", str(tmp_path / "kept"))
    assert code == 1 and "记录状态为 concluded" in said and "少了文件" not in said


def test_no_backup_stays_half_when_it_fails(
    city: City, here: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "database")

    city.filled()
    monkeypatch.setattr(backup_database, "copy", full)
    code, said = here.run("backup", str(tmp_path / "kept"))
    assert code == 1 and "没有备份成功" in said and "No space left" in said
    assert list(tmp_path.glob("kept*")) == []


def test_an_older_one_goes_forward_to_todays_tables(
    here: Place, elsewhere: Place, tmp_path: Path
) -> None:
    file = here.data / "older.db"
    older = Place(here.data, f"sqlite:///{file}", here.monkeypatch)
    upgrade(older.url, KEYRING, "0011")
    assert older.run("backup", str(tmp_path / "kept"))[0] == 0
    code, said = elsewhere.run("restore", str(tmp_path / "kept"))
    assert code == 0 and "从版本 0011 升级" in said, said
    engine = engine_for(elsewhere.url, KEYRING)
    assert is_current(engine)
    engine.dispose()


def test_without_the_programs_of_postgresql_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_database, "PACKAGED", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(backup_database.NotCopied, match="postgresql-client"):
        backup_database.put_back("postgresql+psycopg://nobody@/nothing", tmp_path / "dump")
