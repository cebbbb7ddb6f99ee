"""Drafts, publishing from them, and what lies over the folder, on both databases."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from databases import migrate
from onevisit.catalog import authored, drafts, examining, publishing
from onevisit.catalog.catalog import Catalog
from onevisit.catalog.examining import CutOff, Examiner
from onevisit.store.session import engine_for, reading, writing
from onevisit.store.studio_tables import Draft, DraftText, Publication
from onevisit.store.tables import Account
from only_for_tests import KEYRING
from unit.catalog.test_catalog import PROVABLE
from unit.definition import small

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
A, B = UUID(int=1), UUID(int=2)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A migrated database with two administrators."""
    migrate(database_url)
    engine = engine_for(database_url, KEYRING)
    with writing(engine) as session:
        for account_id, name in ((A, "演示管理员甲"), (B, "演示管理员乙")):
            session.add(Account(id=account_id, username=name, name=name, password_hash="none"))
    yield engine
    engine.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A service folder with one small service."""
    for name, text in PROVABLE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    return tmp_path


@pytest.fixture
def catalog(engine: Engine, folder: Path) -> Catalog:
    """The catalog of a node that has started."""
    return started(engine, folder)


def started(engine: Engine, folder: Path) -> Catalog:
    """The catalog of a node that starts with this folder."""
    catalog = Catalog(engine)
    with writing(engine) as session:
        catalog.publish_folder(session, folder, NOW)
    return catalog


def take_up(engine: Engine, catalog: Catalog, folder: Path) -> Draft:
    with writing(engine) as session:
        return drafts.take_up(session, catalog, folder, "stall", None, NOW, A)


def summary(catalog: Catalog) -> str:
    return catalog.current("stall").definition.workflow.summary


def publish(engine: Engine, catalog: Catalog, folder: Path, old: str, new: str) -> None:
    """A change of the service's workflow, published from a draft; the folder is not written."""
    draft = take_up(engine, catalog, folder)
    text = draft.files[small.WORKFLOW].replace(old, new)
    files = draft.files | {small.WORKFLOW: text}
    with writing(engine) as session:
        proposal = publishing.propose(catalog, session, folder, "stall", files)
        assert publishing.put_in_force(catalog, session, folder, proposal, NOW, A, "draft")
        drafts.close(session, session.get_one(Draft, draft.id), NOW, proposal.service.hash)


def test_one_draft_a_service_with_the_next_number(
    engine: Engine, folder: Path, catalog: Catalog
) -> None:
    draft = take_up(engine, catalog, folder)
    assert 'version: "1.1"' in draft.files[small.WORKFLOW]
    assert draft.began_from == catalog.current("stall").hash
    assert take_up(engine, catalog, folder).id == draft.id
    with writing(engine) as session, pytest.raises(KeyError):
        drafts.take_up(session, catalog, folder, "nothing", None, NOW, A)


def test_nothing_that_two_admins_type_is_lost(
    engine: Engine, folder: Path, catalog: Catalog
) -> None:
    draft = take_up(engine, catalog, folder)
    mine, theirs = {small.WORKFLOW: "mine\n"}, {small.WORKFLOW: "theirs\n"}
    with writing(engine) as session:
        assert drafts.save(session, draft.id, 1, theirs, NOW, B).revision == 2
    with writing(engine) as session, pytest.raises(drafts.Overtaken):
        drafts.save(session, draft.id, 1, mine, NOW, A)
    with writing(engine) as session:  # the same again is no change, whoever sends it
        assert drafts.save(session, draft.id, 1, theirs, NOW, A).revision == 2
    with writing(engine) as session:
        assert drafts.save(session, draft.id, 2, mine, NOW, A).revision == 3
    with reading(engine) as session:
        kept = [each.files[small.WORKFLOW] for each in drafts.history(session, draft.id)]
        assert kept[:2] == ["mine\n", "theirs\n"]
        since = drafts.said_at(session, draft.id, 1)
        assert since is not None and "stall" in since.files[small.WORKFLOW]


