"""A due date past the announced holidays says so, wherever somebody reads it."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import pytest
from sqlmodel import select

from functional.city import FINDINGS, City
from onevisit.cases import FieldFinding, correct
from onevisit.store.session import writing
from onevisit.store.tables import Approval, Case, Correction

SURE, LATE = date(2026, 12, 31), date(2027, 1, 4)
MARKED = "2027年1月4日（暂定）"


def dated(city: City, case_id: UUID, day: date) -> None:
    """Move every due date of the case to this day."""
    with writing(city.engine) as session:
        case = session.get_one(Case, case_id)
        case.promise_due = case.legal_due = day
        for row in session.exec(select(Approval)).all():
            row.promise_due = row.legal_due = day
        for notice in session.exec(select(Correction)).all():
            notice.due = day


def pages(city: City, case_id: UUID) -> Iterator[tuple[str, str]]:
    """Each page on which somebody reads a due date of an accepted case."""
    office = f"/office/{city.approval(case_id, 'food').id}"
    for username, address in (
        ("applicant", "/my"),
        ("applicant", f"/my/{case_id}"),
        ("clerk", f"/desk/{case_id}"),
        ("market_regulation.handler", "/office"),
        ("market_regulation.handler", office),
    ):
        yield address, city.client(username).get(address).text


def test_dates_past_the_calendar_are_marked_and_others_are_not(city: City) -> None:
    case_id = city.accepted()
    dated(city, case_id, LATE)
    for address, text in pages(city, case_id):
        assert MARKED in text, address
    dated(city, case_id, SURE)
    for address, text in pages(city, case_id):
        assert "2026年12月31日" in text and "暂定" not in text, address


def test_a_correction_says_it_too(city: City) -> None:
    case_id = city.submitted()
    with city.acting("clerk") as ctx:
        fields = [FieldFinding("seats", "与平面图不一致")]
        correct.request(ctx, case_id, FINDINGS, fields, city.case(case_id).revision)
    dated(city, case_id, LATE)
    for username, address in (
        ("applicant", f"/my/{case_id}"),
        ("applicant", f"/my/{case_id}/correction"),
        ("clerk", f"/desk/{case_id}"),
    ):
        assert MARKED in city.client(username).get(address).text, address


@pytest.mark.parametrize(
    ("last", "marked"), [(date(2027, 1, 12), True), (date(2026, 12, 7), False)]
)
def test_the_last_day_of_delivery_too(city: City, last: date, marked: bool) -> None:
    case_id = city.ready()
    with writing(city.engine) as session:
        session.get_one(Case, case_id).delivery_due = last
    assert ("暂定" in city.client("window").get("/window").text) == marked
