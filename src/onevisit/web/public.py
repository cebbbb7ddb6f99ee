"""What anybody may see without signing in: the services, their guides, and what would follow."""

from collections.abc import Iterable

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit import engine
from onevisit.definition.workflow import Workflow
from onevisit.web import situation
from onevisit.web.edge import page, published, redirect, site_of
from onevisit.web.gantt import charts
from onevisit.web.words import AUDIENCES

router = APIRouter()


@router.get("/")
@router.get("/services")
def home(request: Request, q: str = "", audience: str = "") -> Response:
    """Search, and all services by audience."""
    services = [p.definition.workflow for p in site_of(request).catalog.list()]
    found = [s for s in services if _matches(s, q) and (not audience or audience in s.audience)]
    return page(
        request,
        "public/home.html",
        q=q,
        audience=audience,
        groups=_groups(found),
        count=len(found),
        searched=bool(q.strip() or audience),
    )


def _matches(service: Workflow, query: str) -> bool:
    """Whether every word of the query occurs in what the guide says of the service."""
    known = " ".join((service.title, service.summary, *service.keywords)).lower()
    known += " ".join(item.title for item in service.items)
    return all(word in known for word in query.lower().split())


def _groups(services: Iterable[Workflow]) -> list[tuple[str, list[Workflow]]]:
    found = list(services)
    groups = [
        (title, [service for service in found if audience in service.audience])
        for audience, title in AUDIENCES.items()
    ]
    return [(title, members) for title, members in groups if members]


@router.get("/services/{service_id}")
def guide(request: Request, service_id: str) -> Response:
    """The service guide, drawn from the definition alone."""
    found = published(request, service_id)
    definition = found.definition
    whole = engine.everything(definition)
    return page(
        request,
        "public/guide.html",
        definition=definition,
        workflow=definition.workflow,
        proven=found.report.figures,
        asked=whole.asked,
        removed=whole.removed,
        departments={d.id: d for d in definition.directory.departments},
        items={item.id: item for item in definition.workflow.items},
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
