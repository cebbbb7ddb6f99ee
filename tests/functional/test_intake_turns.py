"""Turns at the counter through pages: material that comes later, slips of the pen, late words."""

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlmodel import select

from functional.city import CHECKED, PDF, City
from onevisit.cases.deadlines import timers
from onevisit.catalog.catalog import Catalog
from onevisit.store.evidence import verify_ledger
from onevisit.store.files import FileStore
from onevisit.store.session import reading, writing
from onevisit.store.tables import Case
from onevisit.store.turn_tables import Owed

OWED = "health_certificates"
DEFERRED = CHECKED | {f"material.{OWED}.status": "deferred"}


def deferred(city: City) -> UUID:
    """A case that was accepted while the health certificates were still to come."""
    case_id = city.submitted()
    data = DEFERRED | {"revision": str(city.case(case_id).revision)}
    answer = city.client("clerk").post(f"/desk/{case_id}/accept", data=data)
    assert answer.status_code == 200
    return case_id


def state_of(city: City, case_id: UUID) -> str:
    with reading(city.engine) as session:
        return session.exec(select(Owed).where(Owed.case_id == case_id)).one().state


def whole(city: City, case_id: UUID) -> bool:
    with reading(city.engine) as session:
        return verify_ledger(session, case_id) == []


def test_deferred_material_is_brought_found_unfit_brought_again_and_received(city: City) -> None:
    case_id = deferred(city)
    mine, desk = city.client("applicant"), city.client("clerk")
    home, counter = f"/my/{case_id}", f"/desk/{case_id}"
    page = mine.get(home).text
    assert "容缺待补" in page
    assert f'href="{home}/bring"' in page
    assert "逾期未补交的，撤销受理" in mine.get(f"{home}/bring").text
    nothing = mine.post(f"{home}/bring/{OWED}", files={"other": ("x.pdf", PDF, "application/pdf")})
    assert nothing.status_code == 422
    assert f'href="#upload-{OWED}"' in nothing.text
    bad = mine.post(f"{home}/bring/{OWED}", files={"file": ("x.pdf", b"hello", "application/pdf")})
    assert bad.status_code == 422
    assert state_of(city, case_id) == "owed"
    done = mine.post(f"{home}/bring/{OWED}", files={"file": ("one.pdf", PDF, "application/pdf")})
    assert "已经补交" in done.text
    assert "待窗口核收" in done.text
    assert f"/desk/{case_id}" in desk.get("/desk?tab=brought").text
    assert f'href="{counter}/receive_owed"' in desk.get(counter).text
    seen = desk.get(f"{counter}/receive_owed").text
    assert "one.pdf" in seen
    stale = {"revision": "1", f"material.{OWED}.status": "received"}
    assert desk.post(f"{counter}/receive_owed", data=stale).status_code == 409
    said = {"revision": str(city.case(case_id).revision), f"material.{OWED}.status": "unfit"}
    wordless = desk.post(f"{counter}/receive_owed", data=said)
    assert wordless.status_code == 422
    assert f'href="#f-material-{OWED}"' in wordless.text
    unfit = desk.post(f"{counter}/receive_owed", data=said | {f"material.{OWED}.note": "少一人"})
    assert "已记录核收情况" in unfit.text
    assert "少一人" in mine.get(f"{home}/bring").text
    assert "少一人" in mine.get(home).text
    again = {"file": ("two.pdf", PDF + b"%2\n", "application/pdf")}
    assert mine.post(f"{home}/bring/{OWED}", files=again).status_code == 200
    said = {"revision": str(city.case(case_id).revision), f"material.{OWED}.status": "received"}
    assert desk.post(f"{counter}/receive_owed", data=said).status_code == 200
    assert state_of(city, case_id) == "received"
    assert f"{home}/bring" not in mine.get(home).text
    assert whole(city, case_id)


def test_a_wrong_file_can_be_taken_back_until_the_clerk_has_looked(city: City) -> None:
    case_id = deferred(city)
    mine, desk = city.client("applicant"), city.client("clerk")
    home = f"/my/{case_id}"
    wrong = {"file": ("wrong.pdf", PDF, "application/pdf")}
    page = mine.post(f"{home}/bring/{OWED}", files=wrong).text
    found = re.search(rf"{home}/bring/([0-9a-f-]{{36}})/remove", page)
    assert found is not None
    done = mine.post(found[0])
    assert "文件已删除，请重新补交" in done.text
    assert "wrong.pdf" not in done.text
    assert state_of(city, case_id) == "owed"
    assert mine.post(found[0]).status_code == 404
    page = mine.post(f"{home}/bring/{OWED}", files=wrong).text
    taken = re.search(rf"{home}/bring/([0-9a-f-]{{36}})/remove", page)
    assert taken is not None
    said = {"revision": str(city.case(case_id).revision), f"material.{OWED}.status": "received"}
    assert desk.post(f"/desk/{case_id}/receive_owed", data=said).status_code == 200
    assert "remove" not in mine.get(f"{home}/bring").text
    assert mine.post(taken[0]).status_code in (409, 422)
    assert whole(city, case_id)


