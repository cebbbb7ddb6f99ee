"""Who at work was shown whose data is written down before the page is sent, whatever the page."""

from uuid import UUID

from httpx import Response
from sqlmodel import Session, col, select

from functional.city import APPLICANT_ID, FORM, City
from functional.test_route_matrix import PEOPLE, ids, people, routes, send
from onevisit.store import read_seals
from onevisit.store.read_tables import Read
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account, Approval, Upload

__all__ = ["ids"]
MARKERS = (
    "演示申请人甲", APPLICANT_ID, "19900000000", "示例市演示小馆", "演示员工甲",
    str(FORM["address"]),
)  # fmt: skip
"""What a page must not show anybody at work without a word of it in the reads."""
NOBODYS = frozenset({"GET /samples/{name}", "GET /files/{upload_id}/pages/{number}"})
"""Samples are of nobody; leafing through a file that was just opened is no look of its own, see
below."""
AT_WORK = [name for name in PEOPLE if name not in ("anon", "owner", "other")]


def rows(city: City, **wanted: object) -> list[Read]:
    """The reads so far, the oldest first."""
    with reading(city.engine) as session:
        statement = select(Read).order_by(col(Read.id))
        for name, value in wanted.items():
            statement = statement.where(getattr(Read, name) == value)
        return list(session.exec(statement).all())


def account(city: City, username: str) -> UUID:
    with reading(city.engine) as session:
        return session.exec(select(Account.id).where(Account.username == username)).one()


def shows_somebody(answer: Response) -> bool:
    """Whether somebody's data is in the answer: a file or paper always, a page by a marker."""
    if answer.status_code != 200:
        return False
    kind = answer.headers["content-type"]
    if kind.startswith(("application/pdf", "image/")):
        return True
    return any(each in answer.text for each in MARKERS)


def walk(city: City, names: dict[str, str]) -> tuple[set[str], list[str]]:
    """Every page of everybody at work: those that showed somebody's data, and those that did it
    without a read of this reader."""
    browsers, showed, silent = people(city), set(), []
    for name in AT_WORK:
        reader = account(city, PEOPLE[name])
        for route in routes():
            if not route.startswith("GET ") or route in NOBODYS:
                continue
            before = len(rows(city, reader_id=reader))
            if shows_somebody(send(browsers[name], route, names)):
                showed.add(route)
                if len(rows(city, reader_id=reader)) == before:
                    silent.append(f"{name} {route}")
    return showed, silent


def test_no_page_shows_anybody_without_a_read(city: City, ids: dict[str, str]) -> None:
    showed, silent = walk(city, ids)
    assert silent == []
    wanted = {"GET /desk/{case_id}", "GET /office/{approval_id}", "GET /files/{upload_id}",
              "GET /documents/{document_id}"}  # fmt: skip
    assert wanted <= showed, "the walk has seen what there is to see"


def approval_id(city: City, region: str) -> UUID:
    with reading(city.engine) as session:
        return session.exec(select(Approval.id).where(Approval.region == region)).one()


def test_a_read_says_who_in_which_post_saw_what_and_why(city: City) -> None:
    case_id = city.accepted()
    item = approval_id(city, "food")
    assert city.client("market_regulation.handler").get(f"/office/{item}").status_code == 200
    [row] = rows(city)
    assert (row.role, row.department, row.purpose) == ("handler", "market_regulation", "handle")
    assert (row.case_id, row.subject_id) == (case_id, account(city, "applicant"))
    assert "申请表的" in row.what
    assert "演示" not in row.what, "which data, never the data"
    owner = city.client("applicant")
    page = owner.get(f"/my/{case_id}/reads").text
    for said in ("演示handler", "市场监督管理局", "承办", "办理", "申请表的"):
        assert said in page
    assert "演示handler" in owner.get("/my/reads").text
    assert f"/my/{case_id}/reads" in owner.get(f"/my/{case_id}").text
    assert city.client("applicant2").get(f"/my/{case_id}/reads").status_code == 403
    assert "演示handler" not in city.client("applicant2").get("/my/reads").text
    assert len(rows(city)) == 1, "one's own looks are no reads"


