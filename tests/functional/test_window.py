"""The issuing window's pages: what is ready, who may collect, and the receipt afterwards."""

from uuid import UUID

import pytest
from sqlmodel import col, select

from functional.city import APPLICANT_ID, City
from onevisit.documents import DocumentError
from onevisit.store.session import reading
from onevisit.store.tables import Document, Handout
from onevisit.web import papers
from onevisit.web.window import scanned


def body(city: City, case_id: UUID, **words: str) -> dict[str, str]:
    """What the window sends for the applicant in person, with some changes."""
    return {
        "revision": str(city.case(case_id).revision), "relation": "self", "name": "演示申请人甲",
        "id_number": APPLICANT_ID, "authorisation": "", "method": "window", "confirmed": "yes",
    } | words  # fmt: skip


@pytest.mark.parametrize(
    "sent",
    [
        APPLICANT_ID,
        " 990000 19900101 9011 ",
        f"演示申请人甲|男|汉|19900101|示例市|{APPLICANT_ID}|示例市公安局|20200101-20400101",
        f"{APPLICANT_ID}\n",
    ],
)
def test_one_field_takes_typing_and_card_readers(sent: str) -> None:
    assert scanned(sent) == APPLICANT_ID


def test_scanned_keeps_what_is_no_identity_number() -> None:
    assert scanned("h 12345678x") == "H12345678X"


def test_ready_list_is_found_by_number_and_name(city: City) -> None:
    case_id = city.ready()
    window = city.client("window")
    number = str(city.case(case_id).number)
    assert f"/window/{case_id}" in window.get("/window").text
    assert f"/window/{case_id}" in window.get("/window", params={"q": number[-6:]}).text
    assert f"/window/{case_id}" in window.get("/window", params={"q": "演示申请人甲"}).text
    nobody = window.get("/window", params={"q": "查无此人"}).text
    assert f"/window/{case_id}" not in nobody
    assert "查无此人" in nobody


def test_only_the_window_hands_out(city: City) -> None:
    case_id = city.ready()
    for username in ("clerk", "applicant", "admin", "tobacco.decider"):
        client = city.client(username)
        assert client.get("/window").status_code == 403, username
        refused = client.post(f"/window/{case_id}/hand-out", data=body(city, case_id))
        assert refused.status_code == 403, username
    assert city.case(case_id).state == "issuing"


def test_bundle_goes_out_at_once_with_a_receipt(city: City) -> None:
    case_id = city.ready()
    window = city.client("window")
    page = window.get(f"/window/{case_id}").text
    for result in ("食品经营许可证", "户外招牌设置证", "烟草专卖零售许可证"):
        assert result in page
    assert APPLICANT_ID not in page, "identity numbers are masked"
    done = window.post(f"/window/{case_id}/hand-out", data=body(city, case_id))
    assert done.status_code == 200
    assert "已出件" in done.text
    assert "送达回证" in done.text
    assert 'name="id_number"' not in done.text
    assert city.case(case_id).state == "concluded"
    assert f"/window/{case_id}" not in window.get("/window").text
    found = window.get("/window", params={"q": str(city.case(case_id).number)}).text
    assert f"/window/{case_id}" in found, "to print something again"
    assert "已领取" in found


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"id_number": "990000199001019039"}, "collector-id_number"),
        ({"name": "演示冒领人"}, "collector-name"),
        ({"method": "download"}, "method"),
        ({"confirmed": ""}, "confirmed"),
        ({"relation": "agent", "name": "演示代办人"}, "collector-authorisation"),
        ({"relation": "registered"}, "relation"),
        (
            {"relation": "agent", "name": "演示代办人", "authorised_on": "昨天"},
            "collector-authorised_on",
        ),
        ({"method": "post", "tracking_number": "1"}, "tracking_number"),
        ({"method": "post", "recipient_address": "近"}, "recipient-address"),
    ],
)
def test_wrong_collector_keeps_what_was_typed(
    city: City, changes: dict[str, str], where: str
) -> None:
    case_id = city.ready()
    sent = body(city, case_id, **changes)
    answer = city.client("window").post(f"/window/{case_id}/hand-out", data=sent)
    assert answer.status_code == 422
    assert f'href="#f-{where}"' in answer.text
    assert f'id="f-{where}"' in answer.text
    assert f'value="{sent["name"]}"' in answer.text
    assert f'value="{sent["id_number"]}"' in answer.text
    assert city.case(case_id).state == "issuing"


def test_an_agent_with_a_letter_may_collect(city: City) -> None:
    case_id = city.ready()
    sent = body(
        city, case_id, relation="agent", name="演示代办人", authorisation="委托书 2026-1 号"
    )
    done = city.client("window").post(f"/window/{case_id}/hand-out", data=sent)
    assert "演示代办人" in done.text
    assert "委托代理人" in done.text.split("领取记录")[1].split("</dl>")[0]
    assert city.case(case_id).state == "concluded"


