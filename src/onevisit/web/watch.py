"""The supervisors' pages: today's numbers, which lights are on, where, since when, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.context import Context
from onevisit.cases.views.watch import KINDS, Wanted, watch
from onevisit.cases.views.watch_case import watch_case
from onevisit.cases.views.watch_today import Counted, TrendDay, counted, trend
from onevisit.engine import CASE
from onevisit.web.charts import ColumnChart, columns
from onevisit.web.edge import page, reading, redirect

router = APIRouter()


@dataclass(frozen=True)
class Cell:
    """One department in one service: items in hand, and the lights that are on, the worst first."""

    department: str
    service: str
    in_hand: int
    lights: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Matrix:
    """Services by departments, and whole cases; only those that have work in hand or a light."""

    departments: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


@router.get("/watch")
def lights(
    request: Request,
    kind: str = "supervision",
    department: str = "",
    service: str = "",
    after: str | None = None,
) -> Response:
    """Today, the matrix, and the open lights of one kind, those that have been on longest first."""
    wanted = Wanted(kind if kind in KINDS else "supervision", department, service)
    try:
        with reading(request) as ctx:
            rows, found, days = watch(ctx, wanted, after), counted(ctx), trend(ctx)
            titles = _titles(ctx)
    except ValueError:  # an address that none of our pages made
        return redirect("/watch")
    return page(
        request,
        "watch/lights.html",
        wanted=wanted,
        rows=rows,
        counted=found,
        matrix=_matrix(found, titles) if found else None,
        days=days,
        chart=_trend(days),
        kinds=KINDS,
        tabs=_tabs(wanted, found),
        titles=titles,
        narrowed=urlencode({"department": department, "service": service}),
    )


@router.get("/watch/{case_id}")
def of_a_case(request: Request, case_id: UUID) -> Response:
    """One case: whose turn it is, and who did what when; nothing of the applicant."""
    with reading(request) as ctx:
        view = watch_case(ctx, case_id)
    return page(request, "watch/case.html", view=view)


def _tabs(wanted: Wanted, found: Counted | None) -> list[tuple[str, str]]:
    """Each kind with how many are on in what is looked at."""
    if found is None:
        return list(KINDS.items())
    among = [
        each
        for each in found.lit
        if wanted.department in ("", each.department) and wanted.service in ("", each.workflow_id)
    ]
    return [
        (kind, f"{title} {sum(each.kinds.get(kind, 0) for each in among)}")
        for kind, title in KINDS.items()
    ]


def _titles(ctx: Context) -> dict[str, str]:
    """Short titles of departments and titles of services, by id."""
    found = {CASE: "整件"}
    for published in ctx.catalog.list(ctx.session):
        definition = published.definition
        found |= {each.id: each.short for each in definition.directory.departments}
        found[definition.workflow.id] = definition.workflow.title
    return found


def _matrix(found: Counted, titles: Mapping[str, str]) -> Matrix:
    on = {(each.department, each.workflow_id): each.kinds for each in found.lit}
    places = on.keys() | found.in_hand.keys()
    departments = sorted({place for place, _ in places}, key=lambda each: (each == CASE, each))
    rows = []
    for service in sorted({each for _, each in places}):
        cells = tuple(
            Cell(
                department,
                service,
                found.in_hand.get((department, service), 0),
                tuple(
                    (kind, on[department, service][kind])
                    for kind in KINDS
                    if kind in on.get((department, service), {})
                ),
            )
            for department in departments
        )
        rows.append((titles.get(service, service), cells))
    return Matrix(tuple((each, titles.get(each, each)) for each in departments), tuple(rows))


def _trend(days: tuple[TrendDay, ...]) -> ColumnChart:
    """The last weeks: what came in, what was decided, and that beyond the promise."""
    labels = [f"{each.day.month}.{each.day.day}" for each in days]
    series = (
        ("收件", [each.submitted for each in days]),
        ("办出", [each.decided for each in days]),
        ("其中超承诺", [each.late for each in days]),
    )
    return columns(labels, series, every=7)
