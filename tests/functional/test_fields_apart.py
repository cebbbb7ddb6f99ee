"""Never a byte more on the pages either: officers open everything that any page of theirs leads to,
and nowhere is a field or a file of other items (x-for; 个人信息保护法第六条)."""

import io
import re
import zipfile
from collections import deque
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from httpx import Response
from pypdf import PdfReader
from sqlmodel import select
from starlette.testclient import TestClient

from functional.city import DEPARTMENTS, City
from functional.marked import PERSON, granted, marked
from onevisit.store.session import reading
from onevisit.store.tables import Approval, Case, Upload

MOST = 400
"""Pages of one walk; a walk that is cut off proves nothing and fails."""
BEGINNINGS = ("/office", "/search", "/office/calendar", "/messages", "/phrases", "/deputies")
LINK = re.compile(r"""(?:href|src)="(/[^"#]*)""")
PUBLIC = ("/static/", "/services", "/samples", "/verify", "/sign-")
ROLES = ("handler", "reviewer", "decider")


def walk(client: TestClient, beginnings: tuple[str, ...]) -> Iterator[Response]:
    """Every answer behind these addresses and whatever they lead to, each kind of question once;
    pages about services and static files, which are everybody's, are left out."""
    waiting, seen = deque(beginnings), {kind_of(each) for each in beginnings}
    while waiting:
        answer = client.get(waiting.popleft(), follow_redirects=True)
        yield answer
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        for found in LINK.findall(answer.text):
            address = urljoin("/", unescape(found))
            if kind_of(address) not in seen and not urlsplit(address).path.startswith(PUBLIC):
                seen.add(kind_of(address))
                waiting.append(address)
        assert len(seen) < MOST, "the walk does not end"


def kind_of(address: str) -> tuple[str, ...]:
    """An address without the values of its query: another month is another look at the same."""
    parts = urlsplit(address)
    return (parts.path, *sorted(name for name, _ in parse_qsl(parts.query, keep_blank_values=True)))


def words(answer: Response) -> str:
    """What an answer says, whatever kind of file it is."""
    kind = answer.headers.get("content-type", "")
    said = str(answer.headers)
    if kind == "application/pdf":
        pages = PdfReader(io.BytesIO(answer.content)).pages
        return said + "".join(page.extract_text() for page in pages)
    if "spreadsheet" in kind:
        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            return said + "".join(book.read(name).decode() for name in book.namelist())
    return said + unescape(answer.text)


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_officers_meet_only_what_their_items_need(city: City, department: str) -> None:
    marks = marked(city)
    definition = city.catalog.current("open_restaurant").definition
    with reading(city.engine) as session:
        rows = list(session.exec(select(Approval)))
        number = session.exec(select(Case.number)).one()
        uploads = {f"/files/{each.id}": each.material_id for each in session.exec(select(Upload))}
    own = {row.item_id for row in rows if row.department == department}
    allowed = set().union(*(granted(definition, each) for each in own))
    needed = {m.id for m in definition.workflow.materials if own & set(m.items)}
    forbidden = [mark for name, mark in marks.items() if name not in allowed]
    forbidden += [f"mark-of-{each}." for each in set(uploads.values()) - needed]
    forbidden += PERSON.values()
    assert forbidden
    met: set[str] = set()
    for role in ROLES:
        client = city.client(f"{department}.{role}")
        others = [f"/office/{row.id}" for row in rows if row.department != department]
        guessed = (*others, *uploads, f"/search?q={number}", f"/office?q={number}")
        for answer in walk(client, (*BEGINNINGS, *guessed)):
            text = words(answer)
            leaked = [mark for mark in forbidden if mark in text]
            assert leaked == [], f"{role} {answer.url}"
            met |= {name for name in allowed & marks.keys() if marks[name] in text}
    assert met, "whoever is granted nothing was looked at in vain"
