"""Writing a service in the browser: drafts, the check beside them, two admins, publishing, former
versions, and that no restart undoes what was published."""

import html
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from functional.city import PASSWORD, ROOT, City, Prepared
from onevisit.catalog.catalog import Catalog
from onevisit.settings import Settings
from onevisit.store.session import engine_for, reading, writing
from onevisit.store.studio_tables import DraftText, Publication

ID = "open_restaurant"
PROMISE = "promise: {visits: 1, days: 12, basis: 示例市一件事办理承诺（虚构）}"


@pytest.fixture
def workshop(prepared_city: Prepared, tmp_path: Path) -> City:
    """A city whose service folder is a copy that may be written."""
    home = tmp_path / "home"
    for folder in ("workflows", "forms", "templates"):
        shutil.copytree(ROOT / folder, home / folder)
    city = prepared_city.copied(tmp_path / "city")
    city.settings = Settings(
        home=home, data=city.settings.data, database_url="", printing_processes=0
    ).prepared()
    return city


def begin(client: TestClient, workflow_id: str = ID) -> str:
    """The address of a draft of the service."""
    return str(client.post("/studio/drafts", data={"from": workflow_id}).url.path)


def typed(page: str, name: str = "workflow") -> str:
    """What the editor shows of one file."""
    found = re.search(rf'<textarea[^>]* name="{name}"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert found
    return (
        found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&#34;", '"')
        .replace("&#39;", "'").replace("&amp;", "&")
    )  # fmt: skip


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1]


