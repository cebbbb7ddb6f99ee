"""How somebody wants to see pages (关怀版, dark, shortcuts), kept in a cookie."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.web.edge import PostedForm, redirect, text_of
from onevisit.web.resume import safe_path
from onevisit.web.way_back import came_from
from onevisit.web.wishes import COOKIE, THEMES, Wishes, wishes_of

router = APIRouter()
YEAR = 365 * 24 * 60 * 60
"""Seconds for which a browser keeps what was chosen."""
SWITCH = {"on": True, "off": False}


@router.post("/preferences")
def choose(request: Request, form: PostedForm) -> Response:
    """Keeps what was chosen and goes back to the page on which it was chosen."""
    answer = redirect(safe_path(text_of(form, "back")) or came_from(request) or "/")
    wishes = _changed(wishes_of(request), form)
    answer.set_cookie(
        COOKIE,
        wishes.packed,
        max_age=YEAR,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return answer


def _changed(wishes: Wishes, form: PostedForm) -> Wishes:
    """The wishes with what the form says; what it does not say, or says wrongly, stays."""
    theme = text_of(form, "theme")
    return Wishes(
        elder=SWITCH.get(text_of(form, "elder"), wishes.elder),
        theme=theme if theme in THEMES else wishes.theme,
        keys=SWITCH.get(text_of(form, "keys"), wishes.keys),
    )
