"""A stranger with a number and four digits sees where a case is; with less they learn nothing."""

import re
from uuid import UUID

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from functional.city import ORIGIN, City
from onevisit.store.session import writing
from onevisit.store.tables import Account
from onevisit.web.tries import MOST

PHONE = "19912345678"
SECRETS = (
    "演示申请人甲",
    "示例市演示小馆",
    "19900000000",
    PHONE,
    "990000199001019011",
    "演示员工甲",
)
ABSENT = "990000-20200101-000001-8"
"""A number with a true check digit that nobody has."""


@pytest.fixture
def stranger(city: City) -> TestClient:
    """A browser in which nobody is signed in."""
    return TestClient(city.app, base_url=ORIGIN, headers={"origin": ORIGIN})


def number_of(city: City, case_id: UUID) -> str:
    """The number of a case whose applicant now has the phone above."""
    with writing(city.engine) as session:
        owner = session.exec(select(Account).where(Account.username == "applicant")).one()
        owner.phone = PHONE
    number = city.case(case_id).number
    assert number is not None
    return number


def without_typed(text: str, *typed: str) -> str:
    """The page but for what was typed and what differs from request to request."""
    for each in typed:
        text = text.replace(each, "…")
    return text


def test_number_and_phone_tell_where_a_case_is_and_nothing_about_the_person(
    city: City, stranger: TestClient
) -> None:
    case_id = city.accepted()
    row = city.approval(case_id, "signboard")
    city.act(case_id, "signboard", "forward")
    number = number_of(city, case_id).replace("-", " ")
    page = stranger.post("/progress", data={"number": number, "tail": PHONE[-4:]})
    assert page.status_code == 200
    for said in ("办理中", "食品经营许可（新办）", "示例市城市管理局", "提交申请", "受理", "承诺"):
        assert said in page.text, said
    assert str(row.id) not in page.text and str(case_id) not in page.text
    body = page.text.partition("<main")[2]
    assert not [secret for secret in SECRETS if secret in body]


def test_what_was_written_to_the_applicant_is_not_told(city: City, stranger: TestClient) -> None:
    case_id = city.accepted()
    while city.approval(case_id, "signboard").state != "decide":
        city.act(case_id, "signboard", "forward")
    city.act(case_id, "licence", "forward")
    city.act(case_id, "licence", "approve")
    city.act(case_id, "signboard", "reject", "申请人演示申请人甲的招牌尺寸超过规定")
    page = stranger.post(
        "/progress", data={"number": number_of(city, case_id), "tail": PHONE[-4:]}
    ).text
    assert "不予" in page
    assert "招牌尺寸" not in page


def test_a_wrong_number_and_a_wrong_tail_are_answered_alike(
    city: City, stranger: TestClient
) -> None:
    number = number_of(city, city.submitted())
    wrong_tail = stranger.post("/progress", data={"number": number, "tail": "9731"})
    wrong_number = stranger.post("/progress", data={"number": ABSENT, "tail": PHONE[-4:]})
    assert wrong_tail.status_code == wrong_number.status_code == 422
    assert without_typed(wrong_tail.text, number, "9731") == without_typed(
        wrong_number.text, ABSENT, PHONE[-4:]
    )
    assert f'value="{number}"' in wrong_tail.text and 'value="9731"' in wrong_tail.text


def test_guessing_ends_for_this_number_and_no_other(city: City, stranger: TestClient) -> None:
    number, other = number_of(city, city._submit()), number_of(city, city._submit())
    for guess in range(MOST):
        answer = stranger.post("/progress", data={"number": number, "tail": f"{guess:04d}"})
        assert answer.status_code == 422
    right = {"number": number, "tail": PHONE[-4:]}
    refused = stranger.post("/progress", data=right)
    assert refused.status_code == 429
    assert "一小时后再试" in refused.text
    assert stranger.post("/progress", data=right | {"number": other}).status_code == 200
    for _ in range(MOST):
        assert (
            stranger.post("/progress", data={"number": ABSENT, "tail": "0000"}).status_code == 422
        )
    assert stranger.post("/progress", data={"number": ABSENT, "tail": "0000"}).status_code == 429


@pytest.mark.parametrize(
    ("number", "tail", "said"),
    [
        ("", "5678", "请填写办件编号"),
        ("990000-20200101-000001-7", "5678", "编号不对"),
        (ABSENT, "", "最后四位数字"),
        (ABSENT, "56789", "最后四位数字"),
        ("九九零" * 30, "五六七八", "编号不对"),
    ],
)
def test_slips_of_the_pen_are_told_and_cost_no_try(
    stranger: TestClient, number: str, tail: str, said: str
) -> None:
    for _ in range(MOST + 1):
        answer = stranger.post("/progress", data={"number": number, "tail": tail})
        assert answer.status_code == 422
        assert re.search(said, answer.text)


def test_a_draft_has_no_number_and_cannot_be_found(city: City, stranger: TestClient) -> None:
    city.filled()
    answer = stranger.post("/progress", data={"number": "None", "tail": PHONE[-4:]})
    assert answer.status_code == 422
