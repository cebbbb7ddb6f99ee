"""Never a byte more: every field of a form and every file bears a mark, and what a department's key
is answered is searched for the marks of what it was not granted (x-for)."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from httpx import Response
from sqlmodel import select

from functional.city import DEPARTMENTS, City
from functional.marked import PERSON, granted, marked
from functional.system import ALL_OF, APPROVALS, System, system
from onevisit.store.session import reading
from onevisit.store.tables import Approval, Upload


@pytest.fixture
def marks(city: City) -> dict[str, str]:
    """The mark of each field, in an accepted case."""
    return marked(city)


def rows(city: City) -> list[Approval]:
    """All items of the case."""
    with reading(city.engine) as session:
        return list(session.exec(select(Approval)))


def answers(robot: System, approval_id: UUID, uploads: list[UUID]) -> Iterator[Response]:
    """What the interface answers a key at every address below one item, and on its list."""
    address = f"{APPROVALS}/{approval_id}"
    yield robot.get(address)
    yield from (robot.get(f"{address}/materials/{each}") for each in uploads)
    yield robot.post(f"{address}/claim")
    yield robot.post(f"{address}/sign", {"event": "nothing"}, revision=1)
    yield robot.post(f"{address}/sign", {"event": "forward"}, revision=0)
    yield robot.post(f"{address}/release")


def test_an_item_is_answered_with_its_own_fields_and_files(
    city: City, marks: dict[str, str]
) -> None:
    definition = city.catalog.current("open_restaurant").definition
    robots = {each: system(city, each, *ALL_OF["handler"]) for each in DEPARTMENTS}
    refused = 0
    for row in rows(city):
        own, robot = granted(definition, row.item_id), robots[row.department]
        seen = robot.get(f"{APPROVALS}/{row.id}")
        shown = {each["id"] for part in seen.json()["sections"] for each in part["rows"]}
        assert shown <= own and {name for name in own if name in marks} <= shown
        needed = {each.id for each in definition.workflow.materials if row.item_id in each.items}
        assert {each["id"] for each in seen.json()["materials"]} <= needed
        with reading(city.engine) as session:
            uploads = {each.id: each.material_id for each in session.exec(select(Upload))}
        told = list(answers(robot, row.id, list(uploads)))
        forbidden = [mark for name, mark in marks.items() if name not in own]
        forbidden += [f"mark-of-{each}." for each in uploads.values() if each not in needed]
        for answer in told:
            text = answer.text + str(answer.headers)
            leaked = [mark for mark in (*forbidden, *PERSON.values()) if mark in text]
            assert leaked == [], f"{row.region} {answer.url}"
        statuses = {str(answer.url).rpartition("/")[2]: answer.status_code for answer in told}
        for upload_id, material_id in uploads.items():
            status = statuses[str(upload_id)]
            assert status == (200 if material_id in needed else 404), material_id
            refused += status == 404
    assert refused, "some material belongs to other items"


def test_other_departments_are_answered_nothing(city: City, marks: dict[str, str]) -> None:
    robots = {each: system(city, each, *ALL_OF["handler"]) for each in DEPARTMENTS}
    with reading(city.engine) as session:
        uploads = list(session.exec(select(Upload.id)))
    secrets = (*marks.values(), *PERSON.values(), "mark-of", "演示申请人甲")
    for row in rows(city):
        for department, robot in robots.items():
            if department == row.department:
                continue
            for answer in answers(robot, row.id, uploads):
                assert answer.status_code == 404, f"{department} {answer.url}"
                assert [each for each in secrets if each in answer.text] == []
            assert str(row.id) not in robot.get(APPROVALS).text
            assert str(row.id) not in robot.get(APPROVALS, params={"which": "mine"}).text


def test_the_list_tells_no_field(city: City, marks: dict[str, str]) -> None:
    for department in DEPARTMENTS:
        robot = system(city, department, *ALL_OF["handler"])
        text = robot.get(APPROVALS).text
        assert robot.get(APPROVALS).json()["rows"]
        assert [mark for mark in (*marks.values(), *PERSON.values()) if mark in text] == []
