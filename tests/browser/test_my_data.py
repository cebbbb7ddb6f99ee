"""A clerk asks for a whole number by keyboard; the citizen reads of it on a phone without scripts
and takes a copy of everything along."""

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import Person
from functional import city as cities
from functional.city import APPLICANT_ID, PASSWORD, City
from onevisit.cli.demonstration import Demo
from onevisit.cli.journey.drive import running

SHOTS = os.environ.get("ONEVISIT_SHOTS")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> City:
    """A city in which one case is accepted."""
    home = tmp_path_factory.mktemp("my-data")
    city = cities.prepare(home).copied(home / "own")
    city.accepted()
    return city


@pytest.fixture(scope="module")
def address(town: City) -> Iterator[str]:
    """Where the city is served."""
    with running(Demo(town.settings, ())) as address:
        yield address


def phone(chromium: Browser, address: str, username: str) -> Person:
    """Somebody with a small screen whose browser runs no scripts."""
    someone = Person(chromium, address, Path(SHOTS) if SHOTS else None)
    someone.context.close()
    someone.context = chromium.new_context(
        base_url=address,
        locale="zh-CN",
        viewport={"width": 360, "height": 720},
        java_script_enabled=False,
    )
    someone.page = someone.context.new_page()
    someone.sign_in(username, PASSWORD)
    return someone


def narrow(page: Page) -> None:
    """Nothing has to be scrolled sideways."""
    box = page.locator("main").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 360


def test_a_number_asked_for_and_read_of(chromium: Browser, address: str) -> None:
    clerk = Person(chromium, address, Path(SHOTS) if SHOTS else None)
    clerk.sign_in("clerk", PASSWORD)
    page = clerk.page
    page.goto("/desk?tab=running")
    expect(page.get_by_text("演*****")).to_be_visible()
    page.get_by_role("link", name=re.compile("990000-")).first.click()
    expect(page.get_by_text("990***********9011").first).to_be_visible()
    assert APPLICANT_ID not in page.content()
    page.keyboard.press("m")
    expect(page.get_by_role("heading", name="显示完整号码")).to_be_visible()
    clerk.accessible()
    page.get_by_label("申请人证件号码").focus()
    page.keyboard.press("Space")
    page.get_by_label("当面核对证件").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="显示并记录").press("Enter")
    expect(page.get_by_text(APPLICANT_ID)).to_be_visible()
    clerk.accessible()
    clerk.shot("reveal")
    page.get_by_role("link", name="看完了，返回").click()
    assert APPLICANT_ID not in page.content(), "hidden again"
    clerk.context.close()

    owner = phone(chromium, address, "applicant")
    page = owner.page
    page.goto("/my")
    page.locator("main").get_by_role("link", name=re.compile("餐饮")).first.click()
    page.get_by_role("link", name="谁查阅了我的信息").click()
    expect(page.get_by_text("完整号码：申请人证件号码")).to_be_visible()
    expect(page.get_by_text("显示完整号码：当面核对证件")).to_be_visible()
    narrow(page)
    owner.shot("reads")
    page.goto("/my/data")
    narrow(page)
    owner.shot("my-data")
    page.get_by_role("link", name="我的信息用在了哪里").click()
    narrow(page)
    owner.shot("uses")
    page.goto("/my/data/download")
    page.get_by_label("登录密码").fill(PASSWORD)
    with page.expect_download() as started:
        page.get_by_role("button", name="下载").click()
    copy = Path(started.value.path()).read_bytes()
    with ZipFile(io.BytesIO(copy)) as kept:
        assert APPLICANT_ID in kept.read("data.json").decode()
    owner.context.close()
