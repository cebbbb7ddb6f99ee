"""One sentence about what was just done, shown once on the page that follows."""

from starlette.requests import Request

KEY = "said"


def say(request: Request, text: str) -> None:
    """Keep the sentence until the next page that shows it."""
    request.session[KEY] = text


def said(request: Request) -> str:
    """The sentence that waits to be shown, once; empty when there is none."""
    text = request.session.pop(KEY, "")
    return text if isinstance(text, str) else ""
