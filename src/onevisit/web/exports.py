"""Lists as spreadsheets: the same rows and columns that the page shows to the same person."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases import views, wording
from onevisit.cases.context import Context
from onevisit.cases.lights import Due, Light
from onevisit.cases.views.office_inbox import Wanted as WantedItems
from onevisit.cases.views.parts import Page
from onevisit.cases.views.watch import KINDS, watch
from onevisit.cases.views.watch import Wanted as WantedLights
from onevisit.documents.format import cn_datetime, mask_name
from onevisit.web import desk, office_tabs
from onevisit.web.edge import reading, redirect
from onevisit.web.searching import Search
from onevisit.web.spreadsheet import MEDIA_TYPE, Cell, Sheet, written

router = APIRouter()
AT_MOST = 1000
"""Rows of one spreadsheet; who needs more narrows the list down, or asks for statistics."""
CUT = f"只导出了前 {AT_MOST} 行；请在页面上缩小范围后再导出。"
LIGHTS: dict[Light, str] = {"ok": "期限内", "soon": "将到期", "late": "已超期", "none": ""}
Query = Mapping[str, str]


@dataclass(frozen=True)
class Exported:
    """One list: what it is called, its columns, how a page of it is read, a row's cells."""

    title: Callable[[Query], str]
    heads: tuple[str, ...]
    page: Callable[[Context, Query, str | None], Page[Any]]
    cells: Callable[[Any], Sequence[Cell]]


def _day(due: Due | None) -> Cell:
    return due.day if due else None


def _light(light: Light, due: Due | None) -> str:
    return LIGHTS[light] + ("（到期日暂定）" if due and due.provisional else "")


def _tab(query: Query, tabs: Mapping[str, str]) -> str:
    wanted = query.get("tab", "")
    return wanted if wanted in tabs else next(iter(tabs))


def _desk(ctx: Context, query: Query, after: str | None) -> Page[Any]:
    channel = query.get("channel", "")
    return views.desk_queue(
        ctx,
        _tab(query, desk.TABS),
        after,
        query.get("q", "").strip(),
        service=query.get("service", ""),
        channel=channel if channel in wording.CHANNELS else "",
    )


def _desk_cells(row: views.DeskRow) -> Sequence[Cell]:
    held = row.held.by if row.held else None
    return (_day(row.due), _light(row.light, row.due), row.number, row.service,
            mask_name(row.applicant),
            row.state.title, row.items, row.channel, row.since, held)  # fmt: skip


OFFICE_TABS = {key: title for key, title in office_tabs.TABS.items()
               if key not in office_tabs.ELSEWHERE}  # fmt: skip


def _office(ctx: Context, query: Query, after: str | None) -> Page[Any]:
    words = (query.get(name, "") for name in ("light", "claimed", "service"))
    wanted = WantedItems(query.get("q", "").strip()[:60], *words)
    return views.office_inbox(ctx, _tab(query, OFFICE_TABS), after, wanted)


def _office_cells(row: views.InboxRow) -> Sequence[Cell]:
    held = row.claimed.name if row.claimed else None
    return (_day(row.promise_due), _light(row.light, row.promise_due), row.days_left,
            row.case_number, row.item, row.service,
            mask_name(row.applicant), row.state.title, held,
            row.started_at, row.arrived_at)  # fmt: skip


def _window(ctx: Context, query: Query, after: str | None) -> Page[Any]:
    return views.window_ready(ctx, query.get("q", ""), after)


def _window_cells(row: views.WindowRow) -> Sequence[Cell]:
    return (_day(row.due), _light(row.light, row.due), row.number, row.service,
            mask_name(row.applicant),
            row.pickup_title, row.documents, row.made, row.decided_at, row.handed_at)  # fmt: skip


def _kind(query: Query) -> str:
    return _tab({"tab": query.get("kind", "")}, KINDS)


def _watch(ctx: Context, query: Query, after: str | None) -> Page[Any]:
    place = (query.get("department", ""), query.get("service", ""))
    return watch(ctx, WantedLights(_kind(query), *place), after)


