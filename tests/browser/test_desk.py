"""A clerk's morning by keyboard alone: a call number, a card, a whole intake, its paper."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

import handed
from browser.conftest import Person
from browser.hands import opened
from functional import city as cities
from functional.city import PASSWORD, City
from onevisit.cases import tickets
from onevisit.cli.demonstration import Demo
from onevisit.cli.journey.drive import running
from onevisit.store.session import reading
from onevisit.store.tables import Case

SHOTS = os.environ.get("ONEVISIT_SHOTS")
CARD = "990000195001010019"
PDF: Any = {"name": "扫描件.pdf", "mimeType": "application/pdf", "buffer": handed.PDF}
TYPED = {
    "operator_name": "示例市演示小馆", "uscc": "91990000MA0000001B",
    "representative_name": "演示老人甲", "representative_id": CARD, "phone": "19912345678",
    "address": "示例市演示区演示路八号", "seats": "0", "food_manager_name": "演示食安员",
    "staff-0-name": "演示员工甲", "staff-0-post": "厨师",
}  # fmt: skip
BROUGHT = ("process_layout", "floor_plan", "food_manager")


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> City:
    """A city in which somebody has drawn a number."""
    home = tmp_path_factory.mktemp("counter")
    city = cities.prepare(home).copied(home / "own")
    with city.acting("kiosk") as ctx:
        tickets.draw(ctx, "general")
    return city


@pytest.fixture
def clerk(chromium: Browser, counter: City) -> Iterator[Person]:
    """A clerk at a window."""
    with running(Demo(counter.settings, ())) as address:
        someone = Person(chromium, address, Path(SHOTS) if SHOTS else None)
        someone.sign_in("clerk", PASSWORD)
        yield someone
        someone.context.close()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the control has the focus; a control that no key reaches fails."""
    wanted = page.locator(selector).first
    for _ in range(90):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no key reaches {selector}")


def send(page: Page, key: str) -> None:
    """A key that sends the page, and its answer."""
    with page.expect_navigation():
        page.keyboard.press(key)


def swapped(page: Page, key: str) -> None:
    """A key that sends the screen, whose changed part comes back."""
    revision = page.locator("[name=revision]").input_value()
    page.keyboard.press(key)
    expect(page.locator("[name=revision]")).not_to_have_value(revision)


def test_a_whole_intake_with_the_keyboard_alone(clerk: Person, counter: City) -> None:
    page = clerk.page
    page.goto("/desk")
    tab_to(page, "#counter")
    page.keyboard.type("3")
    send(page, "Enter")
    send(page, "n")
    expect(page.locator(".ov-calls-label")).to_have_text("A001")
    send(page, "s")
    clerk.accessible()
    send(page, "w")
    expect(page.locator("#f-id_number")).to_be_focused()
    page.keyboard.type(CARD)  # as a card reader does
    send(page, "Enter")
    clerk.accessible()
    expect(page.locator("#f-name")).to_be_focused()
    page.keyboard.type("演示老人甲")
    page.keyboard.press("Tab")
    page.keyboard.type("19912345678")
    send(page, "Enter")
    expect(page.locator("#f-find")).to_be_focused()
    page.keyboard.type("餐饮")
    send(page, "Enter")
    expect(page.locator("#f-service")).to_be_focused()
    send(page, "Space")
    expect(page.locator("#f-q-area")).to_be_focused()
    page.keyboard.type("40")
    for name in ("cooking", "gathering", "signboard", "want_tobacco"):
        tab_to(page, f"#f-q-{name}")
        page.keyboard.press("ArrowLeft")  # 否, the last of two
    clerk.shot("desk-situation")
    send(page, "Enter")
    _fill(page)
    clerk.accessible()
    clerk.shot("desk-intake")
    _conclude(page)
    expect(page.get_by_role("heading", name="打印文书")).to_be_visible()
    expect(page.get_by_text("受理通知书", exact=True)).to_be_visible()
    clerk.accessible()
    clerk.shot("desk-papers")
    with reading(counter.engine) as session:
        case = session.get_one(Case, _id(page))
        assert (case.state, case.channel) == ("reviewing", "window")
    _queue(page, clerk)


def _fill(page: Page) -> None:
    """The form, and the scans: each is kept at once."""
    for name, text in TYPED.items():
        tab_to(page, f"#f-{name}")
        page.keyboard.type(text)
    for name in ("main_form", "food_projects"):
        page.locator("h1").click()  # from the top, past what was typed
        tab_to(page, f"#f-{name}")
        page.keyboard.press("Space")
    for name in BROUGHT:
        tab_to(page, f"#file-{name}")
        revision = page.locator("[name=revision]").input_value()
        opened(page, lambda name=name: tab_to(page, f"#file-{name}")).set_files(PDF)
        expect(page.locator("[name=revision]")).not_to_have_value(revision)
        expect(page.locator(f"#file-{name} ~ .ov-linkbutton")).to_be_visible()


def _conclude(page: Page) -> None:
    page.locator("body").focus()
    page.keyboard.press("Escape")
    swapped(page, "m")
    tab_to(page, "[name='material.health_certificates.status'][value=missing]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    tab_to(page, "[name='end.pickup']")
    page.keyboard.press("ArrowRight")
    tab_to(page, "#f-end-pledged")
    page.keyboard.press("Space")
    tab_to(page, "#f-end-confirmed")
    page.keyboard.press("ArrowRight")
    tab_to(page, "button[value=accept]")
    send(page, "Enter")


def _queue(page: Page, clerk: Person) -> None:
    """The case is in the list; j goes to it, Enter opens it, and it fits a telephone."""
    page.goto("/desk?tab=running")
    page.keyboard.press("j")
    expect(page.locator("[data-row]")).to_be_focused()
    page.set_viewport_size({"width": 360, "height": 780})
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0
    page.set_viewport_size({"width": 1280, "height": 900})
    send(page, "Enter")
    expect(page.get_by_text("我来办理")).to_be_visible()
    clerk.accessible()
    send(page, "h")
    expect(page.get_by_text("由您经手").first).to_be_visible()


def _id(page: Page) -> UUID:
    return UUID(page.url.split("/")[-2])
