"""What a browser carries on its way to the unified sign-in and back, in cookies of our own."""

from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.errors import NotFound
from onevisit.web.identity_provider import Provider
from onevisit.web.session_cookie import named

ATTEMPT, OFFER, INSIDE = "onevisit-unified", "onevisit-offer", "onevisit-unified-in"
PROVEN = "onevisit-unified-proven"
"""Cookies: what an answer has to fit, the key of an offer, that one came in this way, and that one
has proven oneself there once more and lacks only the code."""
ATTEMPT_SECONDS, OFFER_SECONDS, INSIDE_SECONDS, PROVEN_SECONDS = 600, 900, 12 * 60 * 60, 300
STRONG = frozenset({"mfa", "sc", "hwk"})
"""Ways of proving who one is (RFC 8176) that are two factors already, as the issuer says."""


class Unified:
    """The provider, with what signs our cookies for the way there and back."""

    def __init__(self, provider: Provider, secret: str, *, https: bool) -> None:
        self.provider = provider
        self.signer = URLSafeTimedSerializer(secret, salt="unified")
        self.https = https

    def keep(self, response: Response, name: str, value: str, seconds: int) -> None:
        """Set a cookie that scripts cannot read and other sites cannot make a browser send along
        with a form; over https it belongs to this host alone."""
        response.set_cookie(
            self._name(name), value, max_age=seconds, secure=self.https, httponly=True,
            samesite="lax", path="/",
        )  # fmt: skip

    def kept(self, request: Request, name: str) -> str:
        """What a cookie of ours says; "" when there is none."""
        return request.cookies.get(self._name(name), "")

    def read(self, request: Request, name: str, seconds: int) -> Any:
        """What a signed cookie of ours says; None when there is none, or it is older than that."""
        try:
            return self.signer.loads(self.kept(request, name), max_age=seconds)
        except BadSignature:
            return None

    def drop(self, response: Response, name: str) -> None:
        """Take a cookie away."""
        response.delete_cookie(
            self._name(name), path="/", secure=self.https, httponly=True, samesite="lax"
        )

    def _name(self, name: str) -> str:
        return named(name, https=self.https)


def unified_of(request: Request) -> Unified:
    """How this site speaks to the unified sign-in; NotFound where the city has none."""
    found = unified_in(request)
    if found is None:
        raise NotFound("这个页面")
    return found


def unified_in(request: Request) -> Unified | None:
    """As `unified_of`; None where the city has none."""
    found = getattr(request.app.state, "unified", None)
    return found if isinstance(found, Unified) else None


def came_by_unified(request: Request) -> bool:
    """Whether this browser's session was begun through the unified sign-in."""
    unified = unified_in(request)
    return unified is not None and bool(unified.kept(request, INSIDE))
