"""Keeps other sites out of our forms and foreign code out of our pages: small middlewares."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "object-src 'none'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    )
)
HSTS = "max-age=31536000; includeSubDomains"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
}


class SecurityHeaders:
    """Adds the headers above to every answer; pages are not kept on a shared computer."""

    def __init__(self, app: ASGIApp, https: bool) -> None:
        self.app = app
        self.https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the headers of its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                kept = "no-cache" if scope["path"].startswith("/static/") else "no-store"
                headers.setdefault("Cache-Control", kept)
                if self.https:
                    headers.setdefault("Strict-Transport-Security", HSTS)
            await send(message)

        await self.app(scope, receive, completed)


def same_site(headers: Headers) -> bool:
    """Whether a request that changes something was sent by one of our own pages.

    Browsers say so in Sec-Fetch-Site; older ones in Origin, which must be our own host.
    A client that sends neither is refused: it must name the site in Origin.
    """
    fetched_from = headers.get("sec-fetch-site")
    if fetched_from is not None:
        return fetched_from in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == headers.get("host")


class SameSiteOnly:
    """Refuses what another site makes a signed-in browser send (cross-site request forgery)."""

    def __init__(
        self, app: ASGIApp, refuse: Callable[[Request], Awaitable[Response] | Response]
    ) -> None:
        self.app = app
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what only reads or comes from our own pages; answer the rest with `refuse`."""
        if (
            scope["type"] != "http"
            or scope["method"] in SAFE_METHODS
            or same_site(Headers(scope=scope))
        ):
            await self.app(scope, receive, send)
            return
        answer = self.refuse(Request(scope, receive))
        response = answer if isinstance(answer, Response) else await answer
        await response(scope, receive, send)


PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked for by address, from the machines around."""


class OurHostsOnly:
    """Refuses requests under a name that is not ours: nothing that we answer may be made to look as
    if it came from another site, nor a page of ours be read under a borrowed name (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, hosts: str) -> None:
        """`hosts`: our names, separated by commas; none: any name is ours."""
        self.app = app
        self.hosts = frozenset(each.strip().lower() for each in hosts.split(",") if each.strip())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what names us; 400 for the rest."""
        if scope["type"] != "http" or not self.hosts or scope["path"] in PROBES:
            await self.app(scope, receive, send)
            return
        named = Headers(scope=scope).getlist("host")
        name = named[0].rpartition(":")[0] or named[0] if len(named) == 1 else ""
        if name.lower() in self.hosts:
            await self.app(scope, receive, send)
            return
        answer = PlainTextResponse("请从本站的网址打开。", status_code=400)
        await answer(scope, receive, send)