def hidden_fields(page: str) -> dict[str, str]:
    """The hidden fields of a page."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in found}


def test_a_draft_begins_with_the_next_number_and_is_proven(city: City) -> None:
    client = city.client("admin")
    page = client.get(begin(client)).text
    assert 'version: "1.1"' in typed(page)
    assert "七项都已证明" in page
    assert "6 → 0" in page  # visits
    assert "23 → 8" in page  # material
    assert "60 → 12" in page
    assert "公众聚集场所投入使用、营业前消防安全检查" in page
    assert "没有变" in page
    assert begin(client) == begin(client)  # one draft a service
    assert "正在写的草稿（1）" in client.get("/studio").text


def test_the_exact_line_that_breaks_the_promise_and_the_path(city: City) -> None:
    client = city.client("admin")
    address = begin(client)
    page = client.get(address).text
    text = typed(page).replace("visits: 1, days: 12", "visits: 1, days: 9")
    piece = client.post(
        f"{address}/check", data={"revision": "1", "workflow": text, "piece": "1"}
    ).text
    line = text[: text.index("promise: {visits")].count("\n") + 1
    assert "不能兑现" in piece
    assert f"workflows/{ID}.yaml:{line}:" in piece
    assert "超过承诺的 9 个工作日" in piece
    assert 'data-revision="2"' in piece  # saved by itself
    assert "days: 9" in typed(client.get(address).text)
    unknown = text.replace("department: tobacco", "department: tobaco")
    piece = client.post(
        f"{address}/check", data={"revision": "2", "workflow": unknown, "piece": "1"}
    ).text
    assert "是否想写“tobacco”" in piece
    assert "<mark>tobaco</mark>" in piece


def test_unfinished_and_hostile_text_is_answered(city: City) -> None:
    client = city.client("admin")
    address = begin(client)
    for place, text in enumerate(("", "id: [", "a: " + "[" * 5000, "x: &a [*a, *a]", "\x00")):
        answer = client.post(
            f"{address}/check", data={"revision": str(place + 1), "workflow": text, "piece": "1"}
        )
        assert answer.status_code == 200, text[:20]
        assert "还读不懂" in answer.text, text[:20]


def test_scenarios_are_played_on_request(city: City) -> None:
    client = city.client("admin")
    address = begin(client)
    page = client.get(address).text
    assert "情景演练" not in page
    data = {"revision": "1", "play": "1", "piece": "1"}
    assert "大酒楼七个事项一起办" in client.post(f"{address}/check", data=data).text
    wrong = typed(page, "scenarios").replace("days: 12", "days: 11")
    failed = client.post(f"{address}/check", data=data | {"scenarios": wrong}).text
    assert "没有通过" in failed


def test_the_second_admin_is_told_what_the_first_changed(city: City) -> None:
    first, second = city.client("admin"), city.client("admin")
    address = begin(first)
    text = typed(second.get(address).text)
    mine = text.replace("summary: 开一家餐饮店", "summary: 开一家小餐饮店")
    theirs = text.replace("keywords: [餐馆", "keywords: [酒馆, 餐馆")
    assert first.post(address, data={"revision": "1", "workflow": theirs}).status_code == 200
    answer = second.post(address, data={"revision": "1", "workflow": mine})
    assert answer.status_code == 409
    assert "改过这份草稿" in answer.text
    assert '<span class="ov-added">+keywords: [酒馆, 餐馆' in answer.text
    assert "开一家小餐饮店" in typed(answer.text)  # nothing typed is lost
    assert "酒馆" in typed(first.get(address).text)  # and nothing saved
    chosen = {"revision": hidden(answer.text, "revision"), "workflow": mine}
    assert second.post(address, data=chosen).status_code == 200
    assert "开一家小餐饮店" in typed(first.get(address).text)
    with reading(engine_for(city.settings.database_url, city.settings.keyring)) as session:
        kept = [row.files[f"workflows/{ID}.yaml"] for row in session.exec(select(DraftText))]
    assert any("酒馆" in each for each in kept)


def test_a_new_service_by_copying(workshop: City) -> None:
    client = workshop.client("admin")
    wrong = client.post("/studio/drafts", data={"from": ID, "id": "开店", "title": ""})
    assert wrong.status_code == 422
    assert "标识用小写英文字母" in wrong.text
    taken = client.post("/studio/drafts", data={"from": ID, "id": "newborn", "title": "出生"})
    assert "已经有这个标识" in taken.text
    copied = client.post(
        "/studio/drafts", data={"from": ID, "id": "open_shop", "title": "开办便利店：一件事"}
    )
    assert "七项都已证明" in copied.text
    address = copied.url.path
    before = client.get(f"{address}/publish").text
    done = client.post(
        f"{address}/publish",
        data={"revision": hidden(before, "revision"), "against": hidden(before, "against")},
    )
    assert "已发布：开办便利店：一件事（第 1.0 版）" in done.text
    assert workshop.client("applicant").get("/services/open_shop").status_code == 200
    assert (workshop.settings.home / "workflows/open_shop.yaml").exists()
    assert client.get(address).status_code == 404  # the draft is done with


def publish_change(client: TestClient, old: str, new: str) -> str:
    """The page after a change of the restaurant service was published."""
    address = begin(client)
    page = client.get(address).text
    text = typed(page).replace(old, new)
    assert text != typed(page)
    client.post(address, data={"revision": hidden(page, "revision"), "workflow": text})
    before = client.get(f"{address}/publish").text
    sent = {"revision": hidden(before, "revision"), "against": hidden(before, "against")}
    return client.post(f"{address}/publish", data=sent).text


def test_publishing_shows_the_difference_and_who_stays(workshop: City) -> None:
    case = workshop.case(workshop.accepted())
    client = workshop.client("admin")
    address = begin(client)
    text = typed(client.get(address).text).replace("days: 12", "days: 13")
    client.post(address, data={"revision": "1", "workflow": text})
    page = client.get(f"{address}/publish").text
    assert "不能发布" in page  # asks more days on the same basis
    assert "只减不增" in page
    sent = {"revision": "2", "against": hidden(page, "against") if "against" in page else ""}
    with reading(engine_for(workshop.settings.database_url, workshop.settings.keyring)) as session:
        sent["against"] = (
            Catalog(engine_for(workshop.settings.database_url, workshop.settings.keyring))
            .current(ID, session)
            .hash
        )
    refused = client.post(f"{address}/publish", data=sent)
    assert refused.status_code == 422
    text = text.replace("一件事办理承诺（虚构）}", "一件事办理承诺第2号（虚构）}")
    client.post(address, data={"revision": "2", "workflow": text})
    page = client.get(f"{address}/publish").text
    assert '<span class="ov-added">+promise: {visits: 1, days: 13' in page
    assert "13 个工作日" in page
    assert "1 件在办件" in page
    assert str(case.number) in page
    sent = {"revision": hidden(page, "revision"), "against": "0" * 64}
    overtaken = client.post(f"{address}/publish", data=sent)
    assert overtaken.status_code == 409
    assert "没有发布" in overtaken.text
    sent["against"] = hidden(page, "against")
    assert (
        "已发布：开办餐饮店“一件事”（第 1.1 版）"
        in client.post(f"{address}/publish", data=sent).text
    )
    assert "旧版" in client.get(f"/studio/{ID}").text


def test_no_restart_undoes_a_publication(workshop: City) -> None:
    client = workshop.client("admin")
    assert "已发布" in publish_change(client, "summary: 开一家餐饮店", "summary: 开一家小餐饮店")
    engine = engine_for(workshop.settings.database_url, workshop.settings.keyring)
    now = datetime.now(UTC)

    def summary(home: Path) -> str:
        """What is served after a node with this folder has started."""
        with writing(engine) as session:
            catalog = Catalog(engine)
            catalog.publish_folder(session, home, now)
            return catalog.current(ID, session).definition.workflow.summary

    assert summary(workshop.settings.home).startswith("开一家小餐饮店")
    assert summary(ROOT).startswith("开一家小餐饮店")  # a node whose folder is the old one
    file = workshop.settings.home / "workflows" / f"{ID}.yaml"
    text = file.read_text()
    assert "开一家小餐饮店" in text  # the folder says the same
    file.write_text(text.replace("开一家小餐饮店", "在本市开一家餐饮店"))
    assert summary(workshop.settings.home).startswith("在本市开一家餐饮店")  # somebody wrote there
    with reading(engine) as session:
        told = [(row.how, row.published_by is None) for row in session.exec(select(Publication))]
    assert ("draft", False) in told
    assert told[-1] == ("folder", True)


def test_a_former_version_again_states_its_basis_when_it_asks_more(workshop: City) -> None:
    client = workshop.client("admin")
    client.get("/studio")
    first = (
        Catalog(engine_for(workshop.settings.database_url, workshop.settings.keyring))
        .current(ID)
        .hash
    )
    fewer = "promise: {visits: 0, days: 12, basis: 示例市一件事办理承诺（虚构）}"
    shorter = publish_change(client, PROMISE, fewer)
    assert "已发布" in shorter
    address = f"/studio/{ID}/versions/{first}"
    page = client.get(address).text
    assert "恢复第 1.0 版" in page
    sent = {"against": hidden(page, "against"), "basis": ""}
    assert client.post(f"{address}/restore", data=sent | {"against": "x"}).status_code == 409
    done = client.post(f"{address}/restore", data=sent | {"basis": "示例依据（虚构）"}).text
    assert "已恢复：开办餐饮店“一件事”（第 1.0 版）" in done
    assert "依据：示例依据（虚构）" in done
    current = Catalog(
        engine_for(workshop.settings.database_url, workshop.settings.keyring)
    ).current(ID)
    assert current.definition.workflow.promise.visits == 1


def test_a_page_left_open_overnight_loses_nothing(city: City) -> None:
    client = city.client("admin")
    address = begin(client)
    text = typed(client.get(address).text).replace("开一家餐饮店", "开一家夜里写的餐饮店")
    client.cookies.clear()  # the session has ended
    data = {"revision": "1", "workflow": text}
    piece = client.post(f"{address}/check", data=data | {"piece": "1"})
    assert "data-result" not in piece.text  # the script says that nothing was saved by itself
    asked = client.post(address, data=data, headers={"referer": f"http://testserver{address}"})
    assert "登录" in asked.text
    resumed = client.post(
        "/sign-in", data=hidden_fields(asked.text) | {"username": "admin", "password": PASSWORD}
    )
    client.post(address, data=hidden_fields(resumed.text))
    assert "夜里写的" in typed(client.get(address).text)


def test_a_draft_is_tried_without_any_case(city: City) -> None:
    client = city.client("admin")
    address = begin(client)
    assert "经营场所使用面积有多大" in client.get(f"{address}/try").text
    query = "began=1&area=40&cooking=false&gathering=false&signboard=false&want_tobacco=false"
    page = client.get(f"{address}/try?{query}").text
    assert "填报中" in page
    link = re.search(r'href="(/studio/drafts/[^"]*did=case%3Asubmit)"', page)
    assert link
    page = client.get(link[1].replace("&amp;", "&")).text
    assert "待受理" in page
    assert "受理" in page
    lost = client.get(f"{address}/try?{query}&did=case:submit&did=case:submit").text
    assert "后面 1 步走不通" in lost
    assert "开办餐饮店申请表" in client.get(f"{address}/form").text


def test_giving_up_and_who_may(city: City) -> None:
    client = city.client("admin")
    address = begin(client)
    for username in ("applicant", "clerk", "tobacco.decider"):
        stranger = city.client(username)
        assert stranger.get(address).status_code == 403
        assert stranger.post(f"{address}/check", data={"revision": "1"}).status_code == 403
    assert "又有改动" in client.post(f"{address}/discard", data={"revision": "7"}).text
    assert "已放弃" in client.post(f"{address}/discard", data={"revision": "1"}).text
    assert client.get(address).status_code == 404
    assert client.get("/studio/schema/workflow.json").json()["properties"]["items"]
    assert client.get("/studio/schema/nonsense.json").status_code == 404
