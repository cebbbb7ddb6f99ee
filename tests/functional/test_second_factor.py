"""The second factor: required of staff, set up once, each code good for one sign-in, recovery codes
for a lost telephone, and nobody without it gets in."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pyotp
import pytest
from httpx import Response
from sqlalchemy import text
from sqlmodel import select
from starlette.testclient import TestClient

from functional import city as cities
from functional.city import PASSWORD, City, settings_in
from functional.test_signing_in import OWN, Hours, is_out, sign_in
from onevisit.cases.signing_in import factor, limits
from onevisit.store.admin_tables import AccountChange
from onevisit.store.session import reading
from onevisit.store.sign_in_tables import RecoveryCode, SecondFactor, SignIn
from onevisit.store.work_tables import Message
from onevisit.web.session_cookie import NAME


def asking(hours: Hours, rule: str = "staff") -> Hours:
    """A city that asks for a second factor."""
    site = hours.city.app.state.site
    hours.city.app.state.site = replace(site, door=replace(site.door, rule=rule))
    return hours


@pytest.fixture
def hours(city: City) -> Hours:
    return asking(Hours(city))


@pytest.fixture
def anywhere(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hours]:
    """The same on either database."""
    settings = settings_in(tmp_path_factory.mktemp("anywhere"))
    settings = settings.model_copy(update={"database_url": database_url})
    cities.populate(settings)
    found = asking(Hours(City(settings)))
    yield found
    found.city.app.state.site.engine.dispose()
    found.city.engine.dispose()


def secret_on(page: str) -> str:
    found = re.search(r'密钥：<span class="[^"]*">([A-Z2-7 ]+)</span>', page)
    assert found, page
    return found[1].replace(" ", "")


def codes_on(page: str) -> list[str]:
    return re.findall(r"<li>([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})</li>", page)


def code(hours: Hours, secret: str, steps: int = 0) -> str:
    """What an authenticator app shows now, or some steps of 30 s from now."""
    app = pyotp.TOTP(secret)
    return app.generate_otp(app.timecode(hours.now) + steps)


def give(browser: TestClient, typed: str) -> Response:
    answer: Response = browser.post("/sign-in/code", data={"code": typed})
    return answer


def enrolled(hours: Hours, username: str = "clerk") -> tuple[TestClient, str, list[str]]:
    """Somebody who has set a second factor up: their browser, its secret and the recovery codes."""
    browser = hours.browser()
    assert sign_in(browser, username).headers["location"] == "/sign-in/factor"
    secret = secret_on(browser.get("/sign-in/factor").text)
    done = browser.post("/sign-in/factor", data={"code": code(hours, secret)})
    assert done.status_code == 200
    return browser, secret, codes_on(done.text)


def test_staff_set_one_up_before_anything_else(anywhere: Hours) -> None:
    browser = anywhere.browser()
    assert sign_in(browser).headers["location"] == "/sign-in/factor"
    assert is_out(browser), "the password alone opens nothing"
    page = browser.get("/sign-in/factor").text
    assert "data:image/png;base64," in page
    secret, before = secret_on(page), browser.cookies[NAME]
    wrong = browser.post("/sign-in/factor", data={"code": "000000"})
    assert wrong.status_code == 422 and secret_on(wrong.text) == secret, (
        "the same stays to be put in"
    )
    done = browser.post("/sign-in/factor", data={"code": code(anywhere, secret)})
    assert len(codes_on(done.text)) == factor.CODES
    assert browser.get("/desk").status_code == 200
    assert browser.cookies[NAME] != before and is_out(anywhere.browser(before))
    with reading(anywhere.city.engine) as session:
        change = session.exec(select(AccountChange)).one()
        assert change.act == "factor" and secret not in str((change.before, change.after))
        [kept] = session.connection().execute(text("SELECT secret FROM second_factors")).scalars()
        assert secret.encode() not in bytes(kept), "sealed at rest"
        hashes = session.exec(select(RecoveryCode.hash)).all()
        assert len(set(hashes)) == factor.CODES
        assert all(len(each) == 64 for each in hashes)


def test_a_code_counts_once(anywhere: Hours) -> None:
    _, secret, _ = enrolled(anywhere)
    browser = anywhere.browser()
    assert sign_in(browser).headers["location"] == "/sign-in/code"
    assert is_out(browser)
    assert give(browser, code(anywhere, secret)).status_code == 422, "it set the factor up"
    anywhere.later(seconds=30)
    now = code(anywhere, secret)
    assert give(browser, f"{now[:3]} {now[3:]}").headers["location"] == "/desk"
    assert browser.get("/desk").status_code == 200
    another = anywhere.browser()
    sign_in(another)
    assert give(another, now).status_code == 422
    assert give(another, code(anywhere, secret, -1)).status_code == 422, "none before it either"
    assert give(another, code(anywhere, secret, 1)).status_code == 303, "clocks differ by a step"


@pytest.mark.parametrize("steps", [-3, 2, 3])
def test_clocks_that_differ_by_more_do_not_count(hours: Hours, steps: int) -> None:
    _, secret, _ = enrolled(hours)
    hours.later(minutes=5)
    browser = hours.browser()
    sign_in(browser)
    assert give(browser, code(hours, secret, steps)).status_code == 422


def test_wrong_codes_wait_and_the_owner_hears_of_them(hours: Hours) -> None:
    _, secret, _ = enrolled(hours)
    thief = hours.browser()
    sign_in(thief)
    answers = [give(thief, f"{n:06}").status_code for n in range(limits.CODE.free)]
    assert answers == [422] * limits.CODE.free
    hours.later(seconds=1)
    assert give(thief, code(hours, secret, 1)).status_code == 429
    again = hours.browser()
    sign_in(again)
    assert give(again, code(hours, secret, 1)).status_code == 429, (
        "another session is no way around"
    )
    hours.later(minutes=1)
    assert give(again, code(hours, secret)).status_code == 303
    with reading(hours.city.engine) as session:
        told = {each.title: each.body for each in session.exec(select(Message))}
    assert "5 次密码正确而动态码不对" in told["有人试过登录您的账号"]
    assert "密码可能已经泄露" in told["有人试过登录您的账号"]
    assert "动态码已绑定" in told


def test_a_recovery_code_counts_once(anywhere: Hours) -> None:
    _, _, codes = enrolled(anywhere)
    browser = anywhere.browser()
    sign_in(browser)
    assert give(browser, codes[3].upper().replace("-", " ")).status_code == 303
    assert "还剩 9 个" in browser.get("/me/sessions").text
    another = anywhere.browser()
    sign_in(another)
    assert give(another, codes[3]).status_code == 422
    assert give(another, "aaaa-bbbb-cccc").status_code == 422


def test_new_recovery_codes_replace_all_before(hours: Hours) -> None:
    browser, _, codes = enrolled(hours)
    new = codes_on(browser.post("/me/recovery-codes").text)
    assert len(new) == factor.CODES and not set(new) & set(codes)
    another = hours.browser()
    sign_in(another)
    assert give(another, codes[0]).status_code == 422
    assert give(another, new[0]).status_code == 303


def test_half_a_sign_in_is_over_after_a_while(hours: Hours) -> None:
    _, secret, _ = enrolled(hours)
    browser = hours.browser()
    sign_in(browser)
    hours.later(minutes=16)
    assert give(browser, code(hours, secret)).headers["location"].startswith("/sign-in")
    assert is_out(browser)


def test_another_telephone_takes_the_place_of_the_one_before(hours: Hours) -> None:
    browser, old, _ = enrolled(hours)
    hours.later(minutes=20)
    assert browser.post("/sign-in/factor/begin").status_code == 401, "the password comes first"
    proof = {"password": PASSWORD, "code": code(hours, old)}
    assert browser.post("/sign-in/again", data=proof | {"code": ""}).status_code == 422
    assert browser.post("/sign-in/again", data=proof).status_code == 303
    assert browser.post("/sign-in/factor/begin").headers["location"] == "/sign-in/factor"
    new = secret_on(browser.get("/sign-in/factor").text)
    hours.later(minutes=1)
    stranger = hours.browser()
    sign_in(stranger)
    assert give(stranger, code(hours, old)).status_code == 303, "until the new one is confirmed"
    done = browser.post("/sign-in/factor", data={"code": code(hours, new)})
    assert done.status_code == 200
    assert is_out(stranger), "whoever was in by the old one is out"
    hours.later(minutes=1)
    again = hours.browser()
    sign_in(again)
    assert give(again, code(hours, old)).status_code == 422
    assert give(again, code(hours, new)).status_code == 303


def test_an_administrator_takes_a_lost_one_away(hours: Hours) -> None:
    admin, _, _ = enrolled(hours, "admin")
    clerk, _, _ = enrolled(hours)
    address = f"/studio/accounts/{hours.id_of('clerk')}"
    page = admin.get(address).text
    revision = re.search(r'name="revision" value="(\d+)"', page)
    assert revision and "no-factor" in page
    hours.later(minutes=16)
    data = {"revision": revision[1]}
    assert admin.post(f"{address}/no-factor", data=data).status_code == 401
    hours.later(minutes=-16)
    assert admin.post(f"{address}/no-factor", data=data).status_code == 303
    assert is_out(clerk)
    told = admin.get(address).text
    assert "解除动态码" in told and "no-factor" not in told
    assert sign_in(hours.browser()).headers["location"] == "/sign-in/factor"
    with reading(hours.city.engine) as session:
        assert "no_factor" in session.exec(select(AccountChange.act)).all()


def test_a_first_password_does_not_go_around_the_second_factor(hours: Hours) -> None:
    """A password that was reset still needs the code (ASVS 6.4.3)."""
    admin, _, _ = enrolled(hours, "admin")
    _, secret, _ = enrolled(hours)
    address = f"/studio/accounts/{hours.id_of('clerk')}"
    revision = re.search(r'name="revision" value="(\d+)"', admin.get(address).text)
    assert revision
    page = admin.post(f"{address}/reset", data={"revision": revision[1]}).text
    first = re.search(r"ov-first-password\">([^<]+)<", page)
    assert first
    browser = hours.browser()
    assert sign_in(browser, password=first[1]).headers["location"] == "/sign-in/password"
    chosen = browser.post("/sign-in/password", data={"password": OWN, "again": OWN})
    assert chosen.headers["location"] == "/sign-in/code"
    assert is_out(browser)
    hours.later(seconds=30)
    assert give(browser, code(hours, secret)).headers["location"] == "/desk"


@pytest.mark.parametrize(
    ("rule", "asked"),
    [("staff", {"clerk", "admin"}), ("admins", {"admin"}), ("off", set[str]())],
)
def test_of_whom_one_is_required(city: City, rule: str, asked: set[str]) -> None:
    hours = asking(Hours(city), rule)
    for username in ("clerk", "admin", "applicant", "kiosk"):
        leads = sign_in(hours.browser(), username).headers["location"]
        assert (leads == "/sign-in/factor") == (username in asked), username


def test_a_citizen_may_have_one_and_give_it_up(hours: Hours) -> None:
    browser = hours.browser()
    assert sign_in(browser, "applicant").headers["location"] == "/my"
    assert browser.post("/sign-in/factor/begin").headers["location"] == "/sign-in/factor"
    secret = secret_on(browser.get("/sign-in/factor").text)
    assert "已绑定" in browser.post("/sign-in/factor", data={"code": code(hours, secret)}).text
    assert sign_in(hours.browser(), "applicant").headers["location"] == "/sign-in/code"
    assert browser.post("/me/factor/remove").status_code == 303
    assert sign_in(hours.browser(), "applicant").headers["location"] == "/my"
    with reading(hours.city.engine) as session:
        assert session.exec(select(SecondFactor)).all() == []


def test_staff_cannot_give_up_a_required_one(hours: Hours) -> None:
    browser, _, _ = enrolled(hours)
    refused = browser.post("/me/factor/remove")
    assert refused.status_code == 409 and "按规定必须使用" in refused.text


def test_a_form_that_waits_travels_through_the_code(hours: Hours) -> None:
    _, secret, _ = enrolled(hours)
    hours.later(seconds=30)
    browser = hours.browser()
    kept = {"kept_for": "/desk/calls", "kept": "revision=1&note=%E4%B8%AD", "next": "/desk"}
    asked = browser.post("/sign-in", data={"username": "clerk", "password": PASSWORD, **kept})
    assert asked.status_code == 200 and "输入动态码" in asked.text
    assert "revision=1&amp;note=%E4%B8%AD" in asked.text
    resumed = browser.post("/sign-in/code", data={"code": code(hours, secret), **kept})
    assert resumed.status_code == 200 and 'value="中"' in resumed.text
    assert browser.get("/desk").status_code == 200


def test_half_signed_in_is_shown_as_such(hours: Hours) -> None:
    browser, _, _ = enrolled(hours)
    sign_in(hours.browser())
    assert "密码正确，没有完成第二步" in browser.get("/me/sessions").text
    with reading(hours.city.engine) as session:
        stages = [each.stage for each in session.exec(select(SignIn))]
    assert sorted(stages) == ["code", "whole"]
