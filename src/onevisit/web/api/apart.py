"""Keeps the interface apart from the pages: what is below /api never meets sessions or cookies."""

from collections.abc import MutableMapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT = 64 * 1024
"""Bytes of one request; the longest opinion with the longest reasons fits."""


class Apart:
    """Hands everything below `prefix` to another application, and the rest on."""

    def __init__(self, app: ASGIApp, prefix: str, other: ASGIApp) -> None:
        self.app = app
        self.prefix = prefix
        self.other = other

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on to the one or the other."""
        below = scope["type"] == "http" and scope["path"].startswith(self.prefix + "/")
        await (self.other if below else self.app)(scope, receive, send)


class BodyLimit:
    """Refuses a request with a longer body, however it is sent."""

    def __init__(self, app: ASGIApp, limit: int = BODY_LIMIT) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a body that ends, with 413, where the limit is."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        taken = 0

        async def counted() -> MutableMapping[str, Any]:
            nonlocal taken
            message: Message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.limit:
                raise HTTPException(413)
            return message

        await self.app(scope, counted, send)
