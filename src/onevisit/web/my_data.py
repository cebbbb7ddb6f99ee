"""One's own data: what there is, what it was used for, a copy of it, and the end of the account
(个人信息保护法第四十四条至第四十七条)."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from onevisit.cases.privacy import closing, keeping, own_data, uses
from onevisit.definition.form import FieldError
from onevisit.store.tables import Account
from onevisit.web.edge import (
    PostedForm,
    page,
    reading,
    redirect,
    site_of,
    text_of,
    transaction,
)
from onevisit.web.notice import said, say
from onevisit.web.proof import prove_owner
from onevisit.web.unified_again import only_unified

router = APIRouter(prefix="/my/data")


@router.get("")
def overview(request: Request) -> Response:
    """What the house holds about the signed-in person, and what they can do about it."""
    with reading(request) as ctx:
        closing.check_own(ctx)
        account = ctx.session.get_one(Account, ctx.actor.id)
        cases, drafts = closing.counted(ctx)
        kept = keeping.rules(ctx)
    return page(
        request,
        "applicant/my_data.html",
        account=account,
        cases=cases,
        drafts=drafts,
        kept=kept,
        said=said(request),
    )


@router.get("/uses")
def used(request: Request, after: str | None = None) -> Response:
    """Which item used which field, and which shared source was asked."""
    try:
        with reading(request) as ctx:
            rows = uses.my_uses(ctx, after)
    except ValueError:  # an address that none of our pages made
        return redirect("/my/data/uses")
    return page(request, "applicant/my_data_uses.html", rows=rows, first=after is None)


@router.get("/download")
def ask_for_copy(request: Request) -> Response:
    """What is in the copy; the password is asked again before it is made."""
    with reading(request) as ctx:
        closing.check_own(ctx)
    return _asking(request, [])


@router.post("/download")
def copy(request: Request, form: PostedForm) -> Response:
    """The whole copy as one file, which is gone from the house once it is sent."""
    with reading(request) as ctx:
        closing.check_own(ctx)
    wrong = prove_owner(request, str(form.get("password", "")))
    if wrong is not None:
        return _asking(request, [wrong])
    number, name = tempfile.mkstemp(prefix="onevisit-", suffix=".zip")
    os.close(number)
    path = Path(name)
    try:
        with reading(request) as ctx:
            own_data.write(ctx, site_of(request).templates, path)
            day = ctx.today
    except BaseException:
        path.unlink()
        raise
    return FileResponse(
        path,
        media_type="application/zip",
        filename=f"我的数据-{day.isoformat()}.zip",
        background=BackgroundTask(path.unlink),
        headers={"cache-control": "no-store"},
    )


@router.get("/close")
def ask_to_close(request: Request) -> Response:
    """What becomes of the account, the drafts and the cases, before it is done."""
    return _closing(request, [])


@router.post("/close")
def close(request: Request, form: PostedForm) -> Response:
    """Close the account for good: erased where nothing must be kept, else shut and kept."""
    with reading(request) as ctx:
        closing.check_own(ctx)
    wrong = prove_owner(request, str(form.get("password", "")))
    errors = [wrong] if wrong is not None else []
    if text_of(form, "agreed") != "yes":
        errors.append(FieldError("agreed", "请勾选，表示您知道账号注销后不能恢复"))
    if errors:
        return _closing(request, errors, agreed=text_of(form, "agreed") == "yes")
    with transaction(request) as ctx:
        closing.close(ctx)
    request.session.clear()
    request.state.actor = None
    say(request, "账号已经注销。")
    return redirect("/services")


def _asking(request: Request, errors: Sequence[FieldError]) -> Response:
    return page(
        request,
        "applicant/my_data_copy.html",
        status=422 if errors else 200,
        unified=only_unified(request),
        errors=errors,
        wrong={each.path: each.message for each in errors},
    )


def _closing(request: Request, errors: Sequence[FieldError], *, agreed: bool = False) -> Response:
    with reading(request) as ctx:
        closing.check_own(ctx)
        cases, drafts = closing.counted(ctx)
        hindrance = closing.hindrance(ctx)
    return page(
        request,
        "applicant/my_data_close.html",
        status=422 if errors else 200,
        unified=only_unified(request),
        cases=cases,
        drafts=drafts,
        hindrance=hindrance,
        agreed=agreed,
        errors=errors,
        wrong={each.path: each.message for each in errors},
    )
