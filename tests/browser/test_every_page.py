"""Every page in every dress: no violation of WCAG 2.2 A or AA, nothing wider than a phone, nothing
heavy, nothing for the console to complain of.

Each page is opened at 1280 px in light, turned dark at 200 % zoom (a window of 640 px), narrowed to
a phone of 360 px, and opened again on the phone in 关怀版, the larger dress.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, expect

from browser import tour
from browser.conftest import AXE, stands_still
from browser.tour import Stop, Tour
from onevisit.web.wishes import COOKIE, Wishes

FULL: ViewportSize = {"width": 1280, "height": 900}
ZOOMED: ViewportSize = {"width": 640, "height": 450}
PHONE: ViewportSize = {"width": 360, "height": 740}
ELDER = Wishes(elder=True).packed
HEAVIEST = 200_000
"""Bytes that a first visit may transfer, fonts aside (issue 6)."""
RUN_AXE = """async () => (await axe.run(document, {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
  resultTypes: ["violations"], preload: false, performanceTimer: false,
})).violations.map(each => each.id + ": " + each.nodes.map(node => node.target.join(" ") + " ("
  + (node.any.concat(node.all, node.none)[0]?.message ?? "") + ")").slice(0, 3).join("; "))"""
WIDER = """() => {
  const page = document.scrollingElement, most = innerWidth + 1;
  if (page.scrollWidth <= most) return [];
  const scrolls = each => each && (/auto|scroll|hidden/.test(getComputedStyle(each).overflowX)
    || scrolls(each.parentElement));
  const reaches = each => Math.max(each.getBoundingClientRect().right,
    each.getBoundingClientRect().left + each.scrollWidth) > most;
  const wide = [...document.querySelectorAll("body *")].filter(each => reaches(each)
    && !scrolls(each.parentElement) && ![...each.children].some(reaches));
  return [`${page.scrollWidth} px wide in ${innerWidth}: ` + wide.slice(0, 3).map(each =>
    each.tagName.toLowerCase() + [...each.classList].map(name => "." + name).join("")).join(", ")];
}"""


@dataclass
class Walk:
    """One browser window that goes from page to page as this or that person."""

    context: BrowserContext
    page: Page
    tour: Tour
    weight: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def visit(self, stop: Stop) -> None:
        """Look at one page in every dress; what is wrong is added to the faults."""
        self._open(stop, "", FULL)
        self._weigh(stop)
        self._check(stop, "light", RUN_AXE)
        self.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        self.page.set_viewport_size(ZOOMED)
        self._check(stop, "dark, 200 %", RUN_AXE)
        self._check(stop, "200 %", WIDER)
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        self.page.set_viewport_size(PHONE)
        self._check(stop, "phone", WIDER)
        self._open(stop, ELDER, PHONE)
        self._check(stop, "关怀版, phone", RUN_AXE)
        self._check(stop, "关怀版, phone", WIDER)

    def hear(self, said: ConsoleMessage) -> None:
        """An error is a fault, unless it only tells that a page answered as it should, not 200."""
        if said.type == "error" and "the server responded with a status of" not in said.text:
            self.faults.append(f"{self.page.url} [console] {said.text}")

    def _open(self, stop: Stop, wishes: str, size: ViewportSize) -> None:
        self.context.clear_cookies()
        found = {**self.tour.cookies(stop.who), COOKIE: wishes}
        self.context.add_cookies(
            [
                {"name": name, "value": value, "url": self.tour.origin}
                for name, value in found.items()
                if value
            ]
        )
        self.page.set_viewport_size(size)
        self.weight.clear()
        answer = self.page.goto(stop.address)
        assert answer is not None
        here = unquote(self.page.url).removeprefix(self.tour.origin)
        if answer.status != stop.status or here != stop.address:
            self.faults.append(f"{stop}: answered {answer.status} at {self.page.url}")
        expect(self.page.locator("[aria-busy=true]")).to_have_count(0)

    def _weigh(self, stop: Stop) -> None:
        heavy = sum(self.weight.values())
        if heavy > HEAVIEST:
            parts = sorted(self.weight.items(), key=lambda each: -each[1])[:4]
            told = ", ".join(f"{name.rsplit('/', 1)[-1]} {size}" for name, size in parts)
            self.faults.append(f"{stop}: {heavy} bytes on a first visit ({told})")

    def _check(self, stop: Stop, dress: str, script: str) -> None:
        stands_still(self.page)
        self.faults += [f"{stop} [{dress}] {each}" for each in self.page.evaluate(script)]


@pytest.fixture
def walk(chromium: Browser, walked: Tour) -> Iterator[Walk]:
    """A window whose cache is always empty, and which tells what it loads and complains of."""
    context = chromium.new_context(base_url=walked.origin, locale="zh-CN", reduced_motion="reduce")
    context.add_init_script(path=AXE)
    page = context.new_page()
    found = Walk(context, page, walked)
    page.on("pageerror", lambda error: found.faults.append(f"{page.url}: {error}"))
    page.on("console", found.hear)
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    names: dict[str, str] = {}

    def answered(said: dict[str, object]) -> None:
        response = said["response"]
        assert isinstance(response, dict)
        names[str(said["requestId"])] = "" if said["type"] == "Font" else str(response["url"])

    def finished(said: dict[str, object]) -> None:
        name = names.pop(str(said["requestId"]), "")
        if name:
            found.weight[name] = int(str(said["encodedDataLength"]).partition(".")[0])

    wire.on("Network.responseReceived", answered)
    wire.on("Network.loadingFinished", finished)
    yield found
    context.close()


def test_every_page_has_its_line_in_the_tour() -> None:
    missing = sorted(tour.page_routes() - tour.listed_routes())
    assert not missing, f"pages without a line in tests/browser/tour.py: {missing}"
    gone = sorted(tour.listed_routes() - tour.page_routes())
    assert not gone, f"lines of tests/browser/tour.py without a page: {gone}"


PORTALS = sorted({line.split()[0].split("/")[1] for line in tour.TABLE.strip().splitlines()})


@pytest.mark.parametrize("portal", PORTALS)
def test_every_page_is_for_everybody(walk: Walk, portal: str) -> None:
    for stop in walk.tour.stops:
        if stop.route.split("/")[1] == portal:
            walk.visit(stop)
    assert walk.faults == [], "\n".join(walk.faults)
