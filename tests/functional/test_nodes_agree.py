"""Two nodes of one city without anything between them but the database and the folder: what one
does, the other knows at its next request."""

import errno
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlmodel import col, select
from starlette.testclient import TestClient

from functional.city import ORIGIN, City
from onevisit.catalog import authored
from onevisit.cli import serving
from onevisit.documents import whole_file
from onevisit.store.session import engine_for, writing
from onevisit.store.tables import Account
from only_for_tests import KEYRING

SERVICE = "workflows/open_restaurant.yaml"


@pytest.fixture
def other(city: City) -> City:
    """A second node on the same data: an application of its own, which shares no memory."""
    node = replace(city, cookies={}, clients={})
    assert node.app is not city.app and node.catalog is not city.catalog
    return node


def browser_of(node: City, like: TestClient) -> TestClient:
    """The same browser, whose next request goes to that node."""
    headers = {"origin": ORIGIN}
    return TestClient(node.app, base_url=ORIGIN, headers=headers, cookies=like.cookies)


def test_who_is_signed_in_is_so_everywhere_until_either_ends_it(city: City, other: City) -> None:
    here = city.client("clerk")
    there = browser_of(other, here)
    assert "演示综窗员" in there.get("/desk").text
    assert there.post("/sign-out", follow_redirects=False).status_code == 303
    assert here.get("/desk", follow_redirects=False).status_code == 303


def test_what_one_publishes_the_other_serves(city: City, other: City) -> None:
    before = other.catalog.current("open_restaurant")
    content = dict(before.content)
    title = f"title: {before.definition.workflow.title}"
    assert title in content[SERVICE]
    content[SERVICE] = content[SERVICE].replace(title, f"{title}（新）", 1)
    changed = type(before).from_content("open_restaurant", content)
    with writing(city.engine) as session:
        assert city.catalog.put_in_force(session, changed, datetime.now(UTC))
    assert other.catalog.current("open_restaurant").definition.workflow.title.endswith("（新）")
    assert "（新）" in TestClient(other.app, base_url=ORIGIN).get("/services").text


def test_what_is_refused_is_looked_at_anew_when_somebody_published(city: City, other: City) -> None:
    home = city.settings.home
    assert other.catalog.refused(home) == ()
    with writing(city.engine) as session:
        by = session.exec(select(Account.id).where(col(Account.username) == "admin")).one()
        found = (home / SERVICE).read_text("utf-8")
        authored.keep(session, SERVICE, "no: service", found, datetime.now(UTC), by)
    assert [each.path for each in other.catalog.refused(home)] == [SERVICE]


@pytest.mark.parametrize(("revision", "status"), [("9999_of_a_newer_release", 200), ("0001", 503)])
def test_a_node_goes_on_while_a_newer_release_has_brought_the_tables_further(
    city: City, revision: str, status: int
) -> None:
    stranger = TestClient(city.app, base_url=ORIGIN)
    assert stranger.get("/readyz").status_code == 200
    with writing(city.engine) as session:
        update = text("UPDATE alembic_version SET version_num = :revision")
        session.connection().execute(update, {"revision": revision})
    assert stranger.get("/readyz").status_code == status


def test_a_node_gives_up_a_database_that_does_not_come(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(serving, "UNREACHABLE", 0.0)
    engine = engine_for("postgresql+psycopg://onevisit@/nowhere?host=/nowhere", KEYRING)
    with pytest.raises(SystemExit):
        serving._once_reachable(engine)
    assert "数据库连不上，没有启动" in capsys.readouterr().out


def test_where_templates_cannot_be_written_nothing_typed_is_lost(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    admin = city.client("admin")
    page = "/studio/templates/notices/receipt"
    revision = admin.get(page).text.partition('name="revision" value="')[2].partition('"')[0]
    typed = (city.settings.templates / "notices/receipt.html").read_text("utf-8") + "<!-- 新 -->\n"
    monkeypatch.setattr("onevisit.documents.versions._alone", read_only)
    monkeypatch.setattr(whole_file, "write", read_only)
    answer = admin.post(page, data={"revision": revision, "text": typed})
    assert answer.status_code == 409
    assert "模板目录不能写" in answer.text and "&lt;!-- 新 --&gt;" in answer.text
