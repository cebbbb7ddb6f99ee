"""Lets somebody in or keeps them out, at once: the next request of whoever is signed in counts."""

import uuid

from onevisit.cases.context import Context
from onevisit.cases.errors import NotPossible
from onevisit.cases.signing_in import factor, sessions
from onevisit.cases.staff import password as passwords
from onevisit.cases.staff.appoint import check_an_admin_stays, opened
from onevisit.cases.staff.changes import write_down


def disable(ctx: Context, account_id: uuid.UUID, revision: int) -> None:
    """Nobody gets in with this account any more, and whoever is in is out; what they did stays
    theirs."""
    account = opened(ctx, account_id, revision)
    if not account.disabled:
        check_an_admin_stays(ctx, account, None)
        account.disabled = True
        sessions.end_all(ctx.session, account.id, ctx.now, "disabled")
        write_down(ctx, account, "disable", {"disabled": False}, {"disabled": True})


def enable(ctx: Context, account_id: uuid.UUID, revision: int) -> None:
    """The account opens again, with the posts and the password that it had."""
    account = opened(ctx, account_id, revision)
    if account.disabled:
        account.disabled = False
        write_down(ctx, account, "enable", {"disabled": True}, {"disabled": False})


def reset(ctx: Context, account_id: uuid.UUID, revision: int) -> str:
    """A first password again, for somebody who has lost theirs; whoever is signed in is out."""
    account = opened(ctx, account_id, revision)
    first = passwords.first_password(account, ctx.now)
    sessions.end_all(ctx.session, account.id, ctx.now, "password")
    assert account.temporary_until is not None
    until = account.temporary_until.isoformat(timespec="minutes")
    write_down(ctx, account, "reset", None, {"until": until})
    return first


def remove_factor(ctx: Context, account_id: uuid.UUID, revision: int) -> None:
    """For somebody who has lost the telephone and the recovery codes and has shown who they are:
    the second factor is gone, whoever is signed in is out, and another is set up at the next
    sign-in where one is required. NotPossible when there is none."""
    account = opened(ctx, account_id, revision)
    if not factor.remove(ctx.session, account.id):
        raise NotPossible("解除动态码", "没有绑定", None)
    sessions.end_all(ctx.session, account.id, ctx.now, "factor")
    write_down(ctx, account, "no_factor")


def end_sessions(ctx: Context, account_id: uuid.UUID, revision: int) -> None:
    """Whoever is signed in with this account is out; they may sign in again."""
    account = opened(ctx, account_id, revision)
    ended = sessions.end_all(ctx.session, account.id, ctx.now, "others")
    write_down(ctx, account, "end", None, {"ended": ended})
