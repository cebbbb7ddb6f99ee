"""The pages on which officers arrange inspections and hearings, and those of the applicant."""

import re
from datetime import UTC, datetime, time, timedelta, tzinfo
from uuid import UUID

import pytest
from httpx import Response
from sqlmodel import select
from starlette.testclient import TestClient

from functional.city import City
from onevisit.catalog.folder import load_folder
from onevisit.documents.format import BEIJING
from onevisit.engine.clocks import next_working_day
from onevisit.store.session import writing
from onevisit.store.tables import Account
from onevisit.store.turn_tables import Appointment
from onevisit.web import edge
from scenarios.stage import ROOT

HANDLER, HEAD = "market_regulation.handler", "market_regulation.head"
CALENDAR = load_folder(ROOT).services[0].definition.calendar
PLACE = "示例市演示区演示路八号"


class At:
    """Stands where the edge of the web reads the time."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self, zone: tzinfo) -> datetime:
        return self.moment.astimezone(zone)


def morning(days: int) -> datetime:
    """Half past nine of the first working day that is at least so many days away."""
    day = next_working_day(CALENDAR, datetime.now(BEIJING).date() + timedelta(days=days))
    return datetime.combine(day, time(9, 30), BEIJING)


def moment(at: datetime) -> dict[str, str]:
    return {"day": at.date().isoformat(), "hour": f"{at:%H:%M}"}


def office(city: City, case_id: UUID, event: str = "", region: str = "food") -> str:
    page = f"/office/{city.approval(case_id, region).id}"
    return f"{page}/{event}" if event else page


def links(city: City, who: str, page: str) -> set[str]:
    """The acts to which a page leads."""
    return set(re.findall(rf'href="{page}/(\w+)"', city.client(who).get(page).text))


def send(city: City, username: str, page: str, **typed: object) -> Response:
    """Open a page, fill it in and press its button."""
    client = city.client(username)
    asked = client.get(page)
    assert asked.status_code == 200, asked.text
    revision = re.search(r'name="revision" value="(\d+)"', asked.text)
    assert revision is not None
    data = {"revision": revision[1], **typed}
    answer: Response = client.post(page, data=data, follow_redirects=True)
    return answer


def test_an_inspection_is_called_moved_and_recorded(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = city.accepted()
    page, call = office(city, case_id), office(city, case_id, "call_inspection")
    assert "call_inspection" in links(city, HANDLER, page)
    assert "record_inspection" not in links(city, HANDLER, page)
    empty = city.client(HANDLER).get(call).text
    assert f'value="{PLACE}"' in empty  # from the form
    assert "示例市烟草专卖局：烟草专卖零售许可" in empty
    refused = send(city, HANDLER, call, day="2026-13-01", hour="", place="演示路九号", note="图纸")
    assert refused.status_code == 422
    assert "请填写日期和时间" in refused.text
    assert 'value="演示路九号"' in refused.text and 'value="图纸"' in refused.text
    at, later = morning(1), morning(2)
    done = send(city, HANDLER, call, **moment(at), place=PLACE, note="图纸", moved="")
    assert "已约定" in done.text and "现场核查通知书" in done.text
    again = send(city, HANDLER, call, **moment(later), place=PLACE, note="", moved="")
    assert again.status_code == 409
    assert "要改期的请写明改期原因" in again.text
    moved = send(city, HANDLER, call, **moment(later), place=PLACE, note="", moved="停电")
    assert "已约定" in moved.text
    assert "call_inspection" not in links(city, HANDLER, page)  # once only
    record = office(city, case_id, "record_inspection")
    assert "还没有到约定的时间" in city.client(HANDLER).get(record).text
    monkeypatch.setattr(edge, "datetime", At(later + timedelta(hours=1)))
    assert "record_inspection" in links(city, HANDLER, page)
    people = re.findall(r'name="officers" value="([^"]+)"', city.client(HANDLER).get(record).text)
    assert len(people) == 4
    short = send(city, HANDLER, record, officers=people[:1], passed="yes", finding="一致")
    assert short.status_code == 422
    assert "2名以上工作人员" in short.text and "一致</textarea>" in short.text
    odd = send(city, HANDLER, record, officers=["nobody"], passed="", finding="")
    assert odd.status_code == 422
    done = send(city, HANDLER, record, officers=people[:2], passed="yes", finding="一致")
    assert "已记录现场核查：通过" in done.text
    assert links(city, HANDLER, page).isdisjoint({"call_inspection", "record_inspection"})


def test_the_calendar_is_the_departments_own(city: City) -> None:
    case_id = city.accepted()
    assert "没有核查、到场和听证安排" in city.client(HANDLER).get("/office/calendar").text
    call = office(city, case_id, "call_inspection")
    send(city, HANDLER, call, **moment(morning(1)), place=PLACE, note="", moved="")
    text = city.client(HANDLER).get("/office/calendar").text
    assert "联合勘验" in text and PLACE in text
    assert "烟草" in text and "烟草专卖零售许可" not in text
    assert PLACE not in city.client("urban_management.handler").get("/office/calendar").text


def test_a_hearing_from_the_right_to_the_record(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = city.accepted()
    page, mine = office(city, case_id), f"/my/{case_id}"
    assert "要求听证" not in city.client("applicant").get(mine).text
    offer = office(city, case_id, "offer_hearing")
    assert send(city, HANDLER, offer, reasons=" ", parties="邻居").status_code == 422
    told = send(city, HANDLER, offer, reasons="关系邻居的重大利益", parties="演示邻居")
    assert "已告知听证权利" in told.text
    assert "enter_hearing" in links(city, HANDLER, page)
    assert "offer_hearing" not in links(city, HANDLER, page)
    assert send(city, HANDLER, office(city, case_id, "enter_hearing"), who="").status_code == 422
    ask = f"{mine}/items/food/ask_hearing"
    assert ask in city.client("applicant").get(mine).text
    waiving = city.client("applicant").get(f"{mine}/items/food/waive_hearing").text
    assert "利害关系人仍可在期限内要求听证" in waiving
    assert "不收取任何费用" in city.client("applicant").get(ask).text
    asked = send(city, "applicant", ask)
    assert asked.status_code == 200 and "等待听证" in asked.text
    assert city.client("applicant").get(ask).status_code == 409
    call = office(city, case_id, "call_hearing")
    sheet = city.client(HANDLER).get(call).text
    [chair] = re.findall(r'name="chair" value="([^"]+)"', sheet)  # everybody else is needed
    at = morning(8)
    typed = {**moment(at), "place": "三楼听证室", "reasons": ""}
    assert send(city, HANDLER, call, **typed, chair="nobody").status_code == 422
    called = send(city, HANDLER, call, **typed, chair=chair)
    assert "法定时限自明日起暂停计算" in called.text
    public = city.client("applicant2").get("/hearings").text
    assert "三楼听证室" in public and "食品经营许可" in public
    assert "示例市演示小馆" not in public and "演示申请人甲" not in public
    hold = office(city, case_id, "hold_hearing")
    assert city.client(HANDLER).get(hold).status_code == 403
    minutes = {"attended": "申请人、邻居", "record": "各方意见", "signed": "yes"}
    assert send(city, HEAD, hold, **minutes).status_code == 409  # before its hour
    monkeypatch.setattr(edge, "datetime", At(at + timedelta(hours=2)))
    assert "hold_hearing" in links(city, HEAD, page)
    assert "hold_hearing" not in links(city, HANDLER, page)
    unsigned = send(city, HEAD, hold, attended="申请人", record="各方意见")
    assert unsigned.status_code == 422 and "各方意见</textarea>" in unsigned.text
    done = send(city, HEAD, hold, **minutes)
    assert done.status_code == 200 and "听证笔录" in done.text
    assert "近期没有将要举行的听证" in city.client("applicant2").get("/hearings").text


def test_the_applicant_gives_a_hearing_up(city: City) -> None:
    case_id = city.accepted()
    offer = office(city, case_id, "offer_hearing")
    send(city, HANDLER, offer, reasons="关系他人的重大利益", parties="")
    waive = f"/my/{case_id}/items/food/waive_hearing"
    done = send(city, "applicant", waive)
    assert done.status_code == 200 and "已放弃听证" in done.text
    assert waive not in done.text
    assert city.client("applicant").get(waive).status_code == 409
    own = city.client(HANDLER).get(office(city, case_id, "call_hearing")).text
    assert "没有人提出听证" in own  # only of its own motion now


def test_where_nothing_is_to_be_arranged_no_page_asks_for_it(city: City) -> None:
    case_id = city.accepted()
    page = office(city, case_id, region="licence")
    found = links(city, HANDLER, page)
    assert found.isdisjoint({"call_inspection", "record_inspection", "call_meeting"})
    for event in ("call_inspection", "record_inspection", "call_meeting", "record_meeting"):
        assert city.client(HANDLER).get(f"{page}/{event}").status_code == 409


def test_a_full_day_shows_its_first_and_leads_to_all(city: City) -> None:
    case_id = city.accepted()
    today = datetime.now(UTC).astimezone(BEIJING).date()
    coming, over = today + timedelta(days=6), today - timedelta(days=2)
    with writing(city.engine) as session:
        clerk = session.exec(select(Account.id).where(Account.username == "clerk")).one()
        for day, number in ((coming, 40), (over, 33)):
            begins = datetime.combine(day, time(9), BEIJING)
            session.add_all(
                Appointment(
                    case_id=case_id, kind="inspection", joint="site_check", title="现场核查",
                    regions=["food"], at=begins + timedelta(minutes=each), place=f"{each}号",
                    called_by=clerk, called_at=begins - timedelta(days=9),
                )
                for each in range(number)
            )  # fmt: skip
    city.counted()
    officer, where = city.client(HANDLER), "/office/calendar"
    month = officer.get(f"{where}?day={coming}").text
    shown = month.partition(f'id="day-{coming}"')[2].partition("</section>")[0]
    assert re.findall(r" · (\d+号)", shown) == ["0号", "1号", "2号"]
    assert f'{where}?view=day&amp;day={coming}">看这一天全部 40 项' in shown
    assert "还有 37 项" in month
    assert "还有 32 项" in officer.get(f"{where}?view=week&day={coming}").text
    assert places(officer, f"{where}?view=day&day={coming}") == [f"{n}号" for n in range(40)]
    assert "看全部 33 项" in officer.get(where).text
    assert places(officer, f"{where}?view=late") == [f"{n}号" for n in range(33)]
    calendar = officer.get(f"{where}.ics").text
    assert calendar.count("BEGIN:VEVENT") == 73
    answer = officer.get(f"{where}?view=late&after=nonsense", follow_redirects=False)
    assert answer.headers["location"] == where


def places(officer: TestClient, address: str) -> list[str]:
    """The places on all pages of a list."""
    page = officer.get(address).text
    found = re.findall(r" · (\d+号)", page)
    following = re.search(r'href="([^"]+)" rel="next">下一页', page)
    return found + (places(officer, following[1].replace("&amp;", "&")) if following else [])
