"""Where somebody came from, as a page that can be opened again."""

import re
from urllib.parse import urlsplit

from starlette.requests import Request

FORMS = (
    (re.compile(r"/my/start/([^/]+)"), "/services/{}/start"),
    (re.compile(r"/my/([^/]+)/uploads/.+"), "/my/{}/materials"),
    (re.compile(r"/my/([^/]+)/materials/.+"), "/my/{}/materials"),
    (re.compile(r"/my/([^/]+)/bring/.+"), "/my/{}/bring"),
    (re.compile(r"/my/([^/]+)/submit"), "/my/{}/review"),
    (re.compile(r"/my/([^/]+)/supplement"), "/my/{}/correction"),
    (re.compile(r"/my/([^/]+)/collect"), "/my/{}"),
    (re.compile(r"/my/([^/]+)/skip_rating"), "/my/{}"),
    (re.compile(r"/my/agents/accept"), "/my/agents"),
    (re.compile(r"/desk/walk-in/([^/]+)(?:/notify)?"), "/desk/walk-in/{}"),
    (re.compile(r"/desk/calls"), "/desk"),
    (re.compile(r"/desk/([^/]+)/[^/]+"), "/desk/{}"),
    (re.compile(r"/office/phrases/.+"), "/office/phrases"),
    (re.compile(r"/office/([^/]+)/(?:claim|put_back)"), "/office/{}"),
    (re.compile(r"/window/([^/]+)/[^/]+"), "/window/{}"),
    (re.compile(r"/kiosk/take"), "/kiosk"),
    (re.compile(r"/studio/accounts/([^/]+)/[a-z-]+"), "/studio/accounts/{}"),
    (re.compile(r"/studio/keys/([^/]+)/revoke"), "/studio/keys/{}"),
    (re.compile(r"/deputies/.+"), "/deputies"),
    (re.compile(r"/sign-in/unified/continue"), "/sign-in"),
    (re.compile(r"/find"), "/search"),
    (re.compile(r"/me/.+|/sign-in/factor/begin"), "/me/sessions"),
    (re.compile(r"/studio/drafts/([^/]+)/(?:check|discard)"), "/studio/drafts/{}"),
    (re.compile(r"/studio/([^/]+)/versions/([^/]+)/restore"), "/studio/{}/versions/{}"),
    (
        re.compile(r"/studio/templates/([^/]+)/([^/]+)/(?:preview|versions/.+)"),
        "/studio/templates/{}/{}",
    ),
)
"""Addresses that only take forms, and the pages that these forms are on. A form with errors comes
back under its own address, where people reload it and come back to it."""


def page_of(path: str) -> str:
    """The page on which the form with this address is, "" when it is none of the forms above."""
    for form, where in FORMS:
        found = form.fullmatch(path)
        if found:
            return where.format(*found.groups())
    return ""


def came_from(request: Request) -> str:
    """The page of ours from which this request was sent, as a path; empty when unknown."""
    parts = urlsplit(request.headers.get("referer", ""))
    if parts.netloc != request.headers.get("host") or not parts.path.startswith("/"):
        return ""
    return page_of(parts.path) or parts.path + ("?" + parts.query if parts.query else "")
