"""Lets somebody in or keeps them out, at once: the next request of whoever is signed in counts."""

import uuid

from onevisit.cases.context import Context
from onevisit.cases.staff import password as passwords
from onevisit.cases.staff.appoint import check_an_admin_stays, opened
from onevisit.cases.staff.changes import write_down


def disable(ctx: Context, account_id: uuid.UUID, revision: int) -> None:
    """Nobody gets in with this account any more; what they did stays theirs."""
    account = opened(ctx, account_id, revision)
    if not account.disabled:
        check_an_admin_stays(ctx, account, None)
        account.disabled = True
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
    assert account.temporary_until is not None
    until = account.temporary_until.isoformat(timespec="minutes")
    write_down(ctx, account, "reset", None, {"until": until})
    return first
