"""What anybody may see without signing in: the services, their guides, and what would follow."""

from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit import engine
from onevisit.definition.workflow import Workflow
from onevisit.engine.proof.report import Figures
from onevisit.web import situation
from onevisit.web.charts import Compared, compared
from onevisit.web.edge import page, published, redirect, site_of
from onevisit.web.finding import is_about
from onevisit.web.flow import flow
from onevisit.web.gantt import charts
from onevisit.web.words import LIFE_EVENTS

router = APIRouter()


@dataclass(frozen=True)
class Group:
    """The services that people meet at one event of a life or a business; "" for no event."""

    event: str
    title: str
    services: tuple[Workflow, ...]


@router.get("/")
@router.get("/services")
def home(request: Request, q: str = "", audience: str = "", event: str = "") -> Response:
    """Search, and all services by what happens in a life or a business."""
    services = [p.definition.workflow for p in site_of(request).catalog.list()]
    mine = [s for s in services if not audience or audience in s.audience]
    found = [s for s in mine if is_about(s, q) and (not event or event in s.life_events)]
    return page(
        request,
        "public/home.html",
        q=q,
        audience=audience,
        event=event if event in LIFE_EVENTS else "",
        events=_groups(mine),
        groups=[each for each in _groups(found) if event in ("", each.event)],
        count=len(found),
        searched=bool(q.strip() or audience or event),
    )


def _groups(services: Iterable[Workflow]) -> list[Group]:
    """The services by event, in the order of a life and then of a business; those that name none
    come last."""
    found = list(services)
    groups = [
        Group(event, title, tuple(each for each in found if event in each.life_events))
        for event, title in LIFE_EVENTS.items()
    ]
    groups.append(Group("", "其他", tuple(each for each in found if not each.life_events)))
    return [group for group in groups if group.services]


@router.get("/services/{service_id}")
def guide(request: Request, service_id: str) -> Response:
    """The service guide, drawn from the definition alone."""
    found = published(request, service_id)
    definition = found.definition
    whole = engine.everything(definition)
    figures = found.report.figures
    return page(
        request,
        "public/guide.html",
        definition=definition,
        workflow=definition.workflow,
        proven=figures,
        changes=_changes(definition.workflow, figures) if figures else (),
        flow=flow(engine.plan(definition, whole), whole),
        asked=whole.asked,
        removed=whole.removed,
        departments={d.id: d for d in definition.directory.departments},
        items={item.id: item for item in definition.workflow.items},
    )


def _changes(workflow: Workflow, figures: Figures) -> tuple[Compared, ...]:
    """减跑动、减时限、减材料、减环节: what is proven at the worst beside what it replaces."""
    before = workflow.baseline
    visits = workflow.promise.visits if figures.visits is None else figures.visits
    return (
        compared("跑动", "次", before.visits, visits),
        compared("时限", "个工作日", before.days, workflow.promise.days),
        compared("材料", "份", before.materials, figures.materials),
        compared("环节", "个", before.steps, figures.steps),
    )


@router.get("/services/{service_id}/start")
def start(request: Request, service_id: str) -> Response:
    """The situation questions; complete answers lead on to what follows from them."""
    definition = published(request, service_id).definition
    raw, asked = dict(request.query_params), request.query_params.getlist("asked")
    answers, errors = engine.read_answers(definition, raw)
    if (asked or not definition.questions) and not errors:
        return redirect(f"/services/{service_id}/result?{situation.address(answers)}")
    wrong = [error for error in errors if error.path in asked or raw.get(error.path)]
    return page(
        request,
        "public/situation.html",
        status=422 if wrong else 200,
        workflow=definition.workflow,
        fields=situation.views(definition, raw, wrong),
        errors=wrong,
        more=bool(asked) and not wrong,
    )


@router.get("/services/{service_id}/result")
def result(request: Request, service_id: str) -> Response:
    """Exactly which items, material, days and visits follow from these answers."""
    definition = published(request, service_id).definition
    answers, errors = engine.read_answers(definition, dict(request.query_params))
    if errors:
        return redirect(f"/services/{service_id}/start?{request.url.query}")
    selection = engine.select(definition, answers)
    plan = engine.plan(definition, selection)
    serial, parallel = charts(plan)
    return page(
        request,
        "public/result.html",
        workflow=definition.workflow,
        selection=selection,
        plan=plan,
        visits=engine.visits(definition, selection),
        serial=serial,
        parallel=parallel,
        answers=situation.in_words(definition, answers),
        texts=situation.as_texts(answers),
        query=situation.address(answers),
        departments={d.id: d for d in definition.directory.departments},
    )
