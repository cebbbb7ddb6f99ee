"""The office's standing acts, one a page: special procedures, suspension, extension, transfer,
explained delays; and the same for a whole case at the desk."""

from collections.abc import Callable
from uuid import UUID

from fastapi import APIRouter

from onevisit.cases import Context
from onevisit.cases.turns import delay, extend, special, suspend, transfer
from onevisit.cases.views.office_sheets import office_sheet
from onevisit.cases.views.whole_sheets import desk_sheet
from onevisit.web.sheet_pages import ActPage, Typed, add, asked_of

router = APIRouter()
Do = Callable[[Context, UUID, Typed, int], str]


def _begin_special(ctx: Context, approval_id: UUID, typed: Typed, revision: int) -> str:
    return special.begin_special(ctx, approval_id, typed["choice"], asked_of(typed), revision)


def _end_special(ctx: Context, approval_id: UUID, typed: Typed, revision: int) -> str:
    return special.end_special(ctx, approval_id, typed["choice"], revision)


def _suspend(ctx: Context, approval_id: UUID, typed: Typed, revision: int) -> str:
    return suspend.suspend(ctx, approval_id, typed["choice"], asked_of(typed), revision)


def _resume(ctx: Context, approval_id: UUID, _: Typed, revision: int) -> str:
    return suspend.resume(ctx, approval_id, revision)


def _ask_extension(ctx: Context, approval_id: UUID, typed: Typed, revision: int) -> str:
    return extend.ask(ctx, approval_id, asked_of(typed), revision)


def _extend(ctx: Context, approval_id: UUID, _: Typed, revision: int) -> str:
    return extend.grant(ctx, approval_id, revision)


def _refuse_extension(ctx: Context, approval_id: UUID, typed: Typed, revision: int) -> str:
    return extend.refuse(ctx, approval_id, typed["reasons"], revision)


def _explain_delay(ctx: Context, approval_id: UUID, typed: Typed, revision: int) -> str:
    return delay.explain(ctx, approval_id, typed["reasons"], revision)


def _transfer(ctx: Context, approval_id: UUID, typed: Typed, revision: int) -> str:
    department, reasons = typed["department"], typed["reasons"]
    return transfer.transfer(ctx, approval_id, department, reasons, revision)


def _ask_whole(ctx: Context, case_id: UUID, typed: Typed, revision: int) -> str:
    return extend.ask_whole(ctx, case_id, asked_of(typed), revision)


def _explain_whole(ctx: Context, case_id: UUID, typed: Typed, revision: int) -> str:
    return delay.explain_whole(ctx, case_id, typed["reasons"], revision)


OFFICE: dict[str, Do] = {
    "begin_special": _begin_special,
    "end_special": _end_special,
    "suspend": _suspend,
    "resume": _resume,
    "ask_extension": _ask_extension,
    "extend": _extend,
    "refuse_extension": _refuse_extension,
    "explain_delay": _explain_delay,
    "transfer": _transfer,
}
DESK: dict[str, Do] = {"ask_extension": _ask_whole, "explain_delay": _explain_whole}


for _event, _do in OFFICE.items():
    _after = "/office" if _event == "transfer" else "/office/{id}"
    _page = ActPage(_event, office_sheet, _do, "/office/{id}", "事项办理", _after)
    add(router, f"/office/{{approval_id}}/{_event}", _page)
for _event, _do in DESK.items():
    _page = ActPage(_event, desk_sheet, _do, "/desk/{id}", "办件", "/desk/{id}")
    add(router, f"/desk/{{case_id}}/{_event}", _page)
