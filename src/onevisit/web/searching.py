"""Keeps what somebody looks for out of addresses: names and numbers of people are typed into search
boxes, and addresses lie in the browser's history and in the logs of whatever stands before us.

A search is posted and leads on to a page whose address carries the words sealed, so that going
back, reloading and the next page of a list work as ever. Only whoever typed them opens them, for a
day.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.views.search import LONGEST
from onevisit.store.kept import keyring_on
from onevisit.store.secret import KeysFault
from onevisit.web.edge import (
    BadForm,
    PostedForm,
    SignInNeeded,
    redirect,
    site_of,
    text_of,
    visitor,
)

router = APIRouter()

NAME = "find"
"""What the sealed words are called in an address."""
KEPT = timedelta(days=1)
EVERYBODYS = "/search"
PAGES = {
    EVERYBODYS: (),
    "/desk": ("tab", "service", "channel"),
    "/office": ("tab", "light", "claimed", "service"),
    "/office/certificates": (),
    "/window": (),
    "/studio/accounts": ("department", "shown"),
}
"""Pages with a search box, and what else their forms narrow the list by."""


@dataclass(frozen=True)
class Typed:
    """What somebody looks for, and how an address carries it; both empty when it is nothing."""

    text: str
    sealed: str


def typed(request: Request) -> Typed:
    """What the address of this page looks for; nothing, where somebody else typed it, or long ago.

    Words that stand in an address as they are (`q`) come from links that somebody wrote: ours carry
    them sealed from there on.
    """
    sealed = request.query_params.get(NAME, "")
    if sealed:
        text = _opened(request, sealed)
        return Typed(text, sealed if text else "")
    text = _short(request.query_params.get("q", ""))
    return Typed(text, _sealed(request, text) if text else "")


Search = Annotated[Typed, Depends(typed)]


@router.post("/find")
def find(request: Request, form: PostedForm) -> Response:
    """On to the page that was asked to look for this."""
    to = text_of(form, "to")
    if to not in PAGES:
        raise BadForm
    if to != EVERYBODYS and visitor(request) is None:
        raise SignInNeeded
    text = _short(text_of(form, "q"))
    query = {name: text_of(form, name)[:LONGEST] for name in PAGES[to]}
    query[NAME] = _sealed(request, text) if text else ""
    kept = {name: value for name, value in query.items() if value}
    return redirect(to + ("?" + urlencode(kept) if kept else ""))


def _short(text: str) -> str:
    return " ".join(text.split())[:LONGEST]


def _place(request: Request) -> str:
    """Whose words they are: another account opens nothing."""
    actor = visitor(request)
    return f"address.{NAME}/{actor.id if actor else ''}"


def _sealed(request: Request, text: str) -> str:
    site = site_of(request)
    said = f"{int(site.door.now().timestamp())} {text}".encode()
    sealed = keyring_on(site.engine.dialect).seal(said, _place(request))
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def _opened(request: Request, sealed: str) -> str:
    site = site_of(request)
    try:
        kept = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        said = keyring_on(site.engine.dialect).open(kept, _place(request)).decode()
    except (binascii.Error, ValueError, KeysFault):
        return ""
    at, _, text = said.partition(" ")
    fresh = site.door.now().timestamp() - int(at) < KEPT.total_seconds()
    return text if fresh else ""
