"""Gives every request a name by which its answer, its page of failure and every line of the log
about it can be brought together, and counts it; no address that somebody typed is kept."""

import re
import time
import uuid
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from onevisit.web.metrics import Figures

HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{7,63}")
"""What is taken from whoever stands before us; anything else is replaced."""
ROW = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
VERBS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET = frozenset({"/healthz", "/readyz", "/metrics", "/static"})
"""Asked for every few seconds, or many times a page: counted, but not written down one by one."""

log = structlog.get_logger()


class Tracing:
    """Names the request, hands the name on, and writes down how it was answered."""

    def __init__(self, app: ASGIApp, figures: Figures, *, written: bool) -> None:
        self.app = app
        self.figures = figures
        self.written = written

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its name; a fault below counts as a 500."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        name = name_of(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = name
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=name)
        status, began = 500, time.perf_counter()

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = name
            await send(message)

        self.figures.under_way.inc()
        try:
            await self.app(scope, receive, named)
        finally:
            self.figures.under_way.dec()
            self._settle(scope, status, time.perf_counter() - began)

    def _settle(self, scope: Scope, status: int, seconds: float) -> None:
        verb = scope["method"] if scope["method"] in VERBS else "OTHER"
        route = template_of(scope)
        self.figures.count(verb, route, status, seconds)
        if self.written and route not in QUIET:
            log.info(
                "answered",
                method=verb,
                route=route,
                status=status,
                milliseconds=round(seconds * 1000),
                **_rows_of(scope),
            )


def name_of(headers: Headers) -> str:
    """The name that the request came with, if it is one; else a new one."""
    given = headers.get(HEADER, "")
    return given if WELL_FORMED.fullmatch(given) else uuid.uuid4().hex


def template_of(scope: Scope) -> str:
    """The address as the application has it, with its braces; "unknown" for any other, so that
    neither figures nor log hold what somebody made up."""
    if scope["path"].startswith("/static/"):
        return "/static"
    return str(getattr(scope.get("route"), "path", "unknown"))


def _rows_of(scope: Scope) -> dict[str, Any]:
    """Which rows the address named: ids, which tell nothing to those who have only the log."""
    return {
        name: str(value)
        for name, value in scope.get("path_params", {}).items()
        if ROW.fullmatch(str(value))
    }
