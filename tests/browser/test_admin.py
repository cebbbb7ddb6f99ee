"""The administrator's day in a real browser: somebody new gets an account and signs in, the next
year's holidays are read before they hold, all of it with the keyboard and on a telephone too."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import ROOT, Person
from onevisit.cli.demonstration import PASSWORD, Demo, prepare
from onevisit.cli.journey.drive import running
from onevisit.settings import Settings

NOTICE = (
    "一、元旦：1月1日（周五）至3日（周日）放假，共3天。"
    "二、春节：2月5日（周五）至11日（周四）放假调休，共7天。1月31日（周日）、2月20日（周六）上班。"
)
OWN = "a sentence of my own"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """A city whose service folder may be written to."""
    home: Path = tmp_path_factory.mktemp("home")
    for folder in ("workflows", "forms"):
        shutil.copytree(ROOT / folder, home / folder)
    (home / "templates").symlink_to(ROOT / "templates")
    return prepare(Settings(home=home, data=tmp_path_factory.mktemp("city"), database_url=""))


@pytest.fixture(scope="module")
def origin(demo: Demo) -> Iterator[str]:
    with running(demo) as address:
        yield address


def narrow(page: Page) -> None:
    """The page fits a telephone."""
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, page.url
    page.set_viewport_size(size)


def test_an_administrators_day(chromium: Browser, origin: str) -> None:
    admin = Person(chromium, origin)
    page = admin.page
    admin.sign_in("admin", PASSWORD)
    page.get_by_role("link", name="账号", exact=True).click()
    admin.accessible()
    page.get_by_role("link", name="开立账号").click()
    page.get_by_label("用户名").fill("demo.newcomer")
    page.get_by_label("姓名").fill("演示新来的")
    page.get_by_label("第 1 个岗位", exact=True).select_option("clerk")
    page.get_by_label("第 2 个岗位", exact=True).select_option("handler")
    page.get_by_label("第 2 个岗位的部门").select_option("tobacco")
    admin.accessible()
    narrow(page)
    page.keyboard.press("Enter")
    expect(page.get_by_text("收件与审批应当分离")).to_be_visible()
    page.get_by_label("删去第 2 个岗位").check()
    page.get_by_role("button", name="开立账号").click()
    first = page.locator(".ov-first-password").inner_text()
    admin.accessible()
    _newcomer(chromium, origin, first)
    page.get_by_role("link", name="已经交给本人").click()
    expect(page.get_by_text("本人设定密码")).to_be_visible()
    admin.accessible()
    narrow(page)
    _next_year(admin)
    for name in ("部门", "辖区规则", "岗位权限"):
        page.get_by_role("link", name=name, exact=True).click()
        admin.accessible()
        narrow(page)


def _newcomer(chromium: Browser, origin: str, first: str) -> None:
    """Whoever got the first password chooses their own and begins to work."""
    person = Person(chromium, origin)
    page = person.page
    page.goto("/sign-in")
    page.get_by_label("用户名").fill("demo.newcomer")
    page.get_by_label("密码").fill(first)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", name="设定自己的密码")).to_be_visible()
    person.accessible()
    page.get_by_label("新密码", exact=True).fill(OWN)
    page.get_by_label("再输入一次新密码").fill(OWN)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="综合受理")).to_be_visible()
    assert person.problems == []
    person.context.close()


def _next_year(admin: Person) -> None:
    """The notice of the year to come is pasted, read, and holds."""
    page = admin.page
    page.get_by_role("link", name="日历", exact=True).click()
    page.get_by_role("link", name="2027").click()
    expect(page.get_by_text("2027 年的安排还没有录入")).to_be_visible()
    page.get_by_label("放假安排").fill(NOTICE)
    page.get_by_label("依据哪份通知").fill("演示通知〔2026〕1号（虚构）")
    page.get_by_role("button", name="检查这样改会怎样").click()
    expect(page.get_by_text("个一件事重新证明，全部成立")).to_be_visible()
    admin.accessible()
    narrow(page)
    page.get_by_role("button", name="确认保存").click()
    expect(page.get_by_role("status")).to_contain_text("已保存")
    expect(page.locator(".ov-makeup")).to_have_count(2)
    admin.accessible()
