"""Departments, calendars and rules of a place in the studio: what a change would do is shown before
it is saved; it holds after a restart, and the former text is kept."""

import html
import re
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from httpx import Response
from sqlmodel import col, select, update

from functional.city import ROOT, City, Prepared
from onevisit.catalog.catalog import Catalog
from onevisit.settings import Settings
from onevisit.store.admin_tables import PlaceChange
from onevisit.store.session import reading, writing
from onevisit.store.tables import Case
from onevisit.store.work_tables import Rule

NOTICE = """一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（周五）至11日（周四）放假调休，共7天。1月31日（周日）、2月20日（周六）上班。
三、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。"""
"""A fictional arrangement of 2027 in the words of the State Council's notices."""
BASIS = "演示通知〔2026〕1号（虚构）"
CALENDAR, RULES = "/studio/calendars/cn", "/studio/jurisdictions/demo_city"


@pytest.fixture
def workshop(prepared_city: Prepared, tmp_path: Path) -> City:
    """A city whose service folder is a copy that may be written to."""
    home = tmp_path / "home"
    for folder in ("workflows", "forms", "templates"):
        shutil.copytree(ROOT / folder, home / folder)
    city = prepared_city.copied(tmp_path / "city")
    city.settings = Settings(
        home=home, data=city.settings.data, database_url="", printing_processes=0
    ).prepared()
    return city


def typed(city: City, address: str) -> dict[str, str]:
    """The form of a page as it stands."""
    page = city.client("admin").get(address).text
    form = page[page.index("revision") :]
    hidden = r'<input type="hidden" name="(revision|year)" value="([^"]*)"'
    found = dict(re.findall(hidden, page))
    found |= dict(
        re.findall(r'<input class="form-control[^>]*?name="([^"]+)" value="([^"]*)"', form)
    )
    chosen = r'<select[^>]*name="([^"]+)".*?<option value="([^"]*)" selected'
    found |= dict(re.findall(chosen, form, re.DOTALL))
    found |= dict(
        re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL)
    )
    return {name: html.unescape(text) for name, text in found.items()}


def send(city: City, address: str, step: str = "", **data: str) -> Response:
    """The form of a page with these fields changed, in its first or (save) second step."""
    form = typed(city, address) | data | ({"step": step} if step else {})
    return city.client("admin").post(address.split("?")[0], data=form, follow_redirects=False)


def test_a_department_is_renamed_once_it_was_read_what_that_does(workshop: City) -> None:
    address = "/studio/departments/tobacco"
    page = workshop.client("admin").get(address).text
    assert "开办餐饮店“一件事”" in page and "4 人" in page
    answer = send(workshop, address, title="示例市烟草专卖管理局", basis=BASIS)
    assert answer.status_code == 200
    assert "示例市烟草专卖管理局" in answer.text and "确认保存" in answer.text
    assert "9 个一件事重新证明" in answer.text
    file = workshop.settings.home / "workflows/directory.yaml"
    before = file.read_text()
    assert "烟草专卖管理局" not in before, "nothing is saved by looking"
    answer = send(workshop, address, "save", title="示例市烟草专卖管理局", basis=BASIS)
    assert answer.status_code == 303
    assert file.read_text() == before.replace("示例市烟草专卖局", "示例市烟草专卖管理局")
    current = workshop.catalog.current("open_restaurant").definition
    assert current.directory.department("tobacco").title == "示例市烟草专卖管理局"
    page = workshop.client("admin").get("/studio/departments").text
    assert "修改部门：示例市烟草专卖管理局" in page and BASIS in page
    with reading(workshop.engine) as session:
        kept = session.exec(select(PlaceChange)).one()
        assert kept.before == before


def test_what_was_saved_outlasts_a_restart_with_an_older_folder(workshop: City) -> None:
    folder = workshop.settings.home / "workflows"
    old = {name: (folder / name).read_text() for name in ("directory.yaml", "calendars/cn.yaml")}
    send(workshop, "/studio/departments/tobacco", "save", short="烟专", basis=BASIS)
    send(workshop, CALENDAR + "?year=2027", "save", notice=NOTICE, basis=BASIS)
    for name, text in old.items():
        (folder / name).write_text(text)
    with writing(workshop.engine) as session:
        Catalog(workshop.engine).publish_folder(
            session, workshop.settings.home, datetime.now(UTC) + timedelta(minutes=1)
        )
    current = Catalog(workshop.engine).current("open_restaurant").definition
    assert current.directory.department("tobacco").short == "烟专"
    assert current.calendar.last == date(2027, 12, 31)


