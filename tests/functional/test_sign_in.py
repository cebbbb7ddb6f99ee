"""Signing in: a new session each time, back to where one wanted to go, and never elsewhere."""

from dataclasses import replace

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from functional.city import ORIGIN, PASSWORD, City
from onevisit.store.session import writing
from onevisit.store.tables import Account


@pytest.fixture
def browser(city: City) -> TestClient:
    """A browser in which nobody is signed in yet, and which stops at redirects."""
    return TestClient(city.app, base_url=ORIGIN, headers={"origin": ORIGIN}, follow_redirects=False)


def sign_in(browser: TestClient, **changes: str) -> str:
    """Where signing in leads; "" when it failed."""
    data = {"username": "applicant", "password": PASSWORD, **changes}
    return str(browser.post("/sign-in", data=data).headers.get("location", ""))


def test_a_stranger_is_asked_and_comes_back(browser: TestClient) -> None:
    asked = browser.get("/my?seen=1")
    assert asked.headers["location"] == "/sign-in?next=%2Fmy%3Fseen%3D1"
    assert 'value="/my?seen=1"' in browser.get(asked.headers["location"]).text
    assert sign_in(browser, next="/my?seen=1") == "/my?seen=1"


def test_a_stranger_who_pressed_a_button_comes_back_to_its_page(browser: TestClient) -> None:
    page = f"{ORIGIN}/services/open_restaurant/result?area=80"
    asked = browser.post("/my/start/open_restaurant", headers={"referer": page})
    expected = "/sign-in?next=%2Fservices%2Fopen_restaurant%2Fresult%3Farea%3D80"
    assert asked.headers["location"] == expected


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_nobody_is_sent_to_another_site(browser: TestClient, wanted: str) -> None:
    assert sign_in(browser, next=wanted) == "/my"


@pytest.mark.parametrize(
    "changes", [{"password": "wrong"}, {"username": "nobody"}, {"username": "", "password": ""}]
)
def test_a_failure_says_the_same_for_name_and_password(
    browser: TestClient, changes: dict[str, str]
) -> None:
    data = {"username": "applicant", "password": PASSWORD, **changes}
    page = browser.post("/sign-in", data=data)
    assert page.status_code == 422
    assert "用户名或密码不正确" in page.text
    assert PASSWORD not in page.text


def test_a_disabled_account_is_out_at_once(city: City, browser: TestClient) -> None:
    sign_in(browser)
    assert browser.get("/my").status_code == 200
    with writing(city.engine) as session:
        account = session.exec(select(Account).where(Account.username == "applicant")).one()
        account.disabled = True
        session.add(account)
    assert browser.get("/my").status_code == 303
    assert sign_in(browser) == ""


def test_the_session_is_begun_anew(browser: TestClient) -> None:
    sign_in(browser)
    first = browser.cookies["onevisit"]
    sign_in(browser)
    assert browser.cookies["onevisit"] != first
    browser.post("/sign-out")
    assert browser.get("/my").status_code == 303


def test_the_cookie_is_kept_from_scripts_and_other_sites(browser: TestClient) -> None:
    data = {"username": "applicant", "password": PASSWORD}
    cookie = browser.post("/sign-in", data=data).headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie


def test_another_sites_form_is_refused(city: City, browser: TestClient) -> None:
    sign_in(browser)
    for headers in (
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "null"},
    ):
        page = browser.post("/sign-out", headers=headers)
        assert page.status_code == 403
        assert "不是从本站页面发出的" in page.text
    assert browser.get("/my").status_code == 200


def test_demo_accounts_are_shown_in_a_demo_only(city: City, browser: TestClient) -> None:
    assert "演示账号" not in browser.get("/sign-in").text
    settings = city.settings.model_copy(update={"demo_password": PASSWORD})
    demo = replace(city, settings=settings, clients={})
    page = TestClient(demo.app, base_url=ORIGIN).get("/sign-in")
    for said in ("演示账号", "演示申请人甲", PASSWORD, "market_regulation.handler", "市场监管"):
        assert said in page.text
