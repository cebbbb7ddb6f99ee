"""Whoever has no password but the unified sign-in: proving once more who they are before what only
the owner may do, with a fresh sign-in there, and closing and forgetting the account."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from httpx import Response
from sqlmodel import select
from starlette.testclient import TestClient

from functional import unified
from functional.city import ORIGIN, PASSWORD, City, Prepared
from functional.unified import BACK, Liar
from onevisit.cases.signing_in import factor, sessions
from onevisit.store.identity_tables import Identity
from onevisit.store.session import reading, writing
from onevisit.store.sign_in_tables import SignIn
from onevisit.store.tables import Account

CLOSE = {"agreed": "yes"}


@pytest.fixture
def liar() -> Iterator[Liar]:
    """An issuer that can be made to lie."""
    with unified.lying_issuer() as found:
        yield found


@pytest.fixture
def village(prepared_city: Prepared, tmp_path: Path, liar: Liar) -> City:
    """A city whose issuer may lie."""
    return unified.city_with(prepared_city, tmp_path / "city", liar.issuer)


def browser_of(city: City) -> TestClient:
    return TestClient(city.app, base_url=ORIGIN, headers={"origin": ORIGIN}, follow_redirects=False)


def later(city: City) -> None:
    """Everybody's proof was given too long ago."""
    with writing(city.engine) as session:
        for row in session.exec(select(SignIn)):
            row.proven_at -= sessions.PROVEN + timedelta(seconds=1)
            session.add(row)


def rows(city: City, table: Any) -> list[Any]:
    with reading(city.engine) as session:
        return list(session.exec(select(table)))


def back_from(browser: TestClient, address: str, **query: str) -> Response:
    """There and back; the code is the nonce, so that the issuer knows it."""
    away = parse_qs(urlsplit(browser.get(address).headers["location"]).query)
    sent = {"state": away["state"][0], "code": away["nonce"][0]} | query
    answer: Response = browser.get("/sign-in/unified/callback", params=sent)
    return answer


def guest(city: City) -> TestClient:
    """Somebody who came through the issuer the first time, a while ago."""
    browser = browser_of(city)
    assert back_from(browser, "/sign-in/unified").status_code == 303
    later(city)
    return browser


def now() -> int:
    return int(datetime.now(UTC).timestamp())


def test_a_real_provider_asks_afresh_and_the_account_is_closed_and_forgotten(
    prepared_city: Prepared, tmp_path: Path
) -> None:
    with unified.real_issuer() as issuer:
        city = unified.city_with(prepared_city, tmp_path / "city", issuer)
        browser = browser_of(city)
        away = browser.get("/sign-in/unified").headers["location"]
        browser.get(unified.signed_in_at(issuer, away, "stranger"))
        later(city)
        asked = browser.post("/my/data/close", data=CLOSE)
        assert asked.status_code == 401
        assert "/sign-in/unified/again" in asked.text and 'type="password"' not in asked.text
        away = browser.get("/sign-in/unified/again?next=/my/data/close").headers["location"]
        query = parse_qs(urlsplit(away).query)
        assert (query["prompt"], query["max_age"]) == (["login"], ["60"])
        back = unified.signed_in_at(issuer, away, "stranger")
        assert back.startswith(BACK)
        before = browser.cookies["onevisit"]
        assert browser.get(back).headers["location"] == "/my/data/close"
        assert browser.cookies["onevisit"] != before, "another token after the proof"
        assert browser.post("/my/data/close", data=CLOSE).headers["location"] == "/services"
        assert browser.get("/my").status_code == 303
        assert rows(city, Identity) == [], "nothing of them is left"
        away = browser.get("/sign-in/unified").headers["location"]
        assert browser.get(unified.signed_in_at(issuer, away, "stranger")).status_code == 303
        assert browser.get("/my").status_code == 200, "they may begin anew"


LIES: dict[str, dict[str, Any]] = {
    "no moment": {},
    "signed in long ago": {"auth_time": now() - 3600},
    "signed in tomorrow": {"auth_time": now() + 86_400},
    "no number": {"auth_time": True},
    "somebody else": {"auth_time": now() + 30, "sub": "演示-2"},
}


@pytest.mark.parametrize("lie", LIES)
def test_what_is_not_a_fresh_proof_of_the_same_person_is_none(
    village: City, liar: Liar, lie: str
) -> None:
    browser = guest(village)
    liar.claims, liar.userinfo = LIES[lie], {"sub": LIES[lie].get("sub", "演示-1")}
    assert back_from(browser, "/sign-in/unified/again").status_code in {400, 403}
    assert browser.post("/my/data/close", data=CLOSE).status_code == 401
    assert browser.get("/my").status_code == 200, "still signed in, and nothing happened"


