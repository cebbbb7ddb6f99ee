"""An admin in a real browser copies a service, breaks a promise, reads the line and mends it."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import ROOT, Person
from onevisit.cli.demonstration import prepare
from onevisit.cli.journey.drive import running
from onevisit.settings import Settings


@pytest.fixture
def admin(chromium: Browser, tmp_path: Path) -> "Person":
    """The admin of a city whose service folder is its own."""
    home = tmp_path / "home"
    for folder in ("workflows", "forms", "templates"):
        shutil.copytree(ROOT / folder, home / folder)
    demo = prepare(Settings(home=home, data=tmp_path / "data", database_url=""))
    with running(demo) as origin:
        person = Person(chromium, origin)
        person.sign_in("admin", demo.settings.demo_password)
        yield person
        person.context.close()


def write(page: Page, old: str, new: str) -> None:
    """Types `new` in the place of `old`, where it stands first, with the keyboard."""
    text = page.locator("textarea[name=workflow]").input_value()
    before = text[: text.index(old)]
    page.get_by_label("流程，YAML 编辑框").focus()
    page.keyboard.press("Control+Home")
    for _ in range(before.count("\n")):
        page.keyboard.press("ArrowDown")
    for _ in range(len(before) - before.rfind("\n") - 1):
        page.keyboard.press("ArrowRight")
    for _ in old:
        page.keyboard.press("Delete")
    page.keyboard.insert_text(new)


def test_copy_break_read_the_line_mend_publish(admin: Person) -> None:
    page = admin.page
    received: list[int] = []
    page.on("response", lambda answer: received.append(_size(answer)))
    page.get_by_role("link", name="新建一件事").click()
    page.get_by_label("从哪一件复制").select_option("open_restaurant")
    page.get_by_label("名称").fill("开办便利店“一件事”")
    page.get_by_label("标识").fill("open_shop")
    page.get_by_role("button", name="建立草稿").click()
    expect(page.get_by_text("七项都已证明")).to_be_visible()
    admin.accessible()
    assert sum(received) < 200_000  # the editor itself comes when somebody turns to the text
    page.locator("[data-sheet=workflow]").hover()
    expect(page.get_by_label("流程，YAML 编辑框")).to_be_visible()
    write(page, "days: 12, basis", "days: 9, basis")
    expect(page.get_by_text("超过承诺的 9 个工作日").first).to_be_visible()
    expect(page.get_by_text("第 2—11 天").first).to_be_visible()  # the path that shows it
    page.get_by_role("button", name="workflows/open_shop.yaml:").first.click()
    line = page.locator("[data-sheet=workflow] .cm-activeLine")
    expect(line).to_contain_text("days: 9")
    expect(page.locator(".cm-lintRange-error")).to_be_visible()
    page.keyboard.press("Tab")  # the keyboard gets out of the editor
    expect(page.get_by_label("流程，YAML 编辑框")).not_to_be_focused()
    write(page, "days: 9, basis", "days: 12, basis")
    expect(page.get_by_text("七项都已证明")).to_be_visible()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.keyboard.type("auth")
    expect(page.get_by_role("option", name="authority")).to_be_visible()
    page.keyboard.press("Escape")
    for _ in range(5):
        page.keyboard.press("Backspace")
    expect(page.get_by_text("七项都已证明")).to_be_visible()
    expect(page.get_by_text("自动保存").first).to_be_visible()
    admin.accessible()
    page.get_by_role("link", name="发布…").click()
    admin.accessible()
    page.get_by_role("button", name="发布第 1.0 版").click()
    expect(page.get_by_text("已发布：开办便利店“一件事”（第 1.0 版）")).to_be_visible()
    page.goto("/services/open_shop")
    expect(page.get_by_role("heading", name="开办便利店“一件事”").first).to_be_visible()


def _size(answer: object) -> int:
    """Bytes that came over the wire, when they are known."""
    sizes = answer.request.sizes()  # type: ignore[attr-defined]  # whatever playwright hands over
    return int(sizes["responseBodySize"])
