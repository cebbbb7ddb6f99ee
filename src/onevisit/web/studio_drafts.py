"""The studio's editor: one draft a service, saved at every pause, examined beside it while it is
written; who comes second is told what the first changed, and nobody's words are lost."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from fastapi import Path as InAddress
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from onevisit.access import check_can_publish
from onevisit.cases import Context
from onevisit.cases.errors import NotFound
from onevisit.catalog import drafts
from onevisit.catalog.drafts import Copy
from onevisit.catalog.examining import Busy, CutOff, examiner
from onevisit.catalog.published import workflow_path
from onevisit.definition.keys import KINDS
from onevisit.definition.schemas import schema
from onevisit.engine import Plan
from onevisit.engine.plan import Cap, PlanRow
from onevisit.store.studio_tables import Draft
from onevisit.store.tables import Account
from onevisit.web.edge import (
    PostedForm,
    page,
    reading,
    redirect,
    revision_of,
    site_of,
    text_of,
    transaction,
)
from onevisit.web.gantt import charts
from onevisit.web.notice import said, say

router = APIRouter()

ROLES = (("workflow", "流程"), ("form", "表单"), ("scenarios", "情景"))
TYPED = 400_000
"""Characters of one file that are taken; the longest service has a fiftieth of it."""
Kind = Annotated[str, InAddress(pattern="^[a-z]{1,20}$")]


@dataclass(frozen=True)
class Sheet:
    """One file in the editor: which part of the form it is, its path, its text as typed."""

    role: str
    title: str
    path: str
    text: str


@dataclass(frozen=True)
class Desk:
    """A draft as it is shown: what is stored, what is typed, and who changed it last."""

    draft: Draft
    sheets: tuple[Sheet, ...]
    by: str
    began_from: str

    @property
    def files(self) -> dict[str, str]:
        """The typed texts by path."""
        return {each.path: each.text for each in self.sheets}

    @property
    def path(self) -> str:
        """The workflow's file."""
        return workflow_path(self.draft.workflow_id)


@dataclass(frozen=True)
class Other:
    """What somebody else saved meanwhile: who, and how it differs from what was opened here."""

    by: str
    changes: tuple[tuple[str, tuple[str, ...]], ...]


@router.get("/studio/schema/{kind}.json")
def published_schema(request: Request, kind: Kind) -> Response:
    """The JSON Schema of one kind of file, by which the editor completes and explains."""
    with reading(request) as ctx:
        check_can_publish(ctx.actor)
    if kind not in KINDS:
        raise NotFound("这类文件的写法")
    return JSONResponse(schema(kind))


@router.get("/studio/drafts")
def all_drafts(request: Request) -> Response:
    """The list of drafts is on the studio's first page."""
    with reading(request) as ctx:
        check_can_publish(ctx.actor)
    return redirect("/studio")


@router.post("/studio/drafts")
def begin(request: Request, form: PostedForm) -> Response:
    """Open a draft of a service, or of a new one copied from it."""
    source = text_of(form, "from")
    with transaction(request) as ctx:
        check_can_publish(ctx.actor)
        copy = Copy(text_of(form, "id"), text_of(form, "title")) if "id" in form else None
        wrong = _wrong_name(ctx, copy) if copy else {}
        if not wrong:
            try:
                home = site_of(request).home
                begun = drafts.take_up(
                    ctx.session, ctx.catalog, home, source, copy, ctx.now, ctx.actor.id
                )
            except KeyError:
                raise NotFound("这个一件事") from None
            return redirect(f"/studio/drafts/{begun.id}")
        services = [each.definition.workflow for each in ctx.catalog.list(ctx.session)]
    return page(request, "studio/new.html", status=422, services=services, typed=copy,
                source=source, wrong=wrong)  # fmt: skip


@router.get("/studio/new")
def new(request: Request) -> Response:
    """Ask what a new service is called and which existing one it begins from."""
    with reading(request) as ctx:
        check_can_publish(ctx.actor)
        services = [each.definition.workflow for each in ctx.catalog.list(ctx.session)]
    return page(request, "studio/new.html", services=services, typed=Copy("", ""),
                source=request.query_params.get("from", ""), wrong={})  # fmt: skip


