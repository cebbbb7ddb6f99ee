"""The unified sign-in: the whole way against a real provider, and everything that a false one, or a
stranger with somebody's address, may try (OpenID Connect Core 1.0 §3.1.3.7; ASVS 5.0 V10)."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import Response
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from sqlmodel import select
from starlette.testclient import TestClient

from functional import unified
from functional.city import APPLICANT_ID, ORIGIN, PASSWORD, City, Prepared
from functional.unified import BACK, CLIENT, SECRET, Liar
from onevisit.access import PostValue
from onevisit.cases import identities
from onevisit.cases.account import hash_password, open_account
from onevisit.cases.staff import admit, changes
from onevisit.store.identity_tables import Identity, IdentityOffer
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """One real provider for all tests of this file."""
    with unified.real_issuer() as found:
        yield found


@pytest.fixture
def town(prepared_city: Prepared, tmp_path: Path, issuer: str) -> City:
    """A city whose people may come in through the real provider."""
    return unified.city_with(prepared_city, tmp_path / "city", issuer)


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


def rows(city: City, table: Any) -> list[Any]:
    with reading(city.engine) as session:
        return list(session.exec(select(table)))


def account(city: City, username: str) -> Account:
    with reading(city.engine) as session:
        return session.exec(select(Account).where(Account.username == username)).one()


def inside(browser: TestClient) -> bool:
    return browser.get("/my").status_code == 200


def through(issuer: str, browser: TestClient, who: str, following: str = "") -> Response:
    """The whole way there and back by hand; our answer to the browser that came back."""
    away = browser.get("/sign-in/unified", params={"next": following})
    assert away.status_code == 303, away.text
    back = unified.signed_in_at(issuer, away.headers["location"], who)
    assert back.startswith(BACK)
    answer: Response = browser.get(back)
    return answer


def test_the_first_time_makes_an_account_and_the_second_finds_it(town: City, issuer: str) -> None:
    first = browser_of(town)
    answer = through(issuer, first, "stranger", "/my/drafts")
    assert (answer.status_code, answer.headers["location"]) == (303, "/my/drafts")
    assert inside(first)
    (row,) = rows(town, Identity)
    assert (row.issuer, row.subject, row.ended_at) == (issuer, "stranger", None)
    with reading(town.engine) as session:
        made = session.get_one(Account, row.account_id)
        assert (made.name, made.staff, made.id_number) == ("演示stranger", False, None)
    second = browser_of(town)
    assert through(issuer, second, "stranger").status_code == 303
    assert inside(second)
    assert len(rows(town, Identity)) == 1


def test_what_is_asked_of_the_provider_cannot_be_guessed_or_reused(town: City) -> None:
    asked = [
        parse_qs(urlsplit(browser_of(town).get("/sign-in/unified").headers["location"]).query)
        for _ in range(2)
    ]
    for each in asked:
        assert each["response_type"] == ["code"]
        assert each["code_challenge_method"] == ["S256"]
        assert each["redirect_uri"] == [BACK]
        assert "client_secret" not in each
        assert all(len(each[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]


def test_an_account_with_the_same_number_is_bound_by_its_password(town: City, issuer: str) -> None:
    mine, browser = account(town, "applicant"), browser_of(town)
    assert mine.id_number == APPLICANT_ID
    answer = through(issuer, browser, "holder", "/my/drafts")
    assert answer.headers["location"] == "/sign-in/unified/account?next=%2Fmy%2Fdrafts"
    asked = browser.get(answer.headers["location"])
    assert "applicant" in asked.text
    assert APPLICANT_ID not in asked.text
    assert not inside(browser)
    assert rows(town, Identity) == []
    sent = {"password": "not-this", "next": "/my/drafts"}
    wrong = browser.post("/sign-in/unified/account", data=sent)
    assert wrong.status_code == 422
    assert "没有绑定" in wrong.text
    assert rows(town, Identity) == []
    assert not inside(browser)
    right = browser.post("/sign-in/unified/account", data=sent | {"password": PASSWORD})
    assert (right.status_code, right.headers["location"]) == (303, "/my/drafts")
    assert inside(browser)
    (row,) = rows(town, Identity)
    assert (row.account_id, row.bound_by) == (mine.id, mine.id)
    assert rows(town, IdentityOffer) == []
    again = browser_of(town)
    through(issuer, again, "holder")
    assert inside(again)
    assert [each.account_id for each in rows(town, Identity)] == [mine.id]


def test_whom_the_desk_registered_by_card_is_found_at_once(town: City, issuer: str) -> None:
    """Nobody has a password for such an account; the issuer vouches for the number instead."""
    with writing(town.engine) as session:
        taken = session.exec(select(Account).where(Account.username == "applicant")).one()
        taken.id_number = None
        session.add(taken)
        counter = Account(
            username="counter-1", name="演示来客", password_hash=hash_password("x" * 40),
            id_number=APPLICANT_ID,
        )  # fmt: skip
        open_account(session, counter, [PostValue("applicant")])
        counter_id = counter.id
    browser = browser_of(town)
    through(issuer, browser, "holder")
    assert inside(browser)
    assert [each.account_id for each in rows(town, Identity)] == [counter_id]


def test_a_closed_account_stays_closed(town: City, issuer: str) -> None:
    with writing(town.engine) as session:
        mine = session.exec(select(Account).where(Account.username == "applicant")).one()
        mine.disabled = True
        session.add(mine)
    browser = browser_of(town)
    answer = through(issuer, browser, "holder")
    assert answer.status_code == 403
    assert "已经停用" in answer.text
    assert not inside(browser)
    assert rows(town, Identity) == []


def test_staff_come_in_when_an_administrator_has_bound_them(town: City, issuer: str) -> None:
    clerk = account(town, "clerk")
    with town.acting("admin") as ctx:
        identities.bind(ctx, clerk.id, issuer, "worker", clerk.revision)
    browser = browser_of(town)
    through(issuer, browser, "worker")
    assert browser.get("/desk").status_code == 200
    with reading(town.engine) as session:
        told = changes.listed(session, clerk.id)
        assert [each.act for each in told] == ["bind"]
    (row,) = rows(town, Identity)
    assert row.used_at is not None
    with town.acting("admin") as ctx:
        identities.unbind(ctx, clerk.id, row.id, account(town, "clerk").revision)
    other = browser_of(town)
    through(issuer, other, "worker")
    assert other.get("/desk").status_code == 403, "an applicant's account of their own"
    assert inside(other)


def test_a_disabled_officer_is_kept_out_there_too(town: City, issuer: str) -> None:
    clerk = account(town, "clerk")
    with town.acting("admin") as ctx:
        identities.bind(ctx, clerk.id, issuer, "worker", clerk.revision)
        admit.disable(ctx, clerk.id, clerk.revision + 1)
    browser = browser_of(town)
    assert through(issuer, browser, "worker").status_code == 403
    assert browser.get("/desk").status_code == 303


def test_a_code_counts_once_and_in_one_browser(town: City, issuer: str) -> None:
    browser, other = browser_of(town), browser_of(town)
    away = browser.get("/sign-in/unified")
    back = unified.signed_in_at(issuer, away.headers["location"], "stranger")
    assert other.get(back).status_code == 400, "it never set out"
    other.get("/sign-in/unified")
    assert other.get(back).status_code == 400, "it set out with another state"
    kept = dict(browser.cookies)
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 400, "the attempt is over"
    browser.cookies.update(kept)
    replayed = browser_of(town)
    replayed.cookies.update({name: value for name, value in kept.items() if name != "onevisit"})
    assert replayed.get(back).status_code == 400, "the issuer takes a code once"
    assert not inside(replayed)


def test_nobody_is_sent_elsewhere_afterwards(town: City, issuer: str) -> None:
    for address in ("https://example.com/", "//example.com", "/\\example.com", "javascript:1"):
        answer = through(issuer, browser_of(town), "stranger", address)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/my"), address


def test_signing_out_offers_to_sign_out_there_too(town: City, issuer: str) -> None:
    browser = browser_of(town)
    through(issuer, browser, "stranger")
    out = browser.post("/sign-out")
    assert out.headers["location"] == "/sign-in/unified/ended"
    assert not inside(browser)
    told = browser.get("/sign-in/unified/ended")
    assert f'href="{issuer}/session/end?client_id={CLIENT}' in told.text
    plain = browser_of(town)
    plain.post("/sign-in", data={"username": "applicant", "password": PASSWORD})
    assert plain.post("/sign-out").headers["location"] == "/"


def test_a_cancelled_sign_in_is_told_kindly(town: City) -> None:
    browser = browser_of(town)
    away = browser.get("/sign-in/unified").headers["location"]
    state = parse_qs(urlsplit(away).query)["state"][0]
    answer = browser.get(f"{BACK}?state={state}&error=access_denied")
    assert answer.status_code == 200
    assert "没有走完" in answer.text


def returned(liar: Liar, city: City, **query: str) -> tuple[TestClient, Response]:
    """A browser that set out and came back, from an issuer that says what the test wants. The code
    is the nonce, so that the issuer knows it."""
    browser = browser_of(city)
    away = parse_qs(urlsplit(browser.get("/sign-in/unified").headers["location"]).query)
    sent = {"state": away["state"][0], "code": away["nonce"][0]} | query
    return browser, browser.get("/sign-in/unified/callback", params=sent)


def test_an_honest_answer_is_taken(village: City, liar: Liar) -> None:
    liar.claims = {"acr": "urn:level:3", "amr": ["pwd", "face"], "id_number": "990000199002029027"}
    browser, answer = returned(liar, village)
    assert answer.status_code == 303
    assert inside(browser)
    (row,) = rows(village, Identity)
    assert (row.acr, row.amr) == ("urn:level:3", ["pwd", "face"])
    (sent,) = liar.tokens
    assert len(sent["code_verifier"]) >= 43
    assert "client_secret" not in sent, "the secret goes in the header"


def none_signed(liar: Liar, claims: dict[str, Any]) -> str:
    parts = [{"alg": "none", "kid": "one"}, claims]
    packed = [base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=") for each in parts]
    return b".".join([*packed, b""]).decode()


def shared_secret(liar: Liar, claims: dict[str, Any]) -> str:
    key = OctKey.import_key(SECRET * 4)
    return jwt.encode({"alg": "HS256", "kid": "one"}, claims, key, algorithms=["HS256"])


def others_key(liar: Liar, claims: dict[str, Any]) -> str:
    key = RSAKey.generate_key(2048, {"kid": "one"})
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)


def own_key_in_the_header(liar: Liar, claims: dict[str, Any]) -> str:
    key = RSAKey.generate_key(2048)
    return jwt.encode({"alg": "RS256", "jwk": key.as_dict(private=False)}, claims, key)


def changed(liar: Liar, claims: dict[str, Any]) -> str:
    head, _, seal = liar.sign(claims).split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims | {"sub": "x"}).encode()).rstrip(b"=")
    return f"{head}.{body.decode()}.{seal}"


NOW = int(datetime.now(UTC).timestamp())
LIES: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "y" * 43},
    "no nonce": {"nonce": None},
    "for another site": {"aud": "another"},
    "for others too, and theirs": {"aud": [CLIENT, "another"], "azp": "another"},
    "for others too, and nobody's": {"aud": [CLIENT, "another"]},
    "theirs": {"azp": "another"},
    "expired": {"iat": NOW - 9000, "exp": NOW - 8000},
    "without an end": {"exp": None},
    "from the future": {"iat": NOW + 8000, "exp": NOW + 9000},
    "another issuer": {"iss": "https://example.com"},
    "no issuer": {"iss": None},
    "nobody": {"sub": None},
    "an empty subject": {"sub": ""},
    "an endless subject": {"sub": "x" * 300},
    "another access token": {"at_hash": "x" * 22},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_false_claim_is_not_taken(village: City, liar: Liar, lie: str) -> None:
    liar.claims = LIES[lie]
    liar.userinfo = {"sub": LIES[lie].get("sub", "演示-1")}
    browser, answer = returned(liar, village)
    assert answer.status_code == 400
    assert "没有登录成功" in answer.text
    assert not inside(browser)
    assert rows(village, Identity) == []


FALSE = (none_signed, shared_secret, others_key, own_key_in_the_header, changed)


@pytest.mark.parametrize("make", FALSE, ids=[each.__name__ for each in FALSE])
def test_a_false_seal_is_not_taken(village: City, liar: Liar, make: Any) -> None:
    liar.make = make
    browser, answer = returned(liar, village)
    assert answer.status_code == 400
    assert not inside(browser)
    assert rows(village, Identity) == []


def test_an_answer_that_names_another_issuer_is_not_taken(village: City, liar: Liar) -> None:
    """Mix-up (RFC 9207): the code may be another provider's, so it is sent nowhere."""
    _, answer = returned(liar, village, iss="https://example.com")
    assert answer.status_code == 400
    liar.about = {"authorization_response_iss_parameter_supported": True}
    village.app.state.unified.provider._known = None
    _, answer = returned(liar, village)
    assert answer.status_code == 400, "it says that it names itself, and did not"
    assert liar.tokens == []


