"""Keeps what was typed into a form while its sender signs in again, so that nothing is lost.

The form travels through the sign-in page itself; the server remembers nothing of it.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request

REVISION = "revision"
"""Every form drawn for somebody who was signed in carries it."""


@dataclass(frozen=True)
class Kept:
    """A form that could not be taken: where it goes, the page it is on, and its fields."""

    action: str
    back: str
    pairs: tuple[tuple[str, str], ...]

    @property
    def packed(self) -> str:
        """The fields as one text."""
        return urlencode(self.pairs)


def kept_of(request: Request, back: str) -> Kept | None:
    """What the refused request posted; None when it was no form of a signed-in person."""
    posted = getattr(request.state, "posted", None)
    if not isinstance(posted, FormData) or REVISION not in posted:
        return None
    return Kept(request.url.path, back, tuple((n, str(v)) for n, v in posted.multi_items()))


def unpacked(action: str, back: str, packed: str) -> Kept | None:
    """What the sign-in page carried; None when it carried nothing."""
    if not action:
        return None
    return Kept(action, back, tuple(parse_qsl(packed, keep_blank_values=True)))


def safe_path(address: str) -> str:
    """`address` when it is a path on this site, else "": nobody is sent elsewhere by a link."""
    parts = urlsplit(address)
    inside = address.startswith("/") and not address.startswith(("//", "/\\"))
    printable = all(letter.isprintable() and letter != "\\" for letter in address)
    return address if inside and printable and not parts.scheme and not parts.netloc else ""
