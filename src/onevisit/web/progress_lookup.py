"""Looking a case up like a parcel (进度查询): its number and the last four digits of the phone.

No account. What was typed travels in the body, so that no address or log holds the digits.
"""

import re

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.context import Context
from onevisit.cases.deadlines.look import NOBODY
from onevisit.cases.views.tracked import TAIL, Tracked, tidy, tracked
from onevisit.definition.form import FieldError
from onevisit.store import session as store
from onevisit.store.numbers import case_number_holds
from onevisit.web.edge import PostedForm, page, site_of, text_of
from onevisit.web.tries import tries_of

router = APIRouter()
UNKNOWN = "编号和手机尾号对不上。请核对回执上的编号和申请人登记的手机号码的最后四位。"
TOO_OFTEN = "这个编号查错的次数太多，请一小时后再试。着急的请登录后看“我的办件”，或者拨打咨询电话。"


@router.get("/progress")
def ask(request: Request, number: str = "") -> Response:
    """The two questions; a receipt may name the number in its address."""
    return _draw(request, {"number": number.strip()[:40]})


@router.post("/progress")
def look_up(request: Request, form: PostedForm) -> Response:
    """Where the case stands; the same answer for a wrong number and for wrong digits."""
    typed = {"number": text_of(form, "number"), "tail": text_of(form, "tail")}
    errors = list(_faults(typed))
    if errors:
        return _draw(request, typed, errors=errors)
    site = site_of(request)
    number, now = tidy(typed["number"]), site.clock()
    tries = tries_of(request)
    if not tries.take(number, now):
        return _draw(request, typed, errors=[FieldError("number", TOO_OFTEN)], status=429)
    with store.reading(site.engine) as session:
        context = Context(session, site.catalog, site.files, NOBODY, now)
        found = tracked(context, number, typed["tail"])
    if found is None:
        return _draw(request, typed, errors=[FieldError("number", UNKNOWN)])
    tries.give_back(number, now)
    return _draw(request, typed, found=found)


def _faults(typed: dict[str, str]) -> list[FieldError]:
    """What can be seen without looking anything up."""
    errors = []
    if not typed["number"]:
        errors.append(FieldError("number", "请填写办件编号，在收件回执或者受理通知书上"))
    elif not case_number_holds(tidy(typed["number"])):
        errors.append(FieldError("number", "编号不对：应当是 21 位数字，请核对有没有抄错或者漏掉"))
    if not re.fullmatch(f"[0-9]{{{TAIL}}}", typed["tail"]):
        errors.append(FieldError("tail", "请填写手机号码的最后四位数字"))
    return errors


def _draw(
    request: Request,
    typed: dict[str, str],
    *,
    errors: list[FieldError] | None = None,
    found: Tracked | None = None,
    status: int = 200,
) -> Response:
    return page(
        request,
        "public/progress.html",
        status=status if status != 200 or not errors else 422,
        typed={"number": "", "tail": ""} | typed,
        errors=errors or [],
        wrong={"number": None, "tail": None}
        | {error.path: error.message for error in errors or []},
        found=found,
        too_often=status == 429,
    )
