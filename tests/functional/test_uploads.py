"""Uploads: streamed, judged by content, limited while they arrive, and whole or not at all."""

import asyncio
from collections.abc import Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

import handed
from functional.city import ANSWERS, ORIGIN, PDF, City
from onevisit.cases import draft
from onevisit.store.session import reading
from onevisit.store.tables import Upload

BOUNDARY = "fictional-boundary"
MULTIPART = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}


@pytest.fixture
def small(city: City) -> City:
    """The city with an upload limit of one megabyte."""
    settings = city.settings.model_copy(update={"upload_limit_mb": 1})
    return replace(city, settings=settings, clients={})


def drafted(city: City) -> UUID:
    """An empty draft."""
    with city.acting("applicant") as ctx:
        return draft.start(ctx, "open_restaurant", ANSWERS).id


def kept(city: City) -> list[Upload]:
    """The rows of all uploads."""
    with reading(city.engine) as session:
        return list(session.exec(select(Upload)).all())


def on_disk(city: City) -> list[Path]:
    """Every file that lies in the store."""
    return [path for path in city.settings.shelf.root.rglob("*") if path.is_file()]


def part(name: str, content: bytes) -> bytes:
    """The beginning of a form with one file, up to the end of the content."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    return head.encode() + b"Content-Type: application/pdf\r\n\r\n" + content


OFD = handed.ofd()


@pytest.mark.parametrize(("content", "shown"), [(PDF, "application/pdf"), (OFD, "application/ofd")])
def test_a_file_is_kept_and_shown_as_what_it_is(city: City, content: bytes, shown: str) -> None:
    case_id = drafted(city)
    page = city.client("applicant").post(
        f"/my/{case_id}/materials/floor_plan",
        files={"file": ("平面图.exe", content, "application/octet-stream")},
    )
    assert page.status_code == 200 and "平面图.exe" in page.text
    (row,) = kept(city)
    answer = city.client("applicant").get(f"/files/{row.id}")
    assert answer.content == content
    assert answer.headers["content-type"] == shown
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert city.client("admin").get(f"/files/{row.id}").status_code in (403, 404)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"MZ\x90 program", "只能上传"), (b"<script>alert(1)</script>", "只能上传"), (b"", "空")],
)
def test_a_wrong_kind_is_refused_beside_its_material(city: City, content: bytes, said: str) -> None:
    case_id = drafted(city)
    page = city.client("applicant").post(
        f"/my/{case_id}/materials/floor_plan",
        files={"file": ("平面图.pdf", content, "application/pdf")},
    )
    assert page.status_code == 422
    assert said in page.text and 'href="#upload-floor_plan"' in page.text
    assert kept(city) == [] and on_disk(city) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (handed.pdf(b"<</S/JavaScript/JS(1)>>", root=b"/OpenAction 4 0 R"), "打印成 PDF"),
        (handed.PDF[:60], "打不开"),
        (handed.ofd([("../a.xml", b"<a/>")]), "路径不正常"),
    ],
)
def test_what_would_act_is_refused_beside_its_material(
    city: City, content: bytes, said: str
) -> None:
    case_id = drafted(city)
    page = city.client("applicant").post(
        f"/my/{case_id}/materials/floor_plan",
        files=[
            ("file", ("平面图.pdf", content, "application/pdf")),
            ("file", ("好的.pdf", PDF, "application/pdf")),
        ],
    )
    assert page.status_code == 422
    assert said in page.text and "“平面图.pdf”没有保存" in page.text
    assert [row.filename for row in kept(city)] == ["好的.pdf"]
    assert len(on_disk(city)) == 1


def test_while_no_scanner_answers_nothing_is_taken_and_nothing_lost(city: City) -> None:
    """A socket nobody listens on."""
    case_id = drafted(city)
    address = f"unix://{city.settings.data}/nobody.ctl"
    settings = city.settings.model_copy(update={"clamd": address})
    watched = replace(city, settings=settings, clients={})
    page = watched.client("applicant").post(
        f"/my/{case_id}/materials/floor_plan",
        files={"file": ("平面图.pdf", PDF, "application/pdf")},
    )
    assert page.status_code == 422 and "查毒程序暂时没有应答" in page.text
    assert kept(city) == [] and on_disk(city) == []


def test_what_no_browser_shows_is_only_saved(city: City) -> None:
    case_id = drafted(city)
    for name, content in (("a.pdf", PDF), ("a.ofd", OFD)):
        city.client("applicant").post(
            f"/my/{case_id}/materials/floor_plan", files={"file": (name, content, "a/b")}
        )
    said = {
        row.filename: city.client("applicant")
        .get(f"/files/{row.id}")
        .headers["content-disposition"]
        for row in kept(city)
    }
    assert said["a.pdf"].startswith("inline") and said["a.ofd"].startswith("attachment")


def test_a_form_without_a_file_says_so(city: City) -> None:
    case_id = drafted(city)
    page = city.client("applicant").post(
        f"/my/{case_id}/materials/floor_plan", files={"file": ("", b"", "text/plain")}
    )
    assert page.status_code == 422 and "没有收到文件" in page.text


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 3 * 1024 * 1024])
def test_too_large_is_refused_with_its_limit(small: City, size: int) -> None:
    case_id = drafted(small)
    page = small.client("applicant").post(
        f"/my/{case_id}/materials/floor_plan",
        files={"file": ("平面图.pdf", PDF.ljust(size, b" "), "application/pdf")},
    )
    assert page.status_code == 413
    assert "1 MB" in page.text and 'href="#upload-floor_plan"' in page.text
    assert kept(small) == [] and on_disk(small) == []


def test_a_file_at_the_limit_is_kept(small: City) -> None:
    case_id = drafted(small)
    page = small.client("applicant").post(
        f"/my/{case_id}/materials/floor_plan",
        files={"file": ("平面图.pdf", PDF.ljust(1024 * 1024, b" "), "application/pdf")},
    )
    assert page.status_code == 200
    assert [row.size for row in kept(small)] == [1024 * 1024]


def test_an_endless_upload_is_not_read_to_its_end(small: City) -> None:
    case_id = drafted(small)
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        yield part("平面图.pdf", PDF)
        for _ in range(64):
            sent += 1
            yield b" " * (1024 * 1024)

    page = small.client("applicant").post(
        f"/my/{case_id}/materials/floor_plan", content=endless(), headers=MULTIPART
    )
    assert page.status_code == 413
    assert kept(small) == [] and on_disk(small) == []


@pytest.mark.parametrize(
    "body",
    [
        part("平面图.pdf", PDF),
        part("平面图.pdf", PDF)[:40],
        b"",
        b"--wrong\r\n\r\nnothing",
    ],
)
def test_a_form_cut_off_leaves_nothing(city: City, body: bytes) -> None:
    case_id = drafted(city)
    page = city.client("applicant").post(
        f"/my/{case_id}/materials/floor_plan", content=body, headers=MULTIPART
    )
    assert page.status_code == 422
    assert "没有" in page.text
    assert kept(city) == [] and on_disk(city) == []


def test_a_sender_who_hangs_up_leaves_nothing_and_no_alarm(city: City) -> None:
    """A raw request whose body breaks off, as the server sees it."""
    case_id = drafted(city)
    kept_session = next(each.value for each in city.client("applicant").cookies.jar)
    cookie = f"onevisit={kept_session}"
    headers = MULTIPART | {"cookie": cookie, "sec-fetch-site": "same-origin", "content-length": "9"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/my/{case_id}/materials/floor_plan",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    messages: Iterator[MutableMapping[str, Any]] = iter(
        [
            {"type": "http.request", "body": part("平面图.pdf", PDF), "more_body": True},
            {"type": "http.disconnect"},
        ]
    )
    answered: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return next(messages)

    async def send(message: MutableMapping[str, Any]) -> None:
        answered.append(message)

    with ThreadPoolExecutor(1) as own:  # this thread may be within a loop of the browser tests
        own.submit(asyncio.run, city.app(scope, receive, send)).result()
    assert answered[0]["status"] == 400
    assert kept(city) == [] and on_disk(city) == []


def test_a_stranger_and_another_site_upload_nothing(city: City) -> None:
    case_id = drafted(city)
    address = f"/my/{case_id}/materials/floor_plan"
    files = {"file": ("平面图.pdf", PDF, "application/pdf")}
    stranger = TestClient(
        city.app, base_url=ORIGIN, headers={"origin": ORIGIN}, follow_redirects=False
    )
    assert stranger.post(address, files=files).headers["location"].startswith("/sign-in")
    foreign = {"origin": "https://evil.example"}
    assert city.client("applicant").post(address, files=files, headers=foreign).status_code == 403
    assert kept(city) == [] and on_disk(city) == []


def test_a_file_is_taken_back_and_replaced(city: City) -> None:
    case_id = drafted(city)
    client = city.client("applicant")
    address = f"/my/{case_id}/materials/floor_plan"
    client.post(address, files={"file": ("旧的.pdf", PDF, "application/pdf")})
    (row,) = kept(city)
    page = client.post(f"/my/{case_id}/uploads/{row.id}/remove")
    assert "旧的.pdf" not in page.text
    page = client.post(address, files={"file": ("新的.pdf", PDF, "application/pdf")})
    assert "新的.pdf" in page.text and "旧的.pdf" not in page.text


def test_a_material_that_is_not_asked_is_refused(city: City) -> None:
    case_id = drafted(city)
    page = city.client("applicant").post(
        f"/my/{case_id}/materials/licence_copy",
        files={"file": ("执照.pdf", PDF, "application/pdf")},
    )
    assert page.status_code == 422
    assert kept(city) == [] and on_disk(city) == []
