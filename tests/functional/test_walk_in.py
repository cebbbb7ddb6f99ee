"""Intake at the counter over HTTP: one screen that grows, loses nothing, and ends once."""

import re
from datetime import date
from uuid import UUID

import pytest
from httpx import Response
from sqlmodel import select
from starlette.testclient import TestClient

from functional.city import ANSWERS, APPLICANT_ID, CHECKED, FORM, PDF, City
from onevisit.cases.dossier import load
from onevisit.cases.signing import involved
from onevisit.store.citizen_tables import SharedFact, SharedRecord
from onevisit.store.desk_tables import Intake
from onevisit.store.evidence import verify_ledger
from onevisit.store.kept import sought
from onevisit.store.session import reading
from onevisit.store.tables import Account, Case, LedgerEntry, Upload

NEW = "990000195001010019"
"""A person who has never been here; the region does not exist, the check digit is right."""
PERSON = {"name": "演示老人甲", "phone": "19912345678"}
SITUATION = {
    f"q.{name}": str(value).lower() if isinstance(value, bool) else str(value)
    for name, value in ANSWERS.items()
}
BROUGHT = ("process_layout", "floor_plan", "food_manager", "sign_design")
ENDS = {"end.pickup": "window", "end.confirmed": "together", "end.pledged": "yes"}


def filled() -> dict[str, str]:
    """The form of the service as the screen sends it."""
    found = {}
    for name, value in FORM.items():
        if name == "staff":
            found |= {"staff.0.name": "演示员工甲", "staff.0.post": "厨师"}
        elif isinstance(value, list):
            found[name] = value[0]
        else:
            found[name] = str(value)
    return found