def test_new_keys_of_the_issuer_are_found(village: City, liar: Liar) -> None:
    assert returned(liar, village)[1].status_code == 303
    old, liar.key = liar.key, RSAKey.generate_key(2048, {"kid": "two"})
    liar.shown = [old, liar.key]
    assert returned(liar, village)[1].status_code == 303
    assert liar.asked.count("/jwks") == 2
    liar.key = RSAKey.generate_key(2048, {"kid": "three"})
    assert returned(liar, village)[1].status_code == 400, "a key that it does not show"


def test_what_is_said_of_somebody_else_is_not_taken(village: City, liar: Liar) -> None:
    liar.claims, liar.userinfo = {"name": None}, {"sub": "another", "name": "演示别人"}
    assert returned(liar, village)[1].status_code == 400
    liar.userinfo = {"sub": "演示-1", "name": "演示本人", "id_number": "990000199002029027"}
    assert returned(liar, village)[1].status_code == 303
    (row,) = rows(village, Identity)
    with reading(village.engine) as session:
        made = session.get_one(Account, row.account_id)
        assert (made.name, made.id_number) == ("演示本人", "990000199002029027")


@pytest.mark.parametrize("status", [500, 404, 302])
def test_when_the_issuer_is_down_the_password_still_opens(
    village: City, liar: Liar, status: int
) -> None:
    liar.status = status
    browser = browser_of(village)
    answer = browser.get("/sign-in/unified")
    assert answer.status_code == 503
    assert "用用户名和密码登录" in answer.text
    sent = {"username": "applicant", "password": PASSWORD}
    assert browser.post("/sign-in", data=sent).status_code == 303
    assert inside(browser)


