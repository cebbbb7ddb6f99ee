"""Only our own pages may send a form; nobody is sent to another site after signing in."""

import pytest
from starlette.datastructures import Headers

from onevisit.web.resume import safe_path
from onevisit.web.security import POLICY, same_site


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://city.example", "host": "city.example"},
         False),
        ({"origin": "http://city.example", "host": "city.example"}, True),
        ({"origin": "http://city.example:81", "host": "city.example"}, False),
        ({"origin": "http://evil.example", "host": "city.example"}, False),
        ({"origin": "null", "host": "city.example"}, False),
        ({"host": "city.example"}, False),
        ({}, False),
    ],
)  # fmt: skip
def test_who_may_send_a_form(headers: dict[str, str], ours: bool) -> None:
    assert same_site(Headers(headers)) is ours


@pytest.mark.parametrize("address", ["/my", "/services/x/result?area=80&a=b", "/"])
def test_a_path_of_ours_is_kept(address: str) -> None:
    assert safe_path(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "my",
        "//evil.example",
        "/\\evil.example",
        "/a\\b",
        "https://evil.example/",
        "javascript:alert(1)",
        "/my\nLocation: x",
        "http:/my",
    ],
)
def test_anything_else_is_dropped(address: str) -> None:
    assert safe_path(address) == ""


def test_the_policy_allows_nothing_inline() -> None:
    assert "unsafe" not in POLICY
    assert "default-src 'none'" in POLICY
