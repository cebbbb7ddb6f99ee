"""A session that ends while somebody types: nothing typed is lost, and the page says so."""

import re
from html import unescape
from uuid import UUID

import pytest
from httpx import Response
from starlette.testclient import TestClient

from functional.city import ANSWERS, ORIGIN, PASSWORD, PDF, City
from onevisit.cases import draft


@pytest.fixture
def stranger(city: City) -> TestClient:
    """The browser in which the session has ended."""
    return TestClient(city.app, base_url=ORIGIN, headers={"origin": ORIGIN})


def drafted(city: City) -> UUID:
    """An empty draft."""
    with city.acting("applicant") as ctx:
        return draft.start(ctx, "open_restaurant", ANSWERS).id


def hidden(text: str) -> list[tuple[str, str]]:
    """The hidden fields of a page, in its order."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', text)
    return [(unescape(name), unescape(value)) for name, value in found]


def signed_in(browser: TestClient, page: Response, **changes: str) -> Response:
    """Fill in the sign-in page that was shown."""
    fields = dict(hidden(page.text))
    data = {**fields, "username": "applicant", "password": PASSWORD, **changes}
    answer: Response = browser.post("/sign-in", data=data)
    return answer


def test_what_was_typed_survives_signing_in_again(city: City, stranger: TestClient) -> None:
    case_id = drafted(city)
    here = f"/my/{case_id}/form/operator"
    typed = {"operator_name": "“演示”小馆 & <甲>", "uscc": "错的", "revision": "1"}
    typed["revision"] = str(city.case(case_id).revision)
    asked = stranger.post(here, data=typed, headers={"referer": ORIGIN + here})
    assert asked.status_code == 401
    assert "填写的内容都还在" in asked.text and "过期" in asked.text
    failed = signed_in(stranger, asked, password="wrong")
    assert failed.status_code == 422 and "用户名或密码不正确" in failed.text
    resumed = signed_in(stranger, failed)
    assert resumed.status_code == 200 and f'action="{here}"' in resumed.text
    assert f'href="{here}"' in resumed.text, "the way to begin anew"
    saved = stranger.post(here, data=dict(hidden(resumed.text)))
    assert saved.status_code == 422, "the code is wrong, and the page says so"
    assert city.case(case_id).form["operator_name"] == "“演示”小馆 & <甲>"


def test_several_boxes_and_lines_survive_too(city: City, stranger: TestClient) -> None:
    case_id = drafted(city)
    here = f"/my/{case_id}/form/food_business"
    revision = str(city.case(case_id).revision)
    sent = {"food_projects": ["hot", "cold"], "delivery_platforms": "一\n二", "revision": revision}
    resumed = signed_in(stranger, stranger.post(here, data=sent))
    pairs = hidden(resumed.text)
    assert [value for name, value in pairs if name == "food_projects"] == ["hot", "cold"]
    assert ("delivery_platforms", "一\n二") in pairs


def test_somebody_elses_form_is_still_refused(city: City, stranger: TestClient) -> None:
    case_id = drafted(city)
    here = f"/my/{case_id}/form/operator"
    revision = str(city.case(case_id).revision)
    asked = stranger.post(here, data={"operator_name": "别人", "revision": revision})
    resumed = signed_in(stranger, asked, username="clerk")
    assert stranger.post(here, data=dict(hidden(resumed.text))).status_code == 403
    assert "operator_name" not in city.case(case_id).form


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil"])
def test_nothing_is_sent_to_another_site(stranger: TestClient, target: str) -> None:
    data = {"username": "applicant", "password": PASSWORD, "kept_for": target, "kept": "a=1"}
    page = stranger.post("/sign-in", data=data, follow_redirects=False)
    assert page.status_code == 303 and page.headers["location"] == "/my"


def test_a_file_cannot_be_kept_and_the_page_says_so(city: City, stranger: TestClient) -> None:
    case_id = drafted(city)
    here = f"/my/{case_id}/materials"
    asked = stranger.post(
        f"{here}/floor_plan",
        files={"file": ("平面图.pdf", PDF, "application/pdf")},
        headers={"referer": ORIGIN + here},
    )
    assert asked.status_code == 200 and "没有上传" in asked.text
    assert signed_in(stranger, asked).url.path == here


def test_two_pages_open_at_once_lose_nothing(city: City) -> None:
    case_id = drafted(city)
    client, here = city.client("applicant"), f"/my/{case_id}/form/operator"
    old = str(city.case(case_id).revision)
    client.post(here, data={"operator_name": "先保存的", "phone": "19900000001", "revision": old})
    page = client.post(here, data={"operator_name": "后填写的", "revision": old})
    assert page.status_code == 409
    assert "没有生效" in page.text and 'value="后填写的"' in page.text
    assert city.case(case_id).form["operator_name"] == "先保存的"
    revision = re.search(r'name="revision" value="(\d+)"', page.text)
    assert revision is not None
    client.post(here, data={"operator_name": "后填写的", "revision": revision[1]})
    assert city.case(case_id).form["operator_name"] == "后填写的"


def test_a_page_left_open_after_submitting_says_what_happened(city: City) -> None:
    case_id = city.submitted()
    page = city.client("applicant").post(
        f"/my/{case_id}/form/operator", data={"operator_name": "晚了", "revision": "1"}
    )
    assert page.status_code == 409
    assert "“提交申请”" in page.text and "这一次没有执行" in page.text


def test_saving_pressed_twice_goes_on_as_if_pressed_once(city: City) -> None:
    case_id = drafted(city)
    client = city.client("applicant")
    old = {"revision": str(city.case(case_id).revision)}
    rows = {"staff.0.name": "演示员工甲", "staff.0.post": "厨师"}
    ways = [
        client.post(f"/my/{case_id}/form/people", data=rows | old, follow_redirects=False)
        for _ in range(2)
    ]
    assert [way.headers["location"] for way in ways] == [f"/my/{case_id}/materials"] * 2
    old = {"revision": str(city.case(case_id).revision)}
    answers = {name: str(value).lower() for name, value in {**ANSWERS, "area": 90}.items()}
    ways = [
        client.post(f"/my/{case_id}/answers", data=answers | old, follow_redirects=False)
        for _ in range(2)
    ]
    assert [way.headers["location"] for way in ways] == [f"/my/{case_id}"] * 2
    assert city.case(case_id).answers["area"] == 90
