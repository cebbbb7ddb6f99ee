"""A real server and a real Chromium for the tests that click."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, expect, sync_playwright

from browser.tour import Tour, prepared
from onevisit.cli.demonstration import Demo, prepare
from onevisit.cli.journey.drive import running
from onevisit.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules/axe-core/axe.min.js"
CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
    expect.set_options(timeout=60_000)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """A prepared fictional city on an embedded database of its own."""
    return prepare(Settings(data=tmp_path_factory.mktemp("city"), database_url=""))


@pytest.fixture(scope="module")
def origin(demo: Demo) -> Iterator[str]:
    """The address of the running server."""
    with running(demo) as address:
        yield address


@pytest.fixture(scope="session")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tour]:
    """Every page of the application, in a fictional town of its own."""
    with prepared(tmp_path_factory.mktemp("tour")) as found:
        yield found


def _is_fault(said: ConsoleMessage) -> bool:
    """Whether the console complains of more than a page that answers 422 with its errors."""
    return said.type == "error" and "status of 422" not in said.text


def stands_still(page: Page) -> None:
    """Waits until the page has all it refers to and nothing on it moves any more: a colour on its
    way from light to dark, or a page without its style sheet, is nothing that stays."""
    page.wait_for_load_state("load")
    page.evaluate(
        """() => Promise.allSettled(document.getAnimations()
        .filter(each => each.effect.getComputedTiming().iterations !== Infinity)
        .map(each => each.finished))"""
    )


class Person:
    """Somebody with a browser of their own, signed in through the page."""

    def __init__(self, browser: Browser, origin: str, shots: Path | None = None) -> None:
        self.context = browser.new_context(
            base_url=origin, locale="zh-CN", viewport={"width": 1280, "height": 900}
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on(
            "console",
            lambda said: self.problems.append(said.text) if _is_fault(said) else None,
        )
        self.shots = shots
        self.seen: set[str] = set()

    def sign_in(self, username: str, password: str) -> None:
        self.page.goto("/sign-in")
        self.page.get_by_label("用户名").fill(username)
        self.page.get_by_label("密码").fill(password)
        self.page.get_by_role("button", name="登录", exact=True).click()
        expect(self.page.get_by_role("button", name="退出", exact=True)).to_be_visible()
        self.page.wait_for_load_state("load")  # only then do keys do something

    def shot(self, name: str) -> None:
        """A screenshot, when somebody asked for them."""
        if self.shots is not None:
            self.shots.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=self.shots / f"{name}.png", full_page=True)

    def settled(self) -> None:
        """Waits until nothing on the page moves any more."""
        stands_still(self.page)

    def accessible(self) -> None:
        """No violation of WCAG 2.2 A or AA on the present page, by axe; once for each kind."""
        assert self.problems == []
        heading = self.page.locator("h1").first.inner_text()
        kind = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[\d-]{10,}", "*", self.page.url + heading)
        kind += str(self.page.locator("form").count())
        if kind in self.seen:
            return
        self.seen.add(kind)
        self.settled()
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate(
            """async () => (await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a",
            "wcag21aa", "wcag22aa"]})).violations.map(v => v.id + ": " + v.help + " "
            + v.nodes.map(n => n.target.join(" ")).join(", "))"""
        )
        assert found == [], f"{self.page.url}: {found}"
