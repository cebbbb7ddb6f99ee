"""Whatever goes wrong, a page says what happened, what was saved and what to do next."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from functional.city import ORIGIN, ROOT, City, settings_in
from onevisit.documents import Press
from onevisit.store import session as store
from onevisit.store.migrate import upgrade
from onevisit.web import public
from onevisit.web.app import create_app


@pytest.fixture
def stranger(city: City) -> TestClient:
    """A browser that meets an error page where the server fails."""
    headers = {"origin": ORIGIN, "referer": f"{ORIGIN}/services"}
    return TestClient(city.app, base_url=ORIGIN, headers=headers, raise_server_exceptions=False)


def helps(text: str) -> bool:
    """Whether the page has all three parts and a way on."""
    return all(part in text for part in ("保存情况", "接下来", "回到首页"))


@pytest.mark.parametrize("address", ["/nowhere", "/my/x/y/z", "/documents/nothing", "/files/1"])
def test_an_address_that_leads_nowhere(stranger: TestClient, address: str) -> None:
    page = stranger.get(address)
    assert page.status_code == 404 and helps(page.text)


def test_a_page_that_only_takes_forms(stranger: TestClient) -> None:
    page = stranger.get("/sign-out")
    assert page.status_code == 405 and helps(page.text)


def test_our_own_fault(stranger: TestClient, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(public, "_groups", fails)
    page = stranger.get("/")
    assert page.status_code == 500 and helps(page.text)
    assert "secret detail" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert 'href="/services"' in page.text, "the way back"


def test_a_database_that_is_gone(
    stranger: TestClient, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = city.client("applicant")
    strict = TestClient(
        city.app, base_url=ORIGIN, cookies=client.cookies, raise_server_exceptions=False
    )

    def gone(_: object) -> None:
        raise OperationalError("SELECT 1", None, Exception("gone"))

    monkeypatch.setattr(store, "reading", gone)
    page = strict.get("/my")
    assert page.status_code == 503 and helps(page.text)


def test_a_document_that_cannot_be_made_is_not_lost(city: City, tmp_path: Path) -> None:
    """Somebody spoils a template after a case was submitted, and mends it again."""
    templates = tmp_path / "templates"
    shutil.copytree(ROOT / "templates", templates)
    case_id = city.submitted()
    printing = Press(templates).make
    city.app.state.site = replace(city.app.state.site, printing=printing)
    receipt = templates / "notices/_parts.html"
    whole = receipt.read_text()
    receipt.write_text("{{ nothing.at_all }}")
    client = city.client("applicant")
    address = re.findall(r'href="(/documents/[\w-]+)"', client.get(f"/my/{case_id}").text)[0]
    page = client.get(address)
    assert page.status_code == 503 and helps(page.text) and "不会丢" in page.text
    receipt.write_text(whole)
    assert client.get(address).content.startswith(b"%PDF-")


def test_a_form_with_no_end_of_fields_is_refused(city: City) -> None:
    data = {f"field{number}": "x" for number in range(2100)}
    page = city.client("applicant").post("/my/start/open_restaurant", data=data)
    assert page.status_code == 422 and helps(page.text)


def test_an_empty_database_is_alive_but_not_ready(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "empty")
    client = TestClient(create_app(settings), base_url=ORIGIN)
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    upgrade(settings.database_url, settings.keyring)
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.json()["because"] == "no service is published"
