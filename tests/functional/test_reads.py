"""Who at work was shown whose data is written down before the page is sent, whatever the page."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from httpx import Response
from sqlalchemy import event
from sqlmodel import col, func, select
from starlette.testclient import TestClient

from functional.city import APPLICANT_ID, FORM, City
from functional.test_route_matrix import PEOPLE, ids, people, routes, send
from onevisit.store.read_tables import Read
from onevisit.store.session import reading
from onevisit.store.tables import Account, Case

__all__ = ["ids"]
MARKERS = (
    "演示申请人甲", APPLICANT_ID, "19900000000", "示例市演示小馆", str(FORM["address"]), "演示员工甲",
)  # fmt: skip
"""What a page must not show anybody at work without a word of it in the reads."""
AT_WORK = [name for name in PEOPLE if name not in ("anon", "owner", "other")]


def rows(city: City, **wanted: object) -> list[Read]:
    """The reads so far, the oldest first."""
    with reading(city.engine) as session:
        statement = select(Read).order_by(col(Read.id))
        for name, value in wanted.items():
            statement = statement.where(getattr(Read, name) == value)
        return list(session.exec(statement).all())


def account(city: City, username: str) -> UUID:
    with reading(city.engine) as session:
        return session.exec(select(Account.id).where(Account.username == username)).one()


def shows_somebody(answer: Response) -> bool:
    """Whether somebody's data is in the answer: a file or paper always, a page by a marker."""
    if answer.status_code != 200:
        return False
    kind = answer.headers["content-type"]
    if kind.startswith(("application/pdf", "image/")):
        return True
    return any(each in answer.text for each in MARKERS)


def walk(city: City, names: dict[str, str]) -> tuple[set[str], list[str]]:
    """Every page of everybody at work: those that showed somebody's data, and those that did it
    without a read of this reader."""
    names = {"key_id": "x"} | names
    browsers, showed, silent = people(city), set(), []
    for name in AT_WORK:
        reader = account(city, PEOPLE[name])
        for route in routes():
            if not route.startswith("GET "):
                continue
            before = len(rows(city, reader_id=reader))
            if shows_somebody(send(browsers[name], route, names)):
                showed.add(route)
                if len(rows(city, reader_id=reader)) == before:
                    silent.append(f"{name} {route}")
    return showed, silent


def test_no_page_shows_anybody_without_a_read(city: City, ids: dict[str, str]) -> None:
    showed, silent = walk(city, ids)
    assert silent == []
    wanted = {"GET /desk/{case_id}", "GET /office/{approval_id}", "GET /files/{upload_id}",
              "GET /documents/{document_id}"}  # fmt: skip
    assert wanted <= showed, "the walk has seen what there is to see"
