"""The kiosk as people meet it: card, code, one button, papers; nothing left for whoever is next."""

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import text
from sqlmodel import select
from starlette.testclient import TestClient

from functional.city import APPLICANT_ID, ORIGIN, City
from onevisit.cases.kiosk import LOCKED
from onevisit.cases.pickup import TRIES
from onevisit.cases.signing_in import sweep
from onevisit.store.session import reading, writing
from onevisit.store.sign_in_tables import KioskVisit
from onevisit.store.tables import Case, Handout
from onevisit.web.app import ROUTERS
from onevisit.web.kiosk import ENTERING

CODE = "024680"


@pytest.fixture
def case_id(city: City) -> UUID:
    """A case whose results wait, with a code: its service is one that a kiosk gives out."""
    case_id = city.ready()
    with writing(city.engine) as session:
        session.get_one(Case, case_id).pickup_code = CODE
    return case_id


def step(terminal: TestClient, **typed: str) -> str:
    """What the screen shows after something was entered."""
    return terminal.post("/kiosk", data=typed).text


def revision_on(page: str) -> str:
    """The revision that the page holds."""
    found = re.search(r'name="revision" value="(\d+)"', page)
    assert found is not None, page
    return found.group(1)


def test_card_code_button_papers(city: City, case_id: UUID) -> None:
    terminal = city.client("kiosk")
    assert "请刷身份证" in terminal.get("/kiosk").text
    asked = step(terminal, id_number=f"演示申请人甲|男|{APPLICANT_ID}|20200101")
    assert "6 位取件码" in asked
    shown = step(terminal, id_number=APPLICANT_ID, code=CODE)
    assert "取走全部 7 份" in shown
    assert "演示申请人甲" not in shown, "whoever stands behind reads no names"
    assert APPLICANT_ID not in shown
    assert CODE not in shown
    assert {each.name for each in terminal.cookies.jar} <= {"onevisit", "onevisit-known"}
    with reading(city.engine) as session:
        [kept] = session.connection().execute(text("SELECT entered FROM kiosk_visits")).scalars()
    assert APPLICANT_ID.encode() not in bytes(kept), "sealed at rest"
    done = terminal.post("/kiosk/take", data={"revision": revision_on(shown)})
    assert "已经取件" in done.text
    assert city.case(case_id).state == "concluded"
    with reading(city.engine) as session:
        row = session.exec(select(Handout).where(Handout.case_id == case_id)).one()
    assert (row.method, row.collector["relation"]) == ("kiosk", "self")
    papers = re.findall(r'href="(/kiosk/papers/[0-9a-f-]{36})"', done.text)
    assert len(papers) == 7
    assert terminal.get(papers[0]).content.startswith(b"%PDF")
    other = terminal.get(f"/kiosk/papers/{case_id}")
    assert other.status_code == 404
    assert terminal.get(papers[0].replace("/kiosk/papers/", "/documents/")).status_code == 404
    terminal.get("/kiosk")  # the next person
    assert terminal.get(papers[0]).status_code == 404
    assert "请刷身份证" in terminal.get("/kiosk/papers").text
    assert "请刷身份证" in terminal.get("/kiosk/case").text


def test_leaving_in_between_leaves_nothing_open(city: City, case_id: UUID) -> None:
    terminal = city.client("kiosk")
    revision = revision_on(step(terminal, id_number=APPLICANT_ID, code=CODE))
    assert "取走全部" in terminal.get("/kiosk/case").text
    terminal.get("/kiosk")
    assert "取走全部" not in terminal.get("/kiosk/case").text
    terminal.post("/kiosk/take", data={"revision": revision})
    assert city.case(case_id).state == "issuing"


def test_what_is_left_open_closes_by_itself_and_is_swept(city: City, case_id: UUID) -> None:
    terminal = city.client("kiosk")
    step(terminal, id_number=APPLICANT_ID, code=CODE)
    now = datetime.now(UTC)
    with writing(city.engine) as session:
        sweep.run(session, now)
        assert session.exec(select(KioskVisit)).one().ends_at < now + ENTERING
        session.exec(select(KioskVisit)).one().ends_at = now
    assert "请刷身份证" in terminal.get("/kiosk/case").text
    with writing(city.engine) as session:
        assert sweep.is_due(session, now)
        sweep.run(session, now)
        assert session.exec(select(KioskVisit)).all() == []


def test_wrong_codes_say_how_to_go_on(city: City, case_id: UUID) -> None:
    terminal = city.client("kiosk")
    assert "请先刷身份证" in step(terminal, id_number="", code=CODE)
    for _ in range(TRIES):
        page = step(terminal, id_number=APPLICANT_ID, code="999999")
        assert "出件窗口" in page
    assert LOCKED in step(terminal, id_number=APPLICANT_ID, code=CODE)
    assert city.case(case_id).pickup_tries == TRIES
    assert city.case(case_id).state == "issuing"
    assert CODE not in city.client("applicant").get(f"/my/{case_id}").text


def test_what_was_taken_elsewhere_is_told_on_the_same_screen(city: City, case_id: UUID) -> None:
    terminal = city.client("kiosk")
    shown = step(terminal, id_number=APPLICANT_ID, code=CODE)
    city.client("applicant").post(f"/my/{case_id}/collect", data={"revision": revision_on(shown)})
    assert city.case(case_id).state == "concluded"
    late = terminal.post("/kiosk/take", data={"revision": revision_on(shown)})
    assert late.status_code == 422
    assert "不能在这里取" in late.text
    assert 'action="/sign-out"' not in late.text


def test_the_code_is_on_the_applicants_page(city: City, case_id: UUID) -> None:
    assert CODE in city.client("applicant").get(f"/my/{case_id}").text


def test_pages_return_to_the_start_by_themselves(city: City, case_id: UUID) -> None:
    terminal = city.client("kiosk")
    for page in (
        step(terminal, id_number=APPLICANT_ID),
        step(terminal, id_number=APPLICANT_ID, code=CODE),
        step(terminal, id_number=APPLICANT_ID, code="999999"),
    ):
        assert re.search(r'<meta http-equiv="refresh" content="\d+; url=/kiosk">', page)
        assert re.search(r'data-idle="[1-9]\d*"', page)
    assert city.case(case_id).pickup_tries == 1


def test_a_terminal_gets_nowhere_else(city: City, case_id: UUID) -> None:
    city.client("kiosk")
    terminal = TestClient(
        city.app,
        base_url=ORIGIN,
        headers={"origin": ORIGIN},
        cookies={"onevisit": city.cookies["kiosk"]},
        follow_redirects=False,
    )
    number = city.case(case_id).number or ""
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            if "GET" not in (route.methods or ()) or route.path.startswith("/kiosk"):
                continue
            answer = terminal.get(re.sub(r"\{case_id\}", str(case_id), route.path))
            assert number not in answer.text, route.path
    assert terminal.get(f"/window/{case_id}").status_code == 403
    assert terminal.get("/window").status_code == 403
    assert terminal.get("/").status_code == 200
