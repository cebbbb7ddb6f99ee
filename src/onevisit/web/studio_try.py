"""Trying a draft out: its form as applicants will see it, and one case walked through on the engine
alone, from role to role; no row of any case is written."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit import engine
from onevisit.cases.wording import TITLES
from onevisit.catalog.examining import Busy, CutOff, examiner
from onevisit.definition.bundle import parse_definition
from onevisit.definition.form import FieldError
from onevisit.definition.scenario import Scenario
from onevisit.definition.service import Definition
from onevisit.engine import CASE, Chart, Marking, Move, NotPossible, Selection
from onevisit.engine.plan import Plan
from onevisit.engine.rehearsal.application import application
from onevisit.web import situation
from onevisit.web.edge import page, reading, site_of
from onevisit.web.fields import bind
from onevisit.web.gantt import charts, span_text
from onevisit.web.portals import ROLE_TITLES
from onevisit.web.studio_drafts import Desk, desk_of, role_of

router = APIRouter()

PAPERS = TITLES | {"approval": "准予决定", "rejection": "不予决定", "certificate": "证照"}
MOVERS = ROLE_TITLES | {"automatic": "自动", "timer": "到期自动"}
STEPS = 200
"""Steps of one walk; no case has nearly as many."""


@dataclass(frozen=True)
class Choice:
    """Something that somebody could do now, and the address of the walk in which they did."""

    title: str
    by: str
    papers: tuple[str, ...]
    href: str


@dataclass(frozen=True)
class Stand:
    """Where one region stands, what could be done there, and the days that are planned for it."""

    title: str
    department: str
    state: str
    tone: str
    planned: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Step:
    """One thing that was done: who did what where, what it made, and what followed by itself."""

    title: str
    where: str
    by: str
    papers: tuple[str, ...]
    followed: tuple[str, ...]


@dataclass
class Walk:
    """One case on its way, made afresh from what was done so far."""

    definition: Definition
    selection: Selection
    chart: Chart
    marking: Marking
    steps: list[Step] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def go(self, what: str) -> bool:
        """One event, written as region:event; whether it was possible."""
        region, _, event = what.rpartition(":")
        if region not in self.chart.tables:
            return False
        try:
            fired = engine.fire(self.chart, self.marking, region, event)
        except NotPossible:
            return False
        first, *rest = fired.moves
        self.marking = fired.marking
        self.done.append(what)
        papers = [PAPERS.get(kind, kind) for move in fired.moves for kind in move.documents]
        followed = tuple(f"{self._where(each)}：{each.title}" for each in rest)
        self.steps.append(
            Step(first.title, self._where(first), mover(first), tuple(papers), followed)
        )
        return True

    def _where(self, move: Move) -> str:
        return "整件" if move.region == CASE else self.chart.tables[move.region].title


@router.get("/studio/drafts/{draft_id}/form")
def form_preview(request: Request, draft_id: UUID) -> Response:
    """The form of the draft, page by page, as applicants will see it; nothing is sent."""
    desk, definition, trouble = _readable(request, draft_id)
    if definition is None:
        return page(request, "studio/unready.html", status=422, desk=desk, trouble=trouble)
    sections = [(each, bind(each.fields, {})) for each in definition.form.sections]
    return page(request, "studio/form.html", desk=desk, form=definition.form, sections=sections)


@router.get("/studio/drafts/{draft_id}/try")
def try_out(request: Request, draft_id: UUID) -> Response:
    """One case on the draft: the situation first, then step by step; all of it in the address."""
    desk, definition, trouble = _readable(request, draft_id)
    if definition is None:
        return page(request, "studio/unready.html", status=422, desk=desk, trouble=trouble)
    raw = dict(request.query_params)
    begun = "began" in raw or not definition.questions
    answers, errors = engine.read_answers(definition, raw)
    if not begun or errors:
        return _ask(request, desk, definition, raw, errors if begun else [])
    done = request.query_params.getlist("did")[:STEPS]
    walk, lost = walked(definition, answers, done)
    if walk is None:
        nothing = FieldError("", "这样回答，没有需要办理的事项；请换一种回答")
        return _ask(request, desk, definition, raw, [nothing])
    address = f"/studio/drafts/{draft_id}/try?"
    fixed = [("began", "1"), *situation.as_texts(answers).items()]
    plan = engine.plan(definition, walk.selection)
    return page(
        request,
        "studio/try.html",
        desk=desk,
        title=definition.workflow.title,
        said_so=situation.in_words(definition, answers),
        stands=stands(walk, plan, address, fixed),
        steps=walk.steps,
        over=walk.chart.state(CASE, walk.marking[CASE]).final,
        back=address + _query(fixed, walk.done[:-1]) if walk.done else "",
        again=address,
        lost=lost,
        plan=plan,
        parallel=charts(replace(plan, days_serial=0))[1],
        visits=engine.visits(definition, walk.selection),
        materials=list(walk.selection.asked),
    )


def _ask(
    request: Request,
    desk: Desk,
    definition: Definition,
    raw: dict[str, str],
    errors: Sequence[FieldError],
) -> Response:
    return page(
        request,
        "studio/try_answers.html",
        status=422 if errors else 200,
        desk=desk,
        fields=situation.views(definition, raw, errors),
        errors=errors,
    )


def _readable(request: Request, draft_id: UUID) -> tuple[Desk, Definition | None, str]:
    """The draft's definition, once the limited process has read it; else None and why."""
    site = site_of(request)
    with reading(request) as ctx:
        desk = desk_of(ctx, draft_id)
        texts = ctx.catalog.texts(ctx.session, site.home)[0]
    texts |= {path: text for path, text in desk.files.items() if role_of(path) != "scenarios"}
    try:
        found = examiner.ask(texts, desk.path, {})
    except (Busy, CutOff) as error:
        return desk, None, str(error)
    if not found["readable"] or found["figures"] is None:
        return desk, None, "草稿里还有读不懂的地方，改好以后再试。"
    return desk, parse_definition(desk.path, texts), ""


