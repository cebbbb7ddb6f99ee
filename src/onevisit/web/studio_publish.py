"""Publishing from the studio: what changes, what it means, which cases stay where they are; and a
former version again. Refused with the line when a promise does not hold."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import structlog
from fastapi import APIRouter
from fastapi import Path as InAddress
from starlette.requests import Request
from starlette.responses import Response

from onevisit.access import check_can_publish
from onevisit.cases import Context
from onevisit.cases.errors import NotFound
from onevisit.catalog import authored, drafts, publishing
from onevisit.catalog.examining import Busy, CutOff, examiner
from onevisit.catalog.folder import Refusal
from onevisit.catalog.published import workflow_path
from onevisit.catalog.publishing import Overtaken, Proposal, Refused
from onevisit.definition.problem import Problem
from onevisit.definition.scenario_file import scenario_path
from onevisit.store.studio_tables import Draft
from onevisit.store.tables import Account, WorkflowVersion
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
from onevisit.web.notice import say
from onevisit.web.studio_drafts import (
    Desk,
    changed_lines,
    desk_of,
    examined,
    in_force,
    open_draft,
    role_of,
)

router = APIRouter()
log = structlog.get_logger()

RATCHET = "只减不增"
SHOWN = 12
"""Numbers of running cases that are shown."""
SAME_VERSION = "版本号与现行的一样，请改成新的，如 {}"
Id = Annotated[str, InAddress(pattern="^[a-z][a-z0-9_]{0,62}$")]
Hash = Annotated[str, InAddress(pattern="^[0-9a-f]{64}$")]


@dataclass(frozen=True)
class Staying:
    """The cases that stay on the version they run on: how many, and the first of their numbers."""

    count: int
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """One file with the lines that differ between the version in force and the proposed one."""

    path: str
    lines: tuple[str, ...]


@router.get("/studio/drafts/{draft_id}/publish")
def ask(request: Request, draft_id: UUID) -> Response:
    """What publishing the draft would change, and whether it may be."""
    with reading(request) as ctx:
        desk = desk_of(ctx, draft_id)
    return _asked(request, desk)


@router.post("/studio/drafts/{draft_id}/publish")
def publish(request: Request, draft_id: UUID, form: PostedForm) -> Response:
    """Publish the draft as it was shown; new cases start on it, running ones stay."""
    with reading(request) as ctx:
        desk = desk_of(ctx, draft_id)
    if revision_of(form) != desk.draft.revision:
        return _asked(request, desk, "您打开之后，这份草稿又有改动，请看过下面的再发布。")
    if text_of(form, "against") != desk_against(request, desk):
        return _asked(request, desk, "您打开之后，这件事已经发布了别的版本，请看过下面的再发布。")
    found = examined(request, desk)
    if not found["found"] or found["found"]["faults"]:
        return _asked(request, desk, status=422)
    files = desk.files
    try:
        with reading(request) as ctx:
            proposal = publishing.propose(
                ctx.catalog, ctx.session, site_of(request).home, desk.draft.workflow_id, files
            )
    except Refused as error:
        return _asked(request, desk, refusal=error.refusal, status=422)
    try:
        with transaction(request, proven=True) as ctx:
            now = _unchanged(ctx, desk)
            _put_in_force(request, ctx, proposal, "draft")
            drafts.close(ctx.session, now, ctx.now, proposal.service.hash)
    except Overtaken:
        return _asked(request, desk, "刚刚有人先改动或者发布了，请看过下面的再发布。")
    return _done(request, proposal, "已发布")


def _unchanged(ctx: Context, desk: Desk) -> Draft:
    """The draft, if it still is as it was examined; Overtaken."""
    now = open_draft(ctx, desk.draft.id)
    if now.revision != desk.draft.revision:
        raise Overtaken
    return now


def _asked(
    request: Request,
    desk: Desk,
    changed: str = "",
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    """The page before publishing; 409 when something changed since it was shown."""
    found = examined(request, desk)
    workflow_id = desk.draft.workflow_id
    with reading(request) as ctx:
        current = in_force(ctx, workflow_id)
        version = publishing.in_force(ctx.session, workflow_id)
        staying = _staying(ctx, version.hash) if version else None
    facts = found["found"] or {}
    same = bool(version and facts.get("readable") and facts["version"] == version.version)
    return page(
        request,
        "studio/publish.html",
        status=409 if changed else status,
        desk=desk,
        changed=changed,
        refusal=_as_faults(refusal),
        version=version,
        staying=staying,
        same_version=SAME_VERSION.format(_next(version.version)) if same and version else "",
        moved=bool(version and desk.began_from and version.hash != desk.began_from),
        changes=_changes(current, desk.files),
        **found,
    )


def desk_against(request: Request, desk: Desk) -> str:
    """The hash of the version in force, "" for a service that is new."""
    with reading(request) as ctx:
        version = publishing.in_force(ctx.session, desk.draft.workflow_id)
    return version.hash if version else ""


def _staying(ctx: Context, version: str) -> Staying:
    count = publishing.running(ctx.session, [version]).get(version, 0)
    numbers = publishing.running_cases(ctx.session, version, SHOWN) if count else []
    return Staying(count, tuple(numbers))


def _changes(current: Any, files: Any) -> tuple[Change, ...]:
    """What differs, file by file; scenarios are no part of a version."""
    found = (
        Change(path, changed_lines(current.get(path, ""), text))
        for path, text in files.items()
        if role_of(path) != "scenarios"
    )
    return tuple(each for each in found if each.lines)


def _next(version: str) -> str:
    head, _, last = version.rpartition(".")
    return f"{head}.{int(last) + 1}" if head and last.isdigit() else f"{version}.1"


def _as_faults(refusal: Refusal | None) -> list[dict[str, Any]]:
    """The problems as the list of faults shows them."""
    return [_fault(each) for each in refusal.problems] if refusal else []


def _fault(problem: Problem) -> dict[str, Any]:
    return {"path": problem.path, "line": problem.line, "column": problem.column, "about": "",
            "message": problem.message(), "trace": []}  # fmt: skip


def _put_in_force(
    request: Request, ctx: Context, proposal: Proposal, how: str, basis: str | None = None
) -> None:
    publishing.put_in_force(
        ctx.catalog, ctx.session, site_of(request).home, proposal, ctx.now, ctx.actor.id, how, basis
    )


def _done(request: Request, proposal: Proposal, done: str) -> Response:
    """Write the folder too, now that the database has it, and say what came of it."""
    site, workflow = site_of(request), proposal.service.definition.workflow
    texts = {path: text for path, text in proposal.files.items() if text.strip()}
    written = authored.write_out(site.home, texts)
    site.catalog.forget_refused()
    log.info("service published", workflow=workflow.id, hash=proposal.service.hash, files=written)
    told = f"{done}：{workflow.title}（第 {workflow.version} 版）；在办件继续用原来的版本。"
    say(request, told + ("" if written else "服务目录不可写，内容保存在数据库里，同样有效。"))
    return redirect(f"/studio/{workflow.id}")


# ---- a former version again --------------------------------------------------------------------


@router.get("/studio/{workflow_id}/versions/{version_id}")
def former(request: Request, workflow_id: Id, version_id: Hash) -> Response:
    """A former version beside the one in force, and whether it can be in force again."""
    return _former(request, workflow_id, version_id)


@router.post("/studio/{workflow_id}/versions/{version_id}/restore")
def restore(request: Request, workflow_id: Id, version_id: Hash, form: PostedForm) -> Response:
    """Publish the texts of a former version again, among today's rules; running cases stay.

    What asks more than the version in force needs a basis, which is written into the record.
    """
    basis = text_of(form, "basis")[:500]
    look = _look(request, workflow_id, version_id)
    if text_of(form, "against") != (look.current.hash if look.current else ""):
        return _former(request, workflow_id, version_id, "changed", basis)
    if look.trouble or look.others or (look.more and not basis):
        return _former(request, workflow_id, version_id, "basis", basis)
    try:
        with reading(request) as ctx:
            proposal = publishing.propose(
                ctx.catalog, ctx.session, site_of(request).home, workflow_id, look.files,
                may_ask_more=bool(basis),
            )  # fmt: skip
        with transaction(request, proven=True) as ctx:
            _put_in_force(request, ctx, proposal, "restored", basis or None)
    except (Refused, Overtaken):
        return _former(request, workflow_id, version_id, "changed", basis)
    return _done(request, proposal, "已恢复")


@dataclass(frozen=True)
class Look:
    """A former version with what is to be said of it today: `more` are the faults that a basis
    mends (it asks more than the version in force), `others` those that nothing does."""

    row: WorkflowVersion
    by: str
    files: dict[str, str]
    current: WorkflowVersion | None
    changes: tuple[Change, ...]
    found: dict[str, Any] | None
    trouble: str
    more: list[dict[str, Any]]
    others: list[dict[str, Any]]
    texts: dict[str, list[str]]


def _look(request: Request, workflow_id: str, version: str) -> Look:
    site = site_of(request)
    with reading(request) as ctx:
        check_can_publish(ctx.actor)
        row = ctx.session.get(WorkflowVersion, version)
        if row is None or row.workflow_id != workflow_id:
            raise NotFound("这个版本")
        own = {path: text for path, text in row.content.items() if _own(path, workflow_id)}
        texts = ctx.catalog.texts(ctx.session, site.home)[0] | own
        now = in_force(ctx, workflow_id)
        current = publishing.in_force(ctx.session, workflow_id)
        by = name_of(ctx, row.published_by)
    before = {path: text for path, text in now.items() if _own(path, workflow_id)}
    files = dict.fromkeys(before, "") | own
    found, trouble = None, ""
    try:
        found = examiner.ask(texts, workflow_path(workflow_id), now)
    except (Busy, CutOff) as error:
        trouble = str(error)
    faults = found["faults"] if found else []
    played = scenario_path(workflow_id)
    return Look(
        row, by, own, current, _changes(now, files), found, trouble,
        [each for each in faults if each["about"] == RATCHET],
        [each for each in faults if each["about"] != RATCHET and each["path"] != played],
        {path: text.splitlines() for path, text in texts.items()},
    )  # fmt: skip


def _own(path: str, workflow_id: str) -> bool:
    """Whether a pinned file is the service's own, and no rule that all services share."""
    return path == workflow_path(workflow_id) or path.startswith("forms/")


