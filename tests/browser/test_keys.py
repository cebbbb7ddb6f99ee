"""An administrator makes a key in a real browser, a department's system works with it, and it is
revoked."""

import httpx
from playwright.sync_api import Browser, Page, expect

from browser.conftest import Person
from onevisit.cli.demonstration import PASSWORD


def test_a_key_from_beginning_to_end(chromium: Browser, origin: str) -> None:
    admin = Person(chromium, origin)
    page = admin.page
    page.goto("/studio/keys")  # not by way of the services, which have to be proven first
    page.get_by_label("用户名").fill("admin")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_text("还没有接口密钥")).to_be_visible()
    page.get_by_role("link", name="开通密钥").click()
    page.get_by_label("哪个系统").fill("演示烟草许可系统")
    page.get_by_label("以承办人的岗位签署").check()
    page.get_by_label("以决定人的岗位签署").check()
    page.get_by_role("button", name="开通密钥").click()
    expect(page.get_by_role("alert").get_by_text("一个密钥只能签署一个环节")).to_be_visible()
    admin.accessible()
    narrow(page)
    page.get_by_label("以决定人的岗位签署").uncheck()
    page.get_by_label("部门", exact=True).select_option("tobacco")
    page.get_by_role("button", name="开通密钥").click()
    secret = page.locator(".ov-secret").first.inner_text()
    admin.accessible()
    narrow(page)
    address = f"{origin}/api/v1/approvals"
    sent = {"authorization": f"Bearer {secret}"}
    assert httpx.get(address, headers=sent).status_code == 200
    page.get_by_role("link", name="已经安全交付").click()
    admin.accessible()
    narrow(page)
    page.get_by_role("button", name="撤销密钥").click()
    expect(page.get_by_text("密钥已撤销")).to_be_visible()
    assert httpx.get(address, headers=sent).status_code == 401
    page.get_by_role("link", name="接口密钥", exact=True).first.click()
    expect(page.get_by_role("cell", name="已撤销")).to_be_visible()
    admin.accessible()
    narrow(page)
    assert secret not in page.content()


def narrow(page: Page) -> None:
    """The page fits a telephone."""
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, page.url
    page.set_viewport_size(size)
