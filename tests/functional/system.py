"""A department's own system for the tests: a key, and a client that sends it and nothing else."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from httpx import Response
from starlette.testclient import TestClient

from functional.city import DEPARTMENTS, ORIGIN, City
from onevisit.cases.interface import keys
from onevisit.cases.interface.keys import Wish
from onevisit.documents.format import BEIJING

APPROVALS = "/api/v1/approvals"
ALL_OF = {
    "handler": ("read", "material", "sign:handler"),
    "reviewer": ("read", "material", "sign:reviewer"),
    "decider": ("read", "material", "sign:decider"),
}


@dataclass(frozen=True)
class System:
    """A system with its key."""

    client: TestClient
    key_id: UUID
    secret: str

    def get(self, address: str, **more: Any) -> Response:
        """Look at something."""
        answer: Response = self.client.get(address, **more)
        return answer

    def post(
        self,
        address: str,
        json: Any = None,
        *,
        revision: int | None = None,
        named: str | None = None,
        **more: Any,
    ) -> Response:
        """Change something, under a name of its own unless one is given."""
        headers = {"idempotency-key": named or str(uuid4())} | more.pop("headers", {})
        if revision is not None:
            headers["if-match"] = f'"{revision}"'
        answer: Response = self.client.post(address, json=json, headers=headers, **more)
        return answer


def today() -> date:
    """The local day."""
    return datetime.now(UTC).astimezone(BEIJING).date()


def made(
    city: City,
    department: str,
    *scopes: str,
    first: date | None = None,
    last: date | None = None,
) -> tuple[UUID, str]:
    """A new key for a department: its id and its secret."""
    begin = first or today()
    wish = Wish("演示审批系统", department, scopes, begin, last or begin + timedelta(days=30))
    with city.acting("admin") as ctx:
        row, secret = keys.make(ctx, wish, DEPARTMENTS, uuid4())
        return row.id, secret


def system(city: City, department: str, *scopes: str) -> System:
    """A department's system with a key of its own."""
    key_id, secret = made(city, department, *scopes)
    return System(client_with(city, secret), key_id, secret)


def client_with(city: City, secret: str | None) -> TestClient:
    """A program that sends this key with everything, and knows no cookies."""
    headers = {"authorization": f"Bearer {secret}"} if secret else {}
    return TestClient(
        city.app, base_url=ORIGIN, headers=headers, follow_redirects=False,
        raise_server_exceptions=False,
    )  # fmt: skip
