"""Which standing acts have a page of their own, so that links lead there and nowhere else."""

from starlette.requests import Request


def pages_below(request: Request, start: str) -> frozenset[str]:
    """The last parts of all served addresses that begin with `start`: events with a page."""
    paths = (getattr(route, "path", "") for route in request.app.routes)
    return frozenset(path.removeprefix(start) for path in paths if path.startswith(start))
