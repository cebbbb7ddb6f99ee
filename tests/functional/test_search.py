"""Who finds what: the search in the bar shows nobody more than their own pages would."""

import re
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from sqlalchemy import event
from sqlmodel import select
from starlette.testclient import TestClient

from functional.city import ORIGIN, City
from onevisit.store.session import reading
from onevisit.store.tables import Approval, Case, Document
from onevisit.store.turn_tables import Certificate

PEOPLE = {
    "owner": "applicant",
    "other": "applicant2",
    "clerk": "clerk",
    "issue": "window",
    "food": "market_regulation.handler",
    "smoke": "tobacco.handler",
    "admin": "admin",
    "watch": "supervisor",
    "head": "market_regulation.head",
    "gov": "government",
    "oper": "operator",
}
ANYBODY = ("owner", "other", "clerk", "issue", "food", "smoke", "watch", "head", "gov", "oper")
TABLE = """
WHAT     anon owner other clerk issue food  smoke admin watch head  gov   oper
number   -    my    -     desk  -     food  smoke -     watch food  -     -
name     -    -     -     desk  -     food  smoke -     -     food  -     -
notice   -    my    -     desk  -     food  smoke -     watch food  -     -
part     -    my    -     -     -     -     -     -     -     -     -     -
phone    -    -     -     -     -     -     -     -     -     -     -     -
identity -    -     -     -     -     -     -     -     -     -     -     -
"""
"""A case in review; `-`: nothing of it is found. `food` and `smoke` are its items of two
departments; `part` is the end of its number, `notice` the number of its notice of acceptance."""


@dataclass(frozen=True)
class Stage:
    """The case that is looked for: what may be typed, and where each find leads."""

    typed: dict[str, str]
    leads: dict[str, str]


def staged(city: City) -> Stage:
    case_id = city.accepted()
    with reading(city.engine) as session:
        case = session.get_one(Case, case_id)
        notice = session.exec(
            select(Document.number).where(
                Document.case_id == case_id, Document.kind == "acceptance"
            )
        ).one()
        items = session.exec(
            select(Approval.department, Approval.id).where(Approval.case_id == case_id)
        ).all()
    number = case.number or ""
    typed = {
        "number": number.replace("-", ""),
        "name": "演示申请人甲",
        "notice": notice.replace("〔", "[").replace("〕", "]"),
        "part": number[-10:],
        "phone": "19900000000",
        "identity": "990000199001019011",
    }
    leads = {"my": f"/my/{case_id}", "desk": f"/desk/{case_id}", "watch": f"/watch/{case_id}/clock"}
    for name, department in (("food", "market_regulation"), ("smoke", "tobacco")):
        [*ids] = [row for owner, row in items if owner == department]
        leads[name] = f"/office/{ids[-1]}"
    return Stage(typed, leads)


def stranger(city: City) -> TestClient:
    return TestClient(city.app, base_url=ORIGIN)


def found(city: City, who: str, text: str) -> set[str]:
    """The addresses that the page of results leads to, services left out."""
    browser = stranger(city) if who == "anon" else city.client(PEOPLE[who])
    answer = browser.get(f"/search?q={quote(text)}")
    assert answer.status_code == 200
    main = answer.text.split("<main", 1)[1].split("</main>", 1)[0]
    links = set(re.findall(r'href="([^"]+)"', main))
    return {link for link in links if not link.startswith(("/services", "/studio"))}


def test_everybody_finds_what_concerns_them_and_nothing_else(city: City) -> None:
    stage = staged(city)
    head, *lines = [line.split() for line in TABLE.strip().splitlines()]
    wrong = []
    for what, *expected in lines:
        for who, kind in zip(head[1:], expected, strict=True):
            links = found(city, who, stage.typed[what])
            if kind == "-" and links:
                wrong.append((what, who, links))
            if kind != "-" and stage.leads[kind] not in links:
                wrong.append((what, who, kind, links))
            if kind in {"food", "smoke"} and not all(link.startswith("/office/") for link in links):
                wrong.append((what, who, "more than their own", links))
    assert wrong == []


def test_an_officer_finds_no_item_of_another_department(city: City) -> None:
    stage = staged(city)
    assert stage.leads["smoke"] not in found(city, "food", stage.typed["number"])
    assert stage.leads["food"] not in found(city, "smoke", stage.typed["number"])


def test_a_supervisor_learns_no_name(city: City) -> None:
    stage = staged(city)
    page = city.client("supervisor").get(f"/search?q={stage.typed['number']}").text
    assert stage.leads["watch"] in page
    assert "演示申请人甲" not in page


def test_every_find_opens(city: City) -> None:
    stage = staged(city)
    for who in ANYBODY:
        browser = city.client(PEOPLE[who])
        for link in found(city, who, stage.typed["number"]):
            assert browser.get(link).status_code == 200, (who, link)


def test_what_waits_at_the_window_is_found_there_once_it_is_decided(city: City) -> None:
    case_id = city.ready()
    with reading(city.engine) as session:
        number = session.get_one(Case, case_id).number or ""
    assert f"/window/{case_id}" in found(city, "issue", number)
    assert f"/window/{case_id}" in found(city, "issue", "演示申请人")


def test_a_certificate_is_found_by_its_holder_and_by_who_issued_it(city: City) -> None:
    """By its whole number of more than seventy characters; of the same case, other departments
    find what they issued themselves."""
    city.ready()
    with reading(city.engine) as session:
        issued = select(Certificate.id, Certificate.number)
        cert_id, number = session.exec(issued.where(Certificate.department == "tobacco")).one()
    leads = {"owner": f"/my/certificates/{cert_id}", "smoke": f"/office/certificates/{cert_id}"}
    for who in ("anon", *PEOPLE):
        links = {link for link in found(city, who, number) if "certificates" in link}
        mine = {link for link in links if str(cert_id) in link}
        assert mine == ({leads[who]} if who in leads else set()), who
        for link in links:
            assert city.client(PEOPLE[who]).get(link).status_code == 200, (who, link)


def test_services_are_found_by_everybody_and_lead_administrators_to_the_studio(city: City) -> None:
    assert 'href="/services/open_restaurant"' in stranger(city).get("/search?q=餐饮").text
    assert 'href="/studio/open_restaurant"' in city.client("admin").get("/search?q=餐饮").text


def test_administrators_find_templates_and_nobody_else_does(city: City) -> None:
    address = 'href="/studio/templates/notices/acceptance"'
    for text in ("受理通知", "acceptance"):
        assert address in city.client("admin").get(f"/search?q={text}").text
    assert address not in city.client("clerk").get("/search?q=受理通知").text
    assert city.client("admin").get("/studio/templates/notices/acceptance").status_code == 200


@pytest.mark.parametrize("text", ["", "甲", " ", "%", "_%", "'", "〔", "九" * 500])
def test_odd_texts_find_nothing_and_break_nothing(city: City, text: str) -> None:
    city.accepted()
    assert found(city, "clerk", text) == set()


def test_a_percent_sign_is_no_wildcard(city: City) -> None:
    city.accepted()
    assert found(city, "clerk", "演示%") == set()
    assert found(city, "owner", "99%") == set()


def test_the_number_of_queries_does_not_grow_with_what_is_found(city: City) -> None:
    def queries() -> int:
        seen = []
        engine = city.app.state.site.engine
        event.listen(engine, "before_cursor_execute", lambda *_: seen.append(1))
        browser = city.client("clerk")
        browser.get("/search?q=演示申请人")
        return len(seen)

    city.accepted()
    queries()
    one = queries()
    for _ in range(3):
        city.submitted()
    assert queries() == one
