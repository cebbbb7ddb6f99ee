"""The main journey in a real browser: a restaurant, from one application to one window."""

import os
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader
from sqlmodel import select

from browser.conftest import Person
from onevisit.cli.demonstration import Demo
from onevisit.cli.journey.sample import sample_pdf
from onevisit.cli.journey.visits import Visits
from onevisit.documents.format import BEIJING
from onevisit.engine.clocks import ONE_DAY, next_working_day
from onevisit.store.session import engine_for, reading
from onevisit.store.tables import Account

SHOTS = os.environ.get("ONEVISIT_SHOTS")
"""A folder for screenshots of every step, to be looked at."""

People = Callable[[str], Person]


@pytest.fixture(scope="module")
def people(chromium: Browser, origin: str, demo: Demo) -> Iterator[People]:
    known: dict[str, Person] = {}

    def person(username: str) -> Person:
        if username not in known:
            someone = Person(chromium, origin, Path(SHOTS) if SHOTS else None)
            someone.sign_in(username, demo.settings.demo_password)
            known[username] = someone
        return known[username]

    yield person
    for each in known.values():
        each.context.close()


def answer(page: Page, question: str, choice: str) -> None:
    page.get_by_role("group", name=re.compile(re.escape(question))).get_by_label(
        choice, exact=True
    ).check()


def applicant_id(demo: Demo) -> str:
    """What the applicant's identity card says."""
    engine = engine_for(demo.settings.database_url, demo.settings.keyring)
    with reading(engine) as session:
        account = session.exec(select(Account).where(Account.username == "applicant")).one()
    engine.dispose()
    assert account.id_number is not None
    return account.id_number


def apply(someone: Person, folder: Path) -> str:
    """Finds the service, answers, fills one form, hands in one set; the case's address."""
    page = someone.page
    page.goto("/")
    someone.accessible()
    someone.shot("01-home")
    page.get_by_role("searchbox", name="搜索服务").fill("餐饮")
    page.get_by_role("button", name="搜索").click()
    page.get_by_role("link", name="开办餐饮店“一件事”").first.click()
    someone.accessible()
    someone.shot("02-guide")
    page.get_by_role("link", name=re.compile("开始：")).click()
    page.get_by_label(re.compile("使用面积有多大")).fill("380")
    answer(page, "是否现场热加工", "是")
    answer(page, "是否属于公众聚集场所", "是")
    answer(page, "是否设置户外招牌", "是")
    answer(page, "是否同时办理“烟草专卖零售许可”", "是")
    someone.accessible()
    someone.shot("03-situation")
    page.get_by_role("button", name="继续").click()
    answer(page, "消防安全检查是否选择告知承诺方式", "否")
    page.get_by_role("button", name="继续").click()
    for item in ("食品经营许可（新办）", "户外招牌设置许可", "烟草专卖零售许可"):
        expect(page.get_by_role("rowheader", name=item)).to_be_visible()
    someone.accessible()
    someone.shot("04-result")
    page.get_by_role("button", name="开始申请").click()
    case = re.search(r"/my/[0-9a-f-]{36}", page.url)
    assert case is not None, page.url
    someone.accessible()
    someone.shot("05-tasks")
    fill_form(someone, case[0])
    upload(someone, case[0], folder)
    page.goto(f"{case[0]}/review")
    page.get_by_label("窗口领取").check()
    page.get_by_label(re.compile("我已阅读并承诺")).check()
    someone.accessible()
    someone.shot("09-review")
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_role("heading", name="已提交")).to_be_visible()
    someone.accessible()
    someone.shot("10-submitted")
    return case[0].removeprefix("/my/")


