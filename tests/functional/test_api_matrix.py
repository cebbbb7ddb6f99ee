"""Every address of the interface and every kind of key: who gets in, read as one table.

The case is accepted; the address names its food item, of market regulation, and a file that the
item needs. Requests that change something are sent with an old revision.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from fastapi.routing import APIRoute
from httpx import Response
from sqlmodel import col, select
from starlette.testclient import TestClient

from functional.city import City
from functional.system import System, client_with, made, today
from onevisit.cases.interface import keys
from onevisit.store.interface_tables import InterfaceKey
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account, Approval, Upload
from onevisit.web.api.app import ROUTERS

TABLE = """
VERB ADDRESS                                               none  cookie gone  over  later off   read  file  sign  whole other
GET  /api/v1/services                                      ok    ok     ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /api/v1/services/{service_id}                         ok    ok     ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /api/v1/papers                                        --    --     --    --    --    --    --    --    --    --    --
GET  /api/problems/{kind}                                  ok    ok     ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /api/v1/approvals                                     in    in     in    in    in    in    ok    no    no    ok    ok
GET  /api/v1/approvals/{approval_id}                       in    in     in    in    in    in    ok    no    no    ok    --
GET  /api/v1/approvals/{approval_id}/materials/{upload_id} in    in     in    in    in    in    no    ok    no    ok    --
POST /api/v1/approvals/{approval_id}/claim                 in    in     in    in    in    in    no    no    ok    ok    --
POST /api/v1/approvals/{approval_id}/release               in    in     in    in    in    in    no    no    ok    ok    --
POST /api/v1/approvals/{approval_id}/sign                  in    in     in    in    in    in    no    no    ok    ok    --
"""  # noqa: E501  # a table
"""Columns: no key, an officer's cookie, a key that was revoked, has expired, has not begun, whose
account was disabled; keys with one scope each, with all that go together; with all, of another
department. ok: reached; in: a key is asked for; no: forbidden; --: not there."""
WORDS = {200: "ok", 412: "ok", 401: "in", 403: "no", 404: "--"}
WHOLE = ("read", "material", "sign:handler")


@dataclass(frozen=True)
class Line:
    """One route and what each kind of key gets."""

    route: str
    answers: dict[str, str]

    def __str__(self) -> str:
        method, address = self.route.split()
        return f"{method:5}{address:54}" + "".join(f"{each:6}" for each in self.answers.values())


def routes() -> Iterator[str]:
    """Every route of the interface as METHOD ADDRESS."""
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            for method in sorted(route.methods):
                yield f"{method} {route.path}"


def expected() -> dict[str, Line]:
    """The table above, by route."""
    head, *lines = [line.split() for line in TABLE.strip().splitlines()]
    found = (Line(" ".join(line[:2]), dict(zip(head[2:], line[2:], strict=True))) for line in lines)
    return {line.route: line for line in found}


def columns(city: City) -> dict[str, TestClient]:
    """A client for each column."""
    food, days = "market_regulation", timedelta(days=9)
    gone, gone_secret = made(city, food, *WHOLE)
    with city.acting("admin") as ctx:
        keys.revoke(ctx, gone)
    over, over_secret = made(city, food, *WHOLE)
    _, later_secret = made(city, food, *WHOLE, first=today() + days)
    off, off_secret = made(city, food, *WHOLE)
    with writing(city.engine) as session:
        row = session.get_one(InterfaceKey, over)
        row.first_day, row.last_day = today() - days, today() - timedelta(days=1)
        session.get_one(Account, session.get_one(InterfaceKey, off).account_id).disabled = True
    cookie = city.client(f"{food}.handler").cookies["onevisit"]
    officer = client_with(city, None)
    officer.cookies.set("onevisit", cookie, domain="testserver.local")
    return {
        "none": client_with(city, None),
        "cookie": officer,
        "gone": client_with(city, gone_secret),
        "over": client_with(city, over_secret),
        "later": client_with(city, later_secret),
        "off": client_with(city, off_secret),
        "read": client_with(city, made(city, food, "read")[1]),
        "file": client_with(city, made(city, food, "material")[1]),
        "sign": client_with(city, made(city, food, "sign:handler")[1]),
        "whole": client_with(city, made(city, food, *WHOLE)[1]),
        "other": client_with(city, made(city, "tobacco", *WHOLE)[1]),
    }


def send(client: TestClient, route: str, ids: dict[str, str]) -> Response:
    """Look at the address, or act from a revision that is long out of date."""
    method, address = route.split()
    robot = System(client, uuid4(), "")
    address = address.format_map(ids)
    if method == "GET":
        return robot.get(address, params={"number": "1", "code": "1"})
    return robot.post(address, {"event": "forward"}, revision=0)


@pytest.fixture
def ids(city: City) -> dict[str, str]:
    """What the addresses name."""
    case_id = city.accepted()
    with reading(city.engine) as session:
        statement = select(Upload.id).where(
            col(Upload.case_id) == case_id, Upload.material_id == "floor_plan"
        )
        upload_id = session.exec(statement).one()
    return {
        "approval_id": str(city.approval(case_id, "food").id),
        "upload_id": str(upload_id),
        "service_id": "open_restaurant",
        "kind": "stale",
    }


def test_every_address_answers_every_key_as_the_table_says(city: City, ids: dict[str, str]) -> None:
    clients, table = columns(city), expected()
    found = {}
    for route in routes():
        sent = {name: send(client, route, ids).status_code for name, client in clients.items()}
        words = {name: WORDS.get(status, str(status)) for name, status in sent.items()}
        found[route] = Line(route, words)
    differing = [str(line) for route, line in found.items() if table.get(route) != line]
    assert not differing, "not as in the table:\n" + "\n".join(differing)
    assert table.keys() == found.keys(), "a line without its route"


def test_what_is_not_accepted_is_not_there_for_anybody(city: City, ids: dict[str, str]) -> None:
    case_id = city._submit()
    with reading(city.engine) as session:
        rows = session.exec(select(Approval).where(col(Approval.case_id) == case_id)).all()
    waiting = [str(row.id) for row in rows]
    clients = columns(city)
    assert waiting, "the items are there before they are accepted"
    for approval_id in (*waiting, str(UUID(int=7)), "7"):
        for route in routes():
            if "{approval_id}" in route:
                answer = send(clients["whole"], route, ids | {"approval_id": approval_id})
                assert answer.status_code == 404, f"{route} {answer.text}"


def test_other_methods_are_refused(city: City, ids: dict[str, str]) -> None:
    client = client_with(city, made(city, "tobacco", *WHOLE)[1])
    for address in sorted({route.split()[1].format_map(ids) for route in routes()}):
        for method in ("PUT", "PATCH", "DELETE"):
            answer = client.request(method, address)
            assert answer.status_code == 405 and answer.headers["allow"], address
            assert answer.json()["type"] == "/api/problems/method"
