"""Draws pages: one Jinja environment with the filters that paper uses, and one shell around all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from onevisit.access import Actor
from onevisit.cases.lights import Due
from onevisit.documents import format as paper
from onevisit.web import portals, words
from onevisit.web.exportable import export_of
from onevisit.web.fields import answer_text, field_id
from onevisit.web.way_back import page_of
from onevisit.web.wishes import Wishes, wishes_of

OK = 200


@dataclass(frozen=True)
class Signed:
    """Who is signed in, for the top of the page, and how much they have not read."""

    name: str
    role_title: str
    unread: int


@dataclass(frozen=True)
class Place:
    """Whose service centre this is, and its telephone."""

    centre: str
    phone: str


@dataclass(frozen=True)
class Shell:
    """What surrounds every page.

    `here` is the page's own address, for forms of the shell that lead back to it; `staff` whether
    somebody works here; `search` whether this application has a search page; `export` address and
    words of the link to the page's list as a spreadsheet.
    """

    place: Place
    home: str
    nav: tuple[portals.Entry, ...]
    account: Signed | None
    demo: datetime | None
    wishes: Wishes
    here: str
    staff: bool
    search: bool
    export: tuple[str, str] | None

    @property
    def elder(self) -> bool:
        """关怀版: larger, fewer choices, plain words."""
        return self.wishes.elder

    @property
    def keys(self) -> bool:
        """Whether single keys are shortcuts: for staff who have not turned them off."""
        return self.staff and self.wishes.keys


@cache
def environment(templates: Path) -> Environment:
    """The environment for templates/web, one for all that draw from it, so that each template is
    compiled once; an unknown name in a template is an error, not a blank."""
    env = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {
        "day": paper.cn_date,
        "due": due_day,
        "when": paper.cn_datetime,
        "number": paper.big_number,
        "mask_name": paper.mask_name,
        "mask_id": paper.mask_id,
        "mask_phone": paper.mask_phone,
        "bytes": file_size,
        "field_id": field_id,
        "answer_of": lambda value, schema: answer_text(schema, value),
        "limit": words.days,
        "fee": words.fee,
        "category": words.category,
    }
    env.globals["words"] = words
    return env


def due_day(due: Due) -> str:
    """2027年1月22日（暂定）: the mark says that holidays may still move the day."""
    return paper.cn_date(due.day) + ("（暂定）" if due.provisional else "")


def file_size(size: int) -> str:
    """Bytes as people read them: 512 B, 84 KB, 3.2 MB (units of 1024)."""
    if size < 1024:
        return f"{size} B"
    if size < 1024 * 1024:
        return f"{size / 1024:.0f} KB"
    return f"{size / 1024 / 1024:.1f}".removesuffix(".0") + " MB"


@dataclass(frozen=True)
class Pages:
    """Draws templates for one application; `built` are the portals that it really serves, `demo`
    the clock of a demonstration."""

    env: Environment
    place: Place
    demo: Callable[[], datetime] | None
    built: frozenset[str]

    def draw(
        self,
        request: Request,
        template: str,
        actor: Actor | None,
        context: Mapping[str, Any],
        status: int,
    ) -> HTMLResponse:
        """The page `templates/web/<template>` inside its shell, as `actor` may see it."""
        shell = self._shell(request, actor, status)
        html = self.env.get_template(f"web/{template}").render({**context, "shell": shell})
        return HTMLResponse(html, status_code=status)

    def _shell(self, request: Request, actor: Actor | None, status: int) -> Shell:
        roles = frozenset(post.role for post in actor.posts) if actor else frozenset[str]()
        signed = None
        if actor:
            title = portals.role_title(roles - {"applicant"})
            signed = Signed(_named(actor), title, getattr(request.state, "unread", 0))
        nav = portals.entries(roles, request.url.path, self.built)
        home = portals.home_of(roles, self.built) if roles - {"applicant"} else "/"
        return Shell(
            place=self.place,
            home=home,
            nav=nav,
            account=signed,
            demo=self.demo() if self.demo else None,
            wishes=wishes_of(request),
            here=_here(request),
            staff=bool(roles - {"applicant"}),
            search="/search" in self.built,
            export=export_of(request.url.path, request.url.query)
            if actor and status == OK
            else None,
        )


def _named(actor: Actor) -> str:
    """The name at the top of the page: 乙（代甲） for somebody who stands in for another."""
    principals = dict.fromkeys(each.principal.name for each in actor.posts if each.principal)
    return f"{actor.name}（代{'、'.join(principals)}）" if principals else actor.name


def _here(request: Request) -> str:
    """The address at which this page can be opened again."""
    path = request.url.path
    if request.method != "GET":
        return page_of(path) or path
    return path + ("?" + request.url.query if request.url.query else "")