def fill_form(someone: Person, case: str) -> None:
    page = someone.page
    pages: dict[str, dict[str, str]] = {
        "operator": {
            "经营者名称": "示例市演示小馆",
            "统一社会信用代码": "91990000MA0000001B",
            "法定代表人（负责人）": "演示申请人甲",
            "法定代表人（负责人）身份证号": "990000199001019011",
            "联系手机": "19900000000",
        },
        "premises": {
            "经营场所地址": "示例市演示区演示路八号",
            "座席数": "120",
            "招牌文字": "演示小馆",
            "招牌尺寸": "4.5×0.9",
        },
        "food_business": {"食品安全管理员姓名": "演示食安员"},
        "people": {"姓名": "演示员工甲", "岗位": "厨师"},
    }
    for number, (section, texts) in enumerate(pages.items(), start=1):
        page.goto(f"{case}/form/{section}")
        for label, text in texts.items():
            page.get_by_label(label, exact=True).fill(text)
        if section == "food_business":
            page.get_by_label("餐饮服务经营者").check()
            page.get_by_label("热食类食品制售").check()
        someone.accessible()
        someone.shot(f"06-form-{number}-{section}")
        page.get_by_role("button", name="保存并继续").click()
        expect(page.get_by_role("alert")).to_have_count(0)


def upload(someone: Person, case: str, folder: Path) -> None:
    page = someone.page
    page.goto(f"{case}/materials")
    someone.accessible()
    someone.shot("07-materials")
    titles = page.locator("li.ov-upload h2").all_inner_texts()
    assert len(titles) >= 5
    for title in [re.sub(r"\s*（.*", "", each) for each in titles]:
        file = folder / f"{title}.pdf"
        file.write_bytes(sample_pdf(title))
        page.get_by_label(f"选择文件：{title}", exact=True).set_input_files(file)
        page.get_by_role("button", name=re.compile(f"传.*：{re.escape(title)}$")).click()
        expect(page.get_by_role("link", name=f"{title}.pdf")).to_be_visible()
    someone.accessible()
    someone.shot("08-uploaded")


def check_all(page: Page) -> None:
    """The clerk finds every material in order."""
    for group in page.locator("li.ov-check fieldset").all():
        choice = (
            group.get_by_label("已收", exact=True)
            .or_(group.get_by_label("共享核验", exact=True))
            .first
        )
        choice.check()


def inspected(someone: Person, username: str, demo: Demo) -> None:
    """The officer calls the inspection that the item on the page needs; its moment comes."""
    page, link = someone.page, someone.page.get_by_role("link", name="约定现场核查")
    if link.count() == 0:
        return
    address = urlsplit(page.url).path
    calendar, today = demo.services[0].definition.calendar, datetime.now(BEIJING).date()
    link.click()
    page.wait_for_url("**/call_inspection")
    someone.accessible()
    if page.get_by_text("已经约定在").count() == 0:
        page.get_by_label("日期").fill(next_working_day(calendar, today + ONE_DAY).isoformat())
        page.get_by_label("时间").fill("10:00")
        someone.shot("21-call-inspection")
        page.get_by_role("button", name="约定并通知").click()
        someone.accessible()
        someone.shot("22-inspection-called")
        page.goto("/office/calendar")
        someone.accessible()
        someone.shot("23-office-calendar")
    Visits(demo.settings, calendar, today).happen(username, UUID(address.rsplit("/", 1)[1]))
    page.goto(address)


def decide(someone: Person, username: str, case_number: str, demo: Demo) -> bool:
    """One officer signs whatever of this case can be signed now."""
    page = someone.page
    page.goto("/office")
    someone.accessible()
    row = page.get_by_role("row").filter(has_text=case_number)
    if row.count() == 0:
        return False
    row.first.get_by_role("link").first.click()
    page.wait_for_url(re.compile("/office/[0-9a-f-]{36}$"))
    someone.settled()  # a link that is still finding its place is missed by a click
    inspected(someone, username, demo)
    someone.accessible()
    someone.shot(f"20-office-{someone.page.url.rsplit('/', 1)[1][-6:]}")
    act = page.get_by_role("button", name=re.compile("^(提交下一环节|准予)$"))
    if act.count() == 0:
        return False
    page.get_by_label("意见").first.fill("经审查，材料齐全、符合法定条件。")
    act.first.click()
    return True


