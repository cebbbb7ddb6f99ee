"""The catalog: what is broken is refused by line, the rest is served, running cases stay put."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, func, select

from databases import migrate
from onevisit.catalog.catalog import Catalog
from onevisit.catalog.folder import Folder, load_folder
from onevisit.store.session import engine_for, reading, writing
from onevisit.store.tables import WorkflowVersion
from only_for_tests import KEYRING
from unit.definition import small

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
OTHER = "workflows/other.yaml"
BASES = {
    "limit: {days: 20}": "limit: {days: 20, basis: 测试}",
    "limit: {days: 5}": "limit: {days: 5, basis: 测试}",
    "promise: {days: 3}": "promise: {days: 3, basis: 测试}",
    "promise: {days: 1}": "promise: {days: 1, basis: 测试}",
    "promise: {visits: 1, days: 6}": "promise: {visits: 1, days: 9, basis: 测试}",
}


def provable() -> dict[str, str]:
    """The small service with what a proof asks for besides: bases, remedies, a whole life."""
    texts = dict(small.FILES)
    for old, new in BASES.items():
        texts[small.WORKFLOW] = texts[small.WORKFLOW].replace(old, new)
    for name in (small.LIFECYCLE, small.JURISDICTION):
        texts[name] = (ROOT / name).read_text(encoding="utf-8")
    return texts


PROVABLE = provable()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A service folder with two services, `stall` and `other`, and the real templates."""
    texts = {**PROVABLE, OTHER: PROVABLE[small.WORKFLOW].replace("id: stall", "id: other")}
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    return tmp_path


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a migrated database of each kind."""
    migrate(database_url)
    engine = engine_for(database_url, KEYRING)
    yield engine
    engine.dispose()


def publish(catalog: Catalog, engine: Engine, folder: Path, later: int = 0) -> Folder:
    with writing(engine) as session:
        return catalog.publish_folder(session, folder, NOW + timedelta(hours=later))


def edit(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")


def served(catalog: Catalog) -> dict[str, str]:
    return {each.definition.workflow.id: each.definition.workflow.title for each in catalog.list()}


def count(engine: Engine) -> int:
    with reading(engine) as session:
        return session.exec(select(func.count(col(WorkflowVersion.hash)))).one()


def test_what_can_be_read_is_served(engine: Engine, folder: Path) -> None:
    catalog = Catalog(engine)
    publish(catalog, engine, folder)
    assert list(served(catalog)) == ["other", "stall"]
    assert catalog.refused(folder) == ()
    assert catalog.current("stall").definition.workflow.id == "stall"
    assert [each.published_at for each in catalog.listed()] == [NOW, NOW]
    with pytest.raises(KeyError):
        catalog.current("nope")
    with reading(engine) as session, pytest.raises(KeyError):
        catalog.version(session, "0" * 64)


def test_publishing_twice_changes_nothing(engine: Engine, folder: Path) -> None:
    catalog = Catalog(engine)
    publish(catalog, engine, folder)
    before = [(each.published.hash, each.published_at) for each in catalog.listed()]
    publish(catalog, engine, folder, later=1)
    publish(Catalog(engine), engine, folder, later=2)
    assert [(each.published.hash, each.published_at) for each in catalog.listed()] == before
    assert count(engine) == 2


def test_a_new_version_is_served_and_running_cases_keep_theirs(
    engine: Engine, folder: Path
) -> None:
    catalog = Catalog(engine)
    publish(catalog, engine, folder)
    old = catalog.current("stall").hash
    edit(folder, small.WORKFLOW, 'version: "1.0"', 'version: "1.1"')
    edit(folder, small.WORKFLOW, "title: 食品登记", "title: 食品备案")
    publish(catalog, engine, folder, later=1)
    new = catalog.current("stall")
    assert new.hash != old
    assert new.definition.workflow.item("food").title == "食品备案"
    for reader in (catalog, Catalog(engine)):  # remembered, and read anew from the database
        with reading(engine) as session:
            assert reader.version(session, old).definition.workflow.item("food").title == "食品登记"
            assert reader.version(session, new.hash).hash == new.hash
    assert count(engine) == 3
    with reading(engine) as session:
        rows = session.exec(
            select(WorkflowVersion).where(WorkflowVersion.workflow_id == "stall")
        ).all()
    assert {row.hash: row.current for row in rows} == {old: False, new.hash: True}


def test_going_back_to_an_earlier_text_serves_the_earlier_version(
    engine: Engine, folder: Path
) -> None:
    catalog = Catalog(engine)
    publish(catalog, engine, folder)
    old = catalog.current("stall").hash
    edit(folder, small.WORKFLOW, "摆摊", "练摊")
    publish(catalog, engine, folder, later=1)
    edit(folder, small.WORKFLOW, "练摊", "摆摊")
    publish(catalog, engine, folder, later=2)
    assert catalog.current("stall").hash == old
    assert count(engine) == 3


def test_a_change_of_the_form_or_the_place_is_a_new_version_too(
    engine: Engine, folder: Path
) -> None:
    catalog = Catalog(engine)
    publish(catalog, engine, folder)
    before = {each.definition.workflow.id: each.hash for each in catalog.list()}
    edit(folder, small.FORM, "title: 姓名, min", "title: 名字, min")
    publish(catalog, engine, folder, later=1)
    after = {each.definition.workflow.id: each.hash for each in catalog.list()}
    assert all(after[name] != before[name] for name in before)
    (folder / "workflows/calendars/other.yaml").write_text("id: other\n", encoding="utf-8")
    publish(catalog, engine, folder, later=2)
    assert {each.definition.workflow.id: each.hash for each in catalog.list()} == after


BROKEN = [
    (small.WORKFLOW, "items:\n", "items: [\n", "stall.yaml:27:3: YAML 写法有误"),
    (small.WORKFLOW, "form: stall", "form: stal", "stall.yaml:21:7: 找不到文件 forms/stal.yaml"),
    (small.WORKFLOW, "department: market", "department: markt",
     "stall.yaml:39:17: 没有名为“markt”的部门；是否想写“market”？"),
    (small.WORKFLOW, "id: stall\n", "id: booth\n", "stall.yaml:1:5: 文件名应与 id 一致"),
    (small.WORKFLOW, "fields: [name]", "template: certificates/none, fields: [name]",
     "certificates/none"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "old", "new", "told"), BROKEN)
def test_a_broken_service_is_refused_by_line_and_the_rest_is_served(
    engine: Engine, folder: Path, path: str, old: str, new: str, told: str
) -> None:
    catalog = Catalog(engine)
    publish(catalog, engine, folder)
    edit(folder, path, old, new)
    edit(folder, OTHER, "摆摊", "练摊")
    publish(catalog, engine, folder, later=1)
    (refusal,) = catalog.refused(folder)
    assert refusal.path == small.WORKFLOW
    assert told in "\n".join(str(each) for each in refusal.problems)
    assert served(catalog) == {"other": "练摊“一件事”（虚构）", "stall": "摆摊“一件事”（虚构）"}
    edit(folder, path, new, old)
    publish(catalog, engine, folder, later=2)
    assert catalog.refused(folder) == ()


def test_a_service_that_never_could_be_read_is_not_there(engine: Engine, folder: Path) -> None:
    edit(folder, small.WORKFLOW, "department: market", "department: markt")
    catalog = Catalog(engine)
    publish(catalog, engine, folder)
    assert list(served(catalog)) == ["other"]
    with pytest.raises(KeyError):
        catalog.current("stall")


def test_a_missing_form_refuses_only_who_names_it(engine: Engine, folder: Path) -> None:
    edit(folder, OTHER, "form: stall", "form: kiosk")
    catalog = Catalog(engine)
    publish(catalog, engine, folder)
    (refusal,) = catalog.refused(folder)
    (problem,) = refusal.problems
    assert str(problem) == f"{OTHER}:21:7: 找不到文件 forms/kiosk.yaml，请新建该文件或改正名称"
    assert refusal.line(problem) == "form: kiosk"
    assert list(served(catalog)) == ["stall"]


def test_files_that_are_no_text_are_refused_by_name(folder: Path) -> None:
    (folder / "workflows/latin.yaml").write_bytes("title: café".encode("latin-1"))
    (folder / "workflows/huge.yaml").write_text("x" * 1_100_000, encoding="utf-8")
    found = load_folder(folder)
    assert sorted(str(p) for refusal in found.refused for p in refusal.problems) == [
        "workflows/huge.yaml:1:1: 文件超过 1 MB，拒绝读取",
        "workflows/latin.yaml:1:1: 文件必须是 UTF-8 编码",
    ]
    assert [refusal.line(refusal.problems[0]) for refusal in found.refused] == ["", ""]
    assert [each.definition.workflow.id for each in found.services] == ["other", "stall"]


def test_files_that_cannot_be_read_are_refused_by_name(folder: Path) -> None:
    (folder / "workflows/broken_link.yaml").symlink_to(folder / "nowhere")
    (folder / "workflows/folder.yaml").mkdir()
    found = load_folder(folder)
    told = sorted(str(p) for refusal in found.refused for p in refusal.problems)
    assert [each.partition("：")[0] for each in told] == [
        "workflows/broken_link.yaml:1:1: 文件读不出来",
        "workflows/folder.yaml:1:1: 文件读不出来",
    ]
    assert [each.definition.workflow.id for each in found.services] == ["other", "stall"]


def test_a_folder_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    told = [str(p) for refusal in load_folder(tmp_path).refused for p in refusal.problems]
    assert told == [
        "workflows:1:1: 找不到文件 workflows/，请新建该文件或改正名称",
        "forms:1:1: 找不到文件 forms/，请新建该文件或改正名称",
    ]


def test_an_empty_folder_serves_nothing(engine: Engine, tmp_path: Path) -> None:
    for name in ("workflows", "forms"):
        (tmp_path / name).mkdir()
    catalog = Catalog(engine)
    assert publish(catalog, engine, tmp_path) == Folder((), ())
    assert catalog.list() == ()


def test_an_unfinished_publication_leaves_no_trace(engine: Engine, folder: Path) -> None:
    catalog = Catalog(engine)
    publish(catalog, engine, folder)
    before = catalog.current("stall").hash
    edit(folder, small.WORKFLOW, "摆摊", "练摊")
    with pytest.raises(RuntimeError), writing(engine) as session:
        catalog.publish_folder(session, folder, NOW)
        raise RuntimeError("the request failed")
    assert catalog.current("stall").hash == before
    assert count(engine) == 2


def test_a_chart_is_compiled_once_for_a_selection(folder: Path) -> None:
    from onevisit.engine import select as choose

    (service, *_) = load_folder(folder).services
    selection = choose(service.definition, {"area": 3, "kind": "fruit"})
    assert service.chart(selection) is service.chart(selection)
    assert service.short_hash == service.hash[:12]


def test_a_promise_that_is_refuted_is_not_published(folder: Path, engine: Engine) -> None:
    catalog = Catalog(engine)
    publish(catalog, engine, folder)
    before = catalog.current("stall").hash
    edit(folder, small.WORKFLOW, "promise: {visits: 1, days: 9,", "promise: {visits: 1, days: 6,")
    found = publish(catalog, engine, folder)
    assert [each.path for each in found.refused] == [small.WORKFLOW]
    assert "超过承诺的 6 个工作日" in str(found.refused[0].problems[0])
    assert catalog.current("stall").hash == before


def test_a_version_that_asks_more_than_the_last_is_not_published(
    folder: Path, engine: Engine
) -> None:
    catalog = Catalog(engine)
    publish(catalog, engine, folder)
    edit(folder, small.WORKFLOW, "items: [place], when: night}", "items: [place, food]}")
    edit(
        folder,
        small.WORKFLOW,
        "  - {id: photo,",
        "  - {id: plan, title: 摆放图, source: applicant, items: [place]}\n  - {id: photo,",
    )
    found = publish(catalog, engine, folder)
    assert [each.path for each in found.refused] == [small.WORKFLOW]
    assert "材料" in str(found.refused[0].problems[0])


def test_one_stored_version_that_can_no_longer_be_read_does_not_hide_the_others(
    folder: Path, engine: Engine
) -> None:
    publish(Catalog(engine), engine, folder)
    with writing(engine) as session:
        row = session.exec(
            select(WorkflowVersion).where(WorkflowVersion.workflow_id == "stall")
        ).one()
        row.content = {**row.content, small.WORKFLOW: "id: stall\nolder_key: 1\n"}
        session.add(row)
    catalog = Catalog(engine)
    assert list(served(catalog)) == ["other"]
    (refusal,) = catalog.refused(folder)
    assert refusal.path == small.WORKFLOW
    assert any("older_key" in str(problem) for problem in refusal.problems)
