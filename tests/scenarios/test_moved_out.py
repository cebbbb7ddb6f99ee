"""Closed cases leave the database for signed, sealed files and come back as they were."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from databases import copy_postgres
from onevisit.cases.dossier import load
from onevisit.cases.errors import Archived
from onevisit.cases.moved_out import out, parts, ready
from onevisit.cases.moved_out.file import Reader, Unusable
from onevisit.cases.verification.look_up import look_up, sha256_of
from onevisit.cases.views.statistics import statistics
from onevisit.store import discarded
from onevisit.store.archive_tables import ArchivedCase, ArchiveFile
from onevisit.store.files import FileStore
from onevisit.store.session import reading
from onevisit.store.tables import METADATA, Case, Document, LedgerEntry, Upload
from onevisit.store.turn_tables import Certificate
from scenarios.shelf import Shelf, as_it_was
from scenarios.stage import Stage

LEFT = {"accounts", "cases", "certificates", "documents", "ledger_entries"}


@pytest.fixture
def shelf(stage: Stage, tmp_path: Path) -> Shelf:
    return Shelf(stage, tmp_path / "kept")


def told(shelf: Shelf, case_id: uuid.UUID) -> list[object]:
    """What strangers and the public are told: of every paper of a case, and in the statistics."""
    stage, today = shelf.stage, shelf.stage.now.date()
    with shelf.look() as session:
        found: list[object] = [
            (
                look_up(session, stage.catalog, row.number, row.snapshot["check_code"], today),
                sha256_of(session, row.number),
            )
            for row in stage.documents(case_id)
        ]
        found.append(statistics(session, stage.catalog, today - timedelta(days=366 * 6 - 30)))
    return found


def test_a_closed_case_goes_out_and_comes_back_as_it_was(shelf: Shelf) -> None:
    case_id = shelf.settled()
    before, public = shelf.rows(case_id), told(shelf, case_id)
    files = {row["sha256"] for row in before["uploads"] if row["removed_at"] is None}
    assert shelf.wrong() == []
    assert [each.because for each in shelf.out()] == [None]
    left = shelf.rows(case_id)
    assert set(left) == LEFT
    assert len(left["ledger_entries"]) < len(before["ledger_entries"]) / 2
    assert left["cases"][0]["form"] == {}
    assert not any(
        shelf.stage.files.stored(row["storage_key"]).exists() for row in before["uploads"]
    )
    assert shelf.wrong() == [], "a case that went out is not a case that was deleted"
    assert told(shelf, case_id) == public
    with shelf.stage.looking("applicant") as ctx, pytest.raises(Archived):
        load(ctx, case_id)
    assert [each.was_here for each in shelf.back()] == [False]
    after = shelf.rows(case_id)
    assert as_it_was(after) == as_it_was(before)
    assert shelf.stage.problems(case_id) == []
    for row in after["uploads"]:
        if row["removed_at"] is None:
            assert shelf.stage.files.stored(row["storage_key"]).sha256() in files
    acts = [each.act for each in shelf.stage.ledger(case_id)]
    assert acts[-2:] == ["archive_out", "archive_back"]
    shelf.cover()
    assert shelf.wrong() == []
    assert [each.was_here for each in shelf.back()] == [True], "once more does nothing"
    assert [each.because for each in shelf.out()] == [None], "and out again"
    with pytest.raises(Unusable, match="另一个归档文件"):
        shelf.back(shelf.files[0])
    assert shelf.wrong() == []


def test_out_of_sqlite_and_back_into_postgresql(
    prepared_sqlite: Path,
    prepared_postgres: str,
    postgres_server: Any,
    tmp_path: Path,
) -> None:
    shutil.copyfile(prepared_sqlite, tmp_path / "one.db")
    one = Shelf(Stage(f"sqlite:///{tmp_path / 'one.db'}", tmp_path / "one"), tmp_path / "kept")
    case_id = one.settled()
    before = one.rows(case_id)
    one.out()
    name = postgres_server.create_database()
    url = postgres_server.url(name)
    copy_postgres(prepared_postgres, url)
    other = Shelf(Stage(url, tmp_path / "other"), tmp_path / "elsewhere")
    other.stage.now = one.stage.now
    with pytest.raises(Unusable, match="可信的密钥"):
        other.back(one.files[0])
    other.keys.trust(next((tmp_path / "kept" / "checkpoints").glob("*.pub")).read_bytes())
    other.back(one.files[0])
    after = other.rows(case_id)
    for each in ("accounts", "bars"):  # people are known here by who they are, not by what opens
        before.pop(each, None), after.pop(each, None)
    assert as_it_was(after) == as_it_was(before)
    assert other.stage.problems(case_id) == []
    other.maker.run(other.stage.now)
    assert other.wrong() == []
    one.stage.engine.dispose()
    other.stage.engine.dispose()
    postgres_server.drop_database(name)


class Unplugged(BaseException):
    """Somebody pulled the plug."""


def unplug(*_: object, **__: object) -> None:
    """Nothing after this happens."""
    raise Unplugged


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whoever_pulls_the_plug_loses_no_case(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = shelf.settled()
    before = shelf.rows(case_id)
    moments: list[tuple[object, str]] = [
        (out, "_pack"),  # before anything is in the file
        (out, "_take_out"),  # the file has its name, the rows are there
        (out, "snapshot_left"),  # some of the rows are deleted
    ]
    for place, name in moments:
        with monkeypatch.context() as patch:
            patch.setattr(place, name, unplug)
            with pytest.raises(Unplugged):
                shelf.out()
        assert shelf.rows(case_id) == before
        assert shelf.wrong() == []
    with monkeypatch.context() as patch:
        patch.setattr(FileStore, "delete", unplug)  # the rows are gone, the stored files are not
        with pytest.raises(Unplugged):
            shelf.out()
    assert set(shelf.rows(case_id)) == LEFT
    assert shelf.wrong() == []
    discarded.remove_due(shelf.begin, shelf.stage.files, shelf.stage.now)
    stored = [row["storage_key"] for row in before["uploads"]]
    assert not any(shelf.stage.files.stored(key).exists() for key in stored)
    with monkeypatch.context() as patch:
        patch.setattr("onevisit.cases.moved_out.back.note", unplug)
        with pytest.raises(Unplugged):
            shelf.back()
    assert set(shelf.rows(case_id)) == LEFT
    shelf.back()
    assert as_it_was(shelf.rows(case_id)) == as_it_was(before)


Attack = Callable[[Session, uuid.UUID], object]
ATTACKS: dict[str, tuple[Attack, str]] = {
    "the line that says where it is": (
        lambda session, case: session.delete(session.get_one(ArchivedCase, case)),
        "已被删除",
    ),
    "its heads": (
        lambda session, case: session.execute(
            update(ArchivedCase).values(heads={"case": [1, "0" * 64]})
        ),
        "可信的密钥",
    ),
    "the entry that says that it went": (
        lambda session, case: session.execute(
            delete(LedgerEntry).where(col(LedgerEntry.act) == "archive_out")
        ),
        "没有移出归档的留痕",
    ),
    "a certificate's chain": (
        lambda session, case: session.execute(
            delete(LedgerEntry).where(col(LedgerEntry.region).startswith("certificate/"))
        ),
        "证照与归档时的留痕不符",
    ),
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_passes_a_deleted_case_off_as_archived(shelf: Shelf) -> None:
    case_id = shelf.settled()
    shelf.out()
    shelf.maker.run(shelf.stage.now)
    for what, (attack, found) in ATTACKS.items():
        with Session(shelf.stage.engine) as session:
            attack(session, case_id)
            session.flush()
            wrong = shelf.wrong(_within(session))
            session.rollback()
        assert found in "\n".join(wrong), what
    path = shelf.files[0]
    whole = path.read_bytes()
    middle = 4000  # within the case's own part, which is the first
    path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    with pytest.raises(Unusable):
        shelf.back()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Unusable):
        Reader(path, shelf.keys)
    path.write_bytes(whole)
    assert "演示小馆".encode() not in whole
    assert b"%PDF" not in whole
    assert not shelf.back()[0].was_here


def _within(session: Session) -> Any:
    """Looks from inside of a transaction that is taken back."""
    from contextlib import contextmanager

    @contextmanager
    def look() -> Iterator[Session]:
        session.expire_all()
        yield Session(session.connection(), join_transaction_mode="create_savepoint")

    return look


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_still_has_something_to_come_stays(shelf: Shelf) -> None:
    case_id = shelf.settled()
    tomorrow = shelf.stage.now.date() + timedelta(days=1)
    held: list[tuple[Any, str]] = [
        (update(Certificate).values(timer_due=tomorrow), "有效期"),
        (update(Document).values(state="pending"), "文书"),
        (update(Case).values(timer_due=tomorrow), "期限"),
        (update(Case).values(concluded_at=shelf.stage.now), "可以评价"),
        (update(Case).values(awaits="window"), "没有办结"),
    ]
    for statement, because in held:
        with Session(shelf.stage.engine) as session:
            session.execute(statement)
            case = session.get_one(Case, case_id)
            assert because in (ready.held(session, case, shelf.stage.now) or "")
            session.rollback()
    with shelf.stage.acting("clerk") as ctx:
        upload = ctx.session.exec(select(Upload).where(col(Upload.removed_at).is_(None))).first()
        assert upload is not None
        ctx.files.delete(upload.storage_key)
    assert [each.because for each in shelf.out()] == ["存储里缺了一份材料文件"]
    assert shelf.files == []
    with reading(shelf.stage.engine) as session:
        assert session.exec(select(ArchiveFile)).all() == []


def test_every_table_of_a_case_is_told_to_stay_or_to_go() -> None:
    known = {*parts.IN_FILE, *parts.NOT_OF_IT}
    of = {"cases"}
    while True:  # whatever refers to a case, or to something that does
        more = {
            table.name
            for table in METADATA.tables.values()
            for key in (key for column in table.columns for key in column.foreign_keys)
            if key.column.table.name in of
        } - of
        if not more:
            break
        of |= more
    assert of == known
