"""How much pages ask of the database: the same number of questions with 40 cases as with 440, few
of them, and none that reads a whole table. On both databases.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient

import counting
from bench import crowded
from browser import tour
from browser.tour import Stop
from browser.town import Town
from functional.city import ORIGIN
from functional.plans import Asked, listening, whole_tables
from onevisit.cli.demonstration import PASSWORD
from onevisit.web.app import create_app

STATES = ("submitted", "correcting", "accepted", "called", "owing", "late", "ready", "concluded")
FEW, MANY = 5, 50
"""How many copies of the case in each of these states."""
MOST = 40
BUDGET = {
    "/desk": 16,
    "/office": 22,
    "/office/{approval_id}": 45,
    "/window": 14,
    "/watch": 18,
    "/office/calendar": 22,
    "/my": 16,
    "/messages": 10,
    "/jobs": 12,
    "/": 8,
    "/services/{service_id}": 8,
}
"""Questions that a page may ask; all others MOST. /jobs looks after every kind of work."""
MORE = (
    ("clerk", "/desk?tab=correcting"),
    ("clerk", "/desk?tab=running"),
    ("clerk", "/desk?tab=closed"),
    ("clerk", "/desk?tab=running&q=演示申请人甲9"),
    ("clerk", "/desk?tab=closed&q=演示申请人甲9"),
    ("market_regulation.handler", "/office?light=soon"),
    ("market_regulation.handler", "/office?tab=done&q=演示申请人甲9"),
    ("market_regulation.decider", "/office/certificates?state=asked"),
    ("market_regulation.decider", "/office/certificates?q=演示申请人甲9"),
    ("fire_rescue.handler", "/office/pledges?state=done"),
    ("market_regulation.handler", "/office/calendar?view=week"),
    ("window", "/window?q=演示申请人甲9"),
    ("supervisor", "/watch?kind=yellow"),
    ("supervisor", "/watch?kind=delivery"),
    ("supervisor", "/watch/ratings?tab=done"),
    ("clerk", "/messages?tab=new"),
)
"""Lists as the tour does not show them: other tabs, and somebody looked for."""
ON_PURPOSE = {
    ("/studio/templates", "cases"): "which versions open cases and drafts rest on; seldom asked",
    ("/studio/templates/{folder}/{file}", "cases"): "the same",
    ("/studio/templates/{folder}/{file}/versions/{number}", "cases"): "the same",
}
"""What is read whole all the same, and why."""


@dataclass
class Crowd:
    """The town under a crowd of cases, and a browser for each of its people."""

    town: Town
    engine: Engine
    stops: list[Stop]
    browsers: dict[str, TestClient]

    def asked(self, stop: Stop) -> Asked:
        """What the database is asked for one page."""
        with listening(self.engine) as found:
            answer = self.browsers[stop.who].get(stop.address)
        assert answer.status_code == stop.status, f"{stop}: {answer.status_code}"
        return found


@pytest.fixture
def crowd(tmp_path: Path, database_url: str) -> Iterator[Crowd]:
    """The town on this database, with few copies of its cases."""
    town = tour.town_in(tmp_path / "town", database_url)
    crowded.fill(town.engine, dict.fromkeys(_copied(town), FEW))
    _counted(town)
    app = create_app(town.settings)
    began = datetime.now(UTC)  # a slow run must not come to the minute in which a look is noted
    door = replace(app.state.site.door, now=lambda: began)
    app.state.site = replace(app.state.site, door=door)
    stops = [each for each in tour.stops(town) if "+" not in each.who]
    stops += [Stop(where.partition("?")[0], who, where, 0) for who, where in MORE]
    browsers = {each.who: _browser(app) for each in stops}
    for who, browser in browsers.items():
        if who != "-":
            typed = {"username": who, "password": PASSWORD}
            assert browser.post("/sign-in", data=typed).status_code == 303
    yield Crowd(town, app.state.site.engine, stops, browsers)
    app.state.site.engine.dispose()
    town.engine.dispose()


def _counted(town: Town) -> None:
    """What is open, and where departments are expected, as the sweep does."""
    counting.count(town.engine, town.catalog, town.files, datetime.now(UTC))


def _browser(app: FastAPI) -> TestClient:
    return TestClient(app, base_url=ORIGIN, headers={"origin": ORIGIN}, follow_redirects=False)


def _copied(town: Town) -> list[UUID]:
    return [UUID(town.named["case_id", each]) for each in STATES]


def test_pages_ask_few_questions_and_none_reads_a_whole_table(crowd: Crowd) -> None:
    for stop in crowd.stops:  # what is read once and kept is read
        crowd.asked(stop)
    before = {str(stop): len(crowd.asked(stop).statements) for stop in crowd.stops}
    crowded.fill(crowd.town.engine, dict.fromkeys(_copied(crowd.town), MANY), first=1000)
    _counted(crowd.town)
    faults = []
    for stop in crowd.stops:
        found = crowd.asked(stop).statements
        most = BUDGET.get(stop.route, MOST)
        if len(found) > most:
            faults.append(f"{stop}: {len(found)} questions, at most {most}")
        if len(found) != before[str(stop)]:
            faults.append(f"{stop}: {before[str(stop)]} questions with few cases, now {len(found)}")
        faults += [
            f"{stop}: reads all of {table} ({question})"
            for table, question in whole_tables(crowd.engine, found)
            if (stop.route, table) not in ON_PURPOSE
        ]
    assert faults == [], "\n".join(faults)