def test_one_more_department(workshop: City) -> None:
    new = {
        "id": "archives", "title": "示例市档案馆", "short": "档案", "uscc": "11990000MB0000001M",
        "phone": "0990-0000031", "basis": BASIS,
    }  # fmt: skip
    answer = send(workshop, "/studio/departments/new", **new)
    assert answer.status_code == 422
    assert "已经有部门用这个代码" in answer.text
    wrong = {"uscc": "11990000MB0000021Q"}
    answer = send(workshop, "/studio/departments/new", "save", **new | wrong)
    assert "不对：18 位" in answer.text, "the check digit is a wrong one"
    code = "11990000MB0000021P"
    answer = send(workshop, "/studio/departments/new", "save", **new | {"uscc": code})
    assert answer.status_code == 303, answer.text
    page = workshop.client("admin").get("/studio/accounts/new").text
    assert '<option value="archives">档案</option>' in page, "people can be given posts there"


def test_unfit_departments_come_back_as_they_were_typed(workshop: City) -> None:
    bad = {"title": "示例市公安局", "short": "", "uscc": "1", "phone": "电话", "basis": ""}
    answer = send(workshop, "/studio/departments/tobacco", **bad)
    assert answer.status_code == 422
    for why in ("已经有部门用这个全称", "请填写简称", "不对：18 位", "电话只用数字", "请写明依据"):
        assert why in answer.text
    assert 'value="示例市公安局"' in answer.text
    odd = {"title": '示例: {局} #1 "甲"', "basis": BASIS}
    assert send(workshop, "/studio/departments/tobacco", "save", **odd).status_code == 303
    current = workshop.catalog.current("open_restaurant").definition
    assert current.directory.department("tobacco").title == odd["title"]


def test_who_is_second_is_told_what_the_first_changed(workshop: City) -> None:
    address = "/studio/departments/tobacco"
    seen = typed(workshop, address)
    send(workshop, "/studio/departments/health", "save", short="卫健委", basis=BASIS)
    answer = workshop.client("admin").post(address, data=seen | {"short": "烟专", "basis": BASIS})
    assert answer.status_code == 409
    assert "修改部门：示例市卫生健康委员会" in answer.text and 'value="烟专"' in answer.text
    assert (
        workshop.catalog.current("open_restaurant").definition.directory.department("health").short
        == "卫健委"
    )


def test_going_back_loses_nothing(workshop: City) -> None:
    answer = send(workshop, RULES, "edit", **{"delivery.days": "8"})
    assert answer.status_code == 200
    assert re.search(r'name="delivery\.days" value="8"', answer.text)


def open_case(city: City, due: date) -> Case:
    """A case in review whose promise and legal limits rest on days of next year."""
    case_id = city.accepted()
    with writing(city.engine) as session:
        session.exec(update(Case).where(col(Case.id) == case_id).values(legal_due=due))
    return city.case(case_id)


def test_the_next_year_is_read_from_the_notice_and_moves_what_is_open(workshop: City) -> None:
    case = open_case(workshop, date(2027, 2, 8))
    assert case.number is not None
    admin = workshop.client("admin")
    page = admin.get(CALENDAR + "?year=2027").text
    assert "未公布" in page
    assert case.number in page[page.index("暂定的期限") :]
    answer = send(workshop, CALENDAR + "?year=2027", notice=NOTICE, basis=BASIS)
    assert answer.status_code == 200, answer.text
    assert "1 件" in answer.text and case.number in answer.text
    assert "法定时限" in answer.text
    assert workshop.case(case.id).legal_due == date(2027, 2, 8), "nothing moves by looking"
    answer = send(workshop, CALENDAR + "?year=2027", "save", notice=NOTICE, basis=BASIS)
    assert answer.headers["location"] == CALENDAR + "?year=2027"
    with reading(workshop.engine) as session:
        rule = session.get(Rule, ("calendar", "cn"))
        assert rule is not None and rule.applied_at is None, "the sweep reckons the cases anew"
    found = workshop.catalog.current("open_restaurant").definition.calendar
    assert found.last == date(2027, 12, 31)
    assert [each for each in found.holidays if each.year == 2027] == [
        date(2027, 1, 1), *(date(2027, 2, d) for d in (5, 8, 9, 10, 11)),
        *(date(2027, 10, d) for d in (1, 4, 5, 6, 7)),
    ]  # fmt: skip
    assert [each for each in found.workdays if each.year == 2027] == [
        date(2027, 1, 31), date(2027, 2, 20),
    ]  # fmt: skip
    assert f"2027 年依据{BASIS}" in found.source
    page = admin.get(CALENDAR + "?year=2027").text
    assert "增加 2027 年的放假安排" in page and "未公布）" in page, "now the year after"


def test_what_is_no_arrangement_is_refused_with_the_reason(workshop: City) -> None:
    for notice, basis, why in (
        ("", BASIS, "没有读到 2027 年放假的日子"),
        ("13月1日放假", BASIS, "不是日期"),
        ("1月1日至1月40日放假", BASIS, "不是日期"),
        ("1月9日至1月1日放假", BASIS, "起止不对"),
        ("1月1日放假。1月4日上班", BASIS, "周一至周五，本来就上班"),
        ("1月1日至3日放假。1月2日上班", BASIS, "既写了放假又写了上班"),
        ("1月1日休息", BASIS, "没有写明是放假还是上班"),
        ("1月1日放假", "", "请写明依据哪份通知"),
    ):
        answer = send(workshop, CALENDAR + "?year=2027", "save", notice=notice, basis=basis)
        assert answer.status_code == 422, notice
        assert why in answer.text, notice
        assert html.escape(notice, quote=False) in answer.text