def _former(
    request: Request, workflow_id: str, version: str, wrong: str = "", basis: str = ""
) -> Response:
    look = _look(request, workflow_id, version)
    with reading(request) as ctx:
        staying = _staying(ctx, look.current.hash) if look.current else None
    status = {"": 200, "changed": 409, "basis": 422}[wrong]
    return page(request, "studio/former.html", status=status, look=look, wrong=wrong, basis=basis,
                staying=staying)  # fmt: skip


def name_of(ctx: Context, account_id: UUID | None) -> str:
    """Who it was, "" for nobody (the start of a server)."""
    account = ctx.session.get(Account, account_id) if account_id else None
    return account.name if account else ""


@dataclass(frozen=True)
class VersionRow:
    """One version in the list of a service: who published it when, and how many cases run on it."""

    row: WorkflowVersion
    by: str
    running: int


@dataclass(frozen=True)
class PublicationRow:
    """One time that a version came into force."""

    at: datetime
    by: str
    how: str
    version: str
    basis: str


def version_rows(ctx: Context, workflow_id: str) -> list[VersionRow]:
    """All versions of a service, the newest first; three queries whatever their number."""
    rows = publishing.versions(ctx.session, workflow_id)
    counts = publishing.running(ctx.session, [row.hash for row in rows])
    return [
        VersionRow(row, name_of(ctx, row.published_by), counts.get(row.hash, 0)) for row in rows
    ]


def publication_rows(ctx: Context, workflow_id: str) -> list[PublicationRow]:
    """When which version came into force, the newest first."""
    names = {row.hash: row.version for row in publishing.versions(ctx.session, workflow_id)}
    words = {"folder": "按服务目录", "draft": "由草稿", "restored": "恢复旧版"}
    return [
        PublicationRow(
            each.published_at, name_of(ctx, each.published_by), words[each.how],
            names.get(each.hash, ""), each.basis or "",
        )
        for each in publishing.publications(ctx.session, workflow_id)
    ]  # fmt: skip
