"""Figures for whoever watches over the machines, in the format that Prometheus reads; handed out to
those alone who have the key, and with no name, number or typed address in them."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import APIRouter
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from onevisit.cases.errors import NotFound
from onevisit.cases.outbox.claims import KINDS
from onevisit.cases.signing_in import sessions
from onevisit.cases.views.waiting import COUNTED, waiting
from onevisit.store import session as store
from onevisit.web.edge import Site, site_of

router = APIRouter()
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds."""


@dataclass(frozen=True)
class Figures:
    """What one process counts from its start; each process is asked by itself."""

    key: str
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        made = {
            "requests": Counter(
                "onevisit_requests", "Requests answered.", ("method", "route", "status"),
                registry=self.registry,
            ),
            "seconds": Histogram(
                "onevisit_request_seconds", "Seconds until the answer was sent.",
                ("method", "route"), buckets=BUCKETS, registry=self.registry,
            ),
            "under_way": Gauge(
                "onevisit_requests_under_way", "Requests being answered.", registry=self.registry
            ),
        }  # fmt: skip
        for name, value in made.items():
            object.__setattr__(self, name, value)

    requests: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    under_way: Gauge = field(init=False)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request was answered: `route` is the address with its braces."""
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(method, route).observe(seconds)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """What this process counted, and what waits in the database now; 404 without the key."""
    figures: Figures = request.app.state.figures
    given = request.headers.get("authorization", "")
    wanted = f"Bearer {figures.key}"
    if not figures.key or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise NotFound("这个页面")
    site = site_of(request)
    last_look = getattr(request.app.state, "last_look", None)
    now = CollectorRegistry()
    now.register(_Standing(site, site.clock(), last_look() if last_look else None))
    return PlainTextResponse(
        generate_latest(figures.registry) + generate_latest(now), media_type=CONTENT_TYPE
    )


@dataclass(frozen=True)
class _Standing(Collector):
    """What is read off the database when somebody asks."""

    site: Site
    now: datetime
    look: float | None

    def collect(self) -> Iterator[Metric]:
        """Work that waits, how long the oldest has waited, what failed, and the last look."""
        count = GaugeMetricFamily(
            "onevisit_work", "Pieces of background work, counted no further than 10001.",
            labels=("kind", "state"),
        )  # fmt: skip
        oldest = GaugeMetricFamily(
            "onevisit_work_oldest_seconds", "Age of the oldest piece that waits.", labels=("kind",)
        )
        with store.reading(self.site.engine) as session:
            for kind in KINDS.values():
                found = waiting(session, kind, self.now)
                count.add_metric((kind.name, "waiting"), found.waiting)
                count.add_metric((kind.name, "failed"), found.failed)
                oldest.add_metric((kind.name,), found.oldest)
            open_now = sessions.counted(session, self.site.door.now(), COUNTED)
        yield count
        yield oldest
        yield GaugeMetricFamily(
            "onevisit_database_connections_in_use", "Database connections that requests hold now.",
            value=store.connections_in_use(self.site.engine),
        )  # fmt: skip
        yield GaugeMetricFamily(
            "onevisit_sessions", "Sessions that are open, counted no further than 10001.",
            value=open_now,
        )  # fmt: skip
        if self.look is not None:
            yield GaugeMetricFamily(
                "onevisit_sweep_age_seconds", "Seconds since the last look.", value=self.look
            )
