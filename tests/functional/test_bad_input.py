"""Whatever is typed, pasted or sent by hand: a sensible page, never a fault of ours."""

from urllib.parse import quote
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from functional.city import ANSWERS, ORIGIN, PDF, City
from onevisit.cases import draft
from onevisit.web import edge
from onevisit.web.incoming import UNSEEN

NASTY = {
    "nul": "甲\x00乙",
    "controls": "甲\x1b[31m\x7f\x85乙",
    "markup": "<script>alert(1)</script>'\"&",
    "template": "{{ 7 * 7 }}{% raise %}",
    "emoji": "👩‍👩‍👧‍👦🍜",
    "long": "长" * 5000,
    "reversed": "\u202e馆小\u202c",
    "invisible": "\u200b\ufeff\u2060",
    "blank": "　　 \t",
    "other digits": "١٢٣²³",
    "no characters": "\ufffe\uffff\U0010ffff",
    "piled up": "Z" + "\u0301" * 300,
    "rare": "𠮷𡈽㐂",
}
PAGES = {
    "operator": ("operator_name", "uscc", "representative_name", "representative_id", "phone"),
    "premises": ("address", "seats", "sign_text", "sign_size"),
    "food_business": ("main_form", "food_projects", "delivery_platforms", "food_manager_name"),
    "people": ("staff.0.name", "staff.0.post"),
}
RAW_ANSWERS = {name: str(value).lower() for name, value in ANSWERS.items()}


def drafted(city: City) -> UUID:
    """An empty draft."""
    with city.acting("applicant") as ctx:
        return draft.start(ctx, "open_restaurant", ANSWERS).id


@pytest.fixture
def stranger(city: City) -> TestClient:
    """Somebody who is not signed in; faults of the server are pages."""
    return TestClient(
        city.app, base_url=ORIGIN, headers={"origin": ORIGIN}, raise_server_exceptions=False
    )


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY.keys())
def test_every_field_takes_anything_and_says_what_is_wrong(city: City, text: str) -> None:
    case_id = drafted(city)
    client = city.client("applicant")
    for section, names in PAGES.items():
        data = {**dict.fromkeys(names, text), "revision": str(city.case(case_id).revision)}
        page = client.post(f"/my/{case_id}/form/{section}", data=data)
        assert page.status_code in (200, 422), section
        assert "<script>alert" not in page.text
    for part in ("", "/review", "/materials", "/answers"):
        assert client.get(f"/my/{case_id}{part}").status_code == 200
    stored = str(city.case(case_id).form)
    assert not UNSEEN.search(stored), "nothing that cannot be seen is kept"


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY.keys())
def test_answers_commands_names_and_signing_in_take_anything(
    city: City, stranger: TestClient, text: str
) -> None:
    case_id = drafted(city)
    client, address = city.client("applicant"), f"/my/{case_id}"
    revision = {"revision": str(city.case(case_id).revision)}
    sent = [
        client.post("/my/start/open_restaurant", data={**RAW_ANSWERS, "area": text}),
        client.post(f"/my/start/{quote(text[:99], safe='')}", data=RAW_ANSWERS),
        client.post(f"{address}/answers", data={**RAW_ANSWERS, "area": text, **revision}),
        client.post(f"{address}/form/people", data={"_row": f"add:{text}", **revision}),
        client.post(f"{address}/submit", data={"pickup": text, "agreed": "yes", **revision}),
        client.post(
            f"{address}/materials/floor_plan",
            files={"file": (text[:300].strip("\x00") or "x", PDF, "application/pdf")},
        ),
        client.get("/services", params={"q": text}),
        client.get("/services/open_restaurant/start", params={"area": text, "asked": "area"}),
        stranger.post("/sign-in", data={"username": text, "password": text, "next": text}),
        stranger.get(f"/services/{quote(text[:99], safe='')}"),
    ]
    assert [page.status_code for page in sent if page.status_code not in (200, 404, 409, 422)] == []


@pytest.mark.parametrize("area", ["9999999999", "-5", "0", "8e1", "80.5", "1" * 5000, "八十"])
def test_a_wrong_area_comes_back_with_what_was_typed(city: City, area: str) -> None:
    page = city.client("applicant").post(
        "/my/start/open_restaurant", data={**RAW_ANSWERS, "area": area}
    )
    assert f'value="{area}"' in page.text and 'href="#f-area"' in page.text


@pytest.mark.parametrize("revision", ["", "²", "abc", "-1", "1.0", "9" * 5000, "\x00"])
def test_a_revision_that_no_page_has(city: City, revision: str) -> None:
    case_id = drafted(city)
    data = {"operator_name": "演示小馆", "revision": revision}
    page = city.client("applicant").post(f"/my/{case_id}/form/operator", data=data)
    assert page.status_code == 422 and "不完整" in page.text


@pytest.mark.parametrize(
    "address", ["/services/%00", "/services?q=%00", "/my/%00", "/static/%00", "/sign-in?next=%00"]
)
def test_an_address_with_characters_that_no_link_has(stranger: TestClient, address: str) -> None:
    assert stranger.get(address).status_code == 404


@pytest.mark.parametrize("charset", ["unicode_escape", "punycode", "undefined", "utf-16"])
@pytest.mark.parametrize("where", ["/sign-in", "upload"])
def test_a_form_in_a_code_that_no_browser_sends(city: City, charset: str, where: str) -> None:
    address = where if where != "upload" else f"/my/{drafted(city)}/materials/floor_plan"
    head = 'Content-Disposition: form-data; name="file"; filename="\\ud800.pdf"\r\n\r\n'
    body = b"--x\r\n" + head.encode() + PDF + b"\r\n--x--\r\n"
    kind = {"content-type": f"multipart/form-data; boundary=x; charset={charset}"}
    page = city.client("applicant").post(address, content=body, headers=kind)
    assert page.status_code in (200, 422)


def test_a_form_without_end_is_refused(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge, "FORM_LIMIT", 4096)
    case_id = drafted(city)
    data = {"operator_name": "长" * 5000, "revision": "1"}
    page = city.client("applicant").post(f"/my/{case_id}/form/operator", data=data)
    assert page.status_code == 422 and "内容太多" in page.text
    assert "operator_name" not in city.case(case_id).form


def test_pages_that_are_not_for_this_moment_lead_to_the_case(city: City) -> None:
    client, case_id = city.client("applicant"), drafted(city)
    for part in ("submitted", "withdraw", "correction"):
        page = client.get(f"/my/{case_id}/{part}", follow_redirects=False)
        assert page.headers["location"] == f"/my/{case_id}", part


def test_pages_of_a_draft_lead_to_the_case_once_it_is_submitted(city: City) -> None:
    case_id = city.submitted()
    for part in ("answers", "review", "materials", "form/operator", "correction"):
        page = city.client("applicant").get(f"/my/{case_id}/{part}", follow_redirects=False)
        assert page.headers["location"] == f"/my/{case_id}", part
