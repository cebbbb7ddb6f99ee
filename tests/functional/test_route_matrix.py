"""Every address and every kind of person: who gets in, compared with docs/permissions.md whole.

A route without a line fails. How it is asked: functional/matrix.py, which also writes the document
anew; what then differs is read before it is committed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from uuid import UUID, uuid4

import pytest
from httpx import Response
from starlette.testclient import TestClient

from functional import matrix
from functional.city import ANSWERS, ORIGIN, ROOT, City, Prepared
from functional.matrix import LEFT_OUT, STALE, Asked, address_of, routes, sent_to, told
from onevisit.cases import draft
from onevisit.catalog.catalog import Catalog
from onevisit.catalog.folder import Folder

__all__ = ["PEOPLE", "SECRETS", "STALE", "expected", "ids", "named", "people", "routes", "send"]

DOCUMENT = ROOT / "docs" / "permissions.md"
PEOPLE = {name: username for name, (username, _) in matrix.PEOPLE.items()}
KINDS = (
    "anon",
    "owner",
    "clerk",
    "issue",
    "kiosk",
    "food",
    "head",
    "gov",
    "watch",
    "oper",
    "admin",
)
"""One of each kind, where kinds do not differ."""
SECRETS = ("示例市演示小馆", "19900000000", "演示员工甲")
named = matrix.ids_in


@dataclass(frozen=True)
class Line:
    """One route and what each of the people gets."""

    route: str
    answers: dict[str, str]


def expected() -> dict[str, Line]:
    """The lines of the document, by route; a long address has its words on the line below."""
    found, route = {}, ""
    for line in DOCUMENT.read_text().splitlines():
        words = line.split()
        if words[:1] in (["GET"], ["POST"]):
            route = " ".join(words[:2])
            del words[:2]
        if route and len(words) == len(PEOPLE):
            found[route] = Line(route, dict(zip(PEOPLE, words, strict=True)))
            route = ""
    return found


@pytest.fixture(scope="module")
def town(prepared_city: Prepared, tmp_path_factory: pytest.TempPathFactory) -> City:
    """One city for everything that leaves no trace."""
    city = prepared_city.copied(tmp_path_factory.mktemp("matrix") / "city")
    city.settings = city.settings.model_copy(update={"log_requests": False})
    return city


@pytest.fixture(scope="module")
def things(town: City) -> dict[str, str]:
    """What the addresses name there."""
    return named(town)


@pytest.fixture(scope="module")
def asked(town: City, things: dict[str, str]) -> Asked:
    """Every route as everybody, once."""
    return matrix.ask(town, things)


@pytest.fixture
def ids(city: City, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the addresses name, in a city of its own; publishing is only reached, not done."""
    nothing = Folder((), ())
    monkeypatch.setattr(Catalog, "publish_folder", lambda *_: nothing)
    return named(city)


def people(city: City) -> dict[str, TestClient]:
    """A browser for each column, which stops at redirects."""
    return {
        name: TestClient(
            city.app,
            base_url=ORIGIN,
            headers={"origin": ORIGIN},
            cookies={"onevisit": cookie} if cookie else {},
            follow_redirects=False,
        )
        for name, cookie in matrix.cookies_of(city).items()
    }


def send(browser: TestClient, route: str, ids: dict[str, str]) -> Response:
    """Open the address, or send its form from a page that is long out of date."""
    address = address_of(route, ids)
    answer: Response = browser.request(route.split()[0], address, **sent_to(route, address))
    return answer


def test_every_route_answers_everybody_as_the_document_says(asked: Asked) -> None:
    document, found = DOCUMENT.read_text(), told(asked)
    differing = unified_diff(document.splitlines(), found.splitlines(), "docs", "found", n=0)
    assert document == found, "\n".join(differing)


def test_every_route_has_its_line_and_no_fault() -> None:
    lines = expected()
    assert set(lines) == set(routes()) - LEFT_OUT
    words = {"ok", "in", "no", "--"}
    assert [each.route for each in lines.values() if set(each.answers.values()) - words] == []


def test_who_is_turned_away_learns_nothing(town: City, asked: Asked) -> None:
    number = town.case(UUID(asked.ids["case_id"])).number
    assert number is not None
    for route, answers in asked.answers.items():
        for name, answer in answers.items():
            if matrix.word(answer) != "ok":
                said = [secret for secret in (*SECRETS, number) if secret in answer.text]
                assert said == [], f"{name} {route}"


def test_nobody_holds_one_connection_and_waits_for_another(asked: Asked) -> None:
    """Else as many people at once as the pool has connections stop each other for good."""
    assert asked.connections == 1


def test_a_draft_is_its_applicants_alone(town: City, things: dict[str, str]) -> None:
    with town.acting("applicant") as ctx:
        begun = {**things, "case_id": str(draft.start(ctx, "open_restaurant", ANSWERS).id)}
    of_a_case = [each for each in routes() if "{case_id}" in each and "{upload_id}" not in each]
    found = matrix.ask(town, begun, of_a_case, KINDS)
    for route, name in each_of(found):
        wanted = {"anon": {"in"}, "owner": {"ok", "no", "--"}}.get(name, {"no", "--"})
        assert found.word(route, name) in wanted, f"{name} {route}"


def test_what_is_not_there_is_not_there_for_anybody(town: City, things: dict[str, str]) -> None:
    nothing = {name: str(uuid4()) if name.endswith("_id") else "" for name in things}
    nothing |= {"folder": "notices", "file": "gone", "number": "9"}
    of_something = [each for each in routes() if "{" in each]
    found = matrix.ask(town, nothing, of_something, KINDS)
    for route, name in each_of(found):
        wanted = {"in", "--"} if name == "anon" else {"no", "--"}
        assert found.word(route, name) in wanted, f"{name} {route}"


def each_of(found: Asked) -> Iterator[tuple[str, str]]:
    """Route and person of every answer."""
    return ((route, name) for route, answers in found.answers.items() for name in answers)


def test_a_form_that_came_back_can_be_reloaded(city: City, ids: dict[str, str]) -> None:
    """A form with errors is shown under its own address; opening that leads to its page."""
    owners = {"/my": "owner", "/desk": "clerk", "/window": "issue", "/kiosk": "device",
              "/office": "food", "/studio": "admin", "/verify": "anon", "/progress": "anon",
              "/tickets": "clerk", "/watch": "watch", "/me": "owner", "/sign-in": "anon",
              "/deputies": "admin", "/find": "anon"}  # fmt: skip
    browsers = people(city) | {"device": city.client("kiosk")}
    pages = {route.removeprefix("GET ") for route in routes() if route.startswith("GET ")}
    forms = {route.removeprefix("POST ") for route in routes() if route.startswith("POST ")}
    lost = []
    never = {"/sign-out", "/studio/publish", "/demo/clock", "/preferences"}
    for address in sorted(forms - pages - never):
        browser = browsers[owners["/" + address.split("/")[1]]]
        here = address_of(f"GET {address}", ids)
        answer = browser.get(here, follow_redirects=False)
        if answer.status_code != 303:
            lost.append(address)
            continue
        assert browser.get(answer.headers["location"]).status_code in (200, 303, 404), address
    assert lost == []


def test_other_methods_are_refused(city: City, ids: dict[str, str]) -> None:
    owner = people(city)["owner"]
    addresses = {address_of(route, ids) for route in routes()}
    for address in sorted(addresses):
        for method in ("PUT", "PATCH", "DELETE"):
            answer = owner.request(method, address)
            assert answer.status_code == 405 and re.search("<h1>", answer.text), address
