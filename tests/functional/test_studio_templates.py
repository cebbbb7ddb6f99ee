"""Templates edited by an admin: looked at, tried on every paper, saved, compared, put back."""

import html
import re
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from functional.city import ROOT, City, Prepared
from onevisit.documents import tryout
from onevisit.settings import Settings

RECEIPT = "/studio/templates/notices/receipt"
CERTIFICATE = "/studio/templates/certificates/_certificate"
PARTS = "/studio/templates/notices/_parts"


@pytest.fixture
def workshop(prepared_city: Prepared, tmp_path: Path) -> City:
    """A city whose service folder is a copy that the test may edit."""
    home = tmp_path / "home"
    for folder in ("workflows", "forms", "templates"):
        shutil.copytree(ROOT / folder, home / folder, ignore=shutil.ignore_patterns(".versions"))
    city = prepared_city.copied(tmp_path / "city")
    city.settings = city.settings.model_copy(update={"home": home})
    assert isinstance(city.settings, Settings)
    return city


def file(city: City, name: str) -> Path:
    """A template's file."""
    return city.settings.templates / f"{name}.html"


def seen(client: TestClient, address: str) -> dict[str, str]:
    """The form of a template's page as a browser would send it back."""
    page = client.get(address)
    assert page.status_code == 200
    revision = re.search(r'name="revision" value="([^"]+)"', page.text)
    text = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page.text, re.DOTALL)
    assert revision and text
    return {"revision": revision[1], "text": html.unescape(text[1])}


def test_the_list_shows_every_template_and_who_uses_it(city: City) -> None:
    page = city.client("admin").get("/studio/templates").text
    for path in (
        *ROOT.glob("templates/notices/*.html"),
        *ROOT.glob("templates/certificates/*.html"),
    ):
        assert f'href="/studio/templates/{path.parent.name}/{path.stem}"' in page
    assert "收件回执" in page and "共用部分" in page
    assert 'href="/studio/templates"' in city.client("admin").get("/studio").text


def test_the_editor_offers_every_paper_and_each_services_certificates(city: City) -> None:
    client = city.client("admin")
    page = client.get(CERTIFICATE).text
    assert "食品经营许可证 · 全部栏目" in page
    assert "营业执照" in page or "certificates/" in page
    assert "收件回执 · 可以没有的都没有" in client.get(RECEIPT).text
    assert "听证笔录" in client.get(PARTS).text  # a part is tried on all that use it
    assert seen(client, RECEIPT)["text"] == file(city, "notices/receipt").read_text()


def test_the_preview_shows_the_pages_or_what_is_wrong_and_where(city: City) -> None:
    client = city.client("admin")
    form = seen(client, RECEIPT)
    page = client.post(f"{RECEIPT}/preview", data=form).text
    assert page.count('src="data:image/png;base64,') == 2
    wrong = form | {
        "text": form["text"].replace("{{ parts.summary", "{{ applicant.nick }}{{ parts.summary")
    }
    page = client.post(f"{RECEIPT}/preview", data=wrong).text
    assert "applicant.nick" in page and "缺的值" in page and "，第 5 行" in page
    assert "{{ applicant.nick }}" in html.unescape(page)  # nothing typed is lost
    wrong = form | {"text": "一\n{% if %}", "piece": "1"}
    piece = client.post(f"{RECEIPT}/preview", data=wrong).text
    assert "第 2 行" in piece and "<html" not in piece
    assert file(city, "notices/receipt").read_text() == form["text"]


