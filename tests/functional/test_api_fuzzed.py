"""The interface is asked everything that its own OpenAPI document allows, and much that it forbids.

schemathesis makes the requests, the same ones in every run; a key and a city with a case make them
reach the verbs. No answer is a fault of ours, and each is as the document says.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import AuthContext, Case
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks
from starlette.types import ASGIApp, Receive, Scope, Send

from functional.city import City, Prepared
from functional.system import ALL_OF, APPROVALS, system
from functional.test_api_matrix import routes
from onevisit.cases.interface.keys import digest
from onevisit.store.interface_tables import InterfaceKey
from onevisit.store.session import writing
from onevisit.web.api.app import create_api
from onevisit.web.api.pace import Pace
from onevisit.web.edge import Site

EXAMPLES = 12
"""Random requests for each address, beside those that try every bound in its document."""
SECRET = "ovk_" + "fuzzed" * 7 + "x"
"""Known beforehand, since requests are made before there is a city."""
HELD: list[CheckFunction] = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.missing_required_header,
    checks.unsupported_method,
    checks.allow_header_conformance,
    checks.ignored_auth,
]


@dataclass
class Served:
    """The application that answers, once there is a city; what its addresses name, and how often
    each answer was given."""

    app: ASGIApp | None = None
    ids: dict[str, str] = field(default_factory=dict)
    given: dict[str, Counter[int]] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)


served = Served()
document = create_api(cast(Site, None)).openapi()  # the site is asked for answers, not for this
CONFIG: dict[str, Any] = {
    "seed": 1,
    "checks": {"missing_required_header": {"expected-statuses": [400, 401, 428]}},  # RFC 6585
}
schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(CONFIG))
schema.app = served


@schema.auth()
class Keyed:
    """The key goes along, but where a check leaves it away."""

    def get(self, case: Case, context: AuthContext) -> str:
        """The key of the department's system."""
        return SECRET

    def set(self, case: Case, data: str, context: AuthContext) -> None:
        """Send it as RFC 6750 says."""
        case.headers["Authorization"] = f"Bearer {data}"


@pytest.fixture(scope="module")
def city(prepared_city: Prepared, tmp_path_factory: pytest.TempPathFactory) -> City:
    """A city of this module's own, with an accepted case that the addresses name."""
    city = prepared_city.copied(tmp_path_factory.mktemp("fuzzed") / "city")
    case_id = city.accepted()
    robot = system(city, "market_regulation", *ALL_OF["handler"])
    approval_id = str(city.approval(case_id, "food").id)
    view = robot.get(f"{APPROVALS}/{approval_id}").json()
    served.ids = {
        "approval_id": approval_id,
        "upload_id": next(file["id"] for row in view["materials"] for file in row["uploads"]),
        "service_id": "open_restaurant",
        "kind": "stale",
    }
    with writing(city.engine) as session:
        session.get_one(InterfaceKey, robot.key_id).secret_hash = digest(SECRET)
    city.app.state.api.state.pace = Pace(10**9)
    served.app = city.app
    return city


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_the_document_says(case: Case, city: City) -> None:
    aimed = served.given.setdefault(case.operation.label, Counter())
    if sum(aimed.values()) % 4:  # three of four name what there is
        case.path_parameters = {
            name: served.ids.get(name, value)
            for name, value in (case.path_parameters or {}).items()
        }
    answer = case.call()
    aimed[answer.status_code] += 1
    case.validate_response(answer, checks=HELD)


def test_the_requests_reached_every_address() -> None:
    """Else the test above would prove little."""
    if not served.given:
        pytest.skip("only what was asked is counted")
    assert served.given.keys() == set(routes())
    unanswered = [
        label
        for label, given in served.given.items()
        if not any(status in (200, 412) for status in given) and "papers" not in label
    ]
    assert unanswered == [], served.given
