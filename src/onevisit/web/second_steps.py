"""The pages between a right password and a session: one's own password, a code, a second factor.

A form that waits to be sent travels through all of them, as through the sign-in page.
"""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import segno
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.signing_in import factor
from onevisit.cases.staff import password as passwords
from onevisit.definition.form import FieldError
from onevisit.store import session as store
from onevisit.store.tables import Account
from onevisit.web.edge import page, site_of
from onevisit.web.resume import Kept

STEPS = {"password": "/sign-in/password", "code": "/sign-in/code", "factor": "/sign-in/factor"}
"""Where the second step is taken, by the stage of the session."""


@dataclass(frozen=True)
class Onward:
    """Where somebody wanted to go, and a form that waits to be sent."""

    following: str = ""
    kept: Kept | None = None


def draw_step(request: Request, stage: str, account_id: UUID, onward: Onward) -> Response:
    """The page of the step that is due."""
    if stage == "code":
        return draw_code(request, onward)
    if stage == "factor":
        return draw_factor(request, account_id, onward)
    return draw_password(request, onward, first=True)


def draw_password(
    request: Request, onward: Onward, errors: Sequence[FieldError] = (), *, first: bool
) -> Response:
    """Asks for a new password twice, and for the present one unless it was a first one."""
    return page(
        request,
        "public/password.html",
        status=422 if errors else 200,
        first=first,
        least=passwords.LEAST,
        errors=errors,
        wrong={each.path: each.message for each in errors},
        next=onward.following,
        kept=onward.kept,
    )


def draw_code(
    request: Request, onward: Onward, errors: Sequence[FieldError] = (), status: int = 422
) -> Response:
    """Asks for the code of the app, or a recovery code."""
    return page(
        request,
        "public/code.html",
        status=status if errors else 200,
        errors=errors,
        next=onward.following,
        kept=onward.kept,
    )


def draw_factor(
    request: Request,
    account_id: UUID,
    onward: Onward,
    errors: Sequence[FieldError] = (),
    *,
    due: bool = True,
    status: int = 422,
) -> Response:
    """Shows the secret to be put into an app, as a picture and in letters, and asks for its first
    code. `due`: one must, before anything else."""
    site = site_of(request)
    with store.reading(site.engine) as session:
        secret = factor.offered(session, account_id)
        username = session.get_one(Account, account_id).username
    shown = ""
    if secret:
        shown = _picture(factor.address(secret, username, site.pages.place.centre))
    return page(
        request,
        "public/factor.html",
        status=status if errors else 200,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)) if secret else "",
        picture=shown,
        due=due,
        errors=errors,
        next=onward.following,
        kept=onward.kept,
    )


def draw_codes(
    request: Request, codes: Sequence[str], onward: Onward, *, renewed: bool = False
) -> Response:
    """The recovery codes, this one time."""
    return page(
        request,
        "public/recovery_codes.html",
        codes=codes,
        renewed=renewed,
        next=onward.following,
        kept=onward.kept,
    )


def _picture(text: str) -> str:
    """A QR code as an address of its own (PNG), dark on white in every mode of the page."""
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="png", scale=5, border=4)
    return "data:image/png;base64," + base64.b64encode(drawn.getvalue()).decode()
