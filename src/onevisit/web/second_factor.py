"""One-time codes beside the password: setting them up, giving one at sign-in, recovery codes."""

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.context import Context
from onevisit.cases.errors import NotPossible
from onevisit.cases.signing_in import factor, limits, sessions
from onevisit.cases.staff import owner
from onevisit.cases.staff.changes import write_down
from onevisit.definition.form import FieldError
from onevisit.store.tables import Account
from onevisit.web.edge import (
    PostedForm,
    SignInNeeded,
    held,
    redirect,
    site_of,
    text_of,
    transaction,
    visitor,
    waiting_transaction,
)
from onevisit.web.entering import Entered, go_on, let_stay, step_over
from onevisit.web.notice import say
from onevisit.web.proof import WRONG_CODE
from onevisit.web.resume import safe_path
from onevisit.web.second_steps import Onward, draw_code, draw_codes, draw_factor
from onevisit.web.sign_in import WAIT, onward_of, until

router = APIRouter()
log = structlog.get_logger()
CODE_WRONG = "动态码或者恢复码不正确，请输入手机应用上现在显示的 6 位数字；用过的不能再用"
LEFT = "已经用掉一个恢复码，还剩 {} 个。用完之前请在“登录与安全”里重新生成。"


@router.get("/sign-in/code")
def ask_code(request: Request, next: str = "") -> Response:  # noqa: A002  # the usual name in the address
    """The page for the code, after the password."""
    if visitor(request) is not None or held(request).stage != "code":
        raise SignInNeeded
    return draw_code(request, Onward(safe_path(next)))


@router.post("/sign-in/code")
def give_code(request: Request, form: PostedForm) -> Response:
    """Check the code; a right one makes the session a whole one."""
    onward, code = onward_of(form), text_of(form, "code")
    door = site_of(request).door
    now, entered, used = door.now(), None, None
    with waiting_transaction(request, "code") as ctx:
        place = door.of_code(ctx.actor.id)
        wait = limits.take(ctx.session, [place], now)
        if wait is None:
            used = factor.check(ctx.session, ctx.actor.id, code, now)
        if used is not None:
            limits.open_again(ctx.session, [place])
            entered = step_over(request, ctx)
        elif wait is None:
            limits.note_missed(ctx.session, ctx.actor.id, now, code=True)
        left = factor.codes_left(ctx.session, ctx.actor.id)
    if entered is None:
        log.warning("second_factor_failed", account=str(ctx.actor.id), waits=wait is not None)
        why = CODE_WRONG if wait is None else WAIT.format(until(request, wait))
        status = 422 if wait is None else 429
        return draw_code(request, onward, [FieldError("code", why)], status)
    answer = go_on(request, entered, onward)
    if used == factor.RECOVERY:
        say(request, LEFT.format(left))
    return answer


@router.post("/sign-in/factor/begin")
def begin(request: Request, form: PostedForm) -> Response:
    """A fresh secret for whoever is signed in, to be put into an app."""
    with transaction(request, proven=True) as ctx:
        factor.offer(ctx.session, ctx.actor.id)
    return redirect("/sign-in/factor")


@router.get("/sign-in/factor")
def ask_factor(request: Request, next: str = "") -> Response:  # noqa: A002  # the usual name in the address
    """The page on which a second factor is set up: one must, or wants to."""
    due = visitor(request) is None
    if due and held(request).stage != "factor":
        raise SignInNeeded
    return draw_factor(request, held(request).account_id, Onward(safe_path(next)), due=due)


@router.post("/sign-in/factor")
def confirm(request: Request, form: PostedForm) -> Response:
    """The first code: from now on one is asked for at every sign-in."""
    onward, code, due = onward_of(form), text_of(form, "code"), visitor(request) is None
    inside = waiting_transaction(request, "factor") if due else transaction(request, proven=True)
    entered: Entered | None = None
    with inside as ctx:
        wrong, codes = _confirmed(request, ctx, code)
        if codes:
            sessions.end_all(
                ctx.session, ctx.actor.id, site_of(request).door.now(), "factor", held(request).id
            )
            entered = step_over(request, ctx)
    if entered is None:
        errors = [FieldError("code", wrong)]
        return draw_factor(request, ctx.actor.id, onward, errors, due=due)
    log.info("second_factor_set_up", account=str(ctx.actor.id))
    let_stay(request, entered)
    return draw_codes(request, codes, onward)


@router.post("/me/recovery-codes")
def renew(request: Request, form: PostedForm) -> Response:
    """Ten new recovery codes, shown this one time; those before are worth nothing."""
    with transaction(request, proven=True) as ctx:
        if not factor.has(ctx.session, ctx.actor.id):
            raise NotPossible("重新生成恢复码", "没有绑定动态码", None)
        codes = factor.renew_codes(ctx.session, ctx.actor.id)
        owner.tell_codes(ctx.session, ctx.actor.id, ctx.now)
    log.info("recovery_codes_renewed", account=str(ctx.actor.id))
    return draw_codes(request, codes, Onward("/me/sessions"), renewed=True)


@router.post("/me/factor/remove")
def remove(request: Request, form: PostedForm) -> Response:
    """Without a second factor from now on, for whom none is required."""
    with transaction(request, proven=True) as ctx:
        if site_of(request).door.requires_factor(ctx.actor.roles):
            raise NotPossible("解除动态码", "按规定必须使用", None)
        if factor.remove(ctx.session, ctx.actor.id):
            write_down(ctx, ctx.session.get_one(Account, ctx.actor.id), "no_factor")
    log.info("second_factor_removed", account=str(ctx.actor.id))
    say(request, "动态码已解除，以后只用密码登录。")
    return redirect("/me/sessions")


def _confirmed(request: Request, ctx: Context, code: str) -> tuple[str, list[str]]:
    """What is wrong with the first code, or the recovery codes."""
    door = site_of(request).door
    place, now = door.of_code(ctx.actor.id), door.now()
    wait = limits.take(ctx.session, [place], now)
    if wait is not None:
        return WAIT.format(until(request, wait)), []
    codes = factor.confirm(ctx.session, ctx.actor.id, code, now)
    if not codes:
        return WRONG_CODE, []
    limits.open_again(ctx.session, [place])
    write_down(ctx, ctx.session.get_one(Account, ctx.actor.id), "factor")
    return "", codes
