"""The parts of scripts/bench run: in a city of a few cases, and for a moment."""

import os
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import col, select

from bench import __main__ as bench
from bench import acts, cities, crowded, memory, web
from browser.tour import served
from browser.town import Town
from functional.city import PASSWORD, PEOPLE, City
from onevisit.access import PostValue
from onevisit.cases.account import open_account
from onevisit.cli.journey.browser import Browser
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account, Case

COPIES = 3
OFFICERS = {
    f"{department}.{role}": PostValue(role, department)
    for department in ("health", "ecology", "fire_rescue")
    for role in ("handler", "reviewer", "decider")
}
"""Whom the small city does not have."""
PAGES = """
clerk     /desk
-         /progress
"""
ONCE = ("sign-in", "submit", "accept", "hand-out")


@pytest.fixture
def town(city: City) -> Town:
    """A city with a case under way, some copies of it, and officers of every department."""
    case_id = city.accepted()
    with writing(city.engine) as session:
        clerk = session.exec(select(Account).where(Account.username == "clerk")).one()
        for name, post in OFFICERS.items():
            officer = Account(username=name, name="演示", password_hash=clerk.password_hash)
            open_account(session, officer, [post])
        applicant = session.exec(select(Account).where(Account.username == "applicant")).one()
        applicant.phone = "19900000000"
    found = Town(city.settings, named={("case_id", "accepted"): str(case_id)})
    crowded.fill(found.engine, {case_id: COPIES})
    return found


def test_pages_and_acts_are_timed(town: Town, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "times", 2)
    taken: acts.Taken = defaultdict(list)
    with served(town.settings) as origin:
        one = cities.City(COPIES, town, [origin], {"mb": 1, "filled_s": 0}, PASSWORD)
        for name in (set(PEOPLE) | set(OFFICERS)) - {"applicant"}:  # who alone signs in here
            browser = acts.watched(Browser(origin), taken)
            browser.client.cookies.set("onevisit", city.session_of(name))
            one.people[name] = browser
        pages = web.on_pages([one], PAGES)
        acts.journey(one, taken)
    assert [len(each) for each in pages[COPIES].values()] == [2, 2]
    done = {name.rsplit("/", 1)[-1]: len(each) for name, each in taken.items()}
    assert [done[name] for name in ONCE] == [1] * len(ONCE)
    assert done["{id}"] > 1, "what officers did under their items"
    with reading(town.engine) as session:
        through = select(Case).where(col(Case.concluded_at).is_not(None))
        assert len(session.exec(through).all()) == 1
    told = {"pages": web.told(pages), "acts": web.told({COPIES: taken})}
    said = web.lines({"database": "sqlite", "cities": {COPIES: one.figures}, **told})
    assert any("/my/{id}/submit" in line for line in said)


def test_a_process_that_a_thread_began_is_found() -> None:
    with ThreadPoolExecutor(1) as pool:
        process = pool.submit(subprocess.Popen, [sys.executable, "-c", "input()"], -1, None, -1)
        below = process.result()
        try:
            assert below.pid in memory._below(os.getpid())
            assert memory._resident(below.pid) > 0
        finally:
            below.communicate(b"\n")
    assert memory._resident(below.pid) == 0


def test_every_part_knows_what_quick_makes_smaller() -> None:
    known = bench.PARTS | bench.ASKED_FOR
    assert set(bench.QUICK) == set(known)
    for name, sizes in bench.QUICK.items():
        assert callable(known[name].measure) and callable(known[name].lines)
        assert set(sizes) <= set(vars(known[name])), name
