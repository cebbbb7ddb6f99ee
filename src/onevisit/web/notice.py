"""One sentence about what was just done, shown once on the page that follows."""

from starlette.requests import Request

KEY = "said"
AT_MOST = 240
"""Characters; they travel in the session's cookie, and a browser drops a cookie over 4 KB whole."""


def say(request: Request, text: str) -> None:
    """Keep the sentence until the next page that shows it."""
    request.session[KEY] = text if len(text) <= AT_MOST else text[: AT_MOST - 1] + "…"


def said(request: Request) -> str:
    """The sentence that waits to be shown, once; empty when there is none."""
    text = request.session.pop(KEY, "")
    return text if isinstance(text, str) else ""
