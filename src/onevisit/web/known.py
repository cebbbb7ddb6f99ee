"""Which browsers somebody has signed in with before: there a stranger's guesses elsewhere do not
make them wait (OWASP: Slow Down Online Guessing Attacks with Device Cookies).

The cookie names nobody: it holds keyed hashes of user names, each with a random number that is the
browser's own place for the count of wrong tries. It opens nothing by itself.
"""

import hmac
import secrets

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

from onevisit.web.session_cookie import named

NAME = "onevisit-known"
DAYS = 180
MOST = 8
"""People who share one browser; the one who was there longest ago is forgotten first."""


def nonce_of(request: Request, key: str, username: str) -> str | None:
    """The random number of this browser for this user name; None when it is strange to it."""
    return dict(_known(request, key)).get(_who(key, username))


def remember(request: Request, response: Response, key: str, username: str, https: bool) -> None:
    """From now on the browser is known for this user name."""
    known = [each for each in _known(request, key) if each[0] != _who(key, username)]
    known.append((_who(key, username), secrets.token_hex(12)))
    response.set_cookie(
        named(NAME, https=https),
        _serializer(key).dumps(known[-MOST:]),
        max_age=DAYS * 24 * 60 * 60,
        secure=https,
        httponly=True,
        samesite="lax",
    )


def _known(request: Request, key: str) -> list[tuple[str, str]]:
    for name in (named(NAME, https=True), NAME):
        try:
            found = _serializer(key).loads(request.cookies.get(name, ""), DAYS * 24 * 60 * 60)
        except BadSignature:
            continue
        return [(str(who), str(nonce)) for who, nonce in found]
    return []


def _serializer(key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(key, salt="known browsers")


def _who(key: str, username: str) -> str:
    return hmac.digest(key.encode(), f"known {username}".encode(), "sha256")[:9].hex()
