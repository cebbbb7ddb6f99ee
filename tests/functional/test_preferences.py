"""How somebody wants to see pages: kept by their browser for a year, asked of nobody else."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from functional.city import ORIGIN, City
from onevisit.web import wishes
from onevisit.web.wishes import COOKIE, Wishes

STATIC = Path(wishes.__file__).parent / "static"


@pytest.fixture
def browser(city: City) -> TestClient:
    """A browser in which nobody is signed in."""
    return TestClient(city.app, base_url=ORIGIN, headers={"origin": ORIGIN}, follow_redirects=False)


def html_of(page: str) -> tuple[bool, str, str]:
    """Whether it is the 关怀版, its color-scheme, and for which media it is dark."""
    scheme = re.search(r'name="color-scheme" content="([^"]+)"', page)
    media = re.search(r'dark\.css" media="([^"]+)"', page)
    assert scheme is not None
    assert media is not None
    return 'class="ov-elder"' in page, scheme.group(1), media.group(1)


def test_pages_follow_the_system_until_somebody_chooses(browser: TestClient) -> None:
    auto = (False, "light dark", "screen and (prefers-color-scheme: dark)")
    assert html_of(browser.get("/services").text) == auto
    browser.post("/preferences", data={"theme": "dark"})
    assert html_of(browser.get("/services").text) == (False, "dark", "screen")
    browser.post("/preferences", data={"theme": "light"})
    assert html_of(browser.get("/services").text) == (False, "light", "not all")
    browser.post("/preferences", data={"theme": "auto"})
    assert html_of(browser.get("/services").text) == auto


def test_one_choice_leaves_the_others_alone(browser: TestClient) -> None:
    browser.post("/preferences", data={"theme": "dark"})
    browser.post("/preferences", data={"elder": "on"})
    assert html_of(browser.get("/nowhere").text) == (True, "dark", "screen")
    browser.post("/preferences", data={"elder": "off"})
    assert html_of(browser.get("/").text) == (False, "dark", "screen")


def test_it_stays_a_year_and_is_nobody_elses_business(browser: TestClient) -> None:
    cookie = browser.post("/preferences", data={"elder": "on"}).headers["set-cookie"].lower()
    assert cookie.startswith(f"{COOKIE}=elder.auto;")
    for said in ("max-age=31536000", "httponly", "samesite=lax", "path=/"):
        assert said in cookie


def test_signing_out_does_not_forget_it(city: City) -> None:
    browser = city.client("clerk")
    browser.post("/preferences", data={"elder": "on"})
    browser.post("/sign-out")
    assert html_of(browser.get("/").text)[0]


@pytest.mark.parametrize(
    ("back", "where"),
    [
        ("/desk?tab=closed", "/desk?tab=closed"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("", "/"),
    ],
)
def test_it_leads_back_and_never_elsewhere(browser: TestClient, back: str, where: str) -> None:
    answer = browser.post("/preferences", data={"elder": "on", "back": back})
    assert (answer.status_code, answer.headers["location"]) == (303, where)


def test_the_form_names_the_page_that_it_is_on(browser: TestClient) -> None:
    assert 'name="back" value="/services?q=餐饮&amp;audience="' in (
        browser.get("/services?q=餐饮&audience=").text.replace("%E9%A4%90%E9%A5%AE", "餐饮")
    )


@pytest.mark.parametrize("cookie", ["", "x", "elder.purple", "....", "<script>", "dark" * 1000])
def test_a_cookie_that_we_never_gave_changes_nothing_else(browser: TestClient, cookie: str) -> None:
    browser.cookies.set(COOKIE, cookie, domain="testserver.local")
    elder, scheme, _ = html_of(browser.get("/").text)
    assert elder is (cookie == "elder.purple")
    assert scheme == "light dark"


@pytest.mark.parametrize(
    "wanted",
    [Wishes(), Wishes(elder=True), Wishes(theme="dark", keys=False), Wishes(theme="light")],
)
def test_what_was_packed_is_read_again(browser: TestClient, wanted: Wishes) -> None:
    browser.cookies.set(COOKIE, wanted.packed, domain="testserver.local")
    elder, scheme, media = html_of(browser.get("/").text)
    assert (elder, scheme, media) == (wanted.elder, wanted.scheme, wanted.dark_media)


def test_single_keys_are_for_staff_and_can_be_turned_off(city: City, browser: TestClient) -> None:
    staff = city.client("clerk")
    assert "/static/keys.js" in staff.get("/desk").text
    staff.post("/preferences", data={"keys": "off"})
    assert "/static/keys.js" not in staff.get("/desk").text
    assert "/static/keys.js" not in city.client("applicant").get("/my").text
    assert "/static/keys.js" not in browser.get("/").text


def colours(css: str) -> dict[str, str]:
    """The colours among our own tokens."""
    found = dict(re.findall(r"(--ov-[a-z-]+):\s*([^;]+);", css))
    return {name: value for name, value in found.items() if value.startswith(("#", "rgb"))}


def test_every_colour_has_a_dark_one() -> None:
    light = colours((STATIC / "onevisit.css").read_text("utf-8"))
    dark = colours((STATIC / "dark.css").read_text("utf-8"))
    assert len(light) > 15
    assert light.keys() - dark.keys() == {"--ov-focus"}  # stands out on both, beside the ink
    assert dark.keys() - light.keys() == set()


def luminance(colour: str) -> float:
    """Relative luminance of #rgb or #rrggbb (WCAG 2.2)."""
    digits = colour.removeprefix("#")
    digits = "".join(each * 2 for each in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("sheet", ["onevisit.css", "dark.css"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *((text, ground) for ground in ("paper", "ground", "accent-soft")
          for text in ("ink", "ink-soft", "accent")),
        *((tone, f"{tone}-soft") for tone in ("done", "attention", "stop")),
        *((tone, "paper") for tone in ("done", "attention", "stop", "accent-dark")),
        ("on-accent", "accent"), ("on-accent", "accent-dark"), ("on-stop", "stop"),
    ],
)  # fmt: skip
def test_words_stand_out_from_what_is_behind_them(sheet: str, text: str, ground: str) -> None:
    """At least 4.5 to 1 (WCAG 2.2, 1.4.3), in light and in dark."""
    known = colours((STATIC / sheet).read_text("utf-8"))
    one, other = sorted(luminance(known[f"--ov-{name}"]) for name in (text, ground))
    assert (other + 0.05) / (one + 0.05) >= 4.5


@pytest.mark.parametrize("file", sorted(STATIC.glob("*.css")), ids=lambda file: file.name)
def test_no_style_sheet_has_a_colour_of_its_own(file: Path) -> None:
    """Only tokens, so that everything turns dark together; paper and its pictures stay white."""
    if file.name in {"onevisit.css", "dark.css", "kiosk.css"}:
        return
    allowed = {"template.css": ["#fff"], "office.css": ["#fff"]}  # pictures of sheets of paper
    found = re.findall(r"#[0-9a-f]{3,8}\b|rgba?\([^)]*\)", file.read_text("utf-8"))
    assert found == allowed.get(file.name, [])