def test_rules_of_a_place_are_a_table_with_bases(workshop: City) -> None:
    page = workshop.client("admin").get(RULES).text
    assert "行政许可法第四十二条第一款" in page and "签字" in page
    answer = send(workshop, RULES, **{"delivery.days": "8"})
    assert answer.status_code == 422 and "这次改动依据什么" in answer.text
    answer = send(workshop, RULES, **{"delivery.days": "8", "basis_of_change": BASIS})
    assert answer.status_code == 200 and "决定之后几日内送达" in answer.text
    answer = send(workshop, RULES, "save", **{"delivery.days": "8", "basis_of_change": BASIS})
    assert answer.status_code == 303
    assert workshop.catalog.current("newborn").definition.jurisdiction.delivery.days == 8
    text = (workshop.settings.home / "workflows/jurisdictions/demo_city.yaml").read_text()
    assert text == (ROOT / "workflows/jurisdictions/demo_city.yaml").read_text().replace(
        "delivery: {days: 10,", "delivery: {days: 8,"
    )


def test_a_rule_that_breaks_a_service_is_refused_with_the_service(workshop: City) -> None:
    """Refusals have to name the right to ask for reconsideration (许可法第三十八条)."""
    answer = send(workshop, RULES, "save", **{"remedies.0": "没有", "basis_of_change": BASIS})
    assert answer.status_code == 422
    assert "9 个一件事会因此不成立" in answer.text
    assert "workflows/newborn.yaml" in answer.text and "许可法第三十八条" in answer.text
    assert "确认保存" not in answer.text
    assert "没有" not in workshop.catalog.current("newborn").definition.jurisdiction.remedies
    with reading(workshop.engine) as session:
        assert session.exec(select(PlaceChange)).all() == []


def test_what_is_no_such_value_is_told_at_its_place(workshop: City) -> None:
    bad = {
        "single_limit.days": "many", "supervision.yellow": "x", "special_stops_promise": "maybe",
        "title": "", "basis_of_change": BASIS,
    }  # fmt: skip
    answer = send(workshop, RULES, **bad)
    assert answer.status_code == 422
    for why in ("应当是整数", "应当是数字", "应当是是或者否", "不能空着"):
        assert why in answer.text
    answer = send(workshop, RULES, **{"single_limit.days": "0", "basis_of_change": BASIS})
    assert answer.status_code == 422 and "不小于 1" in answer.text


def test_a_rule_that_has_no_value_can_get_one(workshop: City) -> None:
    file = workshop.settings.home / "workflows/jurisdictions/demo_city.yaml"
    file.write_text(file.read_text().replace(", pledge: 3", ""))
    change = {"bars.pledge": "2", "basis_of_change": BASIS}
    assert send(workshop, RULES, "save", **change).status_code == 303
    bars = workshop.catalog.current("newborn").definition.jurisdiction.bars
    assert bars is not None and bars.pledge == 2


def test_nothing_changed_is_nothing_saved(workshop: City) -> None:
    year = CALENDAR + "?year=2026"
    with reading(workshop.engine) as session:
        rule = session.get_one(Rule, ("calendar", "cn"))
    answer = send(workshop, year, notice=_shown(workshop, year), basis="演示")
    assert answer.status_code == 200 and "source:" in answer.text, "but for the basis"
    answer = send(workshop, RULES, "save")
    assert answer.headers["location"] == RULES
    assert "没有变化" in workshop.client("admin").get(RULES).text
    with reading(workshop.engine) as session:
        assert session.get_one(Rule, ("calendar", "cn")).hash == rule.hash
        assert session.exec(select(PlaceChange)).all() == []


def _shown(city: City, address: str) -> str:
    page = city.client("admin").get(address).text
    found = re.search(r"<textarea[^>]*name=\"notice\"[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert found
    return html.unescape(found[1])


def test_places_are_for_admins(city: City) -> None:
    for address in ("/studio/departments", "/studio/departments/new", CALENDAR, RULES):
        assert city.client("clerk").get(address).status_code == 403
    admin = city.client("admin")
    for address in ("/studio/calendars/none", "/studio/jurisdictions/none"):
        assert admin.get(address).status_code == 404
    assert admin.get("/studio/departments/none").status_code == 404
    answer = admin.get("/studio/calendars", follow_redirects=False)
    assert answer.headers["location"] == CALENDAR


def test_a_folder_that_cannot_be_written_keeps_nothing_from_holding(
    workshop: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("onevisit.documents.whole_file.write", refuse)
    send(workshop, "/studio/departments/tobacco", "save", short="烟专", basis=BASIS)
    page = workshop.client("admin").get("/studio/departments").text
    assert "服务目录不能写入" in page and "烟专" in page
