"""Open statistics (政务公开): anybody may see how the centre keeps its promises."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.views.statistics import Statistics, statistics
from onevisit.cases.views.withheld import SMALLEST, number_of
from onevisit.documents.format import BEIJING
from onevisit.store import session as store
from onevisit.web.charts import ColumnChart, columns
from onevisit.web.edge import page, site_of

router = APIRouter()


@router.get("/statistics")
def open_statistics(request: Request) -> Response:
    """The last twelve months."""
    site = site_of(request)
    with store.reading(site.engine) as session:
        found = statistics(session, site.catalog, site.clock().astimezone(BEIJING).date())
    return page(
        request,
        "public/statistics.html",
        found=found,
        few=SMALLEST,
        cases=_cases(found),
        kept=_kept(found),
    )


def _labels(found: Statistics) -> list[str]:
    return [f"{each.month.month}月" for each in found.months]


def _cases(found: Statistics) -> ColumnChart:
    """What came in and what was decided, month by month."""
    series = (
        ("收件", [number_of(each.submitted) for each in found.months]),
        ("办出", [number_of(each.decided) for each in found.months]),
    )
    return columns(_labels(found), series)


def _kept(found: Statistics) -> ColumnChart:
    """The share that was decided within the promise, month by month."""
    series = (("按时", [each.on_time for each in found.months]),)
    return columns(_labels(found), series, most=100)
