"""The applicant on an old phone without scripts: known data, a draft, an agent, a rating."""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import select

from browser.conftest import AXE, Person
from functional import city as cities
from functional.city import ANSWERS, APPLICANT_ID, PASSWORD, City
from onevisit.cases import withdraw
from onevisit.cases.shared_import import import_records
from onevisit.cli.demonstration import Demo
from onevisit.cli.journey.drive import running
from onevisit.store.session import writing
from onevisit.store.tables import Account

SHOTS = os.environ.get("ONEVISIT_SHOTS")
AGENT_PHONE = "19900000002"
REGISTER = (
    "holder,as_of,person,operator_name,uscc,address",
    f"91990000MA0000001B,2026-10-08,{APPLICANT_ID},示例市演示小馆,91990000MA0000001B,示例市演示区演示路八号",
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> City:
    """A city where one case is over, and the register of businesses knows the applicant."""
    home = tmp_path_factory.mktemp("applicant")
    city = cities.prepare(home).copied(home / "own")
    case_id = city.submitted()
    with city.acting("applicant") as ctx:
        withdraw.withdraw(ctx, case_id, "演示", city.case(case_id).revision)
    directory = city.catalog.current("open_restaurant").definition.directory
    register = next(each for each in directory.sources if each.id == "business_register")
    with writing(city.engine) as session:
        import_records(session, register, REGISTER, datetime.now(UTC))
        agent = session.exec(select(Account).where(Account.username == "applicant2")).one()
        agent.phone = AGENT_PHONE
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
        viewport={"width": 360, "height": 740},
        java_script_enabled=False,
    )
    someone.page = someone.context.new_page()
    someone.page.set_default_timeout(60_000)
    page = someone.page
    page.goto("/sign-in")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return someone


def looked_at(chromium: Browser, someone: Person, name: str, *addresses: str) -> None:
    """These pages as the same person sees them: no fault for axe, nothing to scroll sideways to."""
    someone.shot(name)
    state = someone.context.storage_state()
    origin = re.match(r"https?://[^/]+", someone.page.url)
    assert origin is not None
    context = chromium.new_context(
        base_url=origin[0], storage_state=state, viewport={"width": 360, "height": 740}
    )
    page = context.new_page()
    for address in addresses:
        page.goto(address)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 360, address
        page.wait_for_load_state("load")
        page.evaluate(AXE.read_text())
        found = page.evaluate(
            "async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa',"
            " 'wcag22aa']})).violations.map(v => v.id + ' ' + v.nodes.map(n => n.target).join())"
        )
        assert found == [], f"{address}: {found}"
    context.close()


def start(page: Page) -> str:
    """A draft with the answers of the everyday case; its address."""
    answers = "&".join(f"{k}={str(v).lower()}" for k, v in ANSWERS.items())
    page.goto(f"/services/open_restaurant/result?{answers}")
    page.get_by_role("button", name=re.compile("开始")).click()
    if page.get_by_role("heading", name="为谁申请？").count():
        page.get_by_label(re.compile("替演示申请人甲申请")).check()
        page.get_by_role("button", name="继续").click()
    found = re.search(r"/my/[0-9a-f-]{36}", page.url)
    assert found is not None, page.url
    return found[0]


def test_on_an_old_phone_without_scripts(chromium: Browser, address: str, town: City) -> None:
    owner = phone(chromium, address, "applicant")
    page = owner.page

    page.goto("/my")
    expect(page.get_by_text("现在没有要您办的事")).to_be_visible()
    page.get_by_role("link", name="开办餐饮店").first.click()
    rate = f"{page.url}/rate"
    page.goto(rate)
    looked_at(chromium, owner, "my-rate", "/my", rate)
    page.get_by_role("button", name="提交评价").click()
    expect(page.get_by_role("alert")).to_contain_text("请选择一个等次")
    page.get_by_label("非常满意", exact=True).check()
    page.get_by_label("真正只跑一次").check()
    page.get_by_role("button", name="提交评价").click()
    expect(page.get_by_text("谢谢您的评价")).to_be_visible()

    case = start(page)  # what is known already, one thing disputed
    page.get_by_role("link", name="核对已有信息").click()
    looked_at(chromium, owner, "my-shared", f"{case}/shared", case)
    for title in ("经营者名称", "统一社会信用代码"):
        page.get_by_role("group", name=title).get_by_label("确认无误").check()
    place = page.get_by_role("group", name="经营场所地址")
    place.get_by_label("有异议", exact=True).check()
    place.get_by_label("您认为正确的内容").fill("示例市演示区演示路九号")
    place.get_by_label("为什么有异议").fill("十月搬迁")
    page.get_by_role("button", name="保存并继续").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("经营者")
    expect(page.get_by_label("经营者名称")).to_have_count(0)
    page.goto("/my/drafts")
    expect(page.get_by_text(re.compile("填好 2 / \\d 步"))).to_be_visible()
    looked_at(chromium, owner, "my-drafts", "/my/drafts", f"{case}/review", f"{case}/discard")

    page.goto("/my/agents/new")  # somebody else goes on, until that is taken back
    page.get_by_label("代办人姓名").fill("演示申请人乙")
    page.get_by_label("代办人身份证号码或者手机号").fill(AGENT_PHONE)
    page.get_by_label("授权到哪一天").fill(
        (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
    )
    page.get_by_role("button", name="建立授权").click()
    code = page.locator(".ov-agency-code").inner_text()
    looked_at(chromium, owner, "my-agents", "/my/agents", "/my/agents/new")
    agent = phone(chromium, address, "applicant2")
    agent.page.goto("/my/agents")
    agent.page.get_by_label("代办码").fill(code)
    agent.page.get_by_role("button", name="接受授权").click()
    theirs = start(agent.page)
    expect(agent.page.get_by_text("您正在替演示申请人甲申请")).to_be_visible()
    page.goto("/my/agents")
    page.get_by_role("link", name=re.compile("收回授权")).click()
    page.get_by_role("button", name="终止授权").click()
    agent.page.goto(theirs)
    expect(agent.page.get_by_role("heading", name="您不能进行这个操作")).to_be_visible()
    agent.context.close()
    owner.context.close()
