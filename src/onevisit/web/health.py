"""Tells an operator whether the process lives and whether it can do its work."""

from collections.abc import Callable

from fastapi import APIRouter
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse

from onevisit.store.migrate import may_go_on
from onevisit.web.edge import Site, site_of

router = APIRouter()
STANDSTILL = 60.0
"""Seconds without a look after which a node does not do its work; it looks once a second."""


@router.get("/healthz")
def alive() -> JSONResponse:
    """200 as long as the process answers."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
def ready(request: Request) -> JSONResponse:
    """200 when the database answers at our newest migration or one that only a newer release knows
    (nodes are renewed one by one beside it), a service is published, and the
    background work of this process (if it has any) has looked at what is due lately; 503 as soon
    as the process is asked to end, so that whoever hands out requests hands it no more."""
    site, age = site_of(request), _last_look(request)
    if getattr(request.app.state, "ending", False):
        return JSONResponse({"status": "not ready", "because": "ending"}, status_code=503)
    look = {} if age is None else {"last_look_seconds": round(age, 1)}
    failed = next((name for name, holds in CHECKS if not holds(site)), None)
    if failed is None and age is not None and age > STANDSTILL:
        failed = "background work stands still"
    if failed is not None:
        return JSONResponse({"status": "not ready", "because": failed, **look}, status_code=503)
    return JSONResponse({"status": "ready", **look})


def _last_look(request: Request) -> float | None:
    """The age of the last look in seconds; None where no background work runs beside the web."""
    last_look: Callable[[], float | None] | None = getattr(request.app.state, "last_look", None)
    return last_look() if last_look is not None else None


def _migrated(site: Site) -> bool:
    try:
        return may_go_on(site.engine)
    except SQLAlchemyError:
        return False


def _serving(site: Site) -> bool:
    return bool(site.catalog.list())


CHECKS: tuple[tuple[str, Callable[[Site], bool]], ...] = (
    ("database unreachable or not migrated", _migrated),
    ("no service is published", _serving),
)
