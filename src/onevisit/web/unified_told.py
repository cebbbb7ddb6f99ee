"""What is said on the way to the unified sign-in and back, when it does not lead on."""

import structlog
from starlette.requests import Request
from starlette.responses import Response

from onevisit.web.edge import page
from onevisit.web.unified_cookies import ATTEMPT, Unified

log = structlog.get_logger()


def told(
    request: Request,
    unified: Unified,
    what: str,
    status: int,
    more: str = "",
    *,
    again: bool = False,
) -> Response:
    """A page that says what happened and what to do; the attempt is over. `again`: somebody who is
    signed in was to prove once more who they are."""
    answer = page(
        request, "public/unified.html", status=status, what=what, more=more, again=again,
        name=unified.provider.name,
    )  # fmt: skip
    unified.drop(answer, ATTEMPT)
    return answer


def unreachable(request: Request, unified: Unified, why: str, *, again: bool = False) -> Response:
    """The issuer does not answer."""
    log.error("unified_unreachable", why=why[:200])
    return told(request, unified, "unreachable", 503, again=again)
