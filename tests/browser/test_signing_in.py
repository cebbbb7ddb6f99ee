"""Signing in with two things, in a real browser: a clerk sets a code up, comes back with
one, sees where they are signed in and ends the other session."""

import re
from collections.abc import Iterator
from datetime import datetime

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import Person
from onevisit.cli.demonstration import PASSWORD, Demo, prepare
from onevisit.cli.journey.drive import running
from onevisit.settings import Settings


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """A city that asks everybody at work for a code."""
    folder = tmp_path_factory.mktemp("city")
    return prepare(Settings(data=folder, database_url="", second_factor="staff"))


@pytest.fixture(scope="module")
def origin(demo: Demo) -> Iterator[str]:
    with running(demo) as address:
        yield address


def password(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_label("用户名").fill("clerk")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


def narrow(page: Page) -> None:
    """The page fits a telephone."""
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, page.url
    page.set_viewport_size({"width": 1280, "height": 900})


def test_with_a_code_beside_the_password(chromium: Browser, origin: str) -> None:
    first = Person(chromium, origin)
    page = first.page
    password(page)
    expect(page.get_by_role("heading", name="绑定动态码")).to_be_visible()
    first.accessible()
    narrow(page)
    shown = page.get_by_text(re.compile("^密钥：")).inner_text()
    app = pyotp.TOTP(shown.removeprefix("密钥：").replace(" ", ""))
    used = app.timecode(datetime.now())  # noqa: DTZ005 -- pyotp's own clock
    page.get_by_label("动态码").fill(app.generate_otp(used))
    page.keyboard.press("Enter")
    codes = page.locator(".ov-recovery li")
    expect(codes).to_have_count(10)
    first.accessible()
    narrow(page)
    recovery = codes.first.inner_text()
    page.get_by_role("link", name="已经抄好，继续").click()
    expect(page.get_by_role("button", name="退出", exact=True)).to_be_visible()
    _elsewhere(chromium, origin, recovery, first)


def _elsewhere(chromium: Browser, origin: str, recovery: str, first: Person) -> None:
    """In a second browser by a recovery code; from there the first session is ended."""
    second = Person(chromium, origin)
    page = second.page
    password(page)
    expect(page.get_by_role("heading", name="输入动态码")).to_be_visible()
    second.accessible()
    narrow(page)
    page.get_by_label("动态码").fill("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("不正确")
    page.get_by_label("动态码").fill(recovery)
    page.keyboard.press("Enter")
    page.get_by_role("link", name=re.compile("演示综窗员")).click()
    expect(page.get_by_text("恢复码还剩 9 个")).to_be_visible()
    second.accessible()
    narrow(page)
    page.get_by_role("button", name="结束其他 1 个登录").click()
    expect(page.get_by_role("status")).to_contain_text("其他登录都已结束")
    assert second.problems == []
    first.page.reload()
    expect(first.page.get_by_role("heading", name="登录", exact=True)).to_be_visible()
