"""The pages of the office's turns: what they ask, what they refuse, where they lead, and the pages
on which the department's and the government's heads answer."""

import re
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from uuid import UUID

import pytest
from httpx import Response

from functional import city as cities
from functional.city import City
from onevisit.web import edge
from scenarios.law.officers import TEST, services

HANDLER, HEAD = "market_regulation.handler", "market_regulation.head"


class Later:
    """Stands where the edge of the web reads the time: so many days from now."""

    def __init__(self, days: int) -> None:
        self.days = days

    def now(self, zone: tzinfo) -> datetime:
        """The moment, that many days later."""
        return datetime.now(zone) + timedelta(days=self.days)


def address(city: City, case_id: UUID, event: str = "", region: str = "food") -> str:
    """The page of an item, or of one of its acts."""
    page = f"/office/{city.approval(case_id, region).id}"
    return f"{page}/{event}" if event else page


def links(city: City, who: str, case_id: UUID, region: str = "food") -> set[str]:
    """The acts to which the page of an item leads this person."""
    page = address(city, case_id, region=region)
    return set(re.findall(rf'href="{page}/(\w+)"', city.client(who).get(page).text))


def send(city: City, who: str, page: str, **typed: str) -> Response:
    """Open the page of an act, fill it in and press its button."""
    client = city.client(who)
    asked = client.get(page)
    assert asked.status_code == 200, asked.text
    revision = re.search(r'name="revision" value="(\d+)"', asked.text)
    assert revision is not None, asked.text
    answer: Response = client.post(page, data={"revision": revision[1], **typed})
    return answer


@pytest.fixture
def with_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    """A city whose food licence may need a special procedure."""
    monkeypatch.setattr(cities, "ROOT", services(tmp_path / "root"))
    settings = cities.settings_in(tmp_path / "city")
    cities.populate(settings)
    return City(settings)


def test_the_page_of_an_item_leads_only_to_what_can_be_done(city: City) -> None:
    case_id = city.accepted()
    office = {"begin_special", "end_special", "suspend", "resume", "ask_extension", "extend",
              "refuse_extension", "explain_delay", "transfer"}  # fmt: skip
    assert links(city, HANDLER, case_id) & office == {"suspend", "ask_extension", "transfer"}
    assert links(city, HEAD, case_id) & office == set()
    assert links(city, HANDLER, case_id, "licence") & office == {"suspend", "transfer"}


def test_a_special_procedure_is_begun_seen_and_ended(with_tests: City) -> None:
    city, case_id = with_tests, with_tests.accepted()
    page = address(city, case_id, "begin_special")
    assert "begin_special" in links(city, HANDLER, case_id)
    asked = city.client(HANDLER).get(page).text
    assert TEST in asked and "还可以用5个工作日" in asked
    assert "拍卖" not in asked and "听证" not in asked
    begun = send(city, HANDLER, page, choice=TEST, days="3", reasons="后厨排烟需要检测")
    assert begun.status_code == 200
    assert "已启动" in begun.text and "特别程序告知书" in begun.text
    assert "end_special" in links(city, HANDLER, case_id)
    signed = city.client(HANDLER).post(
        address(city, case_id),
        data={"event": "forward", "revision": str(city.approval(case_id, "food").revision)},
    )
    assert signed.status_code == 409 and "请先“结束特别程序”" in signed.text
    shown = city.client(HANDLER).get(address(city, case_id)).text
    assert "还不能“提交下一环节”" in shown and 'value="forward"' not in shown
    ended = send(city, HANDLER, address(city, case_id, "end_special"), choice=TEST)
    assert "已结束" in ended.text
    assert "end_special" not in links(city, HANDLER, case_id)


def test_what_was_typed_stays_on_the_page_with_its_errors(with_tests: City) -> None:
    city, case_id = with_tests, with_tests.accepted()
    page = address(city, case_id, "begin_special")
    for days, message in (("6", "1到5之间"), ("两天", "1到5之间"), ("", "1到5之间")):
        wrong = send(city, HANDLER, page, choice=TEST, days=days, reasons="写了很久的理由")
        assert wrong.status_code == 422
        assert message in wrong.text and "写了很久的理由" in wrong.text
        assert f'value="{days}"' in wrong.text and 'href="#f-days"' in wrong.text
    nothing = send(city, HANDLER, page, choice="", days="1", reasons="理由")
    assert nothing.status_code == 422 and 'href="#f-choice"' in nothing.text
    wordless = send(city, HANDLER, page, choice=TEST, days="1", reasons=" ")
    assert wordless.status_code == 422 and 'href="#f-reasons"' in wordless.text


def test_a_second_press_is_told_that_the_first_counted(city: City) -> None:
    case_id = city.accepted()
    page = address(city, case_id, "suspend")
    data = {"revision": str(city.approval(case_id, "food").revision), "choice": "system_down",
            "days": "1", "reasons": "共享系统维护"}  # fmt: skip
    client = city.client(HANDLER)
    assert client.post(page, data=data).status_code == 200
    again = client.post(page, data=data)
    assert again.status_code == 409 and "您的上一次操作已经生效" in again.text


def test_suspended_and_resumed_and_counted(city: City) -> None:
    case_id = city.accepted()
    page = address(city, case_id, "suspend")
    done = send(city, HANDLER, page, choice="system_down", days="1", reasons="共享系统维护")
    assert "第1次" in done.text and "法定时限照常计算" in done.text
    assert {"suspend", "resume"} & links(city, HANDLER, case_id) == {"resume"}
    hindered = city.client(HANDLER).get(page)
    assert hindered.status_code == 200 and "不能重复中止" in hindered.text
    assert 'name="reasons"' not in hindered.text
    assert "已恢复计时" in send(city, HANDLER, address(city, case_id, "resume")).text
    assert "已经中止过1次" in city.client(HANDLER).get(page).text


