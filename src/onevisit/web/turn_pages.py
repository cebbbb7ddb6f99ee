"""Which standing acts have a page of their own, so that links lead there and nowhere else."""

from starlette.requests import Request

from onevisit.web.edge import site_of


def pages_below(request: Request, start: str) -> frozenset[str]:
    """The last parts of all served addresses that begin with `start`: events with a page."""
    built = site_of(request).pages.built
    return frozenset(path.removeprefix(start) for path in built if path.startswith(start))
