"""The search in the bar of every page: services for everybody, and cases for those concerned."""

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.access import Actor, can_publish
from onevisit.cases.views.parts import Badge
from onevisit.cases.views.search import AT_MOST, SHORTEST, Hit, Hits, Kind, search
from onevisit.documents import shelf
from onevisit.web.edge import page, reading, site_of, visitor
from onevisit.web.finding import is_about
from onevisit.web.searching import Search
from onevisit.web.studio_templates import title_of

router = APIRouter()


@dataclass(frozen=True)
class Where:
    """A kind of thing: its heading, where one of them is opened, and what that is called."""

    title: str
    address: str
    leads_to: str


@dataclass(frozen=True)
class Row:
    """One thing found, and the way to it."""

    href: str
    title: str
    about: tuple[str, ...]
    state: Badge | None


@dataclass(frozen=True)
class Group:
    """Everything of one kind; `more`: the list was cut."""

    where: Where
    rows: tuple[Row, ...]
    more: bool


KINDS: dict[Kind, Where] = {
    "my": Where("我的办件", "/my/{}", "看进度"),
    "my_certificate": Where("我的证照", "/my/certificates/{}", "看证照"),
    "desk": Where("综合受理的办件", "/desk/{}", "到受理页面"),
    "window": Where("出件窗口的办件", "/window/{}", "到出件页面"),
    "office": Where("本部门的审批", "/office/{}", "到审批页面"),
    "certificate": Where("本部门发出的证照", "/office/certificates/{}", "看证照"),
    "watch": Where("办件的时限", "/watch/{}/clock", "看每一天怎样算"),
}
SERVICES = Where("办事服务", "/services/{}", "看办事指南")
PUBLISHED = Where("流程管理", "/studio/{}", "看流程和版本")
TEMPLATES = Where("文书模板", "/studio/templates/{}", "改模板")


@router.get("/search")
def find(request: Request, typed: Search) -> Response:
    """What this person may find, by kind; services for everybody, whoever they are."""
    text = typed.text
    actor = visitor(request)
    groups: list[Group] = []
    if len(text) >= SHORTEST:
        if actor is not None:
            with reading(request) as ctx:
                groups = [_group(hits) for hits in search(ctx, text)]
        groups += _services(request, actor, text)
        if actor is not None and can_publish(actor):
            groups += _templates(request, text)
    return page(
        request,
        "public/search.html",
        q=text,
        groups=groups,
        shortest=SHORTEST,
        at_most=AT_MOST,
        hints=_hints(actor),
    )


def _group(hits: Hits) -> Group:
    where = KINDS[hits.kind]
    own = hits.kind in {"my", "my_certificate"}
    return Group(where, tuple(_row(where, hit, own=own) for hit in hits.rows), hits.more)


def _row(where: Where, hit: Hit, *, own: bool) -> Row:
    """Applicants know their things by what they are, staff by number and name."""
    number = hit.number or "草稿"
    title, about = (hit.title, (number,)) if own else (number, (hit.who, hit.title))
    shown = tuple(each for each in about if each)
    return Row(where.address.format(hit.id), title, shown, hit.state)


def _services(request: Request, actor: Actor | None, text: str) -> list[Group]:
    """Services whose guide has every word of the text; administrators come to manage them."""
    where = PUBLISHED if actor is not None and can_publish(actor) else SERVICES
    found = [each.definition.workflow for each in site_of(request).catalog.list()]
    rows = [
        Row(where.address.format(each.id), each.title, (each.summary,), None)
        for each in found
        if is_about(each, text)
    ]
    return [Group(where, tuple(rows[:AT_MOST]), len(rows) > AT_MOST)] if rows else []


def _templates(request: Request, text: str) -> list[Group]:
    """Templates of documents by their title or the name of their file."""
    titles = {name: title_of(name) for name in shelf.names(site_of(request).templates)}
    rows = [
        Row(TEMPLATES.address.format(name), title, (name,), None)
        for name, title in titles.items()
        if text.lower() in name or text in title
    ]
    return [Group(TEMPLATES, tuple(rows[:AT_MOST]), len(rows) > AT_MOST)] if rows else []


def _hints(actor: Actor | None) -> tuple[str, ...]:
    """What this person can look for, so that an empty page says what to try."""
    hints = ["服务名称，例如“餐饮店”"]
    roles = actor.roles if actor else frozenset[str]()
    if actor and can_publish(actor):
        hints.append("文书模板的名称，例如“受理通知书”")
    if "applicant" in roles:
        hints.append("自己的办件编号、证照编号或名称")
    if roles & {"clerk", "window"} or (actor and actor.departments):
        hints += ["完整的办件编号、文书文号或证照编号", "申请人姓名，或姓名开头的几个字"]
    elif "supervisor" in roles:
        hints.append("完整的办件编号、文书文号")
    return tuple(hints)
