"""A department's own system works on its items with a key, by the rules of the office's pages."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from functional.city import PDF, City, populate, settings_in
from functional.system import ALL_OF, APPROVALS, System, client_with, system
from onevisit.cases.interface import answers
from onevisit.store.evidence import verify_ledger
from onevisit.store.interface_tables import InterfaceKey, KeptAnswer
from onevisit.store.session import reading, writing
from onevisit.store.tables import Account, LedgerEntry
from onevisit.web.api.pace import Pace

FORWARD = {"event": "forward", "opinion": "材料齐全，同意。"}


@pytest.fixture
def town(tmp_path: Path, database_url: str) -> Iterator[City]:
    """A city on this database, on either kind."""
    settings = settings_in(tmp_path / "town").model_copy(update={"database_url": database_url})
    populate(settings)
    city = City(settings)
    yield city
    city.app.state.site.engine.dispose()
    city.engine.dispose()


def food(city: City) -> tuple[UUID, str]:
    """An accepted case, and the address of its food item."""
    case_id = city.accepted()
    return case_id, f"{APPROVALS}/{city.approval(case_id, 'food').id}"


def entries(city: City, case_id: UUID) -> list[LedgerEntry]:
    """What the ledger holds of the food item."""
    with reading(city.engine) as session:
        statement = select(LedgerEntry).where(
            LedgerEntry.case_id == case_id, LedgerEntry.region == "food"
        )
        return list(session.exec(statement.order_by(LedgerEntry.seq)))  # type: ignore[arg-type]  # a column on the class


def test_a_system_signs_the_step_that_its_key_is_for(town: City) -> None:
    case_id, address = food(town)
    robot = system(town, "market_regulation", *ALL_OF["handler"])
    listed = robot.get(APPROVALS, params={"which": "mine"}).json()
    assert address.rpartition("/")[2] in {row["approval_id"] for row in listed["rows"]}
    seen = robot.get(address)
    assert seen.headers["etag"] == f'"{seen.json()["revision"]}"'
    assert "forward" in {act["event"] for act in seen.json()["acts"]}
    signed = robot.post(f"{address}/sign", FORWARD, revision=seen.json()["revision"])
    assert signed.status_code == 200, signed.text
    assert signed.json()["state"]["state"] == "review" and signed.json()["joined"] is False
    assert signed.headers["etag"] == f'"{town.approval(case_id, "food").revision}"'
    last = entries(town, case_id)[-1]
    assert (last.act, last.actor_role) == ("forward", "handler")
    assert last.detail["interface"] == str(robot.key_id)
    with reading(town.engine) as session:
        key = session.get_one(InterfaceKey, robot.key_id)
        assert last.actor_id == key.account_id and key.last_used_at is not None
        assert verify_ledger(session, case_id) == []


def test_three_systems_take_an_item_to_its_decision(city: City) -> None:
    case_id, address = food(city)
    city.approve(case_id, "licence")
    for role, event in (("handler", "forward"), ("reviewer", "forward"), ("decider", "approve")):
        if role == "decider":
            city.inspect(case_id, "food")
        robot = system(city, "market_regulation", *ALL_OF[role])
        revision = robot.get(address).json()["revision"]
        answer = robot.post(f"{address}/sign", FORWARD | {"event": event}, revision=revision)
        assert answer.status_code == 200, answer.text
    assert city.approval(case_id, "food").state == "approved"
    done = robot.get(APPROVALS, params={"which": "done"}).json()["rows"]
    assert address.rpartition("/")[2] in {row["approval_id"] for row in done}
    with reading(city.engine) as session:
        assert verify_ledger(session, case_id) == []


def test_a_refusal_needs_its_reasons_and_loses_nothing(city: City) -> None:
    case_id, address = food(city)
    city.act(case_id, "food", "forward")
    robot = system(city, "market_regulation", *ALL_OF["reviewer"])
    revision = city.approval(case_id, "food").revision
    refused = robot.post(f"{address}/sign", {"event": "send_back"}, revision=revision, named="a")
    assert refused.status_code == 422 and refused.json()["type"] == "/api/problems/invalid"
    assert [each["path"] for each in refused.json()["errors"]] == ["reasons"]
    body = {"event": "send_back", "reasons": "请补充现场照片\x00\u202e"}
    done = robot.post(f"{address}/sign", body, revision=revision, named="a")
    assert done.status_code == 200, "a refused request may be mended under its name"
    assert entries(city, case_id)[-1].detail["reasons"] == "请补充现场照片"


def test_the_same_request_twice_does_one_thing(town: City) -> None:
    case_id, address = food(town)
    robot = system(town, "market_regulation", *ALL_OF["handler"])
    revision = town.approval(case_id, "food").revision
    first = robot.post(f"{address}/sign", FORWARD, revision=revision, named="same")
    known = len(entries(town, case_id))
    again = robot.post(f"{address}/sign", FORWARD, revision=revision, named='"same"')
    assert (again.status_code, again.text) == (200, first.text)
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert len(entries(town, case_id)) == known
    other = robot.post(
        f"{address}/sign", FORWARD | {"opinion": "另"}, revision=revision, named="same"
    )
    assert other.status_code == 422
    assert other.json()["type"] == "/api/problems/idempotency-key-reused"
    elsewhere = robot.post(f"{address}/claim", named="same")
    assert elsewhere.status_code == 422, "another address is another request"
    neighbour = system(town, "market_regulation", *ALL_OF["reviewer"])
    assert neighbour.post(f"{address}/claim", named="same").status_code == 200


def test_answers_are_kept_for_a_day(city: City) -> None:
    case_id, address = food(city)
    robot = system(city, "market_regulation", *ALL_OF["handler"])
    revision = city.approval(case_id, "food").revision
    robot.post(f"{address}/sign", FORWARD, revision=revision, named="old")
    with writing(city.engine) as session:
        kept = session.exec(select(KeptAnswer)).one()
        kept.at -= timedelta(hours=24)
    again = robot.post(f"{address}/sign", FORWARD, revision=revision, named="old")
    assert again.status_code == 412, "not the old answer, but asked anew"

    def begin() -> object:
        return writing(city.engine)

    now, files = datetime.now(UTC), city.app.state.site.files
    assert answers.run_expired(begin, city.catalog, files, now) == 1  # type: ignore[arg-type]  # what writing() returns
    assert answers.run_expired(begin, city.catalog, files, now) == 0  # type: ignore[arg-type]  # as above
    robot.post(f"{address}/claim", named="young")
    assert answers.run_expired(begin, city.catalog, files, now) == 0  # type: ignore[arg-type]  # as above


def test_the_same_request_at_the_same_moment_is_told_to_wait(town: City) -> None:
    """On PostgreSQL; on SQLite the second one waits for the first by itself."""
    if town.engine.dialect.name == "sqlite":
        pytest.skip("one transaction writes at a time")
    _, address = food(town)
    robot = system(town, "market_regulation", *ALL_OF["handler"])
    held = answers.Asked("busy", "0" * 64)
    with town.acting("market_regulation.handler") as ctx:
        assert answers._alone(ctx.session, robot.key_id, held.name)
        waiting = robot.post(f"{address}/claim", named="busy")
        assert waiting.status_code == 409
        assert waiting.json()["type"] == "/api/problems/in-progress"
    assert robot.post(f"{address}/claim", named="busy").status_code == 200


def test_officers_see_what_a_system_has_in_hand(city: City) -> None:
    case_id, address = food(city)
    robot = system(city, "market_regulation", *ALL_OF["handler"])
    assert robot.post(f"{address}/claim").json()["claimed"] is True
    page = city.client("market_regulation.handler").get(
        address.replace("/api/v1/approvals", "/office")
    )
    assert "演示审批系统（系统接口）" in page.text
    assert robot.get(address).json()["claimed"]["mine"] is True
    assert robot.post(f"{address}/release").json()["claimed"] is False
    assert robot.get(address).json()["claimed"] is None
    assert city.approval(case_id, "food").state == "handle"


def test_material_comes_as_a_file_to_keep(city: City) -> None:
    _, address = food(city)
    robot = system(city, "market_regulation", "read", "material")
    files = {
        file["filename"]: file["id"]
        for row in robot.get(address).json()["materials"]
        for file in row["uploads"]
    }
    answer = robot.get(f"{address}/materials/{files['floor_plan.pdf']}")
    assert answer.content == PDF and answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert robot.get(f"{address}/materials/{uuid4()}").status_code == 404


@pytest.mark.parametrize(
    ("headers", "status", "kind"),
    [
        ({"if-match": '"1"'}, 400, "idempotency-key"),
        ({"idempotency-key": "a b", "if-match": '"1"'}, 400, "idempotency-key"),
        ({"idempotency-key": "x" * 101, "if-match": '"1"'}, 400, "idempotency-key"),
        ({"idempotency-key": "a"}, 428, "if-match"),
        ({"idempotency-key": "a", "if-match": "*"}, 400, "malformed"),
        ({"idempotency-key": "a", "if-match": '"0"'}, 412, "stale"),
    ],
)
def test_headers_that_a_signature_needs(
    city: City, headers: dict[str, str], status: int, kind: str
) -> None:
    _, address = food(city)
    robot = system(city, "market_regulation", *ALL_OF["handler"])
    answer = robot.client.post(f"{address}/sign", json=FORWARD, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/api/problems/{kind}")
    assert answer.headers["content-type"] == "application/problem+json"
    assert robot.get(answer.json()["type"]).json()["status"] == status


@pytest.mark.parametrize(
    ("content", "kind", "status", "told"),
    [
        (b"{", "application/json", 400, "malformed"),
        (b"[]", "application/json", 422, "invalid"),
        (b"{}", "application/json", 422, "invalid"),
        (b'{"event": "forward", "state": "approved"}', "application/json", 422, "invalid"),
        (b'{"event": "forward", "opinion": 5}', "application/json", 422, "invalid"),
        (b'{"event": "no_such_event"}', "application/json; charset=utf-8", 409, "not-possible"),
        (b"event=forward", "application/x-www-form-urlencoded", 415, "not-json"),
        (b" " * 70_000, "application/json", 413, "too-large"),
    ],
)
def test_content_that_cannot_be_used(
    city: City, content: bytes, kind: str, status: int, told: str
) -> None:
    case_id, address = food(city)
    robot = system(city, "market_regulation", *ALL_OF["handler"])
    headers = {
        "content-type": kind, "idempotency-key": "a",
        "if-match": f'"{city.approval(case_id, "food").revision}"',
    }  # fmt: skip
    answer = robot.client.post(f"{address}/sign", content=content, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/api/problems/{told}"), (
        answer.text
    )
    assert city.approval(case_id, "food").state == "handle"


def test_a_list_goes_on_where_a_page_ended(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    city.accepted()
    inbox = sys.modules["onevisit.cases.views.office_inbox"]  # its name is also a function's
    monkeypatch.setattr(inbox, "PAGE", 1)
    robot = system(city, "market_regulation", "read")
    found, after = [], ""
    while True:
        page = robot.get(APPROVALS, params={"after": after}).json()
        found += [row["approval_id"] for row in page["rows"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert len(found) == len(set(found)) == 2
    assert robot.get(APPROVALS, params={"which": "done"}).json() == {"rows": [], "next": None}
    for nonsense in ("nonsense", "Pw", "%ff", "MjAyNi0wMS0wMXw"):
        assert robot.get(APPROVALS, params={"after": nonsense}).status_code == 422


def test_who_asks_too_fast_waits(city: City) -> None:
    now = [0.0]
    api = city.app.state.api
    api.state.pace = Pace(2, lambda: now[0])
    robot, other = system(city, "tobacco", "read"), system(city, "tobacco", "read")
    assert [robot.get(APPROVALS).status_code for _ in range(3)] == [200, 200, 429]
    refused = robot.get(APPROVALS)
    assert refused.headers["retry-after"] == "30" and "秒" in refused.json()["detail"]
    assert other.get(APPROVALS).status_code == 200
    now[0] += 30
    assert robot.get(APPROVALS).status_code == 200


def test_cookies_open_nothing_here_and_keys_open_no_page(city: City) -> None:
    _, address = food(city)
    browser = city.client("market_regulation.handler")
    assert browser.get("/office").status_code == 200
    refused = browser.get(address)
    assert refused.status_code == 401 and refused.headers["www-authenticate"].startswith("Bearer")
    robot = system(city, "market_regulation", *ALL_OF["handler"])
    for page in ("/office", address.replace("/api/v1/approvals", "/office"), "/my", "/studio/keys"):
        answer = robot.get(page)
        assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
    assert "set-cookie" not in robot.get(address).headers


def test_nobody_signs_in_as_a_system(city: City) -> None:
    robot = system(city, "tobacco", "read")
    with reading(city.engine) as session:
        key = session.get_one(InterfaceKey, robot.key_id)
        account = session.get_one(Account, key.account_id)
        assert not account.staff and robot.secret not in account.password_hash
        assert key.secret_hash != robot.secret and robot.secret.startswith("ovk_")
        username = account.username
    browser = client_with(city, None)
    typed = {"username": username, "password": robot.secret}
    answer = browser.post("/sign-in", data=typed, headers={"origin": "http://testserver"})
    assert answer.status_code != 303 or not answer.headers["location"].startswith("/office")
    assert username not in city.client("admin").get("/studio/accounts").text


def test_the_document_tells_of_the_interface_alone(city: City) -> None:
    document = client_with(city, None).get("/api/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert all(path.startswith("/api/") for path in document["paths"])
    for path, operations in document["paths"].items():
        for operation in operations.values():
            secured = bool(operation.get("security"))
            assert secured == ("/approvals" in path), path
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    assert list(response["content"]) == ["application/problem+json"], path
    for page in ("/docs", "/redoc", "/openapi.json", "/api/docs", "/api/redoc", "/api/"):
        assert client_with(city, None).get(page).status_code == 404


def test_a_fault_of_ours_tells_nothing_of_itself(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    robot = system(city, "tobacco", "read")

    def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("onevisit.web.api.approvals.office.waiting", fail)
    answer = robot.get(APPROVALS)
    assert answer.status_code == 500 and answer.json()["type"] == "/api/problems/broken"
    assert "secret detail" not in answer.text and "Traceback" not in answer.text


def test_the_public_asks_without_a_key(city: City) -> None:
    anybody = System(client_with(city, None), uuid4(), "")
    ids = {each["id"] for each in anybody.get("/api/v1/services").json()}
    assert "open_restaurant" in ids
    guide = anybody.get("/api/v1/services/open_restaurant").json()
    assert guide["promised_visits"] <= 1 and guide["items"] and guide["materials"]
    assert anybody.get("/api/v1/services/none").status_code == 404
    wrong = anybody.get("/api/v1/papers", params={"number": "1", "code": "2"})
    assert wrong.status_code == 404
    assert anybody.get("/api/v1/papers").status_code == 422
