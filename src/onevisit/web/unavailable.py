"""What people see while the database is away or no room is left: that nothing of theirs is lost,
with the form they sent, ready to be sent again."""

import errno
import sqlite3

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.requests import Request
from starlette.responses import Response

from onevisit.store.shelves import Unreachable
from onevisit.web.edge import site_of
from onevisit.web.resume import kept_of
from onevisit.web.way_back import came_from

log = structlog.get_logger()
KINDS: tuple[type[Exception], ...] = (
    OperationalError,
    InterfaceError,
    InternalError,
    PoolTimeout,
    OSError,
    Unreachable,
)
"""What is raised when the database, the file store or the disk cannot do what it usually can."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
LEFT_ALONE = "25P03"
"""SQLSTATE of a transaction that PostgreSQL ended since nothing came for too long: the machine of
this process stood still, or the disk on which a file was being kept."""
SECONDS = 10
"""After how long a program should ask again (RFC 9110, Retry-After)."""


def is_passing(error: Exception) -> bool:
    """Whether it lies in what we stand on, and may be over soon; else it is a fault of ours."""
    if isinstance(error, OSError):
        return error.errno in FULL
    if isinstance(error, InternalError):
        return getattr(error.orig, "sqlstate", None) == LEFT_ALONE
    if isinstance(error, DBAPIError) and isinstance(error.orig, sqlite3.Error):
        code = getattr(error.orig, "sqlite_errorcode", None)
        return code is None or code & 0xFF != sqlite3.SQLITE_ERROR  # a statement that is wrong
    return True


def answer(request: Request, error: Exception) -> Response:
    """503, drawn without asking the database. Raises `error` again where it is a fault of ours."""
    if not is_passing(error):
        raise error
    note(request, error)
    back = came_from(request)
    context = {
        "full": _is_full(error),
        "files": isinstance(error, Unreachable),
        "kept": kept_of(request, back),
        "file": request.headers.get("content-type", "").startswith("multipart/"),
        "back": back,
        "asked": request.method == "GET",
        "here": request.url.path + ("?" + request.url.query if request.url.query else ""),
    }
    actor = getattr(request.state, "actor", None)
    pages = site_of(request).pages
    response = pages.draw(request, "errors/unavailable.html", actor, context, 503)
    response.headers["Retry-After"] = str(SECONDS)
    return response


def note(request: Request, error: Exception) -> None:
    """One line in the log: where it was met, and why in the database's own words."""
    log.error("unavailable", path=route_of(request), error=type(error).__name__, why=_why(error))


def _is_full(error: Exception) -> bool:
    orig = error.orig if isinstance(error, DBAPIError) else None
    code = getattr(orig, "sqlite_errorcode", 0) & 0xFF
    sqlstate = getattr(orig, "sqlstate", None)
    return isinstance(error, OSError) or code == sqlite3.SQLITE_FULL or sqlstate == "53100"


def _why(error: Exception) -> str:
    """The database's own words, without the statement and its values."""
    return str(error.orig if isinstance(error, DBAPIError) else error)


def route_of(request: Request) -> str:
    """The address as it is written in the program, so that no number of a case is in the log."""
    return getattr(request.scope.get("route"), "path", "")
