"""The studio of the service admin: what is published, what is refused and where, check again."""

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit import engine
from onevisit.access import check_can_publish
from onevisit.cases import Context
from onevisit.cases.deadlines import recompute
from onevisit.cases.errors import NotFound
from onevisit.cases.wording import TITLES
from onevisit.catalog import drafts, publishing
from onevisit.catalog.catalog import Listed
from onevisit.catalog.examining import examiner
from onevisit.catalog.folder import Folder, Refusal
from onevisit.definition.problem import Problem
from onevisit.definition.service import Definition
from onevisit.engine import CASE, Move, Selection
from onevisit.engine.chart import RegionTable
from onevisit.engine.diagram import mermaid
from onevisit.web.edge import page, reading, redirect, site_of, transaction
from onevisit.web.gantt import charts
from onevisit.web.notice import said, say
from onevisit.web.portals import ROLE_TITLES
from onevisit.web.studio_publish import name_of, publication_rows, version_rows

router = APIRouter()

PAPERS = TITLES | {"approval": "准予决定", "rejection": "不予决定", "certificate": "证照"}
MOVERS = ROLE_TITLES | {"automatic": "自动", "timer": "到期自动"}
MOVING = "日历或者辖区规则有变动，在办件没有届满的时限由后台逐件重算，每一处变动都有留痕。"
AROUND = 2
"""Lines shown before and after the offending one."""


@dataclass(frozen=True)
class Row:
    """One service in the list; `by` names who published the version, "" at first start; `running`
    is how many cases run on it."""

    listed: Listed
    by: str
    running: int = 0


@dataclass(frozen=True)
class FrameLine:
    """One line of a file; in the offending one `ahead` ends where the fault begins."""

    number: int
    ahead: str
    fault: str


@dataclass(frozen=True)
class Fault:
    """A problem with the lines around it; no lines when the file could not be read as text."""

    problem: Problem
    lines: tuple[FrameLine, ...]


@router.get("/studio")
def services(request: Request) -> Response:
    """All services with their current version, and every file that is refused."""
    site = site_of(request)
    with reading(request) as ctx:
        check_can_publish(ctx.actor)
        found_rows = site.catalog.listed(ctx.session)
        counts = publishing.running(ctx.session, [each.published.hash for each in found_rows])
        rows = [_row(ctx, each, counts.get(each.published.hash, 0)) for each in found_rows]
        writing = [
            (each, name_of(ctx, each.changed_by)) for each in drafts.open_drafts(ctx.session)
        ]
    examiner.get_ready()
    found = site.catalog.refused(site.home)
    refused = [(each, [fault(each, one) for one in each.problems]) for each in found]
    return page(request, "studio/services.html", rows=rows, refused=refused, drafts=writing,
                said=said(request))  # fmt: skip


@router.post("/studio/publish")
def publish(request: Request) -> Response:
    """Read the service folder again and publish what is new and sound."""
    site = site_of(request)
    before = {published.hash for published in site.catalog.list()}
    with transaction(request) as ctx:
        check_can_publish(ctx.actor)
        folder = site.catalog.publish_folder(ctx.session, site.home, ctx.now, ctx.actor.id)
        moving = bool(recompute.pending(ctx.session))
    say(request, outcome(folder, before) + (MOVING if moving else ""))
    return redirect("/studio")


@router.get("/studio/{workflow_id}")
def version(request: Request, workflow_id: str) -> Response:
    """The current version of one service: figures, items, moves, statechart."""
    site = site_of(request)
    with reading(request) as ctx:
        check_can_publish(ctx.actor)
        found = [each for each in site.catalog.listed(ctx.session) if _id(each) == workflow_id]
        if not found:
            raise NotFound("这个一件事")
        row = _row(ctx, found[0])
        versions = version_rows(ctx, workflow_id)
        record = publication_rows(ctx, workflow_id)
        writing = drafts.draft_of(ctx.session, workflow_id)
    published = row.listed.published
    definition = published.definition
    whole = engine.everything(definition)
    chart = published.chart(whole)
    return page(
        request,
        "studio/version.html",
        row=row,
        versions=versions,
        record=record,
        writing=writing,
        published=published,
        definition=definition,
        workflow=definition.workflow,
        departments={each.id: each for each in definition.directory.departments},
        whole=whole,
        check=_check(definition, whole),
        parallel=charts(engine.plan(definition, whole))[1],
        states=chart.tables[CASE].states,
        moves=_moves(chart.tables[CASE]),
        drawing=mermaid(chart),
        roles=MOVERS,
        papers=PAPERS,
        said=said(request),
    )


@dataclass(frozen=True)
class Figure:
    """One computed figure beside what the service promises; None: not possible at all."""

    title: str
    found: int | None
    promised: int
    unit: str

    @property
    def held(self) -> bool:
        """Whether the promise is kept."""
        return self.found is not None and self.found <= self.promised


def _check(definition: Definition, whole: Selection) -> tuple[Figure, ...]:
    """What the engine computes for all items together, beside the promise."""
    promise = definition.workflow.promise
    visits, plan = engine.visits(definition, whole), engine.plan(definition, whole)
    return (
        Figure("跑动：可以上网", visits.visits, promise.visits, "次"),
        Figure("跑动：不上网", visits.visits_counter, promise.visits, "次"),
        Figure("跑动：可以上网，有一次补正", visits.visits_with_correction, promise.visits, "次"),
        Figure("办结：各部门并联", plan.days, promise.days, "个工作日"),
    )


def _moves(table: RegionTable) -> tuple[Move, ...]:
    """The moves of the case, each once however many guards it has."""
    each = {(m.source, m.event, m.target): m for moves in table.moves.values() for m in moves}
    return tuple(each.values())


def fault(refusal: Refusal, problem: Problem) -> Fault:
    """The problem with the lines of the file around it."""
    texts = refusal.texts.get(problem.path, "").splitlines()
    first = max(1, problem.line - AROUND)
    shown = list(enumerate(texts, start=1))[first - 1 : problem.line + AROUND]
    return Fault(problem, tuple(_frame_line(number, text, problem) for number, text in shown))


def _frame_line(number: int, text: str, problem: Problem) -> FrameLine:
    cut = problem.column - 1 if number == problem.line else len(text)
    return FrameLine(number, text[:cut], text[cut:])


def outcome(folder: Folder, before: set[str]) -> str:
    """What publishing did, in one sentence."""
    new = [each.definition.workflow for each in folder.services if each.hash not in before]
    names = "、".join(f"{each.title}（第 {each.version} 版）" for each in new)
    told = f"已发布：{names}；在办件继续用原来的版本。" if new else "检查完毕，没有需要发布的改动。"
    if folder.refused:
        told += f"{len(folder.refused)} 个文件有问题，没有发布，原来的版本照常服务。"
    return told


def _row(ctx: Context, listed: Listed, running: int = 0) -> Row:
    return Row(listed, name_of(ctx, listed.published_by), running)


def _id(listed: Listed) -> str:
    return listed.published.definition.workflow.id