def test_the_head_finds_what_is_asked_and_grants_it(city: City) -> None:
    case_id = city.accepted()
    page = address(city, case_id, "ask_extension")
    assert "承诺时限不延长" in city.client(HANDLER).get(page).text
    done = send(city, HANDLER, page, days="10", reasons="需要核实历史档案")
    assert "已报请本部门负责人批准" in done.text
    before = city.approval(case_id, "food").legal_due
    inbox = city.client(HEAD).get("/office").text
    assert "等您批准的延期（1）" in inbox and "需要核实历史档案" in inbox
    assert "等您批准的延期" not in city.client("tobacco.head").get("/office").text
    assert "等您批准的延期" not in city.client(HANDLER).get("/office").text
    assert links(city, HEAD, case_id) >= {"extend", "refuse_extension"}
    grant = address(city, case_id, "extend")
    shown = city.client(HEAD).get(grant).text
    assert "需要核实历史档案" in shown and "10个工作日" in shown and "批准以后" in shown
    granted = send(city, HEAD, grant)
    assert "已批准延长10个工作日" in granted.text
    after = city.approval(case_id, "food").legal_due
    assert before is not None and after is not None and after > before
    assert "等您批准的延期" not in city.client(HEAD).get("/office").text
    assert "没有等待批准的延期报请" in city.client(HEAD).get(grant).text
    progress = city.client("applicant").get(f"/my/{case_id}").text
    assert "延长办理期限告知书" in progress and "已延期" in progress


def test_the_head_refuses_with_reasons(city: City) -> None:
    case_id = city.accepted()
    send(city, HANDLER, address(city, case_id, "ask_extension"), days="2", reasons="需要核实")
    progress = city.client("applicant").get(f"/my/{case_id}").text
    assert "报请" not in progress and "需要核实" not in progress
    page = address(city, case_id, "refuse_extension")
    assert send(city, HEAD, page, reasons="").status_code == 422
    assert "已答复不批准延长" in send(city, HEAD, page, reasons="可以按期办结").text
    progress = city.client("applicant").get(f"/my/{case_id}").text
    assert "可以按期办结" not in progress, "what an office asks of its own head stays inside"
    assert "ask_extension" in links(city, HANDLER, case_id)


def test_the_government_finds_what_the_desk_asks_and_answers(city: City) -> None:
    case_id = city.accepted()
    desk = city.client("clerk").get(f"/desk/{case_id}").text
    assert f'href="/desk/{case_id}/ask_extension"' in desk
    assert f'href="/desk/{case_id}/explain_delay"' not in desk
    page = f"/desk/{case_id}/ask_extension"
    done = send(city, "clerk", page, days="15", reasons="多个部门需要会商")
    assert "已报请本级政府负责人批准" in done.text
    government = city.client("government")
    assert government.get("/sign-in").status_code == 200
    listed = government.get("/government").text
    assert f'href="/government/{case_id}/extend"' in listed and "多个部门需要会商" in listed
    grant = f"/government/{case_id}/extend"
    shown = government.get(grant).text
    assert "各事项进度" in shown and "食品经营许可" in shown
    assert "示例市演示小馆" not in shown, "no more of the form than is needed"
    assert "已批准延长15个工作日" in send(city, "government", grant).text
    assert "没有等待批准的延期报请" in government.get("/government").text
    assert "已经延长过一次" in city.client("clerk").get(page).text


def test_the_government_refuses(city: City) -> None:
    case_id = city.accepted()
    page = f"/desk/{case_id}/ask_extension"
    send(city, "clerk", page, days="1", reasons="需要会商")
    refuse = f"/government/{case_id}/refuse_extension"
    assert "已答复不批准" in send(city, "government", refuse, reasons="可以按期").text
    assert 'name="days"' in city.client("clerk").get(page).text, "it may be asked for again"


def test_an_item_moves_to_another_departments_inbox(city: City) -> None:
    case_id = city.accepted()
    page = address(city, case_id, "transfer")
    shown = city.client(HANDLER).get(page).text
    assert "示例市城市管理局" in shown and "示例市教育局" not in shown
    done = send(city, HANDLER, page, department="urban_management", reasons="属于对方职权")
    assert done.url.path == "/office" and "已移送示例市城市管理局" in done.text
    assert city.client(HANDLER).get(address(city, case_id)).status_code == 403
    assert address(city, case_id) in city.client("urban_management.handler").get("/office").text
    assert "示例市城市管理局" in city.client("applicant").get(f"/my/{case_id}").text


def test_a_delay_is_explained_only_once_it_is_one(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = city.accepted()
    page, desk = address(city, case_id, "explain_delay"), f"/desk/{case_id}/explain_delay"
    assert "还没有超过承诺时限" in city.client(HANDLER).get(page).text
    monkeypatch.setattr(edge, "datetime", Later(60))
    assert "explain_delay" in links(city, HANDLER, case_id)
    done = send(city, HANDLER, page, reasons="检测机构排期推迟")
    assert "已向申请人说明超期理由" in done.text
    assert "已向申请人说明超期理由" in send(city, "clerk", desk, reasons="会商未完成").text
    progress = city.client("applicant").get(f"/my/{case_id}").text
    assert "超期理由告知书" in progress and "检测机构排期推迟" in progress
