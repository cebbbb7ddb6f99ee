"""The city's unified sign-in in a real browser, against a real provider: a citizen comes for a
page, signs in there, lands on that page, and signs out here and there."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, expect

from browser.conftest import ROOT, Person
from functional.unified import real_issuer, with_issuer
from onevisit.settings import Settings
from onevisit.store.migrate import upgrade
from onevisit.web.app import create_app


@dataclass(frozen=True)
class Ways:
    """Where the city answers, and its provider."""

    origin: str
    issuer: str


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    """A city without services whose people come in through the provider; its port is taken before
    either is told of the other."""
    settings = Settings(
        home=ROOT, data=tmp_path_factory.mktemp("city"), database_url="", printing_processes=0
    ).prepared()
    upgrade(settings.database_url, settings.keyring)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with real_issuer(f"{origin}/sign-in/unified/callback", f"{origin}/") as issuer:
            app = create_app(with_issuer(settings, issuer, public_url=origin))
            server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
            thread.start()
            yield Ways(origin, issuer)
            server.should_exit = True
            thread.join()


def test_there_and_back_and_out(chromium: Browser, ways: Ways, tmp_path: Path) -> None:
    person = Person(chromium, ways.origin, tmp_path)
    page = person.page
    page.goto("/my/agents")
    person.accessible()
    page.get_by_role("link", name="用演示市统一身份认证登录").click()
    page.wait_for_url(f"{ways.issuer}/**")
    page.locator("input[name=login]").fill("citizen")
    page.locator("input[name=password]").fill("only-for-tests")
    page.locator("button[type=submit]").click()
    page.locator("input[name=prompt][value=consent]").wait_for(state="attached")
    page.locator("button[type=submit]").click()
    page.wait_for_url(f"{ways.origin}/my/agents")
    person.problems.clear()  # the provider's own pages may say what they like
    expect(page.get_by_role("link", name="演示citizen")).to_be_visible()
    mine = [each for each in person.context.cookies(ways.origin) if each["name"] == "onevisit"]
    assert [each["httpOnly"] for each in mine] == [True]
    page.get_by_role("button", name="退出", exact=True).click()
    page.wait_for_url(f"{ways.origin}/sign-in/unified/ended")
    person.accessible()
    page.get_by_role("link", name="统一身份认证").first.click()
    page.wait_for_url(f"{ways.issuer}/**")
    page.locator("button[value=yes]").click()
    page.wait_for_url(f"{ways.origin}/")
    page.goto("/my/agents")
    page.wait_for_url(f"{ways.origin}/sign-in?**")
    person.context.close()
