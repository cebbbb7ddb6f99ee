"""What operators live by: names of requests, figures, logs without people, and an orderly end."""

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID, uuid4

import httpx
import pytest
import structlog
from pydantic import SecretStr
from starlette.testclient import TestClient

from functional.city import ANSWERS, APPLICANT_ID, CHECKED, FORM, ORIGIN, PDF, City
from functional.node import Node
from onevisit import logs
from onevisit.store.session import reading
from onevisit.web.tracing import HEADER

KEY = "a-key-for-tests-alone"
BOUNDARY = "fictional-boundary"


def with_settings(city: City, **changed: object) -> City:
    """The same city under other settings."""
    return replace(city, settings=city.settings.model_copy(update=changed), clients={})


@pytest.mark.parametrize("given", ["abcd-1234_XYZ", "0" * 64])
def test_a_name_from_the_proxy_is_kept(city: City, given: str) -> None:
    answer = city.client("applicant").get("/my", headers={HEADER: given})
    assert answer.headers.get_list(HEADER) == [given]


@pytest.mark.parametrize("given", [None, "", "short", "with blank in it", "a" * 65, "名字名字名字"])
def test_any_other_is_replaced(city: City, given: str | None) -> None:
    sent = {} if given is None else {HEADER: given.encode()}
    names = [TestClient(city.app).get("/healthz", headers=sent).headers[HEADER] for _ in range(2)]
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in names)
    assert len({*names, given}) == 3


