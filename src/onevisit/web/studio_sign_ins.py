"""The studio's way out for others: ending somebody's sessions, and taking a lost second factor
away, by an administrator who has just given their own password."""

from collections.abc import Callable
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onevisit.cases.context import Context
from onevisit.cases.staff import admit
from onevisit.web.edge import PostedForm, redirect, revision_of, transaction
from onevisit.web.notice import say

router = APIRouter()


@router.post("/studio/accounts/{account_id}/no-factor")
def remove_factor(request: Request, account_id: UUID, form: PostedForm) -> Response:
    """The second factor of somebody who has lost it is gone."""
    done = "动态码已经解除；按规定必须使用的，下次登录时重新绑定。"
    return _act(request, account_id, admit.remove_factor, done, form)


@router.post("/studio/accounts/{account_id}/end-sessions")
def end_sessions(request: Request, account_id: UUID, form: PostedForm) -> Response:
    """Whoever is signed in with this account is out."""
    done = "这个账号的登录都已结束，本人可以重新登录。"
    return _act(request, account_id, admit.end_sessions, done, form)


def _act(
    request: Request,
    account_id: UUID,
    verb: Callable[[Context, UUID, int], None],
    done: str,
    form: PostedForm,
) -> Response:
    with transaction(request, proven=True) as ctx:
        verb(ctx, account_id, revision_of(form))
    say(request, done)
    return redirect(f"/studio/accounts/{account_id}")