def test_an_issuer_that_is_another_or_sends_elsewhere_is_not_used(
    village: City, liar: Liar
) -> None:
    for said in (
        {"issuer": "https://example.com"},
        {"authorization_endpoint": "http://example.com/"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
    ):
        liar.about = said
        assert browser_of(village).get("/sign-in/unified").status_code == 503
        village.app.state.unified.provider._known = None


def test_a_form_that_waits_is_handed_in_after_signing_in_in_another_tab(
    village: City, liar: Liar
) -> None:
    kept = {"kept_for": "/my/agents/new", "kept": "name=演示&revision=1", "next": "/my/agents"}
    browser = browser_of(village)
    again = browser.post("/sign-in/unified/continue", data=kept)
    assert again.status_code == 401
    assert 'formaction="/sign-in/unified/continue"' in again.text
    browser, _ = returned(liar, village)
    answer = browser.post("/sign-in/unified/continue", data=kept)
    assert answer.status_code == 200
    assert 'action="/my/agents/new"' in answer.text
    assert 'name="name" value="演示"' in answer.text


def test_without_an_issuer_there_is_no_such_page(city: City) -> None:
    browser = browser_of(city)
    assert browser.get("/sign-in/unified").status_code == 404
    assert "/sign-in/unified" not in browser.get("/sign-in").text
