"""What a stranger sees: services, guides, questions and exactly what follows from answers."""

import re
from io import BytesIO

import pytest
from pypdf import PdfReader
from starlette.testclient import TestClient

from functional.city import City

ANSWERS = {"area": "320", "cooking": "true", "gathering": "true", "signboard": "true"}


@pytest.fixture
def stranger(city: City) -> TestClient:
    """A browser in which nobody is signed in."""
    return TestClient(city.app, base_url="http://testserver")


@pytest.mark.parametrize(
    ("query", "found"),
    [("", True), ("奶茶", True), ("开店 餐饮", True), ("潜水艇", False)],
)
def test_search_finds_by_title_keyword_and_item(
    stranger: TestClient, query: str, found: bool
) -> None:
    page = stranger.get("/services", params={"q": query})
    assert page.status_code == 200
    assert ("/services/open_restaurant" in page.text) is found


def test_what_was_searched_is_not_taken_for_html(stranger: TestClient) -> None:
    page = stranger.get("/services", params={"q": '"><script>alert(1)</script>'})
    assert "<script>alert" not in page.text


def test_the_guide_comes_from_the_definition(stranger: TestClient) -> None:
    page = stranger.get("/services/open_restaurant")
    for said in ("食品经营许可（新办）", "场所平面图", "20 个工作日", "不收费", "营业执照"):
        assert said in page.text


def test_a_material_shows_what_it_should_look_like(stranger: TestClient) -> None:
    assert 'href="/samples/floor_plan"' in stranger.get("/services/open_restaurant").text
    sample = stranger.get("/samples/floor_plan")
    assert sample.headers["content-type"] == "application/pdf"
    words = "".join(page.extract_text() for page in PdfReader(BytesIO(sample.content)).pages)
    assert "场所平面图" in words and "虚构" in words
    for name in ("no_such_sample", "_sample", "..%2Fnotices%2Freceipt"):
        assert stranger.get(f"/samples/{name}").status_code == 404


def test_an_unknown_service_is_a_page_that_helps(stranger: TestClient) -> None:
    page = stranger.get("/services/no_such_service")
    assert page.status_code == 404
    assert "没有找到" in page.text and 'href="/"' in page.text


def test_unanswered_questions_are_named_and_what_was_typed_stays(stranger: TestClient) -> None:
    page = stranger.get(
        "/services/open_restaurant/start",
        params=[("asked", "area"), ("asked", "cooking"), ("area", "八十")],
    )
    assert page.status_code == 422
    assert 'value="八十"' in page.text
    assert 'href="#f-area"' in page.text and 'href="#f-cooking"' in page.text
    assert "data-focus" in page.text


def test_a_question_that_only_now_arises_is_asked_next(stranger: TestClient) -> None:
    asked = [("asked", name) for name in ("area", "cooking", "gathering", "signboard")]
    page = stranger.get("/services/open_restaurant/start", params=[*asked, *ANSWERS.items()])
    assert page.status_code == 200
    assert 'name="fire_pledge"' in page.text
    assert "还有几个问题" in page.text and 'role="alert"' not in page.text


def complete(client: TestClient, **changes: str) -> str:
    """The page of what follows, once all questions are answered."""
    answers = {**ANSWERS, "fire_pledge": "false", "want_tobacco": "false", **changes}
    asked = [("asked", name) for name in answers]
    page = client.get("/services/open_restaurant/start", params=[*asked, *answers.items()])
    assert page.status_code == 200
    assert page.url.path == "/services/open_restaurant/result"
    return str(page.text)


def test_the_result_shows_just_what_these_answers_need(stranger: TestClient) -> None:
    wide = complete(stranger, want_tobacco="true")
    narrow = complete(stranger, want_tobacco="false", signboard="false")
    assert "烟草专卖零售许可" in wide and "招牌效果图" in wide
    parts = re.search(r"<tbody.*?</tbody>", narrow, re.DOTALL)
    assert parts is not None
    assert "烟草" not in parts[0] and "招牌" not in parts[0]
    assert "招牌效果图" not in narrow


def test_the_plan_is_drawn_serial_beside_parallel(stranger: TestClient) -> None:
    text = complete(stranger)
    bars = re.findall(r'<rect [^>]*x="([\d.]+)%" width="([\d.]+)%"', text)
    parallel, serial = bars[: len(bars) // 2], bars[len(bars) // 2 :]
    assert len(parallel) == len(serial) > 1
    ends = [max(float(x) + float(width) for x, width in each) for each in (parallel, serial)]
    assert ends[0] < ends[1] <= 101


def test_the_answers_go_on_into_the_application(stranger: TestClient) -> None:
    text = complete(stranger)
    form = re.search(r'<form[^>]*action="/my/start/open_restaurant".*?</form>', text, re.DOTALL)
    assert form is not None
    sent = dict(re.findall(r'name="(\w+)" value="(\w+)"', form[0]))
    assert sent == {**ANSWERS, "fire_pledge": "false", "want_tobacco": "false"}


def test_no_page_holds_inline_script_or_style(stranger: TestClient) -> None:
    for address in ("/", "/services/open_restaurant", "/services/open_restaurant/start"):
        page = stranger.get(address)
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page.text)
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert page.headers["x-content-type-options"] == "nosniff"


def test_health_and_readiness(stranger: TestClient) -> None:
    assert stranger.get("/healthz").json() == {"status": "ok"}
    assert stranger.get("/readyz").json() == {"status": "ready"}


def test_what_may_be_handed_in_instead_is_told_before_applying(city: City) -> None:
    text = city.client("applicant").get("/services/open_restaurant").text
    assert "也可以用一年内的食品安全管理人员培训合格证书代替" in text


def test_services_are_found_by_what_happens_in_a_life(stranger: TestClient) -> None:
    whole = stranger.get("/services").text
    for event in ("出生", "上学", "退休", "身后", "开办", "注销"):
        assert re.search(rf'<h2 id="group-\d+">{event}</h2>', whole), event
    births = stranger.get("/services?event=birth").text
    assert "/services/newborn" in births and "/services/retire" not in births
    firms = stranger.get("/services?audience=enterprise").text
    assert "/services/start_company" in firms and "/services/newborn" not in firms
    assert "/services/newborn" in stranger.get("/services?q=出生").text
    assert "找到 0 项服务" in stranger.get("/services?audience=enterprise&event=birth").text


def test_the_guide_compares_and_draws_what_is_computed(stranger: TestClient) -> None:
    page = stranger.get("/services/open_restaurant").text
    before = page.partition("减跑动")[2].partition("</tr>")[0]
    assert "原来 6 次" in before and "−100%" in before
    widths = re.findall(r'<rect class="ov-after" width="([\d.]+)%"', page)
    assert widths == ["0.0", "20.0", "34.8", "20.0"]  # of 6 visits, 60 days, 23 papers, 15 steps
    drawing = page.partition('<svg class="ov-flow"')[2].partition("</svg>")[0]
    assert drawing.count("ov-flow-box") == 7 + 3
    assert drawing.count("ov-flow-decides") == 2