def test_what_runs_for_ever_or_takes_everything_is_cut_off(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = city.client("admin")
    form = seen(client, RECEIPT) | {"piece": "1"}
    piece = client.post(f"{RECEIPT}/preview", data=form | {"text": "{{ 'a' * 10**9 }}"}).text
    assert "太长" in piece
    monkeypatch.setitem(tryout.SECONDS, "preview", 1)
    monkeypatch.setattr(tryout, "PATIENCE", 1)
    many = "{% for i in range(1500) %}<table><tr><td>演示</td></tr></table>{% endfor %}{{ title }}"
    piece = client.post(f"{RECEIPT}/preview", data=form | {"text": many * 4}).text
    assert "已经停止" in piece
    assert client.get("/studio/templates").status_code == 200


def test_only_one_preview_is_made_at_a_time(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    client = city.client("admin")
    form = seen(client, RECEIPT) | {"piece": "1"}
    monkeypatch.setattr(tryout, "PATIENCE", 0.05)
    begun, go = threading.Event(), threading.Event()
    run = tryout._waiting.take

    def slow():  # type: ignore[no-untyped-def]  # stands for the process that is started
        begun.set()
        go.wait(20)
        return run()

    monkeypatch.setattr(tryout._waiting, "take", slow)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(city.client("admin").post, f"{RECEIPT}/preview", data=form)
        assert begun.wait(20)
        assert "正在试作另一份文书" in client.post(f"{RECEIPT}/preview", data=form).text
        monkeypatch.setattr(tryout, "PATIENCE", 10)
        go.set()
        assert "data:image/png" in first.result().text


def test_saving_tries_all_papers_keeps_the_former_text_and_serves_the_new(workshop: City) -> None:
    client = workshop.client("admin")
    form = seen(client, RECEIPT)
    new = form["text"].replace("三、接下来", "三、下一步")
    saved = client.post(RECEIPT, data=form | {"text": new})
    assert saved.status_code == 200
    assert "已保存" in saved.text and "第 1 版" in saved.text
    assert file(workshop, "notices/receipt").read_text() == new
    assert "演示管理员" in saved.text
    compared = client.get(f"{RECEIPT}/versions/1").text
    assert "-&lt;h2&gt;三、接下来" in compared and "+&lt;h2&gt;三、下一步" in compared
    revision = seen(client, RECEIPT)["revision"]
    back = client.post(f"{RECEIPT}/versions/1/restore", data={"revision": revision})
    assert "已恢复第 1 版" in back.text
    assert file(workshop, "notices/receipt").read_text() == form["text"]
    assert client.get(f"{RECEIPT}/versions/2").status_code == 200
    assert client.get(f"{RECEIPT}/versions/3").status_code == 404
    assert "没有变化" in client.post(RECEIPT, data=seen(client, RECEIPT)).text


def test_what_cannot_be_made_is_not_saved_and_every_paper_is_named(workshop: City) -> None:
    client = workshop.client("admin")
    form = seen(client, PARTS)
    wrong = form["text"].replace("{{ place.phone }}", "{{ place.fax }}")
    refused = client.post(PARTS, data=form | {"text": wrong})
    assert refused.status_code == 422
    assert "没有保存" in refused.text and "收件回执" in refused.text and "place.fax" in refused.text
    assert "{{ place.fax }}" in html.unescape(refused.text)
    assert file(workshop, "notices/_parts").read_text() == form["text"]
    assert not (workshop.settings.templates / ".versions/notices/_parts").exists()
    form = seen(client, CERTIFICATE)
    wrong = form["text"].replace("{% if certificate.valid_until %}", "{% if true %}")
    refused = client.post(CERTIFICATE, data=form | {"text": wrong})
    assert refused.status_code == 422
    assert "certificate.valid_until" in refused.text
    assert "“一件事”：" in refused.text  # which service's paper


def test_what_somebody_else_saved_is_not_overwritten_and_nothing_typed_is_lost(
    workshop: City,
) -> None:
    client = workshop.client("admin")
    form = seen(client, RECEIPT)
    theirs = form["text"].replace("三、接下来", "三、他人的改动")
    file(workshop, "notices/receipt").write_text(theirs)
    mine = form["text"].replace("三、接下来", "三、我的改动")
    refused = client.post(RECEIPT, data=form | {"text": mine})
    assert refused.status_code == 422
    assert "已经被改过" in refused.text
    assert "三、我的改动" in html.unescape(refused.text)
    assert "-&lt;h2&gt;三、他人的改动" in refused.text
    assert file(workshop, "notices/receipt").read_text() == theirs


def test_nobody_else_gets_in_and_no_other_file_can_be_named(city: City) -> None:
    for username in ("applicant", "clerk", "tobacco.decider", "operator"):
        client = city.client(username)
        assert client.get("/studio/templates").status_code == 403, username
        assert client.get(RECEIPT).status_code == 403, username
        assert client.post(RECEIPT, data={"text": "x", "revision": "x"}).status_code == 403, (
            username
        )
        assert client.post(f"{RECEIPT}/preview", data={"text": "x"}).status_code == 403, username
    client = city.client("admin")
    for name in ("web/base", "notices/gone", "notices/notice.css", "notices/..%2F..%2Fsecret",
                 "..%2Fweb/base", "archive/index"):  # fmt: skip
        assert client.get(f"/studio/templates/{name}").status_code in (404, 422), name