def test_handing_out_twice_says_it_is_done(city: City) -> None:
    case_id = city.ready()
    sent = body(city, case_id)
    window = city.client("window")
    window.post(f"/window/{case_id}/hand-out", data=sent)
    again = window.post(f"/window/{case_id}/hand-out", data=sent)
    assert again.status_code == 409
    assert "窗口出件" in again.text


def test_a_case_under_review_is_not_handed_out(city: City) -> None:
    case_id = city.accepted()
    answer = city.client("window").post(f"/window/{case_id}/hand-out", data=body(city, case_id))
    assert answer.status_code == 409
    assert city.case(case_id).state == "reviewing"


PARCEL = {
    "method": "post",
    "recipient_name": "演示申请人甲",
    "recipient_phone": "19900000000",
    "recipient_address": "示例市演示区演示路八号",
    "carrier": "演示快递",
    "tracking_number": "YS202611210001",
}


def test_missing_papers_are_made_while_the_clerk_waits(city: City) -> None:
    case_id = city.ready()
    window = city.client("window")
    before = window.get(f"/window/{case_id}").text
    assert before.count("正在制作") > 1
    assert "0 / 7" in window.get("/window").text
    window.post(f"/window/{case_id}/hand-out", data=body(city, case_id))
    with reading(city.engine) as session:
        results = col(Document.kind).in_(("approval", "certificate"))
        states = session.exec(select(Document.state).where(results)).all()
    assert set(states) == {"made"}
    assert city.case(case_id).state == "concluded"


def test_a_paper_that_cannot_be_made_stops_the_handing_out(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise DocumentError("演示故障")

    case_id = city.ready()
    with monkeypatch.context() as patched:
        patched.setattr(papers.documents, "make", broken)
        sent = body(city, case_id, relation="agent", name="演示代办人", authorisation="第1号")
        refused = city.client("window").post(f"/window/{case_id}/hand-out", data=sent)
        assert refused.status_code == 422
        assert 'href="#f-papers"' in refused.text
        assert 'id="f-papers"' in refused.text
        assert "还没有制好" in refused.text
        assert 'value="演示代办人"' in refused.text
        data = {"revision": str(city.case(case_id).revision)}
        assert city.client("applicant").post(f"/my/{case_id}/collect", data=data).status_code == 422
    assert city.case(case_id).state == "issuing"
    city.client("window").post(f"/window/{case_id}/hand-out", data=sent)
    assert city.case(case_id).state == "concluded"


def test_posting_records_the_number_and_tells_it(city: City) -> None:
    case_id = city.ready()
    done = city.client("window").post(
        f"/window/{case_id}/hand-out", data=body(city, case_id, **PARCEL)
    )
    assert "已寄出" in done.text
    assert "YS202611210001" in done.text
    with reading(city.engine) as session:
        row = session.exec(select(Handout).where(Handout.case_id == case_id)).one()
    assert (row.method, row.carrier, row.tracking_number) == ("post", "演示快递", "YS202611210001")
    mine = city.client("applicant").get(f"/my/{case_id}").text
    assert "YS202611210001" in mine
    assert "送达回证" in mine
    assert "演示快递" in mine


def test_the_address_is_asked_where_the_channel_is_chosen(city: City) -> None:
    case_id = city.filled()
    applicant = city.client("applicant")
    assert 'name="recipient.address"' in applicant.get(f"/my/{case_id}/review").text
    sent = {
        "revision": str(city.case(case_id).revision),
        "pickup": "post",
        "agreed": "yes",
        "recipient.name": "演示收件人",
        "recipient.phone": "123",
        "recipient.address": "示例市演示区演示路八号",
    }
    refused = applicant.post(f"/my/{case_id}/submit", data=sent)
    assert refused.status_code == 422
    assert 'href="#f-recipient-phone"' in refused.text
    assert 'value="演示收件人"' in refused.text
    applicant.post(f"/my/{case_id}/submit", data=sent | {"recipient.phone": "19900000000"})
    assert city.case(case_id).recipient == {
        "name": "演示收件人", "phone": "19900000000", "address": "示例市演示区演示路八号",
    }  # fmt: skip
    assert "演示收件人" in applicant.get(f"/my/{case_id}").text


def test_the_papers_of_a_bundle_are_printed_from_one_page(city: City) -> None:
    case_id = city.ready()
    window = city.client("window")
    assert f'href="/window/{case_id}/print"' in window.get(f"/window/{case_id}").text
    page = window.get(f"/window/{case_id}/print").text
    assert page.count('target="paper"') == 7
    assert "食品经营许可" in page