def begun(city: City, desk: TestClient, number: str = NEW) -> str:
    """The address of a screen that was just begun."""
    answer = desk.post(
        "/desk/walk-in",
        data={"id_number": number, **PERSON, "service": "open_restaurant", **SITUATION},
        follow_redirects=False,
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def press(city: City, desk: TestClient, address: str, do: str, /, **changes: str) -> Response:
    """One press with everything on the screen, with some changes."""
    revision = str(city.case(id_of(address)).revision)
    data = {"revision": revision, "do": do, **SITUATION, **filled(), **CHECKED, **ENDS, **changes}
    answer: Response = desk.post(address, data=data, follow_redirects=False)
    return answer


def scanned(city: City, desk: TestClient, address: str) -> None:
    """A scan of everything that the person brings, all with one press."""
    files = [(f"file.{each}", (f"{each}.pdf", PDF, "application/pdf")) for each in BROUGHT]
    data = {"revision": str(city.case(id_of(address)).revision), "do": "save", **SITUATION}
    answer = desk.post(address, data={**data, **filled()}, files=files, follow_redirects=False)
    assert answer.status_code == 303, answer.text


def id_of(address: str) -> UUID:
    """The case that an address names."""
    return UUID(re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", address)[0])


def test_a_wrong_check_digit_is_told_at_once(city: City) -> None:
    answer = city.client("clerk").post("/desk/walk-in", data={"id_number": NEW[:-1] + "8"})
    assert answer.status_code == 422
    assert "校验位" in answer.text
    assert f'value="{NEW[:-1]}8"' in answer.text, "what was typed is still there"
    assert 'name="service"' not in answer.text


def test_name_and_phone_are_asked_only_of_a_stranger(city: City) -> None:
    desk = city.client("clerk")
    known = desk.post("/desk/walk-in", data={"id_number": APPLICANT_ID}).text
    assert 'name="phone"' not in known
    assert "演示申请人甲" in known
    stranger = desk.post("/desk/walk-in", data={"id_number": NEW})
    assert stranger.status_code == 200
    assert 'name="phone"' in stranger.text
    again = desk.post("/desk/walk-in", data={"id_number": NEW, "name": "演", "asked": "name"})
    assert again.status_code == 422
    assert "请填写申请人姓名" in again.text


def test_one_screen_from_card_to_acceptance(city: City) -> None:
    desk = city.client("clerk")
    address = begun(city, desk)
    scanned(city, desk, address)
    page = desk.get(address).text
    assert "标明比例、出入口、疏散通道" in page, "the acceptance standard"
    assert "受理后 15 个工作日内补交" in page, "what follows from deferring"
    assert "floor_plan.pdf" in page
    answer = press(city, desk, address, "accept")
    assert answer.headers["location"].endswith("/papers"), answer.text
    case = city.case(id_of(address))
    assert (case.state, case.channel) == ("reviewing", "window")
    papers = desk.get(answer.headers["location"]).text
    assert papers.index("受理通知书") < papers.index("收件回执")
    with reading(city.engine) as session:
        assert verify_ledger(session, case.id) == []
        acts = session.exec(select(LedgerEntry).where(LedgerEntry.region == "case")).all()
        clerk = session.exec(select(Account).where(Account.username == "clerk")).one()
        assert {(each.actor_id, each.actor_role) for each in acts} == {(clerk.id, "clerk")}
        assert session.exec(select(Intake)).one().confirmed == "together"


def test_who_took_in_does_not_decide(city: City) -> None:
    desk = city.client("clerk")
    address = begun(city, desk)
    scanned(city, desk, address)
    press(city, desk, address, "accept")
    with city.acting("clerk") as ctx:
        assert ctx.actor.id in involved(ctx, load(ctx, id_of(address)))


def test_everything_that_hinders_acceptance_is_named_and_kept(city: City) -> None:
    desk = city.client("clerk")
    address = begun(city, desk)
    answer = press(
        city, desk, address, "accept", address="", **{"end.confirmed": "", "end.pledged": ""}
    )
    assert answer.status_code == 422
    for path in ("address", "material-floor_plan", "end-confirmed", "end-pledged"):
        assert f'href="#f-{path}"' in answer.text, path
        assert f'id="f-{path}"' in answer.text, path
    assert 'value="演示招牌文字"' in answer.text
    assert city.case(id_of(address)).number is None


def test_paper_that_was_not_scanned_is_not_accepted_but_may_be_deferred(city: City) -> None:
    desk = city.client("clerk")
    address = begun(city, desk)
    scanned(city, desk, address)
    deferred = {"material.health_certificates.status": "deferred"}
    answer = press(city, desk, address, "accept", **deferred)
    assert answer.status_code == 303
    page = desk.get(answer.headers["location"]).text
    assert "容缺受理告知书" in page


def test_the_notice_is_read_before_it_goes_out_and_goes_out_once(city: City) -> None:
    desk = city.client("clerk")
    address = begun(city, desk)
    missing = {f"material.{each}.status": "missing" for each in BROUGHT}
    answer = press(city, desk, address, "notice", address="", **missing)
    assert answer.headers["location"] == f"{address}/notice", answer.text
    page = desk.get(f"{address}/notice").text
    assert "只能一次" in page
    assert "场所平面图" in page
    assert "经营场所地址" in page
    assert city.case(id_of(address)).number is None, "nothing has gone out yet"
    revision = {"revision": str(city.case(id_of(address)).revision)}
    slip = desk.post(f"{address}/notify", data=revision)
    assert "只能一次" in slip.text, "without the confirmation it is shown again"
    sent = {**revision, "confirmed": "yes"}
    assert desk.post(f"{address}/notify", data=sent).status_code == 200
    assert city.case(id_of(address)).state == "correcting"
    assert desk.post(f"{address}/notify", data=sent).status_code == 409, "a second press"
    with reading(city.engine) as session:
        assert verify_ledger(session, id_of(address)) == []


def test_a_notice_of_nothing_is_refused(city: City) -> None:
    desk = city.client("clerk")
    address = begun(city, desk)
    scanned(city, desk, address)
    answer = press(city, desk, address, "notice")
    assert answer.status_code == 422
    assert "没有需要补正的内容" in answer.text


def test_marking_the_rest_calls_missing_what_is_not_there(city: City) -> None:
    desk = city.client("clerk")
    address = begun(city, desk)
    revision = str(city.case(id_of(address)).revision)
    desk.post(address, data={"revision": revision, "do": "fill", **SITUATION})
    page = desk.get(address).text
    assert page.count('value="missing" id="f-material-floor_plan-missing" checked') == 1
    assert page.count('name="material.licence_copy.status" value="verified"') == 1
    assert re.search(r'material.licence_copy.status" value="verified"[^>]* checked', page)


def test_a_question_that_only_now_arises_is_asked_and_the_rest_is_kept(city: City) -> None:
    desk = city.client("clerk")
    address = begun(city, desk)
    larger = {"q.area": "400", "q.gathering": "true"}
    answer = press(city, desk, address, "save", operator_name="示例市另一家店", **larger)
    assert answer.status_code == 422
    assert 'name="q.fire_pledge"' in answer.text
    assert 'value="400"' in answer.text
    assert 'value="示例市另一家店"' in answer.text
    answer = press(city, desk, address, "save", **larger, **{"q.fire_pledge": "true"})
    assert answer.status_code == 303
    assert city.case(id_of(address)).answers["area"] == 400
    assert "消防安全告知承诺书" in desk.get(address).text


def test_a_colleague_goes_on_and_nobody_overwrites_what_the_other_typed(city: City) -> None:
    first, second = city.client("clerk"), city.client("clerk2")
    address = begun(city, first)
    assert address in second.get("/desk/walk-in").text
    old = str(city.case(id_of(address)).revision)
    assert press(city, second, address, "save", sign_text="同事改的").status_code == 303
    late = {"revision": old, "do": "save", **SITUATION, **filled(), "sign_text": "我刚才填的"}
    answer = first.post(address, data=late)
    assert answer.status_code == 409
    assert 'value="我刚才填的"' in answer.text
    assert city.case(id_of(address)).form["sign_text"] == "同事改的"


def test_pressed_twice_begins_one_intake_and_keeps_one_scan(city: City) -> None:
    desk = city.client("clerk")
    assert begun(city, desk) == begun(city, desk)
    address = begun(city, desk)
    scanned(city, desk, address)
    scanned(city, desk, address)
    with reading(city.engine) as session:
        assert len(session.exec(select(Upload)).all()) == len(BROUGHT)
        assert (
            len(session.exec(select(Account).where(Account.id_number_hash == sought(NEW))).all())
            == 1
        )


def test_what_is_no_document_is_told_beside_its_material_and_the_rest_stays(city: City) -> None:
    desk = city.client("clerk")
    address = begun(city, desk)
    revision = str(city.case(id_of(address)).revision)
    files = [
        ("file.floor_plan", ("图.txt", b"just text", "text/plain")),
        ("file.sign_design", ("效果图.pdf", PDF, "application/pdf")),
    ]
    data = {"revision": revision, "do": "save", **SITUATION, **filled()}
    answer = desk.post(address, data=data, files=files)
    assert answer.status_code == 422
    assert 'href="#f-material-floor_plan"' in answer.text
    assert "效果图.pdf" in answer.text
    with reading(city.engine) as session:
        upload = session.exec(select(Upload)).one()
    gone = desk.post(address, data={**data, "revision": str(city.case(id_of(address)).revision),
                                    "do": f"remove:{upload.id}"})  # fmt: skip
    assert "效果图.pdf" not in gone.text


@pytest.mark.parametrize("name", ["applicant", "window", "admin", "tobacco.handler"])
def test_only_clerks_take_in(city: City, name: str) -> None:
    address = begun(city, city.client("clerk"))
    assert city.client(name).get("/desk/walk-in").status_code == 403
    assert city.client(name).get(address).status_code == 403


def test_what_somebody_fills_in_at_home_is_not_the_desks(city: City) -> None:
    case_id = city.filled()
    assert city.client("clerk").get(f"/desk/walk-in/{case_id}").status_code == 404
    with reading(city.engine) as session:
        assert session.get_one(Case, case_id).revision == city.case(case_id).revision


def test_what_a_source_knows_stands_there_and_what_the_person_says_counts(city: City) -> None:
    with city.acting("clerk") as ctx:
        data = {"operator_name": "示例市演示小馆", "address": "示例市登记的旧地址一号"}
        ctx.session.add(
            SharedRecord(
                source="business_register", holder="91990000MA0000001B", person=NEW,
                data=data, as_of=date(2026, 11, 1), imported_at=ctx.now,
            )
        )  # fmt: skip
    desk = city.client("clerk")
    address = begun(city, desk)
    page = desk.get(address).text
    assert 'value="示例市登记的旧地址一号"' in page
    assert "不同的直接改，以申请人为准" in page
    scanned(city, desk, address)
    assert press(city, desk, address, "accept").status_code == 303
    with reading(city.engine) as session:
        facts = {row.name: row for row in session.exec(select(SharedFact))}
        assert facts["operator_name"].state == "confirmed"
        assert (facts["address"].state, facts["address"].said) == ("disputed", FORM["address"])
        assert verify_ledger(session, id_of(address)) == []
    assert "申请人对共享数据有异议" in desk.get(f"/desk/{id_of(address)}").text


def test_a_correction_may_be_brought_to_the_counter(city: City) -> None:
    desk = city.client("clerk")
    address = begun(city, desk)
    missing = {f"material.{each}.status": "missing" for each in BROUGHT}
    press(city, desk, address, "notice", **missing, address="")
    case_id = id_of(address)
    sent = {"revision": str(city.case(case_id).revision), "confirmed": "yes"}
    desk.post(f"{address}/notify", data=sent)
    counter = f"/desk/{case_id}/supplement"
    assert counter in desk.get(f"/desk/{case_id}").text
    page = desk.get(counter).text
    assert 'name="address"' in page
    assert 'name="operator_name"' not in page, "only what the notice names"
    data = {"revision": str(city.case(case_id).revision), "do": "hand_in", "address": "短"}
    files = [(f"file.{each}", (f"{each}.pdf", PDF, "application/pdf")) for each in BROUGHT[1:]]
    answer = desk.post(counter, data=data, files=files)
    assert answer.status_code == 422
    assert 'href="#f-material-process_layout"' in answer.text
    assert 'href="#f-address"' in answer.text
    assert 'value="短"' in answer.text
    assert "floor_plan.pdf" in answer.text, "what was brought is kept"
    data |= {"address": FORM["address"], "revision": str(city.case(case_id).revision)}  # type: ignore[dict-item]
    files = [("file.process_layout", ("说明.pdf", PDF, "application/pdf"))]
    answer = desk.post(counter, data=data, files=files, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    assert city.case(case_id).state == "resubmitted"
    with reading(city.engine) as session:
        assert verify_ledger(session, case_id) == []
        acts = session.exec(select(LedgerEntry).where(LedgerEntry.act == "supplement")).all()
        assert [each.actor_role for each in acts] == ["clerk"]
    assert desk.get(counter, follow_redirects=False).status_code == 303, "nothing left to bring"
