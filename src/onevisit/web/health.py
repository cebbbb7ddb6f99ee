"""Tells an operator whether the process lives and whether it can do its work."""

from collections.abc import Callable

from fastapi import APIRouter
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse

from onevisit.store.migrate import is_current
from onevisit.web.edge import Site, site_of

router = APIRouter()


@router.get("/healthz")
def alive() -> JSONResponse:
    """200 as long as the process answers."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
def ready(request: Request) -> JSONResponse:
    """200 when the database answers at the newest migration and a service is published."""
    site = site_of(request)
    failed = next((name for name, holds in CHECKS if not holds(site)), None)
    if failed is not None:
        return JSONResponse({"status": "not ready", "because": failed}, status_code=503)
    return JSONResponse({"status": "ready"})


def _migrated(site: Site) -> bool:
    try:
        return is_current(site.engine)
    except SQLAlchemyError:
        return False


def _serving(site: Site) -> bool:
    return bool(site.catalog.list())


CHECKS: tuple[tuple[str, Callable[[Site], bool]], ...] = (
    ("database unreachable or not migrated", _migrated),
    ("no service is published", _serving),
)
