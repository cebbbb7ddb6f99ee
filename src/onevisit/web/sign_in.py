"""Signing in and out: whoever gives the right password gets a new session, after a second step
where one is due (web/password.py, web/second_factor.py)."""

from datetime import datetime

import structlog
from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.account import Tried, authenticate, hash_password
from onevisit.cases.signing_in import limits, sessions
from onevisit.cases.signing_in.limits import Place
from onevisit.definition.form import FieldError
from onevisit.store import session as store
from onevisit.store.tables import Account
from onevisit.web import known
from onevisit.web.accounts import DemoAccount, demo_accounts
from onevisit.web.edge import (
    PostedForm,
    Site,
    at_the_door,
    page,
    redirect,
    site_of,
    text_of,
    visitor,
)
from onevisit.web.entering import home, let_in
from onevisit.web.resume import Kept, safe_path, unpacked
from onevisit.web.second_steps import Onward
from onevisit.web.session_cookie import carried
from onevisit.web.unified_cookies import came_by_unified, unified_in

router = APIRouter()
log = structlog.get_logger()
WRONG = "用户名或密码不正确，请重新输入"
TOO_LATE = "首次密码已经过期，请联系流程管理员重新发放"
WAIT = "试的次数太多，请{}再试；忘记密码的请到综合窗口或者联系流程管理员"
LONGEST_NAME = 64


@router.get("/sign-in")
def ask(request: Request, next: str = "", lost: str = "") -> Response:  # noqa: A002  # the usual name in the address
    """The sign-in page; somebody who is signed in goes on at once. `lost`: a file was not kept."""
    actor = visitor(request)
    if actor is not None:
        return redirect(safe_path(next) or home(request, actor))
    return sign_in_page(request, safe_path(next), lost=bool(lost))


@router.post("/sign-in")
def sign_in(request: Request, form: PostedForm) -> Response:
    """Check name and password and begin a new session."""
    username, onward = text_of(form, "username"), onward_of(form)
    tried = try_password(request, username, str(form.get("password", "")))
    failed, status = "", 422
    if isinstance(tried, datetime):
        failed, status = WAIT.format(until(request, tried)), 429
    elif tried.account_id is None or not tried.right:
        failed = WRONG
    elif tried.first_until is not None and tried.first_until < site_of(request).clock():
        failed = TOO_LATE
    else:
        return let_in(request, tried.account_id, onward)
    return sign_in_page(
        request, onward.following, username, failed=failed, kept=onward.kept, status=status
    )


def onward_of(form: FormData) -> Onward:
    """Where to go on after signing in, as the page carried it along."""
    following = safe_path(text_of(form, "next"))
    kept = unpacked(safe_path(text_of(form, "kept_for")), following, text_of(form, "kept"))
    return Onward(following, kept)


def try_password(request: Request, username: str, password: str) -> Tried | datetime:
    """What name and password come to, as a try that counts; or until when no more is taken.

    For whatever is wrong the same is written and one hash is made, so that nobody can tell an
    unknown name from a wrong password or a disabled account. No name is no try.
    """
    if not username:
        return Tried()
    site, door = site_of(request), site_of(request).door
    nonce = known.nonce_of(request, door.key, username)
    here, now = door.of_name(username[:LONGEST_NAME], nonce), door.now()
    with at_the_door(request) as session:
        address = door.of_address(request)
        wait = limits.closed(session, address, now) if nonce is None else None
        wait = wait or limits.take(session, [here], now)
    if wait is not None:
        log.warning("sign_in_refused", reason="too_many", place=here.number, sender=address.number)
        return wait
    with store.reading(site.engine) as session:
        tried = authenticate(session, username, password)
    if tried.right:
        _right(request, here, tried, password)
    else:
        _wrong(request, address, tried, strange=nonce is None)
        log.warning(
            "sign_in_failed",
            account=str(tried.account_id) if tried.account_id else None,
            place=here.number,
            sender=address.number,
        )
    return tried


def _right(request: Request, here: Place, tried: Tried, password: str) -> None:
    """What was wrong before is forgotten; a hash made with older parameters is made anew."""
    with at_the_door(request) as session:
        limits.open_again(session, [here])
        if tried.outdated:
            account = session.get_one(Account, tried.account_id)
            account.password_hash = hash_password(password)
            session.add(account)


def _wrong(request: Request, address: Place, tried: Tried, *, strange: bool) -> None:
    """The address has one wrong try more; the owner will be told, unless it was their browser."""
    now = site_of(request).door.now()
    with at_the_door(request) as session:
        limits.count(session, address, now)
        if strange and tried.account_id is not None:
            limits.note_missed(session, tried.account_id, now)


def until(request: Request, moment: datetime) -> str:
    """When to try again, in words."""
    seconds = (moment - site_of(request).door.now()).total_seconds()
    return f" {max(int(seconds), 1)} 秒后" if seconds < 60 else f" {int(seconds) // 60 + 1} 分钟后"


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    """End the session, on the server too."""
    site, mine = site_of(request), carried(request)
    if mine.token:
        with at_the_door(request) as session:
            whose = sessions.end(session, mine.token, site.door.now(), "out")
        if whose is not None:
            log.info("sign_out", account=str(whose))
    mine.take_away()
    request.session.clear()
    answer = redirect("/sign-in/unified/ended" if came_by_unified(request) else "/")
    answer.headers["Clear-Site-Data"] = '"cache"'  # nothing of theirs stays on a shared computer
    return answer


def sign_in_page(
    request: Request,
    following: str,
    username: str = "",
    *,
    failed: str = "",
    lost: bool = False,
    kept: Kept | None = None,
    status: int = 422,
) -> Response:
    """Asks for name and password, and says what became of a form that could not be taken."""
    site = site_of(request)
    accounts: list[DemoAccount] = []
    if site.demo_password is not None:
        with store.reading(site.engine) as session:
            accounts = demo_accounts(session)
    errors = [FieldError("username", failed)] if failed else []
    return page(
        request,
        "public/sign_in.html",
        status=status if failed else 401 if kept else 200,
        next=following,
        kept=kept,
        lost=lost,
        username=username,
        errors=errors,
        accounts=[each for each in accounts if not each.department],
        departments=_by_department(site, accounts),
        demo_password=site.demo_password,
        unified=found.provider.name if (found := unified_in(request)) else "",
    )


def _by_department(
    site: Site, accounts: list[DemoAccount]
) -> list[tuple[str, str, list[DemoAccount]]]:
    """Id, short title and demo accounts of every department that has any, in their order."""
    titles = {
        department.id: department.short
        for published in site.catalog.list()
        for department in published.definition.directory.departments
    }
    found: dict[str, list[DemoAccount]] = {}
    for account in accounts:
        if account.department:
            found.setdefault(account.department, []).append(account)
    return [(each, titles.get(each, each), rows) for each, rows in found.items()]
