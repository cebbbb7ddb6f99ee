"""The operator's page: background work that waits, runs or failed, and having it tried again."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.views import jobs
from onevisit.web.edge import BadForm, PostedForm, page, reading, redirect, text_of, transaction
from onevisit.web.notice import said, say

router = APIRouter()
TABS = {"open": "未完成", "failed": "失败"}


@router.get("/jobs")
def overview(request: Request, tab: str = "open") -> Response:
    """What is not done, the failed first."""
    tab = tab if tab in TABS else "open"
    with reading(request) as ctx:
        found = jobs.jobs(ctx, failed=tab == "failed")
    return page(request, "jobs/overview.html", jobs=found, tab=tab, tabs=TABS, said=said(request),
                counted=jobs.counted)  # fmt: skip


@router.post("/jobs")
def repeat(request: Request, form: PostedForm) -> Response:
    """Have one piece of work (`id`), or without it everything that failed, tried again."""
    text = text_of(form, "id")
    try:
        row_id = UUID(text) if text else None
    except ValueError:
        raise BadForm from None
    with transaction(request) as ctx:
        number = jobs.repeat(ctx, row_id)
    say(request, f"已重新安排 {number} 项，马上再试。" if number else "没有可以重试的任务。")
    return redirect("/jobs")
