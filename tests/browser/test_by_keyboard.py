"""Each role's whole journey with the keyboard alone: Tab, Enter, the space bar, arrows, and the
single keys that staff pages name. The focus can be seen all the way and is never lost."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import Person
from browser.hands import Hands
from browser.tour import Tour, prepared
from handed import PDF
from onevisit.cli.demonstration import PASSWORD
from onevisit.store.session import reading
from onevisit.store.tables import Account
from scenarios.stage import FORM

Sits = Callable[[str, str], Hands]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tour]:
    """A town of these tests' own, as they bring its cases on."""
    with prepared(tmp_path_factory.mktemp("keyboard")) as found:
        yield found


@pytest.fixture
def sits(chromium: Browser, town: Tour) -> Iterator[Sits]:
    """Somebody who has signed in, before a page."""
    people: list[Person] = []

    def down(who: str, address: str) -> Hands:
        someone = Person(chromium, town.origin)
        someone.page.set_default_timeout(60_000)
        people.append(someone)
        session = {
            "name": "onevisit",
            "value": town.cookies(who).get("onevisit", ""),
            "url": town.origin,
        }
        someone.context.add_cookies([session] if session["value"] else [])  # type: ignore[list-item]  # a plain mapping
        someone.page.goto(address)
        return Hands(someone.page)

    yield down
    for someone in people:
        assert someone.problems == []
        someone.context.close()


def case(town: Tour, name: str) -> str:
    return town.town.named["case_id", name]


def identity(town: Tour) -> str:
    """What the applicant's card says."""
    with reading(town.town.engine) as session:
        return str(session.get_one(Account, town.town.actors["applicant"].id).id_number)


def answer(hands: Hands, question: str, choice: str) -> None:
    group = hands.page.get_by_role("group", name=re.compile(re.escape(question)))
    hands.choose(group.get_by_label(choice, exact=True))


def typed(page: Page, hands: Hands) -> None:
    """Everything that a page of the form asks for, in the order in which it asks."""
    for field in page.locator("main form .form-control:visible").all():
        name = str(field.get_attribute("name"))
        if name in FORM and not field.input_value():
            hands.write(field, str(FORM[name]))
    for label, text in (("姓名", "演示员工甲"), ("岗位", "厨师")):
        if page.get_by_label(label, exact=True).count():
            hands.write(label, text)


def test_a_stranger_signs_in_and_applies(sits: Sits, tmp_path: Path) -> None:
    hands = sits("-", "/")
    page = hands.page
    hands.write(page.get_by_role("searchbox", name="搜索服务"), "餐饮")
    hands.away(lambda: page.keyboard.press("Enter"))
    hands.link("开办餐饮店“一件事”")
    hands.link(re.compile("开始："))
    hands.write(page.get_by_label(re.compile("使用面积有多大")), "80")
    answer(hands, "是否现场热加工", "是")
    answer(hands, "是否属于公众聚集场所", "否")
    answer(hands, "是否设置户外招牌", "是")
    answer(hands, "是否同时办理“烟草专卖零售许可”", "否")
    hands.button("继续")
    hands.button("开始申请")
    hands.write("用户名", "applicant")
    hands.write("密码", PASSWORD)
    hands.away(lambda: page.keyboard.press("Enter"))
    if page.get_by_role("button", name="开始申请").count():
        hands.button("开始申请")
    page.wait_for_url(re.compile(r"/my/[0-9a-f-]{36}"))
    _filled(hands)
    _handed_in(hands, tmp_path)
    hands.link(re.compile("核对并提交"))
    hands.choose(page.get_by_label("窗口领取"))
    hands.tick(page.get_by_label(re.compile("我已阅读并承诺")))
    hands.button("提交申请")
    expect(page.get_by_role("heading", name="已提交")).to_be_visible()


def _filled(hands: Hands) -> None:
    """Page after page of the form, until the list of tasks has only the material left."""
    page = hands.page
    for _ in range(8):
        if "/form/" not in page.url:
            tasks = page.locator("ol.ov-tasks li").filter(has_not_text="已完成")
            first = tasks.filter(has=page.locator("a[href*='/form/']"))
            if not first.count():
                return
            hands.sent(first.first.get_by_role("link"), "Enter")
        typed(page, hands)
        for label in ("餐饮服务经营者", "热食类食品制售"):
            for box in page.get_by_label(label, exact=True).all():
                if box.get_attribute("type") == "radio":
                    hands.choose(box)
                else:
                    hands.tick(box)
        hands.button("保存并继续")
        assert page.get_by_role("alert").all_inner_texts() == []
    raise AssertionError("the form has no end")


def _handed_in(hands: Hands, folder: Path) -> None:
    page = hands.page
    if "/materials" not in page.url:
        hands.link(re.compile("材料"))
    file = folder / "演示.pdf"
    file.write_bytes(PDF)
    waiting = page.locator("li.ov-upload").filter(has_not=page.locator("a[href^='/files/']"))
    for title in waiting.locator("h2").all_inner_texts():
        name = re.sub(r"\s*（.*", "", title)
        hands.upload(page.get_by_label(f"选择文件：{name}", exact=True), file)
        hands.button(re.compile(f"传.*：{re.escape(name)}$"))
        expect(page.get_by_role("link", name="演示.pdf").first).to_be_visible()
    page.goto(page.url.partition("/materials")[0])


