"""Line ends where headers are made: what is typed into addresses that lead on, and what files are
called, becomes no header. (Every route with line ends in its fields: test_every_route.py.)"""

import re
from email.message import Message

from sqlmodel import col, select

from attack.strays import strays
from attack.target import Target
from handed import PDF
from onevisit.store.session import reading
from onevisit.store.tables import Upload

LINES = (
    "/a\r\nSet-Cookie: evil=1\r\n\r\n<p>evil</p>",
    "/a\nX-Evil: 1",
    "/a\rX-Evil: 1",
    "/a%0d%0aX-Evil:%201",
    "/a嘊嘍X-Evil: 1",  # their last bytes are a line end
    "/a\u2028X-Evil: 1\x85\x0b\x0c\x00",
)
NAMES = {
    "raw line ends": "a\r\nX-Evil: 1\r\n\r\n<p>.pdf",
    "coded line ends": "a%0D%0AX-Evil: 1%0D%0A.pdf",
    "a second name": 'a.pdf"; filename="evil.html',
    "another parameter": "a.pdf; filename*=UTF-8''evil.html",
    "a way up": "../../../../evil/演示.pdf",
    "a way up elsewhere": "..\\..\\evil\\演示.pdf",
    "turned round": "演示\u202efdp.exe.pdf",
    "their last bytes are a line end": "演示嘊嘍X-Evil.pdf",
    "very long": "演" * 3000 + ".pdf",
}
MARK = "演示界限"
KIND = b"multipart/form-data; boundary=" + MARK.encode()


def test_no_line_end_in_an_address_that_leads_on_makes_a_header(target: Target) -> None:
    owner, stranger = target.browsers["owner"], target.browsers["anon"]
    found, led = [], 0
    for line in LINES:
        answers = (
            owner.post("/preferences", data={"elder": "on", "back": line}),
            owner.post("/preferences", data={"elder": "on"}, headers={"referer": ascii(line)}),
            owner.get("/sign-in", params={"next": line}),
            owner.post("/find", data={"to": "/search", "q": line}),
            stranger.get("/sign-in/unified", params={"next": line}),
            stranger.get("/my", params={"tab": line}),
            stranger.post("/desk/calls", data={"do": line, "back": line}),
        )
        led += sum("location" in each.headers for each in answers)
        found += [f"{line!r}: {each}" for answer in answers for each in strays(answer)]
        assert all(each.status_code < 500 for each in answers)
    assert found == []
    assert led > 3 * len(LINES), "else nothing was ever led anywhere"


def test_a_file_is_called_what_its_name_says_and_nothing_more(target: Target) -> None:
    case_id = target.city.filled()
    owner, wrong, kept = target.browsers["owner"], [], 0
    for number, (kind, name) in enumerate(NAMES.items()):
        head = f'--{MARK}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        body = f"{head}Content-Type: application/pdf\r\n\r\n".encode() + PDF
        body += f"\n% {number}\r\n--{MARK}--".encode()
        sent = owner.post(
            f"/my/{case_id}/materials/floor_plan", content=body,
            headers=[(b"content-type", KIND)],  # type: ignore[arg-type]  # bytes, unlike a browser
        )  # fmt: skip
        wrong += [f"{kind}: {each}" for each in strays(sent)]
        assert sent.status_code in (303, 400, 422), kind
    with reading(target.city.engine) as session:
        mine = select(Upload.id, Upload.filename).where(Upload.case_id == case_id)
        rows = session.exec(mine.where(col(Upload.material_id) == "floor_plan")).all()
    for upload_id, filename in rows:
        got = owner.get(f"/files/{upload_id}")
        said = Message()
        [said["Content-Disposition"]] = got.headers.get_list("content-disposition")
        called = said.get_filename("")
        kept += got.status_code == 200 and filename != "floor_plan.pdf"
        wrong += [f"{filename}: {each}" for each in strays(got)]
        bad = re.search(r"[\x00-\x1f\x7f/\\\u202a-\u202e]", called) or not called.endswith(".pdf")
        if bad or not 0 < len(called) <= 200:
            wrong.append(f"{filename!r} is called {called!r}")
    assert wrong == []
    assert kept >= 6, "else nothing was ever called anything"