def test_a_restaurant_from_application_to_one_window(
    people: People, demo: Demo, tmp_path: Path
) -> None:
    applicant, clerk = people("applicant"), people("clerk")
    case = apply(applicant, tmp_path)
    applicant.page.goto(f"/my/{case}")
    number = applicant.page.locator("dd.ov-code").first.inner_text()

    page = clerk.page
    page.goto("/desk")
    clerk.accessible()
    clerk.shot("11-desk-queue")
    page.get_by_role("link", name=number).click()
    clerk.accessible()
    clerk.shot("12-desk-checklist")
    check_all(page)
    unfit = page.locator("li.ov-check fieldset").filter(has_text="场所平面图").first
    unfit.get_by_label("不符合", exact=True).check()
    unfit.get_by_label("问题（缺什么、哪里不符合）").fill("没有标明疏散通道")
    page.get_by_role("button", name="一次性告知补正").click()
    expect(page.get_by_text("没有标明疏散通道").first).to_be_visible()
    clerk.accessible()
    clerk.shot("13-desk-notice")
    page.get_by_role("button", name="内容完整，发出告知书").click()
    clerk.accessible()
    clerk.shot("13-desk-corrected")

    page = applicant.page
    page.goto(f"/my/{case}")
    expect(page.get_by_text("待补正").first).to_be_visible()
    applicant.accessible()
    applicant.shot("14-correcting")
    page.get_by_role("link", name="查看并补正").click()
    expect(page.get_by_text("没有标明疏散通道").first).to_be_visible()
    applicant.accessible()
    applicant.shot("15-correction")
    page.goto(f"/my/{case}/materials")
    page.get_by_label("选择文件：场所平面图", exact=True).set_input_files(
        tmp_path / "场所平面图.pdf"
    )
    page.get_by_role("button", name=re.compile("传.*：场所平面图$")).click()
    page.goto(f"/my/{case}/correction")
    page.get_by_role("button", name=re.compile("提交补正")).click()

    page = clerk.page
    page.goto(f"/desk/{case}")
    expect(page.get_by_role("button", name="一次性告知补正")).to_have_count(0)
    check_all(page)
    page.get_by_role("button", name="受理", exact=True).click()
    clerk.accessible()
    clerk.shot("16-desk-accepted")

    applicant.page.goto(f"/my/{case}")
    applicant.accessible()
    applicant.shot("17-progress")
    officers = [
        f"{department}.{step.role}"
        for department in ("market_regulation", "urban_management", "fire_rescue", "tobacco")
        for step in demo.services[0].definition.lifecycle.approval.steps.values()
    ]
    while sum(decide(people(officer), officer, number, demo) for officer in officers):
        pass

    window = people("window")
    page = window.page
    page.goto("/window")
    window.accessible()
    window.shot("30-window")
    page.get_by_role("link", name=number).click()
    window.accessible()
    page.get_by_label("身份证号码").fill("990000199001019011")
    page.get_by_label(re.compile("已当面核对证件")).check()
    page.get_by_role("button", name="全部交付并办结").click()
    expect(page.get_by_role("alert")).to_be_visible()  # not the applicant's number: nothing is lost
    expect(page.get_by_label("身份证号码")).to_have_value("990000199001019011")
    window.accessible()
    window.shot("31-window-refused")
    page.get_by_label("身份证号码").fill(applicant_id(demo))
    page.get_by_label(re.compile("已当面核对证件")).check()
    page.get_by_role("button", name="全部交付并办结").click()
    expect(page.get_by_text("已办结").first).to_be_visible()
    window.accessible()
    window.shot("32-window-done")

    page = applicant.page
    page.goto(f"/my/{case}")
    expect(page.get_by_text("已办结").first).to_be_visible()
    applicant.accessible()
    applicant.shot("33-concluded")
    link = page.get_by_role("link", name=re.compile("食品经营许可证（PDF）"))
    pdf = applicant.context.request.get(str(link.get_attribute("href")))
    file = tmp_path / "certificate.pdf"
    file.write_bytes(pdf.body())
    text = "".join(each.extract_text() for each in PdfReader(file).pages)
    assert "食品经营许可证" in text.replace(" ", "")
    assert "示例市演示小馆" in text
