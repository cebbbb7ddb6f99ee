"""Sessions that somebody else knows of (fixation), and what a try at the door costs: whoever put a
cookie into a browser gains nothing when its owner signs in there, and nobody learns from the work
that is done whether a name exists."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher, extract_parameters
from starlette.testclient import TestClient

from attack.target import Target
from functional.city import PASSWORD
from functional.test_second_factor import asking, enrolled, give
from functional.test_second_factor import code as code_of
from functional.test_signing_in import Hours, is_out, sign_in
from onevisit.cases import account as accounts
from onevisit.store.session import writing
from onevisit.store.tables import Account
from onevisit.web.session_cookie import NAME


@pytest.fixture
def hours(target: Target) -> Hours:
    return Hours(target.city)


def token(browser: TestClient) -> str:
    """What the browser carries after an answer gave it something."""
    found = [each.value or "" for each in browser.cookies.jar if each.name == NAME]
    return next(each for each in reversed(found) if len(each) == 43)


def test_nothing_is_given_before_anybody_signs_in(hours: Hours) -> None:
    browser = hours.browser()
    for address in ("/", "/sign-in", "/services", "/my", f"/my?{NAME}={'a' * 43}"):
        assert NAME not in browser.get(address).cookies
    known = token(hours.inside())
    for address in (f"/desk?{NAME}={known}", f"/desk;{NAME}={known}", f"/desk?token={known}"):
        answer = hours.browser().get(address, headers={"authorization": f"Bearer {known}"})
        assert answer.status_code in (303, 404), "a session comes by its cookie alone"


def test_a_session_of_the_attackers_own_ends_when_its_victim_signs_in(hours: Hours) -> None:
    planted = token(hours.inside("applicant2"))
    victim = hours.browser(planted)
    assert not is_out(victim, "/my"), "the attacker's own session, in the victim's browser"
    assert sign_in(victim, "clerk").status_code == 303
    assert token(victim) != planted
    attacker = hours.browser(planted)
    assert is_out(attacker, "/my") and is_out(attacker)


def test_half_a_session_becomes_no_whole_one_for_who_knows_of_it(hours: Hours) -> None:
    asking(hours)
    _, secret, codes = enrolled(hours)
    hours.later(minutes=5)
    for typed in (code_of(hours, secret), codes[0]):
        browser = hours.browser()
        assert sign_in(browser).headers["location"].startswith("/sign-in/code")
        half = token(browser)
        assert is_out(hours.browser(half))
        assert give(browser, typed).status_code == 303
        assert token(browser) != half
        attacker = hours.browser(half)
        assert is_out(attacker), "the half one is nobody's any more"
        assert give(attacker, codes[1]).headers.get("location", "/sign-in").startswith("/sign-in")
        assert is_out(attacker)
        hours.later(minutes=5)


def test_another_password_leaves_no_copy_of_any_session(hours: Hours) -> None:
    mine, elsewhere = hours.inside(), hours.inside()
    copies = [token(mine), token(elsewhere)]
    chosen = "演示新口令-only-for-tests-2"
    typed = {"present": PASSWORD, "password": chosen, "again": chosen}
    assert mine.post("/sign-in/password", data=typed).status_code == 303
    assert not is_out(mine) and token(mine) not in copies
    assert all(is_out(hours.browser(each)) for each in copies)


def test_giving_the_password_again_changes_the_key(hours: Hours) -> None:
    mine = hours.inside("admin")
    before = token(mine)
    hours.later(minutes=20)
    asked = mine.post("/sign-in/again", data={"password": PASSWORD, "next": "/studio"})
    assert asked.status_code == 303 and token(mine) != before
    assert is_out(hours.browser(before), "/studio") and not is_out(mine, "/studio")


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """The hashes that are made, each with all that decides how long it takes."""
    made: list[object] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002
            made.append(("verify", extract_parameters(str(hash))))
            return super().verify(hash, password)

        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            made.append(("hash", self.memory_cost, self.time_cost))
            return super().hash(password, salt=salt)

    monkeypatch.setattr(accounts, "_hasher", Counting())
    yield made
    assert made, "else nobody tried anything"


def test_every_try_at_the_door_costs_the_same_work(hours: Hours, work: list[object]) -> None:
    with writing(hours.city.engine) as session:
        session.get_one(Account, hours.id_of("clerk2")).disabled = True
    tries = {
        "an unknown name": ("nobody", PASSWORD),
        "an unknown name of any length": ("n" * 5000, PASSWORD),
        "a name that is none": ("演示\u0000'--", PASSWORD),
        "a wrong password": ("clerk", "wrong"),
        "hardly any password": ("clerk", ""),
        "much of a password": ("clerk", "x" * 100_000),
        "a closed account": ("clerk2", PASSWORD),
        "the terminal": ("kiosk", "wrong"),
    }
    costs, told = {}, {}
    for kind, (username, password) in tries.items():
        work.clear()
        answer = sign_in(hours.browser(), username, password)
        costs[kind], told[kind] = list(work), (answer.status_code, "set-cookie" in answer.headers)
    assert len(costs["an unknown name"]) == 1
    assert [kind for kind, cost in costs.items() if cost != costs["an unknown name"]] == []
    assert set(told.values()) == {(422, False)}