def test_what_is_saved_by_itself_does_not_pile_up(
    engine: Engine, folder: Path, catalog: Catalog
) -> None:
    draft = take_up(engine, catalog, folder)
    for second in range(1, 9):
        with writing(engine) as session:
            typed = {small.WORKFLOW: f"{second}\n"}
            later = NOW + timedelta(seconds=second)
            drafts.save(session, draft.id, second, typed, later, A, by_itself=True)
    with reading(engine) as session:
        rows = session.exec(select(DraftText).where(DraftText.draft_id == draft.id)).all()
        assert sorted(row.revision for row in rows) == [1, 9]
        before = drafts.said_at(session, draft.id, 5)  # opened when that was saved
        assert before is not None and before.revision == 1


def test_a_publication_holds_on_every_node(engine: Engine, folder: Path, catalog: Catalog) -> None:
    publish(engine, catalog, folder, "测试用的小服务", "在网页里改过")
    assert summary(catalog) == "在网页里改过"
    assert summary(started(engine, folder)) == "在网页里改过"  # its folder says what was before
    publish(engine, catalog, folder, "在网页里改过", "又改了一次")
    assert summary(started(engine, folder)) == "又改了一次"
    text = (folder / small.WORKFLOW).read_text()
    (folder / small.WORKFLOW).write_text(text.replace("测试用的小服务", "在目录里改过"))
    assert summary(started(engine, folder)) == "在目录里改过"
    with reading(engine) as session:
        record = publishing.publications(session, "stall")
        assert [row.how for row in record] == ["folder", "draft", "draft", "folder"]
        assert record[0].replaced == record[1].hash


def test_the_folder_is_written_whole_or_said_to_be_shut(folder: Path) -> None:
    assert authored.write_out(folder, {small.WORKFLOW: "new\n", "forms/more.yaml": "more\n"})
    assert (folder / small.WORKFLOW).read_text() == "new\n"
    assert (folder / "forms/more.yaml").read_text() == "more\n"
    (folder / "shut").write_text("a file where a folder should be")
    assert not authored.write_out(folder, {"shut/x.yaml": "text\n"})


def test_what_was_proven_against_another_version_is_not_put_in_force(
    engine: Engine, folder: Path, catalog: Catalog
) -> None:
    draft = take_up(engine, catalog, folder)
    files = draft.files | {small.WORKFLOW: draft.files[small.WORKFLOW].replace("小服务", "服务")}
    with reading(engine) as session:
        proposal = publishing.propose(catalog, session, folder, "stall", files)
    publish(engine, catalog, folder, "测试用的小服务", "先发布的")
    with pytest.raises(publishing.Overtaken), writing(engine) as session:
        publishing.put_in_force(catalog, session, folder, proposal, NOW, B, "draft")
    assert summary(catalog) == "先发布的"
    with reading(engine) as session:
        assert len(session.exec(select(Publication)).all()) == 2


def test_a_refuted_promise_is_refused_with_its_line(
    engine: Engine, folder: Path, catalog: Catalog
) -> None:
    text = PROVABLE[small.WORKFLOW].replace("{visits: 1, days: 9", "{visits: 1, days: 1")
    assert text != PROVABLE[small.WORKFLOW]
    with reading(engine) as session, pytest.raises(publishing.Refused) as refused:
        publishing.propose(catalog, session, folder, "stall", {small.WORKFLOW: text})
    line = text[: text.index("promise:")].count("\n") + 1
    assert line in {each.line for each in refused.value.refusal.problems}


def test_an_examination_is_cut_off_and_the_next_one_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    examiner = Examiner()
    full = "form: stall\n" + "".join(f"k{number}: v\n" for number in range(9000))
    many = {f"workflows/w{number}.yaml": full for number in range(60)}
    monkeypatch.setattr(examining, "SECONDS", {False: 1, True: 1})
    with pytest.raises(CutOff, match="已经停止"):
        examiner.ask({**small.FILES, **many}, small.WORKFLOW, {})
    monkeypatch.setattr(examining, "SECONDS", {False: 30, True: 30})
    assert examiner.ask(small.FILES, small.WORKFLOW, {})["readable"]
    assert examiner._apart._process is not None
    examiner._apart._process.kill()
    examiner._apart._process.wait()
    assert examiner.ask(small.FILES, small.WORKFLOW, small.FILES, play=True)["scenarios"] == []
    examiner.close()
