"""One's own data: what it was used for, a copy of all of it, and the end of the account."""

import io
import json
from zipfile import ZipFile

from sqlmodel import select

from functional.city import APPLICANT_ID, FORM, PASSWORD, City
from onevisit.store.read_tables import Closing
from onevisit.store.session import reading
from onevisit.store.tables import Account, Case


def account(city: City, username: str = "applicant") -> Account:
    with reading(city.engine) as session:
        return session.exec(select(Account).where(Account.username == username)).one()


def test_the_overview_says_what_is_held_and_for_how_long(city: City) -> None:
    city.accepted()
    page = city.client("applicant").get("/my/data").text
    assert "990***********9011" in page
    assert APPLICANT_ID not in page
    assert "结束后 30 年" in page
    assert "最后保存后 180 日" in page
    assert 'href="/my/data"' in city.client("applicant").get("/my").text
    assert city.client("clerk").get("/my/data").status_code == 403


def test_every_field_says_which_item_used_it(city: City) -> None:
    city.accepted()
    page = city.client("applicant").get("/my/data/uses").text
    assert "19900000000" in page, "one's own data, in full"
    assert "食品经营许可" in page
    _, _, after = page.partition("演示招牌文字")
    assert "招牌" in after[:200]
    assert "您还没有办件" in city.client("applicant2").get("/my/data/uses").text


def test_the_copy_holds_everything_and_asks_for_the_password_first(city: City) -> None:
    case_id = city.ready()
    owner = city.client("applicant")
    city.client("clerk").get(f"/desk/{case_id}")
    refused = owner.post("/my/data/download", data={"password": "not-this-one"})
    assert refused.status_code == 422
    assert "密码不正确" in refused.text
    answer = owner.post("/my/data/download", data={"password": PASSWORD})
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "no-store"
    with ZipFile(io.BytesIO(answer.content)) as copy:
        assert copy.testzip() is None
        index = json.loads(copy.read("data.json"))
        [folder] = [each["folder"] for each in index["cases"]]
        case = json.loads(copy.read(f"{folder}/case.json"))
        pages = [copy.read(each).decode() for each in ("index.html", f"{folder}/index.html")]
        looks = [json.loads(line) for line in copy.read("reads.jsonl").splitlines()]
        files = [each for each in copy.namelist() if "/files/" in each]
        told = copy.read("messages.jsonl").decode()
    assert index["account"]["id_number"] == APPLICANT_ID
    assert case["form"]["operator_name"] == FORM["operator_name"]
    assert any(FORM["operator_name"] in page for page in pages)
    assert {each["title"] for each in case["papers"]} >= {"受理通知书"}
    assert len(files) == len(case["files"]) == 4
    assert [each["office"] for each in looks] == ["综合窗口"]
    assert told.strip()


def test_the_copy_of_another_is_not_in_it(city: City) -> None:
    city.accepted()
    answer = city.client("applicant2").post("/my/data/download", data={"password": PASSWORD})
    assert str(FORM["operator_name"]).encode() not in answer.content
    with ZipFile(io.BytesIO(answer.content)) as copy:
        assert json.loads(copy.read("data.json"))["cases"] == []


def test_an_account_that_has_nothing_to_keep_is_erased(city: City) -> None:
    before = account(city, "applicant2")
    other = city.client("applicant2")
    unsure = other.post("/my/data/close", data={"password": PASSWORD})
    assert unsure.status_code == 422
    assert account(city, "applicant2").disabled is False
    done = other.post("/my/data/close", data={"password": PASSWORD, "agreed": "yes"})
    assert done.status_code == 200
    with reading(city.engine) as session:
        row = session.get_one(Account, before.id)
        closing = session.get_one(Closing, before.id)
    assert (row.name, row.id_number, row.phone, row.disabled) == ("已注销", None, None, True)
    assert closing.state == "erased"
    assert other.get("/my").url.path == "/sign-in"


def test_an_account_with_cases_is_shut_and_kept(city: City) -> None:
    case_id = city.ready()
    owner, whose = city.client("applicant"), account(city)
    data = {"password": PASSWORD, "agreed": "yes"}
    assert "还有没办结的办件" in owner.get("/my/data/close").text
    assert owner.post("/my/data/close", data=data).status_code == 409
    revision = str(city.case(case_id).revision)
    collected = owner.post(f"/my/{case_id}/collect", data={"revision": revision})
    assert collected.status_code == 200
    assert "依法作为档案保存" in owner.get("/my/data/close").text
    owner.post("/my/data/close", data=data)
    with reading(city.engine) as session:
        row = session.get_one(Account, whose.id)
        assert session.get_one(Closing, whose.id).state == "kept"
        assert session.get_one(Case, case_id).form["operator_name"] == FORM["operator_name"]
    assert row.disabled
    assert row.id_number == APPLICANT_ID, "the law keeps it with the case"
    again = owner.post("/sign-in", data={"username": "applicant", "password": PASSWORD})
    assert again.status_code == 422
