"""A demonstration's clock can be moved ahead, and only a demonstration's."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from functional.city import ORIGIN, City
from onevisit.documents.format import BEIJING
from onevisit.engine.clocks import is_working_day
from onevisit.web.app import create_app
from onevisit.web.demo_clock import DemoClock
from onevisit.web.edge import Site


@pytest.fixture
def visitor(city: City) -> TestClient:
    """A browser before the same city shown as a demonstration."""
    app = create_app(city.settings.model_copy(update={"demo_password": "demonstration"}))
    return TestClient(app, base_url=ORIGIN, headers={"origin": ORIGIN}, follow_redirects=False)


def clock_of(client: TestClient) -> DemoClock:
    site = client.app.state.site  # type: ignore[attr-defined]
    assert isinstance(site, Site)
    assert isinstance(site.clock, DemoClock)
    return site.clock


def test_it_moves_ahead_and_goes_back_to_the_page(visitor: TestClient) -> None:
    before = datetime.now(UTC)
    for by, least in (("hour", 1), ("day", 25)):
        answer = visitor.post(
            "/demo/clock", data={"by": by}, headers={"referer": f"{ORIGIN}/services"}
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "/services")
        assert clock_of(visitor)() >= before + timedelta(hours=least)
    assert "演示时间" in visitor.get("/services").text


def test_the_next_morning_is_a_working_one(visitor: TestClient) -> None:
    visitor.post("/demo/clock", data={"by": "morning"})
    local = clock_of(visitor)().astimezone(BEIJING)
    assert local.hour == 10
    site = visitor.app.state.site  # type: ignore[attr-defined]
    assert is_working_day(site.catalog.list()[0].definition.calendar, local.date())
    assert local.date() > datetime.now(BEIJING).date()


def test_it_never_goes_back_and_is_kept(tmp_path: Path) -> None:
    clock = DemoClock(tmp_path / "clock")
    clock.advance(timedelta(hours=-1))
    assert clock.ahead == timedelta()
    clock.advance(timedelta(hours=1))
    assert timedelta(hours=1) <= DemoClock(tmp_path / "clock").ahead < timedelta(hours=2)


def test_a_real_centre_has_no_such_clock(city: City) -> None:
    answer = city.client("applicant").post("/demo/clock", data={"by": "day"})
    assert answer.status_code == 404
    assert "演示时间" not in city.client("applicant").get("/services").text
