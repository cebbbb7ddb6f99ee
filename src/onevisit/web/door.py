"""What one application asks of whoever comes in: its secret, how long sessions last, of whom a
second factor is required, and the real time, by which all of that runs."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address
from typing import Literal

from starlette.requests import Request

from onevisit.cases.signing_in.limits import ADDRESS, BROWSER, CODE, NAME, Kind, Place, place
from onevisit.cases.signing_in.sessions import Terms

Rule = Literal["staff", "admins", "off"]
"""Of whom a second factor is required."""


def now_utc() -> datetime:
    """The real time, also in a demonstration whose clock was moved ahead."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Door:
    """Made once in app.py from the settings. `key` is the secret that cookies are signed with."""

    key: str
    https: bool = False
    rule: Rule = "staff"
    terms: Terms = field(default_factory=Terms)
    now: Callable[[], datetime] = now_utc

    def requires_factor(self, roles: Collection[str]) -> bool:
        """Whether somebody with these roles needs a second factor; a kiosk is no person."""
        at_work = set(roles) - {"applicant", "kiosk"}
        return bool(at_work) if self.rule == "staff" else self.rule == "admins" and "admin" in roles

    def place(self, kind: Kind, subject: str) -> Place:
        """Where tries of a name, browser, address or account are counted."""
        return place(self.key, kind, subject)

    def of_name(self, username: str, nonce: str | None) -> Place:
        """Where wrong passwords of a name count: in a browser that its owner has used before, a
        place that belongs to both."""
        return (
            self.place(NAME, username.casefold()) if nonce is None else self.place(BROWSER, nonce)
        )

    def of_code(self, account_id: object) -> Place:
        """Where wrong codes of an account count."""
        return self.place(CODE, str(account_id))

    def of_address(self, request: Request) -> Place:
        """Where wrong passwords from the sender's address count."""
        return self.place(ADDRESS, address_of(request))


def address_of(request: Request) -> str:
    """The sender's address: the client's own behind a trusted proxy. Of IPv6 the network (/64),
    since whoever has one address there has all of them."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return str(int(address) >> 64) if isinstance(address, IPv6Address) else host