def test_an_applicant_follows_and_says_how_it_was(sits: Sits, town: Tour) -> None:
    hands = sits("applicant", "/my")
    page = hands.page
    link = page.locator(f"main a[href^='/my/{case(town, 'accepted')}']").first
    hands.sent(link, "Enter")
    page.goto(f"/my/{case(town, 'concluded')}/rate")
    hands.choose(page.get_by_label("满意", exact=True))
    hands.button("提交评价")
    expect(page.get_by_role("heading", name="您的评价")).to_be_visible()


def test_the_desk_accepts(sits: Sits, town: Tour) -> None:
    hands = sits("clerk", "/desk")
    page = hands.page
    expect(page.locator(f"a[data-row][href='/desk/{case(town, 'submitted')}']")).to_have_count(1)
    for _ in range(page.locator("[data-row]").count()):
        page.keyboard.press("j")
        if case(town, "submitted") in page.evaluate("document.activeElement.href ?? ''"):
            break
    hands.not_lost()
    hands.away(lambda: page.keyboard.press("Enter"))
    hands.button(re.compile("其余按收件情况标记"))
    for fieldset in page.locator("li.ov-check fieldset").all():
        if fieldset.locator("input:checked").count() == 0:
            hands.choose(fieldset.locator("input[type=radio]").first)
    hands.button("受理")
    expect(page.get_by_text("已受理").first).to_be_visible()


def test_an_officer_signs(sits: Sits, town: Tour) -> None:
    hands = sits("market_regulation.handler", "/office")
    page = hands.page
    item = town.town.named["approval_id", "accepted.food"]
    hands.sent(page.locator(f"a[href='/office/{item}']").first, "Enter")
    page.keyboard.press("o")
    expect(page.get_by_label("意见", exact=True)).to_be_focused()
    hands.write("意见", "经审查，材料齐全、符合法定条件。")
    hands.button("提交下一环节")
    expect(page.get_by_role("status").first).to_be_visible()


def test_an_officer_decides(sits: Sits, town: Tour) -> None:
    """The last signature, after which the item is decided."""
    case_id = UUID(case(town, "accepted"))
    town.town.bring(case_id, "licence")
    hands = sits("market_regulation.decider", "/office")
    page = hands.page
    item = town.town.named["approval_id", "accepted.licence"]
    hands.sent(page.locator(f"a[href='/office/{item}']").first, "Enter")
    page.keyboard.press("o")
    expect(page.get_by_label("意见", exact=True)).to_be_focused()
    hands.write("意见", "经审查，符合法定条件，同意。")
    hands.button(re.compile("^(准予|作出准予)"))
    expect(page.get_by_role("status").first).to_be_visible()
    assert town.town.approvals(case_id)["licence"].decided_at is not None


def test_the_window_hands_out(sits: Sits, town: Tour) -> None:
    hands = sits("window", "/window")
    page = hands.page
    hands.sent(page.locator(f"a[href='/window/{case(town, 'ready')}']"), "Enter")
    hands.choose(page.get_by_label(re.compile("窗口领取|当面")).first)
    hands.choose(page.get_by_label("申请人本人"))
    page.keyboard.press("i")
    hands.write("身份证号码", identity(town))
    hands.tick(page.get_by_label(re.compile("已当面核对证件")))
    hands.button("全部交付并办结")
    expect(page.get_by_text("已办结").first).to_be_visible()


def test_an_administrator_checks_and_publishes(sits: Sits) -> None:
    """A draft that is proven while one looks, and published; nothing is caught in the editor."""
    hands = sits("admin", "/studio")
    page = hands.page
    hands.link("新建一件事")
    hands.reach(page.get_by_label("从哪一件复制"))
    page.keyboard.type("举办")
    hands.write("名称", "演示集市“一件事”")
    hands.write("标识", "hold_market")
    hands.button("建立草稿")
    expect(page.get_by_text("七项都已证明")).to_be_visible()
    hands.link("发布…")
    hands.button("发布第 1.0 版")
    expect(page.get_by_text("已发布：演示集市“一件事”（第 1.0 版）")).to_be_visible()


def test_an_administrator_goes_back_to_a_former_version(sits: Sits) -> None:
    """What is typed into the editor with the keyboard, and how one gets out: test_studio.py."""
    hands = sits("admin", "/studio/hold_event")
    page = hands.page
    hands.link(re.compile("比较、恢复"))
    hands.button(re.compile("^恢复第 1.0 版"))
    expect(page.get_by_role("status").first).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="正在使用")).to_contain_text("1.0")


def test_supervisors_government_and_operators_look(sits: Sits, town: Tour) -> None:
    hands = sits("supervisor", "/watch")
    hands.sent(hands.page.locator(f"a[href='/watch/{case(town, 'late')}']").first, "Enter")
    expect(hands.page.locator("h1")).to_be_visible()
    hands = sits("government", "/government")
    asked = f"/government/{case(town, 'asked_whole')}/extend"
    hands.sent(hands.page.locator(f"a[href='{asked}']").first, "Enter")
    expect(hands.page.locator("h1")).to_be_visible()
    hands = sits("operator", "/jobs")
    hands.link("失败")
    expect(hands.page.get_by_role("table").first).to_be_visible()