def test_a_fresh_proof_counts_for_the_session_that_set_out(village: City, liar: Liar) -> None:
    browser = guest(village)
    away = parse_qs(urlsplit(browser.get("/sign-in/unified/again").headers["location"]).query)
    liar.claims = {"auth_time": now()}
    sent = {"state": away["state"][0], "code": away["nonce"][0]}
    attempt = browser.cookies["onevisit-unified"]
    other = guest(village)
    other.cookies.set("onevisit-unified", attempt, domain="testserver.local")
    assert other.get("/sign-in/unified/callback", params=sent).status_code == 403
    copy = browser.post("/my/data/download")
    assert copy.status_code == 401 and "到演示市统一身份认证确认" in copy.text
    waiting = {"next": "/my/data/download", "kept_for": "/my/data/download", "kept": "revision=1"}
    assert back_from(browser, "/sign-in/unified/again").headers["location"] == "/me/sessions"
    assert "已经确认是您本人" in browser.get("/me/sessions").text
    onward = browser.post("/sign-in/unified/continue", data=waiting)
    assert 'action="/my/data/download"' in onward.text, "what waited goes on"
    assert browser.post("/my/data/download").headers["content-type"] == "application/zip"
    assert browser.get("/sign-in/password").headers["location"] == "/me/sessions"


def test_a_second_factor_is_asked_for_as_well_unless_the_issuer_had_two(
    village: City, liar: Liar
) -> None:
    browser = guest(village)
    (mine,) = rows(village, Identity)
    with writing(village.engine) as session:
        factor.offer(session, mine.account_id)
        secret = factor.offered(session, mine.account_id)
        assert secret
        past = datetime.now(UTC) - timedelta(minutes=5)
        assert factor.confirm(session, mine.account_id, pyotp.TOTP(secret).at(past), past)
    code = {"code": pyotp.TOTP(secret).now()}
    assert browser.post("/sign-in/again", data=code).status_code == 200, "a code alone is nothing"
    assert browser.post("/my/data/close", data=CLOSE).status_code == 401
    liar.claims = {"auth_time": now()}
    assert back_from(browser, "/sign-in/unified/again").headers["location"] == "/sign-in/again"
    assert browser.post("/my/data/close", data=CLOSE).status_code == 401, "the code is missing"
    assert 'name="code"' in browser.get("/sign-in/again").text
    assert browser.post("/sign-in/again", data={"code": "000000"}).status_code == 422
    assert browser.post("/sign-in/again", data=code).status_code == 303
    assert browser.post("/me/factor/remove").headers["location"] == "/me/sessions"
    later(village)
    liar.claims = {"auth_time": now(), "amr": ["pwd", "mfa"]}
    assert back_from(browser, "/sign-in/unified/again").headers["location"] == "/me/sessions"


def test_a_kept_account_is_opened_by_nobody_and_its_owner_begins_anew(
    village: City, liar: Liar
) -> None:
    """Its cases are kept by law; the person comes back as anybody else does."""
    liar.claims = {"id_number": "990000199002029027"}
    browser = guest(village)
    (bound,) = rows(village, Identity)
    from onevisit.cases.privacy import closing

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(closing, "_acted", lambda _: True)
        liar.claims |= {"auth_time": now()}
        assert back_from(browser, "/sign-in/unified/again").status_code == 303
        assert browser.post("/my/data/close", data=CLOSE).headers["location"] == "/services"
    (ended,) = rows(village, Identity)
    assert ended.ended_at is not None
    again = browser_of(village)
    assert back_from(again, "/sign-in/unified").status_code == 303
    assert again.get("/my").status_code == 200
    found = {each.account_id: each.ended_at is None for each in rows(village, Identity)}
    assert found.pop(bound.account_id) is False and list(found.values()) == [True]
    with reading(village.engine) as session:
        kept = session.get_one(Account, bound.account_id)
        assert (kept.disabled, kept.id_number) == (True, "990000199002029027")


def test_whoever_has_a_password_gives_it(village: City, liar: Liar) -> None:
    browser = village.client("applicant")
    assert browser.get("/sign-in/unified/again", follow_redirects=False).status_code == 404
    page = browser.get("/sign-in/again").text
    assert 'name="password"' in page and "/sign-in/unified/again" not in page
    assert browser.post("/my/data/close", data={"password": PASSWORD}).status_code == 422
    stranger = browser_of(village).get("/sign-in/unified/again")
    assert stranger.headers["location"].startswith("/sign-in?")