def walked(
    definition: Definition, answers: dict[str, Any], done: Sequence[str]
) -> tuple[Walk | None, int]:
    """The case after what was done, and how many of these steps are no longer possible, since the
    draft has changed; None when the answers choose nothing to do."""
    applied = application(definition, Scenario(title="试办", answers=answers))
    selection = engine.select(definition, applied.answers, applied.form)
    if not selection.parts:
        return None, 0
    chart = engine.compile_chart(definition, selection)
    walk = Walk(definition, selection, chart, chart.initial)
    for place, what in enumerate(done):
        if not walk.go(what):
            return walk, len(done) - place
    return walk, 0


def stands(
    walk: Walk, plan: Plan, address: str, fixed: Sequence[tuple[str, str]]
) -> tuple[Stand, ...]:
    """Where each region stands, the case first."""
    bars = {each.key: each for each in plan.rows}
    found = []
    for key, table in walk.chart.tables.items():
        state = walk.chart.state(key, walk.marking[key])
        row = bars.get(key)
        planned = span_text(row.start_day, row.end_day) if row else ""
        choices = (
            Choice(
                move.title, mover(move), tuple(PAPERS.get(kind, kind) for kind in move.documents),
                address + _query(fixed, [*walk.done, f"{key}:{move.event}"]),
            )
            for move in _once(engine.possible(walk.chart, walk.marking, key))
        )  # fmt: skip
        found.append(
            Stand(
                "整件" if key == CASE else table.title, row.department if row else "",
                state.title, state.tone, planned, tuple(choices),
            )
        )  # fmt: skip
    return tuple(found)


def _once(moves: Sequence[Move]) -> list[Move]:
    """Each event once, however many guards it has."""
    return list({move.event: move for move in reversed(moves)}.values())[::-1]


def mover(move: Move) -> str:
    """Who makes the move, in words."""
    return MOVERS.get(move.by, move.by)


def _query(fixed: Sequence[tuple[str, str]], done: Sequence[str]) -> str:
    return urlencode([*fixed, *(("did", each) for each in done)])