def test_what_is_still_owed_holds_up_approval_and_says_so(city: City) -> None:
    case_id = deferred(city)
    row = city.approval(case_id, "food")
    page = city.client("market_regulation.handler").get(f"/office/{row.id}").text
    assert "容缺待补" in page
    assert "从业人员健康证明" in page


def form_of(city: City, case_id: UUID) -> dict[str, object]:
    """The form as the page of the clerk sends it back unchanged."""
    with reading(city.engine) as session:
        form = session.get_one(Case, case_id).form
    sent: dict[str, object] = {}
    for name, value in form.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for at, row in enumerate(value):
                sent |= {f"{name}.{at}.{key}": text for key, text in row.items()}
        else:
            sent[name] = value
    return sent | {"revision": str(city.case(case_id).revision)}


def test_a_slip_of_the_pen_is_put_right_while_the_applicant_is_here(city: City) -> None:
    case_id = city.submitted()
    desk, address = city.client("clerk"), f"/desk/{case_id}/mend"
    assert f'href="{address}"' in desk.get(f"/desk/{case_id}").text
    assert 'name="phone"' in desk.get(address).text
    sent = form_of(city, case_id)
    assert "没有改动任何内容" in desk.post(address, data=sent).text
    wrong = desk.post(address, data=sent | {"phone": "12"})
    assert wrong.status_code == 422
    assert 'href="#f-phone"' in wrong.text
    changed = sent | {"phone": "19911111111", "seats": "30", "staff.0.post": "店长"}
    compared = desk.post(address, data=changed | {"step": "compare"})
    assert "核对改动" in compared.text
    assert "19900000000" in compared.text
    assert 'name="phone" value="19911111111"' in compared.text
    assert city.case(case_id).form["phone"] == "19900000000"
    back = desk.post(address, data=changed | {"step": "back"}).text
    assert 'value="19911111111"' in back
    done = desk.post(address, data=changed | {"step": "confirm"})
    assert "已当场更正" in done.text
    assert "当场更正记录" in done.text
    form = city.case(case_id).form
    assert (form["phone"], form["seats"], form["staff"][0]["post"]) == ("19911111111", 30, "店长")
    assert desk.post(address, data=changed | {"step": "confirm"}).status_code in (409, 422)
    assert whole(city, case_id)


def test_rows_can_be_added_and_removed_while_mending(city: City) -> None:
    case_id = city.submitted()
    desk, address = city.client("clerk"), f"/desk/{case_id}/mend"
    sent = form_of(city, case_id)
    more = desk.post(address, data=sent | {"_row": "add:staff"}).text
    assert 'name="staff.1.name"' in more
    less = desk.post(address, data=sent | {"staff.1.name": "演示员工乙", "_row": "remove:staff.1"})
    assert 'name="staff.1.name"' not in less.text
    assert len(city.case(case_id).form["staff"]) == 1


def test_accepted_cases_cannot_be_mended(city: City) -> None:
    case_id = city.accepted()
    desk = city.client("clerk")
    assert f"/desk/{case_id}/mend" not in desk.get(f"/desk/{case_id}").text
    assert desk.get(f"/desk/{case_id}/mend", follow_redirects=False).status_code == 303


@pytest.mark.parametrize("act", ["accept", "correct", "decline"])
def test_a_page_left_open_past_the_last_day_is_told_that_it_is_accepted_by_law(
    city: City, act: str
) -> None:
    case_id = city.submitted()
    desk = city.client("clerk")
    page = desk.get(f"/desk/{case_id}").text
    pressed = "notice" if act == "correct" else act  # what is told is read before it goes out
    assert f'formaction="/desk/{case_id}/{pressed}"' in page
    past = datetime.now(UTC).date() - timedelta(days=1)
    with writing(city.engine) as session:
        session.get_one(Case, case_id).timer_due = past
    data = CHECKED | {
        "revision": str(city.case(case_id).revision), "ground": "elsewhere", "reasons": "演示",
        "belongs_to": "示例市演示局", "material.floor_plan.status": "missing",
    }  # fmt: skip
    answer = desk.post(f"/desk/{case_id}/{act}", data=data)
    assert answer.status_code == 409
    assert "视为受理，期限已于" in answer.text
    page = desk.get(f"/desk/{case_id}").text
    assert "formaction" not in page
    assert "系统即将记录“视为受理”" in page
    now = datetime.now(UTC)
    transaction, files = partial(writing, city.engine), FileStore(city.settings.files)
    assert timers.run_due(transaction, Catalog(city.engine), files, now) == 1
    page = desk.get(f"/desk/{case_id}").text
    assert "未核对" in page
