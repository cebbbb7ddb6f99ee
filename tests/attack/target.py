"""What is attacked: a whole city in this process, with a row behind every address, and the list of
all its routes, so that a new route is attacked without a new line."""

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import MetaData, text
from starlette.testclient import TestClient

from functional.city import City, Prepared, settings_in
from functional.test_route_matrix import STALE, expected, named, people, routes
from onevisit.catalog.catalog import Catalog
from onevisit.catalog.folder import Folder
from onevisit.store.session import reading

BRACES = re.compile("{([a-z_]+)")
NOTHING = "00000000-0000-7000-8000-000000000000"
"""For a brace behind which the city has no row."""
GUARDED = (
    "SELECT id, applicant_id, agent_id, state, number, accepted_at FROM cases ORDER BY id",
    "SELECT id, department, state, decided_at, decided_by FROM approvals ORDER BY id",
    "SELECT id, username, password_hash FROM accounts ORDER BY id",
    "SELECT * FROM posts ORDER BY id",
    "SELECT id, holder_id, state, valid_until FROM certificates ORDER BY id",
)
"""What no form of anybody but an admin sets by a field of its name."""
NOT_OURS = frozenset({"sign_ins", "knocks", "missed_sign_ins", "reads", "ledger_of_reads"})
"""Tables of who looked at what and who is here: looking writes them."""


@dataclass
class Target:
    """One city under attack; `ids` fill in the braces of addresses."""

    city: City
    ids: Mapping[str, str]

    @cached_property
    def browsers(self) -> dict[str, TestClient]:
        """A browser for each of the people in the table of routes, which stops at redirects."""
        return people(self.city)

    @cached_property
    def inside(self) -> dict[str, str]:
        """Who gets in, by route: the first in the table of routes; the stranger where nobody."""
        return {
            route: next((who for who, word in line.answers.items() if word == "ok"), "anon")
            for route, line in expected().items()
        }

    def who(self, route: str) -> TestClient:
        """The browser of somebody who may."""
        return self.browsers[self.inside.get(route, "owner")]

    def address(self, route: str, **other: str) -> str:
        """The address of a route with our rows, or others, in its braces."""
        known = {**dict.fromkeys(BRACES.findall(route), NOTHING), **self.ids, **other}
        return route.split()[1].replace(":path", "").format_map(known)

    def send(self, route: str, who: TestClient | None = None, **more: Any) -> Response:
        """Open it, or send its form from an old page, as somebody who may."""
        verb, sent = route.split()[0], dict(more)
        address = sent.pop("address", None) or self.address(route)
        if verb != "GET" and not sent.keys() & {"data", "content", "files"}:
            sent["data"] = STALE
        answer: Response = (who or self.who(route)).request(verb, address, **sent)
        return answer

    def guarded(self) -> list[object]:
        """What nobody may set by sending a field of that name."""
        with reading(self.city.engine) as session:
            return [tuple(row) for each in GUARDED for row in session.execute(text(each))]

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """Everything that the database holds, by table."""
        found = MetaData()
        found.reflect(self.city.engine)
        with reading(self.city.engine) as session:
            return {
                table.name: sorted(
                    (tuple(row) for row in session.execute(table.select())), key=repr
                )
                for table in found.sorted_tables
                if table.name not in NOT_OURS
            }


POSTS = [each for each in routes() if not each.startswith("GET ") and each != "POST /sign-out"]
GETS = [each for each in routes() if each.startswith("GET ")]


@contextmanager
def nothing_published() -> Iterator[None]:
    """Publishing is reached and does nothing: it takes seconds, and is not what is attacked."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Catalog, "publish_folder", lambda *_: Folder((), ()))
        yield


@dataclass(frozen=True)
class Built:
    """The city as built once; every test attacks a copy."""

    folder: Path
    ids: Mapping[str, str]

    def copied(self, folder: Path) -> Target:
        """A target of a test's own."""
        shutil.copytree(self.folder, folder)
        settings = settings_in(folder).model_copy(update={"log_requests": False})
        return Target(City(settings), self.ids)


def build(prepared: Prepared, folder: Path) -> Built:
    """A city with a row behind every address."""
    city = prepared.copied(folder)
    ids = named(city)
    city.engine.dispose()
    return Built(folder, ids)
