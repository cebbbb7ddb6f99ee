"""What somebody looks for stands in no address as it is, and only they can open it again."""

import html
import re
from io import BytesIO
from urllib.parse import parse_qs, urlsplit
from zipfile import ZipFile

import pytest
from starlette.testclient import TestClient

from functional.city import APPLICANT_ID, ORIGIN, ROOT, City
from onevisit.store.session import reading
from onevisit.store.tables import Case
from onevisit.web.searching import PAGES

WHO = {
    "/search": "clerk",
    "/desk": "clerk",
    "/office": "market_regulation.handler",
    "/office/certificates": "market_regulation.handler",
    "/window": "window",
    "/studio/accounts": "admin",
}


def looked_for(browser: TestClient, to: str, text: str, **more: str) -> str:
    """The address to which the search leads."""
    answer = browser.post("/find", data={"to": to, "q": text, **more}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


@pytest.mark.parametrize("to", PAGES)
def test_nobodys_number_stands_in_an_address(city: City, to: str) -> None:
    city.accepted()
    browser = city.client(WHO[to])
    page = browser.get(to).text
    forms = re.findall(r"<form[^>]*>.*?</form>", page, re.DOTALL)
    boxes = [each for each in forms if 'name="q"' in each]
    assert boxes and all('method="post" action="/find"' in each for each in boxes)
    where = looked_for(browser, to, f" {APPLICANT_ID}  甲 ")
    assert urlsplit(where).path == to and APPLICANT_ID not in where
    found = browser.get(where).text
    assert f'value="{APPLICANT_ID} 甲"' in found, "it stands in the box again"
    for link in re.findall(r'(?:href|action)="([^"]*)"', found):
        assert APPLICANT_ID not in html.unescape(link)
    back = re.findall(r'name="back" value="([^"]*)"', found)
    assert back and all(APPLICANT_ID not in each for each in back)


def test_what_narrows_the_list_goes_along_and_nothing_else(city: City) -> None:
    clerk = city.client("clerk")
    sent = {"tab": "running", "service": "open_restaurant", "channel": "", "next": "/studio"}
    where = looked_for(clerk, "/desk", "演示", **sent)
    assert set(parse_qs(urlsplit(where).query)) == {"tab", "service", "find"}
    assert looked_for(clerk, "/desk", "  ", tab="closed") == "/desk?tab=closed"
    for to in ("", "/my", "//evil.example", "https://evil.example/"):
        assert clerk.post("/find", data={"to": to, "q": "演示"}).status_code == 422


def test_a_list_that_was_looked_through_is_exported_as_it_is_shown(city: City) -> None:
    case_id = city.accepted()
    with reading(city.engine) as session:
        number = session.get_one(Case, case_id).number or ""
    clerk = city.client("clerk")
    for text, rows in ((number, True), ("查无此人", False)):
        page = clerk.get(looked_for(clerk, "/desk", text, tab="running")).text
        assert (f"/desk/{case_id}" in page) is rows
        [address] = re.findall(r'href="(/exports/desk[^"]*)"', page)
        assert "find=" in address and text not in address
        with ZipFile(BytesIO(clerk.get(html.unescape(address)).content)) as sheet:
            told = b"".join(sheet.read(each) for each in sheet.namelist()).decode(errors="ignore")
        assert (number in told) is rows


def test_only_who_typed_it_opens_it(city: City) -> None:
    clerk, other = city.client("clerk"), city.client("clerk2")
    where = looked_for(clerk, "/search", APPLICANT_ID)
    assert APPLICANT_ID in clerk.get(where).text
    stranger = TestClient(city.app, base_url=ORIGIN, headers={"origin": ORIGIN})
    for browser in (other, stranger):
        assert APPLICANT_ID not in browser.get(where).text
    changed = where[:-6] + ("A" if where[-6] != "A" else "B") + where[-5:]
    for address in (changed, "/search?find=a", "/search?find=%F0%9F", "/search?find=" + "A" * 900):
        answer = clerk.get(address)
        assert answer.status_code == 200 and APPLICANT_ID not in answer.text
    asked = stranger.post("/find", data={"to": "/desk", "q": "演示"}, follow_redirects=False)
    assert asked.headers["location"].startswith("/sign-in")
    assert APPLICANT_ID in stranger.get(looked_for(stranger, "/search", APPLICANT_ID)).text


OPEN = {
    "public": {"/services", "/services/{{ workflow.id }}/start", "/verify"},
    "government": {"/government/reopen"},
    "studio": {"/deputies", "/studio/keys", "/studio/drafts/{{ desk.draft.id }}/try"},
}
"""Forms that write what they hold into an address: names of services, situations, choices of a
list, numbers of cases, and what is printed on a paper."""


def test_no_other_form_writes_what_is_typed_into_an_address() -> None:
    found: dict[str, set[str]] = {}
    for path in (ROOT / "templates/web").rglob("*.html"):
        for tag in re.findall(r"<form[^>]*>", path.read_text(encoding="utf-8")):
            if 'method="post"' not in tag:
                action = re.search(r'action="([^"]*)"', tag)
                found.setdefault(path.parent.name, set()).add(action[1] if action else "here")
    assert found == OPEN
