"""The cookie of a session: a random key to a row of the server, and nothing else.

Under HTTPS its name begins with __Host-, so that browsers take it from this host alone, over TLS.
"""

from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

from starlette.requests import Request, cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NAME = "onevisit"
KEY = "onevisit.session"
"""Where the request carries it."""


def named(name: str, *, https: bool) -> str:
    """The name of one of our cookies."""
    return f"__Host-{name}" if https else name


@dataclass
class Carried:
    """What a browser carries; `given` is what the answer gives it instead, "" takes it away."""

    token: str
    given: str | None = None

    def give(self, token: str) -> None:
        """From now on the browser carries this."""
        self.token = self.given = token

    def take_away(self) -> None:
        """From now on the browser carries nothing."""
        self.token = self.given = ""


def carried(request: Request) -> Carried:
    """The session's token of this request."""
    found = request.scope[KEY]
    assert isinstance(found, Carried)
    return found


class SessionCookie:
    """Reads the cookie into the request and writes it with the answer when it has changed."""

    def __init__(self, app: ASGIApp, https: bool, seconds: int) -> None:
        self.app = app
        self.https = https
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with what its browser carries."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        name = named(NAME, https=self.https)
        mine = Carried(_cookies(scope).get(name, ""))
        scope[KEY] = mine

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start" and mine.given is not None:
                message["headers"] = [*message["headers"], (b"set-cookie", self._header(mine))]
            await send(message)

        await self.app(scope, receive, completed)

    def _header(self, mine: Carried) -> bytes:
        name = named(NAME, https=self.https)
        cookie: SimpleCookie = SimpleCookie({name: mine.given or ""})
        kept: dict[str, Any] = {"path": "/", "httponly": True, "samesite": "lax"}
        kept["max-age"] = self.seconds if mine.given else 0
        if self.https:
            kept["secure"] = True
        cookie[name].update(kept)
        return cookie.output(header="").strip().encode("latin-1")


def _cookies(scope: Scope) -> dict[str, str]:
    sent = [value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"]
    return cookie_parser("; ".join(sent))
