"""Every route of the application, attacked in the ways that need no knowledge of what it does."""

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient

from attack.strays import strays
from attack.target import GETS, POSTS, Target
from functional.city import ANSWERS
from functional.test_route_matrix import SECRETS, STALE
from onevisit.cases import draft
from onevisit.web.security import HEADERS
from onevisit.web.tracing import HEADER

ELSEWHERE: dict[str, dict[str, str]] = {
    "another site": {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
    "a neighbour": {"sec-fetch-site": "same-site", "origin": "http://testserver"},
    "an old browser": {"origin": "https://evil.example"},
    "an origin that hides": {"origin": "null"},
    "a name that ends like ours": {"origin": "http://testserver.evil.example"},
}
ODD: dict[str, dict[str, Any]] = {
    "json": {"content": b'{"revision": 0}', "headers": {"content-type": "application/json"}},
    "xml": {"content": b"<!DOCTYPE a><a/>", "headers": {"content-type": "application/xml"}},
    "no kind": {"content": b"revision=0"},
    "half a percent": {"content": b"revision=%&a=%zz&=&&%00=%00"},
    "not utf-8": {"content": b"revision=%ff%fe&reason=\xff\xc0\xed\xa0\x80"},
    "utf-16": {"content": "revision=0".encode("utf-16")},
    "no parts": {
        "content": b"--x--",
        "headers": {"content-type": "multipart/form-data; boundary=x"},
    },
    "no boundary": {"content": b"a", "headers": {"content-type": "multipart/form-data"}},
    "a cut part": {
        "content": b'--x\r\nContent-Disposition: form-data; name="file"; filename="a\r\n\r\n',
        "headers": {"content-type": "multipart/form-data; boundary=x"},
    },
    "many fields": {"content": b"&".join(b"f%d=1" % n for n in range(20_000))},
    "a long one": {"content": b"reason=" + b"a" * 3_000_000},
    "twice": {"content": b"revision=0&revision=1&reason=a&reason=b&event=forward&event=approve"},
    "numbers beyond": {"content": b"revision=99999999999999999999&page=-1&number=1e309&day=0"},
    "nested": {"content": b"revision[]=0&__proto__[a]=1&a.b=1&constructor.prototype=1"},
}
STRANGE = (
    "../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd",
    "..%5c..%5cwindows", "%00", "a%00.pdf", "%0d%0aSet-Cookie:%20a=b", "%ed%a0%80", "%ff",
    "' OR 1=1 --", "{{7*7}}", "%3Cscript%3E", "-1", "99999999999999999999", "null", "*",
    "a" * 3000, "😀", "%E2%80%AE", "00000000-0000-0000-0000-000000000000",
)  # fmt: skip
GO_ON = ("next", "back", "return", "return_to", "url", "redirect", "to")
LINK = re.compile(r"""(?:href|action|src|content)=["'](?:https?:)?[/\\]{2}[^"']*""")
ASKED = (
    "q", "tab", "after", "page", "state", "day", "from", "to", "number", "code", "kind", "sort",
    "month", "service", "department", "name", "small", "check", "show", "next", "lang", "view",
)  # fmt: skip
EXTRA = {
    "role": "admin", "roles": "admin", "state": "concluded", "applicant_id": "1", "id": "1",
    "agent_id": "1", "account_id": "1", "password_hash": "x", "department": "tobacco",
    "number": "1", "accepted_at": "2020-01-01", "due": "2099-12-31", "disabled_at": "",
    "decided_at": "2020-01-01", "outcome": "approved", "stage": "whole", "username": "admin",
    "is_admin": "1", "case_id": "1", "holder_id": "1", "valid_until": "2099-12-31",
}  # fmt: skip
HARMLESS = ("application/json", "image/jpeg", "text/plain")


def faults(answer: Response) -> list[str]:
    """What is wrong with any answer at all, however it came about."""
    found = [f"{answer.status_code}"] if answer.status_code >= 500 else []
    found += [each for each in (*HEADERS, HEADER) if len(answer.headers.get_list(each)) != 1]
    if answer.headers.get("cache-control") != "no-store":
        found.append(f"kept: {answer.headers.get('cache-control')}")
    where = answer.headers.get("location", "/")
    if not where.startswith("/") or where.startswith(("//", "/\\")):
        found.append(f"leads away: {where}")
    cookies = [each.lower() for each in answer.headers.get_list("set-cookie")]
    found += [each for each in cookies if "httponly" not in each or "samesite=" not in each]
    found += strays(answer)
    if "root:x:" in answer.text or "Traceback (most" in answer.text:
        found.append("tells what is inside")
    return found


@pytest.fixture
def found() -> Iterator[list[str]]:
    """What was found on the way, told all at once."""
    every: list[str] = []
    yield every
    assert every == [], "\n".join(every)


def test_no_form_is_taken_from_elsewhere(target: Target, found: list[str]) -> None:
    before = target.rows()
    for number, route in enumerate(POSTS):
        for kind, headers in list(ELSEWHERE.items())[number % 2 :: 2]:
            browser = TestClient(target.city.app, base_url="http://testserver", headers=headers)
            browser.cookies = target.who(route).cookies
            answer = target.send(route, browser)
            if answer.status_code != 403 or "请求来源不对" not in answer.text:
                found.append(f"{route} {kind}: {answer.status_code}")
    assert target.rows() == before


def test_no_other_verb_does_anything(target: Target, found: list[str]) -> None:
    before = target.rows()
    known = {tuple(each.split()) for each in (*GETS, *POSTS)}
    verbs = ("PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "PROPFIND", "post")
    addresses = sorted({each.split()[1] for each in (*GETS, *POSTS)})
    for number, address in enumerate(addresses):
        for verb in verbs[number % 4 :: 4]:
            if (verb.upper(), address) in known:
                continue
            answer = target.send(f"{verb} {address}", target.who(f"GET {address}"))
            if answer.status_code not in (404, 405) or faults(answer):
                found.append(f"{verb} {address}: {answer.status_code} {faults(answer)}")
    assert target.rows() == before


def test_no_header_makes_another_verb_of_a_look(target: Target, found: list[str]) -> None:
    for route in GETS[::3]:  # a message counts as read, a paper is drawn, at the first look
        target.send(route)
    before = target.rows()
    sent = {"x-http-method-override": "POST", "x-method-override": "DELETE"}
    for route in GETS[::3]:
        found += [f"{route}: {each}" for each in faults(target.send(route, headers=sent))]
    assert target.rows() == before


def test_no_odd_body_breaks_anything(target: Target, found: list[str]) -> None:
    bodies = list(ODD.items())
    for number, route in enumerate(POSTS):
        for kind, body in bodies[number % 4 :: 4]:
            sent = {"content-type": "application/x-www-form-urlencoded", **body.get("headers", {})}
            answer = target.send(route, **{**body, "headers": sent})
            found += [f"{route} {kind}: {each}" for each in faults(answer)]


def test_no_strange_word_in_an_address_breaks_or_opens_anything(
    target: Target, found: list[str]
) -> None:
    rng = random.Random(7)
    for route in (*GETS, *POSTS):
        for name in [each for each in target.ids if f"{{{each}" in route]:
            for strange in rng.sample(STRANGE, 3):
                answer = target.send(route, address=target.address(route, **{name: strange}))
                allowed = answer.status_code in (303, 400, 401, 403, 404, 405, 409, 422)
                if faults(answer) or not allowed:
                    what = f"{route} {name}={strange[:40]}"
                    found.append(f"{what}: {answer.status_code} {faults(answer)}")


def test_no_strange_question_breaks_anything(target: Target, found: list[str]) -> None:
    rng = random.Random(7)
    for route in GETS:
        query = "&".join(f"{name}={rng.choice(STRANGE[4:])}" for name in (*ASKED, *ASKED[:3]))
        answer = target.send(route, address=f"{target.address(route)}?{query}")
        found += [f"{route}?{query[:300]}: {each}" for each in faults(answer)]


def test_nobody_is_led_away(target: Target, found: list[str]) -> None:
    away = ("https://evil.example/", "//evil.example", "/\\evil.example", "\t//evil.example",
            "/a\r\nX-Evil: 1", "/a\nSet-Cookie: evil=1", "/a嘊嘍X-Evil: 1")  # fmt: skip
    sent = {"referer": "https://evil.example/a", "x-forwarded-host": "evil.example"}
    for number, route in enumerate((*GETS, *POSTS)):
        fields = dict.fromkeys(GO_ON, away[number % len(away)])
        what = {"params": fields} if route.startswith("GET ") else {"data": {**STALE, **fields}}
        answer = target.send(route, headers=sent, **what)
        found += [f"{route}: {each}" for each in faults(answer)]
        found += [f"{route}: {each}" for each in LINK.findall(answer.text) if "evil" in each]


def test_no_extra_field_gives_anybody_anything(target: Target, found: list[str]) -> None:
    """Mass assignment: what only the application may set is sent along with every form."""
    before = target.guarded()
    assert len(before) > 30
    for route in POSTS:
        if target.inside.get(route) == "admin" or "/start/" in route or "walk-in" in route:
            continue  # an admin sets some of these, and a new case is a new row
        answer = target.send(route, data={**EXTRA, **STALE})
        found += [f"{route}: {each}" for each in faults(answer)]
        after = target.guarded()
        if before != after:
            found.append(f"{route} changed what is guarded")
        before = after


def test_an_address_that_mixes_mine_and_others_opens_nothing(
    target: Target, found: list[str]
) -> None:
    """IDOR: my own case in one brace of the address, somebody else's row in the other."""
    with target.city.acting("applicant2") as ctx:
        mine = draft.start(ctx, "open_restaurant", ANSWERS).id
    other, before, tried = target.browsers["other"], target.guarded(), 0
    for route in (*GETS, *POSTS):
        if "{case_id}" in route and route.count("{") > 1:
            tried += 1
            answer = target.send(route, other, address=target.address(route, case_id=str(mine)))
            found += [f"{route}: {each}" for each in SECRETS if each in answer.text]
    assert tried > 5
    assert target.guarded() == before


def test_what_is_handed_out_as_a_file_cannot_act_as_a_page(
    target: Target, found: list[str]
) -> None:
    kinds, opened = set(), 0
    for route in GETS:
        answer = target.send(route)
        found += [f"{route}: {each}" for each in strays(answer)]
        opened += answer.status_code == 200
        kind = answer.headers.get("content-type", "").partition(";")[0]
        if answer.status_code != 200 or kind == "text/html":
            continue
        kinds.add(kind)
        named = answer.headers.get("content-disposition", "").startswith(("inline", "attachment"))
        if not named and kind not in HARMLESS:
            found.append(f"{route}: {kind} without a name")
    assert {"application/pdf", "application/json"} <= kinds
    assert opened > len(GETS) / 2  # else all of this would be attacks on nothing