def _wrong_name(ctx: Context, copy: Copy) -> dict[str, str]:
    """What is wrong with the name of a new service, by field."""
    wrong = {}
    if not copy.title:
        wrong["title"] = "请填写名称，如 开办便利店“一件事”"
    elif len(copy.title) > 200:
        wrong["title"] = "名称最多 200 个字"
    if not drafts.NAME.fullmatch(copy.id):
        wrong["id"] = "标识用小写英文字母、数字、下划线，以字母开头，如 open_shop"
    elif copy.id in drafts.RESERVED:
        wrong["id"] = "这个标识留给系统使用，请换一个"
    elif _taken(ctx, copy.id):
        wrong["id"] = "已经有这个标识的一件事，请换一个，或者去修改它"
    return wrong


def _taken(ctx: Context, workflow_id: str) -> bool:
    try:
        ctx.catalog.current(workflow_id, ctx.session)
    except KeyError:
        return drafts.draft_of(ctx.session, workflow_id) is not None
    return True


@router.get("/studio/drafts/{draft_id}")
def draft(request: Request, draft_id: UUID) -> Response:
    """The draft in the editor, with what is to be said of it."""
    with reading(request) as ctx:
        desk = desk_of(ctx, draft_id)
    return _drawn(request, desk, examined(request, desk))


@router.post("/studio/drafts/{draft_id}")
def save(request: Request, draft_id: UUID, form: PostedForm) -> Response:
    """Save what was typed."""
    with reading(request) as ctx:
        desk = desk_of(ctx, draft_id, form)
    try:
        _saved(request, desk, revision_of(form))
    except drafts.Overtaken:
        return _overtaken(request, draft_id, form)
    say(request, "草稿已保存。")
    return redirect(f"/studio/drafts/{draft_id}")


@router.post("/studio/drafts/{draft_id}/check")
def check(request: Request, draft_id: UUID, form: PostedForm) -> Response:
    """Save what was typed, if nobody else did meanwhile, and say what is to be said of it; for
    scripts only that piece of the page. `play`: the scenarios too."""
    with reading(request) as ctx:
        desk = desk_of(ctx, draft_id, form)
    piece = bool(text_of(form, "piece"))
    other = None
    try:
        _saved(request, desk, revision_of(form), by_itself=piece)
    except drafts.Overtaken:
        if not piece:
            return _overtaken(request, draft_id, form)
        other = _other(request, draft_id, revision_of(form))
    with reading(request) as ctx:
        desk = desk_of(ctx, draft_id, form)
    found = examined(request, desk, play=bool(text_of(form, "play")))
    if piece:
        return page(request, "studio/draft_result.html", desk=desk, other=other, **found)
    return _drawn(request, desk, found)


@router.post("/studio/drafts/{draft_id}/discard")
def discard(request: Request, draft_id: UUID, form: PostedForm) -> Response:
    """Give a draft up; its texts are kept in the database."""
    with transaction(request) as ctx:
        found = open_draft(ctx, draft_id)
        revision = revision_of(form)
        if revision == found.revision:
            drafts.close(ctx.session, found, ctx.now)
    if revision != found.revision:
        say(request, "没有放弃：您打开之后，这份草稿又有改动，请再看一看。")
        return redirect(f"/studio/drafts/{draft_id}")
    say(request, f"已放弃“{found.title}”的草稿；正在使用的版本没有变化。")
    return redirect("/studio")


def open_draft(ctx: Context, draft_id: UUID) -> Draft:
    """An open draft, for those who publish; NotFound when it was published or given up."""
    check_can_publish(ctx.actor)
    found = ctx.session.get(Draft, draft_id)
    if found is None or found.closed_at is not None:
        raise NotFound("这份草稿")
    return found


def desk_of(ctx: Context, draft_id: UUID, form: PostedForm | None = None) -> Desk:
    """The draft with what was typed into the form, if one was sent."""
    found = open_draft(ctx, draft_id)
    sheets = tuple(_sheet(role, title, found, form) for role, title in ROLES)
    account = ctx.session.get(Account, found.changed_by)
    return Desk(found, sheets, account.name if account else "", found.began_from or "")


def _sheet(role: str, title: str, found: Draft, form: PostedForm | None) -> Sheet:
    path = next(path for path in found.files if role_of(path) == role)
    text = found.files[path]
    if form is not None and role in form:
        typed = str(form[role]).replace("\r\n", "\n")[:TYPED]
        text = typed.rstrip("\n") + "\n" if typed.strip() else ""
    return Sheet(role, title, path, text)


