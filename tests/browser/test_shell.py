"""The shell around all pages in a real browser: its looks, keys, search, and without scripts."""

import re
from io import BytesIO

from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from browser.conftest import Person
from onevisit.cli.demonstration import Demo

DARK = "rgb(20, 25, 31)"
LIGHT = "rgb(255, 255, 255)"
INK = "rgb(27, 36, 48)"
"""The words of a light page, also on paper."""


def ground(page: Page) -> str:
    """The colour behind the page."""
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def letters(page: Page) -> float:
    """The size of plain letters, in pixels."""
    return float(page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)"))


def choose(page: Page, name: str | re.Pattern[str]) -> None:
    """Press a button of the shell and wait until the choice is kept."""
    with page.expect_response("**/preferences"):
        page.get_by_role("button", name=name, exact=True).click()


def test_somebody_chooses_how_pages_look_and_loses_nothing(chromium: Browser, origin: str) -> None:
    person = Person(chromium, origin)
    page = person.page
    page.emulate_media(color_scheme="dark")
    page.goto("/sign-in")
    assert ground(page) == DARK  # as the system wants it
    person.accessible()
    page.get_by_label("用户名").fill("正在填写")
    choose(page, "浅色")
    expect(page.get_by_role("button", name="浅色")).to_have_attribute("aria-pressed", "true")
    assert ground(page) == LIGHT
    choose(page, "关怀版")
    expect(page.get_by_role("button", name="退出关怀版")).to_be_focused()
    assert letters(page) >= 20
    expect(page.get_by_label("用户名")).to_have_value("正在填写")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/services")
    assert (ground(page), letters(page) >= 20) == (LIGHT, True)  # it sticks
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    choose(page, "深色")
    assert ground(page) == DARK
    person.accessible()
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).color") == INK
    expect(page.get_by_role("navigation")).to_have_count(0)
    person.context.close()


def test_without_scripts_the_page_comes_again_as_it_was_chosen(
    chromium: Browser, origin: str
) -> None:
    context = chromium.new_context(base_url=origin, locale="zh-CN", java_script_enabled=False)
    page = context.new_page()
    page.goto("/services?q=餐饮")
    page.get_by_role("button", name="关怀版", exact=True).click()
    expect(page.get_by_role("button", name="退出关怀版")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/services\?q="))
    page.get_by_role("link", name="搜索", exact=True).click()
    page.get_by_role("main").get_by_label("搜索什么").fill("餐饮店")
    page.get_by_role("main").get_by_role("button", name="搜索").click()
    expect(page.get_by_role("main").get_by_role("link")).to_have_count(1)
    context.close()


def test_a_clerk_works_by_keyboard(chromium: Browser, origin: str, demo: Demo) -> None:
    person = Person(chromium, origin)
    person.sign_in("clerk", demo.settings.demo_password)
    page = person.page
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="这一页的快捷键")
    expect(dialog).to_contain_text("搜索")
    person.accessible()
    page.keyboard.press("/")  # nothing happens behind the dialog
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.keyboard.press("/")
    box = page.get_by_role("searchbox", name="搜索", exact=True)
    expect(box).to_be_focused()
    page.keyboard.type("餐饮?/")  # keys that are typed are text
    expect(box).to_have_value("餐饮?/")
    expect(dialog).to_have_count(0)
    box.fill("餐饮")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?find=*")
    page.keyboard.press("j")
    expect(page.get_by_role("main").get_by_role("link").first).to_be_focused()
    person.accessible()
    choose(page, re.compile("快捷键：\\s*关"))
    page.keyboard.press("?")
    expect(dialog).to_have_count(0)
    page.goto("/desk")
    with page.expect_download() as taken:
        page.get_by_role("link", name="导出表格").click()
    assert taken.value.suggested_filename.startswith("综合受理-待受理-")
    content = taken.value.path().read_bytes()
    assert load_workbook(BytesIO(content)).active.title == "综合受理 待受理"
    assert person.problems == []
    person.context.close()
