"""The issuing window and the kiosk in a real browser: what is shown when, by touch, and large."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import Person
from functional import city as cities
from functional.city import APPLICANT_ID, PASSWORD, City
from onevisit.cli.demonstration import Demo
from onevisit.cli.journey.drive import running
from onevisit.store.session import writing
from onevisit.store.tables import Case

SHOTS = os.environ.get("ONEVISIT_SHOTS")
"""A folder for screenshots, to be looked at."""
CODE = "024680"
PHONE, LARGE = {"width": 390, "height": 844}, {"width": 640, "height": 450}
"""A telephone; and a screen of 1280 by 900 of which somebody has doubled the size (200 %)."""
SignedIn = Callable[[str], Person]


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> tuple[City, str]:
    """A city with one case whose results wait, and that a kiosk opens."""
    home = tmp_path_factory.mktemp("collecting")
    city = cities.prepare(home).copied(home / "own")
    case_id = city.ready()
    with writing(city.engine) as session:
        session.get_one(Case, case_id).pickup_code = CODE
    return city, str(case_id)


@pytest.fixture(scope="module")
def address(waiting: tuple[City, str]) -> Iterator[str]:
    """Where the city is served."""
    with running(Demo(waiting[0].settings, ())) as address:
        yield address


@pytest.fixture
def signed_in(chromium: Browser, address: str) -> Iterator[SignedIn]:
    """Signs somebody in, with a browser of their own."""
    people: list[Person] = []

    def person(username: str) -> Person:
        someone = Person(chromium, address, Path(SHOTS) if SHOTS else None)
        people.append(someone)
        someone.page.goto("/sign-in")
        someone.page.get_by_label("用户名").fill(username)
        someone.page.get_by_label("密码").fill(PASSWORD)
        someone.page.get_by_role("button", name="登录", exact=True).click()
        someone.page.wait_for_url(lambda url: "/sign-in" not in url)
        return someone

    yield person
    for someone in people:
        someone.context.close()


def fits(page: Page) -> None:
    """Nobody has to scroll sideways."""
    over = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert over <= 0, f"{page.url} is {over} pixels too wide"


def looked_at(someone: Person, name: str) -> None:
    """The page at its usual size and at a smaller one, without a fault."""
    usual = someone.page.viewport_size
    assert usual is not None
    someone.accessible()
    someone.shot(name)
    for size, ending in ((PHONE, "390"), (LARGE, "200")):
        someone.page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain mapping
        fits(someone.page)
        someone.shot(f"{name}-{ending}")
    someone.page.set_viewport_size(usual)


def test_the_window_asks_only_what_the_chosen_way_needs(
    signed_in: SignedIn, waiting: tuple[City, str]
) -> None:
    clerk = signed_in("window")
    page = clerk.page
    page.goto("/window")
    looked_at(clerk, "window-list")
    page.goto(f"/window/{waiting[1]}")
    looked_at(clerk, "window-counter")
    expect(page.get_by_label("授权委托书编号")).to_be_hidden()
    expect(page.get_by_label("运单号")).to_be_hidden()
    page.get_by_label("其他代办人").check()
    expect(page.get_by_label("授权委托书编号")).to_be_visible()
    looked_at(clerk, "window-agent")
    page.get_by_label("邮寄送达").check()
    expect(page.get_by_label("运单号")).to_be_visible()
    expect(page.get_by_label("身份证号码")).to_be_hidden()
    page.get_by_label("已清点全部结果").check()
    page.get_by_role("button", name="全部交付并办结").click()
    expect(page.get_by_role("alert")).to_contain_text("收件地址")
    looked_at(clerk, "window-post-refused")
    page.goto(f"/window/{waiting[1]}/print")
    expect(page.get_by_role("button", name="依次打印全部 7 份")).to_be_visible()
    clerk.shot("window-print")


def test_a_kiosk_is_used_by_touch_alone(signed_in: SignedIn, waiting: tuple[City, str]) -> None:
    terminal = signed_in("kiosk")
    page = terminal.page
    page.goto("/kiosk")
    looked_at(terminal, "kiosk-start")
    for key in APPLICANT_ID:
        page.get_by_role("button", name=key, exact=True).click()
    expect(page.get_by_label("请刷身份证")).to_have_value(APPLICANT_ID)
    page.get_by_role("button", name="下一步").click()
    looked_at(terminal, "kiosk-code")
    for key in "99999":
        page.get_by_role("button", name=key, exact=True).click()
    page.get_by_role("button", name="删除").click()
    page.get_by_role("button", name="查看可以取的结果").click()
    expect(page.get_by_role("alert").first).to_contain_text("出件窗口")
    looked_at(terminal, "kiosk-wrong")
    page.get_by_role("link", name="重新开始").click()
    page.get_by_label("请刷身份证").press_sequentially(f"{APPLICANT_ID}")
    page.keyboard.press("Enter")  # as card readers do
    page.get_by_label("6 位取件码").press_sequentially(CODE)
    page.keyboard.press("Enter")
    looked_at(terminal, "kiosk-case")
    page.get_by_role("button", name="取走全部 7 份并打印").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已经取件")
    expect(page.get_by_role("button", name="依次打印全部 7 份")).to_be_visible()
    terminal.shot("kiosk-papers")
    page.get_by_role("link", name="打印完了，结束").click()
    page.go_back()
    page.wait_for_url("**/kiosk")
    expect(page.get_by_label("请刷身份证")).to_have_value("")
    assert waiting[0].case(UUID(waiting[1])).state == "concluded"


def test_a_kiosk_that_is_left_goes_back_to_its_start(signed_in: SignedIn) -> None:
    terminal = signed_in("kiosk")
    page = terminal.page
    page.clock.install()
    page.goto("/kiosk")
    page.get_by_label("请刷身份证").press_sequentially(APPLICANT_ID)
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_label("6 位取件码")).to_be_visible()
    page.wait_for_load_state()  # its script counts the seconds
    page.clock.run_for(75_000)
    expect(page.get_by_text("秒后回到首页")).to_be_visible()
    page.get_by_role("button", name="我还要用").click()
    expect(page.get_by_text("秒后回到首页")).to_be_hidden()
    page.clock.run_for(95_000)
    expect(page.get_by_label("请刷身份证")).to_have_value("")