def test_lists_tell_the_family_name_and_only_a_search_the_whole(city: City) -> None:
    case_id = city.submitted()
    clerk = city.client("clerk")
    assert "演示申请人甲" not in clerk.get("/desk").text
    assert rows(city) == []
    assert "演示申请人甲" in clerk.get("/desk", params={"q": "演示申请人甲"}).text
    assert "演示申请人甲" in clerk.get("/search", params={"q": "演示申请人"}).text
    assert [(row.purpose, row.case_id) for row in rows(city)] == [("search", case_id)] * 2


def test_leafing_through_a_file_is_one_look(city: City) -> None:
    city.accepted()
    with reading(city.engine) as session:
        plan = session.exec(select(Upload.id).where(Upload.material_id == "floor_plan")).one()
    clerk = city.client("clerk")
    for _ in range(3):
        clerk.get(f"/files/{plan}/pages/1")
    assert [row.kind for row in rows(city)] == ["file"]
    assert clerk.get(f"/files/{plan}").status_code == 200
    assert [row.thing for row in rows(city)] == [plan, plan]
    assert "材料文件" in rows(city)[0].what


def test_numbers_are_hidden_until_they_are_asked_for_with_a_reason(city: City) -> None:
    case_id = city.submitted()
    clerk, address = city.client("clerk"), f"/desk/{case_id}/reveal"
    shown = clerk.get(f"/desk/{case_id}").text
    assert APPLICANT_ID not in shown
    assert "19900000000" not in shown
    assert "990***********9011" in shown
    assert APPLICANT_ID not in clerk.get(address).text
    refused = clerk.post(address, data={"number": ["applicant_id"], "reason": "", "words": ""})
    assert refused.status_code == 422
    assert APPLICANT_ID not in refused.text
    assert "请选择为什么要看完整号码" in refused.text
    typed = {"number": ["applicant_id"], "reason": "other", "words": "演示：与派出所核对"}
    answer = clerk.post(address, data=typed)
    assert APPLICANT_ID in answer.text
    assert answer.headers["cache-control"] == "no-store"
    revealed = rows(city, purpose="reveal")
    assert [(row.reason, row.what) for row in revealed] == [
        ("演示：与派出所核对", "完整号码：申请人证件号码")
    ]
    assert "演示：与派出所核对" in city.client("applicant").get(f"/my/{case_id}/reads").text
    assert APPLICANT_ID not in clerk.get(f"/desk/{case_id}").text, "hidden again"


def test_an_officer_reveals_only_what_the_item_needs(city: City) -> None:
    city.accepted()
    ids_needed = {"food": False, "tobacco": True}
    for region, needed in ids_needed.items():
        item = approval_id(city, region)
        department = "market_regulation" if region == "food" else "tobacco"
        page = city.client(f"{department}.handler").get(f"/office/{item}/reveal").text
        assert ("法定代表人（负责人）身份证号" in page) is needed


def _sealed(city: City) -> None:
    clerk = city.client("clerk")
    case_id = city.submitted()
    for _ in range(3):
        clerk.get(f"/desk/{case_id}")
    last = max(row.at for row in rows(city))
    with writing(city.engine) as session:
        assert read_seals.seal_block(session, last) == 0, "too few and too new"
        assert read_seals.seal_block(session, last + read_seals.WAITS) == 3


def problems(city: City) -> list[str]:
    with reading(city.engine) as session:
        return list(read_seals.problems(session))


def test_a_read_that_is_changed_or_taken_out_is_found(city: City) -> None:
    city.submitted()
    _sealed(city)
    assert problems(city) == []
    victim = rows(city)[1].id
    with Session(city.engine) as session:
        session.get_one(Read, victim).what = "没看什么"
        session.flush()
        assert any("第 1 段的内容被改动" in each for each in read_seals.problems(session))
        session.rollback()
    with Session(city.engine) as session:
        session.delete(session.get_one(Read, victim))
        session.flush()
        assert any("应有 3 条，现有 2 条" in each for each in read_seals.problems(session))
        session.rollback()