def role_of(path: str) -> str:
    """Which of the three files of a service lies at this path."""
    if path.startswith("forms/"):
        return "form"
    return "scenarios" if path.startswith("workflows/scenarios/") else "workflow"


def _saved(request: Request, desk: Desk, revision: int, *, by_itself: bool = False) -> None:
    with transaction(request) as ctx:
        try:
            drafts.save(ctx.session, desk.draft.id, revision, desk.files, ctx.now, ctx.actor.id,
                        by_itself=by_itself)  # fmt: skip
        except KeyError:
            raise NotFound("这份草稿") from None


def examined(request: Request, desk: Desk, *, play: bool = False) -> dict[str, Any]:
    """What is to be said of the typed texts, for templates: `found` (examine's data; None when it
    was cut off, then `trouble` says why), `texts` for code frames, `parallel` for the plan."""
    site = site_of(request)
    with reading(request) as ctx:
        texts = ctx.catalog.texts(ctx.session, site.home)[0]
        before = in_force(ctx, desk.draft.workflow_id)
    texts |= {
        path: text for path, text in desk.files.items() if text or role_of(path) != "scenarios"
    }
    try:
        found = examiner.ask(texts, desk.path, before, play=play)
    except (Busy, CutOff) as error:
        return {"found": None, "trouble": str(error), "texts": {}, "parallel": None}
    lines = {path: text.splitlines() for path, text in texts.items()}
    drawn = found.get("plan")
    parallel = charts(replace(plan_of(drawn), days_serial=0))[1] if drawn else None
    return {"found": found, "trouble": "", "texts": lines, "parallel": parallel}


def in_force(ctx: Context, workflow_id: str) -> Mapping[str, str]:
    """The texts of the version in force, {} for a service that is new."""
    try:
        return ctx.catalog.current(workflow_id, ctx.session).content
    except KeyError:
        return {}


def plan_of(data: Mapping[str, Any]) -> Plan:
    """The plan that another process told as plain data."""
    rows = tuple(PlanRow(**each) for each in data["rows"])
    return Plan(**{**data, "rows": rows, "joint_cap": Cap(**data["joint_cap"])})


def _drawn(
    request: Request, desk: Desk, found: dict[str, Any], other: Other | None = None
) -> Response:
    """The page of a draft; 409 when somebody else saved first."""
    with reading(request) as ctx:
        departments = _names(ctx)
    return page(request, "studio/draft.html", status=409 if other else 200, desk=desk, other=other,
                said=said(request), names=departments, **found)  # fmt: skip


def _names(ctx: Context) -> list[tuple[str, str, str]]:
    """Names from files that the editor does not show: (kind, name, title)."""
    services = ctx.catalog.list(ctx.session)
    if not services:
        return []
    definition = services[0].definition
    directory = definition.directory
    found = [("department", each.id, each.title) for each in directory.departments]
    for source in directory.sources:
        found += [("source", f"{source.id}.{name}", source.title) for name in source.fields]
    places = {each.definition.jurisdiction.id: each.definition.jurisdiction for each in services}
    return found + [("jurisdiction", each.id, each.title) for each in places.values()]


def _overtaken(request: Request, draft_id: UUID, form: PostedForm) -> Response:
    """The page again with what was typed, what the other changed, and the choice."""
    other = _other(request, draft_id, revision_of(form))
    with reading(request) as ctx:
        desk = desk_of(ctx, draft_id, form)
    return _drawn(request, desk, examined(request, desk), other)


def _other(request: Request, draft_id: UUID, since: int) -> Other:
    with reading(request) as ctx:
        now = open_draft(ctx, draft_id)
        account = ctx.session.get(Account, now.changed_by)
        opened = drafts.said_at(ctx.session, draft_id, since)
    before = opened.files if opened else {}
    changes = tuple(
        (path, lines)
        for path, text in now.files.items()
        if (lines := changed_lines(before.get(path, ""), text))
    )
    return Other(account.name if account else "", changes)


def changed_lines(before: str, after: str) -> tuple[str, ...]:
    """The lines that differ, with a little around them, marked + and -."""
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), "", "", "", "", 2, "")
    return tuple(found)[2:]