def _watch_cells(row: Any) -> Sequence[Cell]:
    return (row.due, row.number, row.item, row.department, row.service, row.cause.turn,
            row.cause.since, row.cause.paused, row.since, row.reasons)  # fmt: skip


def _my(ctx: Context, _: Query, after: str | None) -> Page[Any]:
    return views.my_cases(ctx, after)


def _my_cells(row: views.CaseRow) -> Sequence[Cell]:
    done = f"{row.regions_done} / {row.regions_total}" if row.regions_total else ""
    return (row.number or "草稿", row.service, row.state.title, row.submitted_at,
            _day(row.promise_due), done)  # fmt: skip


LISTS = {
    "desk": Exported(
        lambda query: f"综合受理 {desk.TABS[_tab(query, desk.TABS)]}",
        ("受理期限", "时限", "办件编号", "一件事", "申请人", "状态", "事项数", "申请方式",
         "等候自", "经手"),
        _desk, _desk_cells,
    ),
    "office": Exported(
        lambda query: f"部门审批 {OFFICE_TABS[_tab(query, OFFICE_TABS)]}",
        ("承诺到期", "时限", "剩余工作日", "办件编号", "事项", "一件事", "申请人", "状态",
         "在谁手上", "启动时间", "到本环节"),
        _office, _office_cells,
    ),
    "window": Exported(
        lambda _: "等待出件",
        ("送达期限", "时限", "办件编号", "一件事", "申请人", "领取方式", "结果份数", "已制好",
         "汇总时间", "领取时间"),
        _window, _window_cells,
    ),
    "watch": Exported(
        lambda query: f"亮灯 {KINDS[_kind(query)]}",
        ("最后一天", "办件编号", "事项", "部门", "一件事", "轮到谁", "自", "暂停", "亮灯时间",
         "部门说明的理由"),
        _watch, _watch_cells,
    ),
    "my": Exported(
        lambda _: "我的办件",
        ("办件编号", "一件事", "状态", "提交时间", "承诺办结", "已办结事项"),
        _my, _my_cells,
    ),
}  # fmt: skip


def export(request: Request, typed: Search) -> Response:
    """The list as an .xlsx file, as far as AT_MOST rows; who may not see it is refused."""
    name = request.url.path.rpartition("/")[2]
    exported = LISTS[name]
    query = dict(request.query_params) | {"q": typed.text}
    try:
        with reading(request) as ctx:
            rows, cut = _rows(exported, ctx, query)
            notes = [
                ("表格", exported.title(query)),
                ("导出时间", cn_datetime(ctx.local)),
                ("导出人", ctx.actor.name),
                ("行数", f"{len(rows)}。{CUT}" if cut else f"{len(rows)}，全部"),
                ("提醒", "含个人信息的表格只用于办理，用完请删除。"),
            ]
    except ValueError:  # an address that none of our pages made
        return redirect("/" + name)
    title = exported.title(query)
    content = written(Sheet(title, exported.heads, rows, notes, CUT if cut else ""))
    return Response(content, media_type=MEDIA_TYPE, headers=_named(title, ctx))


def _rows(exported: Exported, ctx: Context, query: Query) -> tuple[list[Sequence[Cell]], bool]:
    """The rows page by page, and whether there would be more."""
    rows: list[Sequence[Cell]] = []
    after: str | None = None
    while True:
        page = exported.page(ctx, query, after)
        rows += [exported.cells(row) for row in page.rows]
        after = page.next
        if after is None or len(rows) >= AT_MOST:
            return rows[:AT_MOST], after is not None or len(rows) > AT_MOST


def _named(title: str, ctx: Context) -> dict[str, str]:
    plain = title.replace(" ", "-").replace("（", "-").replace("）", "")
    name = f"{plain}-{ctx.local:%Y%m%d-%H%M}.xlsx"
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}


for _name in LISTS:
    router.add_api_route(f"/exports/{_name}", export, methods=["GET"], name=f"export_{_name}")
