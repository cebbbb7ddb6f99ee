"""A department's day in a real browser: several signed at once, a file beside the decision, phrases
behind what was typed, all from the keyboard, and on a telephone's width."""

import pytest
from playwright.sync_api import Browser, expect

from browser.conftest import Person
from browser.town import Town
from onevisit.cli.demonstration import Demo

HANDLER = "market_regulation.handler"


@pytest.fixture
def busy(demo: Demo) -> Town:
    """Three cases at the departments, each with files."""
    town = Town(demo.settings)
    town.back(0)
    for _ in range(3):
        town.accepted()
    return town


def test_a_day_in_the_office(chromium: Browser, origin: str, demo: Demo, busy: Town) -> None:
    password = demo.settings.demo_password
    assert password is not None
    officer = Person(chromium, origin)
    officer.sign_in(HANDLER, password)
    page = officer.page
    page.goto("/office")
    officer.accessible()
    boxes = page.locator('[data-batch*="/licence/"]')
    boxes.nth(0).check()
    boxes.nth(1).check()
    expect(page.locator("[data-picked]")).to_contain_text("已选 2 件")
    expect(page.locator('[data-batch*="/food/"]').first).to_be_disabled()
    page.keyboard.press("b")
    expect(page.get_by_role("heading", level=1)).to_contain_text("（2 件）")
    page.wait_for_load_state()
    page.keyboard.press("1")
    expect(page.get_by_label("共同的意见")).not_to_have_value("")
    officer.accessible()
    page.get_by_role("button", name="2 件都").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("2 件已办")
    officer.accessible()

    page.goto("/office")
    page.locator("tr", has_text="食品经营许可").locator("[data-row]").first.click()
    expect(page.get_by_role("button", name="领取")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("t")
    expect(page.get_by_text("在我手上")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("o")
    page.keyboard.type("平面图已看。")
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("1")
    opinion = page.get_by_label("意见", exact=True)
    expect(opinion).to_have_value("平面图已看。材料齐全，符合法定形式，建议准予。")
    page.keyboard.press("v")
    expect(page.locator("#viewer-title")).to_be_focused()
    page.keyboard.press("n")
    expect(page.locator("#viewer-title")).to_contain_text("2 / ")
    expect(opinion).to_have_value("平面图已看。材料齐全，符合法定形式，建议准予。")
    officer.accessible()
    page.set_viewport_size({"width": 360, "height": 740})
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide, "moved sideways on a telephone"
    page.get_by_role("button", name="提交下一环节").click()
    expect(page.get_by_text("已提交下一环节")).to_be_visible()
    expect(page.get_by_text("在我手上")).to_have_count(0)
    page.goto("/office/calendar")
    officer.accessible()
    assert officer.problems == []
