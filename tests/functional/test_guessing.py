"""Strangers who try check codes or pick-up codes run out of tries, by address and by terminal."""

import pytest
from starlette.testclient import TestClient

from functional.city import APPLICANT_ID, ORIGIN, City
from onevisit.web.tries import MOST_FROM_ONE_PLACE

NUMBER = "示市监准〔2026〕1号"


@pytest.fixture
def stranger(city: City) -> TestClient:
    return TestClient(city.app, base_url=ORIGIN, headers={"origin": ORIGIN})


def used_up(city: City, subject: str) -> None:
    """All tries of a subject are taken."""
    now = city.app.state.site.door.now()
    while city.app.state.tries.take(subject, now, MOST_FROM_ONE_PLACE):
        pass


def test_check_codes_cannot_be_tried_without_end(city: City, stranger: TestClient) -> None:
    asked = {"number": NUMBER, "code": "0000-0000"}
    assert stranger.get("/verify", params=asked).status_code == 422
    assert stranger.get("/verify/status.json", params=asked).status_code == 404
    used_up(city, "verify testclient")
    refused = stranger.get("/verify", params=asked)
    assert refused.status_code == 429 and "一小时后再试" in refused.text
    assert stranger.get("/verify/status.json", params=asked).status_code == 429
    assert stranger.post("/verify/holder", data=asked | {"name": "演示"}).status_code == 429
    assert stranger.get("/verify").status_code == 200, "the page itself costs no try"


def test_wrong_check_codes_are_what_is_counted(city: City, stranger: TestClient) -> None:
    taken = city.app.state.tries._taken
    stranger.get("/verify", params={"number": NUMBER, "code": "0000-0000"})
    assert [count for _, count in taken.values()] == [1]


def test_a_terminal_takes_no_more_codes(city: City) -> None:
    terminal = city.client("kiosk")
    with city.acting("kiosk") as ctx:
        subject = f"kiosk {ctx.actor.id}"
    typed = {"id_number": APPLICANT_ID, "code": "000000"}
    assert "不对" in terminal.post("/kiosk", data=typed).text
    used_up(city, subject)
    refused = terminal.post("/kiosk", data=typed)
    assert refused.status_code == 422 and "一小时后才能再用" in refused.text