def test_a_failure_names_itself_on_the_page_and_in_the_log(
    city: City, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    city.client("clerk")  # signs in

    def fail(*_: object) -> None:
        structlog.get_logger().warning("about_to_fail")
        raise ValueError("演示申请人甲 " + APPLICANT_ID)

    monkeypatch.setattr("onevisit.web.desk.page", fail)
    browser = TestClient(city.app, base_url=ORIGIN, raise_server_exceptions=False)
    browser.cookies = city.client("clerk").cookies
    answer = browser.get("/desk", headers={HEADER: "named-by-the-proxy"})
    assert answer.status_code == 500
    assert answer.headers[HEADER] == "named-by-the-proxy" and "named-by-the-proxy" in answer.text
    logged = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert {each["request_id"] for each in logged} == {"named-by-the-proxy"}
    answered = next(each for each in logged if each["event"] == "answered")
    assert (answered["route"], answered["status"]) == ("/desk", 500)
    assert not [each for each in logged if APPLICANT_ID in str(each) or "演示" in str(each)]


def test_figures_are_for_who_has_the_key(city: City) -> None:
    assert TestClient(city.app).get("/metrics").status_code == 404
    watched = with_settings(city, metrics_key=SecretStr(KEY))
    browser = TestClient(watched.app)
    for said in (None, "", KEY, f"Basic {KEY}", f"Bearer {KEY}x", "Bearer "):
        sent = {"authorization": said} if said is not None else {}
        assert browser.get("/metrics", headers=sent).status_code == 404


def test_figures_tell_how_it_goes_and_name_nobody(city: City) -> None:
    case_id = city.submitted()
    watched = with_settings(city, metrics_key=SecretStr(KEY))
    watched.client("applicant").get(f"/my/{case_id}")
    watched.client("applicant").get(f"/my/{uuid4()}")
    watched.client("applicant").get("/no/such/page/演示申请人甲")
    watched.client("applicant").request("BREW", "/my")
    with reading(watched.app.state.site.engine) as session:
        session.connection()  # what a request that is under way holds
        answer = TestClient(watched.app).get("/metrics", headers={"authorization": f"Bearer {KEY}"})
    assert "onevisit_database_connections_in_use 1.0" in answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    counted = 'onevisit_requests_total{method="GET",route="/my/{case_id}",status="%s"} 1.0'
    assert counted % 200 in answer.text and counted % 404 in answer.text
    assert 'method="OTHER"' in answer.text and 'route="unknown"' in answer.text
    waiting = re.search(r'onevisit_work{kind="document",state="waiting"} (\S+)', answer.text)
    oldest = re.search(r'onevisit_work_oldest_seconds{kind="document"} (\S+)', answer.text)
    sessions = re.search(r"^onevisit_sessions (\S+)", answer.text, re.MULTILINE)
    assert sessions and 1 <= float(sessions[1]) < 100
    assert waiting and float(waiting[1]) >= 1 and oldest and float(oldest[1]) > 0
    assert str(case_id) not in answer.text and "演示" not in answer.text


def test_a_whole_journey_leaves_no_person_in_the_log(
    city: City, capsys: pytest.CaptureFixture[str]
) -> None:
    browser = city.client("applicant")
    started = browser.post(
        "/my/start/open_restaurant",
        data={name: str(value).lower() for name, value in ANSWERS.items()},
        follow_redirects=False,
    )
    case_id = UUID(started.headers["location"].split("/")[2])
    typed = {name: value for name, value in FORM.items() if isinstance(value, str)}
    for section in ("operator", "premises", "people"):
        browser.post(f"/my/{case_id}/form/{section}", data=typed | {"revision": "1"})
    browser.post(
        f"/my/{case_id}/materials/floor_plan",
        files={"file": ("演示申请人甲的平面图.pdf", PDF, "application/pdf")},
    )
    browser.get(f"/search?q={FORM['phone']}")
    browser.get(f"/my/{case_id}?name=演示申请人甲")
    city.client("clerk").post(f"/desk/{case_id}/accept", data=CHECKED | {"revision": "0"})
    logged = capsys.readouterr().err
    assert f'"case_id": "{case_id}"' in logged and "/my/{case_id}/form/{section_id}" in logged
    told = [*typed.values(), "演示申请人甲", "平面图", "only-for-tests"]
    assert [each for each in told if each in logged] == []


def test_libraries_log_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    logs.configure()
    try:
        raise ValueError("Key (name)=(演示申请人甲) 19900000000")  # noqa: TRY301
    except ValueError:
        logs.logging.getLogger("another.package").exception("failed for %s", "19900000000")
    (line,) = capsys.readouterr().err.splitlines()
    said = json.loads(line)
    assert said["event"] == "failed for …" and said["level"] == "error"
    assert said["exception"].endswith("ValueError: Key (name)=(…) …")


@pytest.mark.parametrize(
    ("host", "status"),
    [("ybb.example", 200), ("YBB.example:443", 200), ("evil.example", 400), ("", 400)],
)
def test_only_our_own_names_are_answered(city: City, host: str, status: int) -> None:
    ours = with_settings(city, hosts="ybb.example, www.ybb.example")
    browser = TestClient(ours.app)
    answer = browser.get("/services", headers={"host": host})
    assert answer.status_code == status
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert browser.get("/healthz", headers={"host": "10.0.0.9"}).status_code == 200


class Slow:
    """A form whose last part is sent when the test says so."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n'
        yield head.encode() + b"Content-Type: application/pdf\r\n\r\n" + PDF[:40]
        self.begun.set()
        assert self.go_on.wait(120)
        yield PDF[40:] + f"\r\n--{BOUNDARY}--\r\n".encode()


def test_asked_to_end_it_says_so_and_answers_what_it_has_begun(city: City) -> None:
    city.client("applicant")  # signs in
    with city.acting("applicant") as ctx:
        from onevisit.cases import draft

        case_id = draft.start(ctx, "open_restaurant", ANSWERS).id
    node = Node(city.settings.model_copy(update={"drain_seconds": 600}))
    node.start()
    slow, answers = Slow(), list[httpx.Response]()
    upload = threading.Thread(
        target=lambda: answers.append(
            httpx.post(
                f"{node.address}/my/{case_id}/materials/floor_plan",
                content=slow,
                headers={
                    "content-type": f"multipart/form-data; boundary={BOUNDARY}",
                    "origin": node.address,
                    "cookie": f"onevisit={city.cookies['applicant']}",
                },
                timeout=120,
            )
        )
    )
    upload.start()
    try:
        assert slow.begun.wait(120)
        assert httpx.get(f"{node.address}/readyz", timeout=60).status_code == 200
        node.ask_to_end()
        while httpx.get(f"{node.address}/readyz", timeout=60).status_code != 503:
            pass
        assert httpx.get(f"{node.address}/healthz", timeout=60).status_code == 200
        node.ask_to_end()  # the operator waits no longer
    finally:
        slow.go_on.set()
        upload.join()
    assert answers[0].status_code == 303 and answers[0].headers["location"].startswith("/my/")
    assert node.ended() == 0
