"""The end of an account (个人信息保护法第四十七条): erased where nothing has to be kept; where its
cases have to be, it opens nothing any more and is erased with the last of them."""

import uuid
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, func, or_, select

from onevisit.access import Forbidden, check_can_apply
from onevisit.cases import authorise, discard, identities
from onevisit.cases.context import Context
from onevisit.cases.dossier import load
from onevisit.cases.errors import NotPossible
from onevisit.cases.signing_in import factor, sessions
from onevisit.store.citizen_tables import Authorisation
from onevisit.store.read_tables import Closing
from onevisit.store.tables import Account, Case, Post
from onevisit.store.work_tables import Dispatch, Message

NAME = "已注销"
NO_PASSWORD = "closed"  # noqa: S105  # no hash: no password opens it
MOST_DRAFTS = 500


def check_own(ctx: Context) -> None:
    """Citizens' pages; whoever also works here has their account closed by an administrator."""
    check_can_apply(ctx.actor)


def counted(ctx: Context) -> tuple[int, int]:
    """How many of one's cases were handed in, and how many are drafts."""
    mine = col(Case.applicant_id) == ctx.actor.id
    statement = select(func.count(), func.count(col(Case.number))).where(mine)
    all_, handed_in = ctx.session.exec(statement).one()
    return handed_in, all_ - handed_in


def hindrance(ctx: Context) -> str | None:
    """Why the account cannot be closed now; None when it can."""
    running = (
        select(Case.id)
        .where(or_(Case.applicant_id == ctx.actor.id, Case.agent_id == ctx.actor.id))
        .where(col(Case.number).is_not(None), col(Case.awaits).is_not(None))
    )
    if ctx.session.exec(running.limit(1)).first() is not None:
        return "还有没办结的办件：请等办结，或者先撤回，再注销账号"
    if ctx.actor.roles != {"applicant"}:
        return "您的账号也用于工作，请联系流程管理员办理"
    return None


def close(ctx: Context) -> str:
    """Close the signed-in person's account for good: `erased`, or `kept` as long as its cases are.
    NotPossible while something runs."""
    check_own(ctx)
    because = hindrance(ctx)
    if because is not None:
        raise NotPossible("注销账号", "正在使用", None, (), because)
    account = ctx.session.get_one(Account, ctx.actor.id, with_for_update={"key_share": True})
    _discard_drafts(ctx)
    _end_agencies(ctx)
    kept = counted(ctx) != (0, 0) or _acted(ctx)
    account.disabled, account.password_hash = True, NO_PASSWORD
    account.username = _username(account)
    account.revision += 1
    ctx.session.flush()
    sessions.end_all(ctx.session, account.id, ctx.now, "disabled")
    factor.remove(ctx.session, account.id)
    identities.forget(ctx.session, account.id, ctx.now, erased=not kept)
    if not kept:
        erase(ctx.session, account, ctx.now)
    state = "kept" if kept else "erased"
    erased_at = None if kept else ctx.now
    ctx.session.add(
        Closing(account_id=account.id, asked_at=ctx.now, state=state, erased_at=erased_at)
    )
    return state


def _username(account: Account) -> str:
    """Another user name, so that whoever comes back may begin anew under the former one."""
    return f"closed-{account.id.hex}"


def erase(session: Session, account: Account, now: datetime) -> None:
    """Nothing of the person is left in the account, but that there was one: what others did for
    them stays theirs (rows that refer to it)."""
    told = select(Message.id).where(Message.account_id == account.id)
    connection = session.connection()
    connection.execute(delete(Dispatch).where(col(Dispatch.message_id).in_(told)))
    connection.execute(delete(Message).where(col(Message.account_id) == account.id))
    connection.execute(delete(Post).where(col(Post.account_id) == account.id))
    identities.forget(session, account.id, now, erased=True)
    account.username = _username(account)
    account.name, account.password_hash = NAME, NO_PASSWORD
    account.id_number = account.phone = account.email = None
    account.disabled = True
    session.flush()


def _acted(ctx: Context) -> bool:
    """Whether somebody else's case names the person as agent: their part in it is kept with it."""
    statement = select(Case.id).where(Case.agent_id == ctx.actor.id).limit(1)
    return ctx.session.exec(statement).first() is not None


def _discard_drafts(ctx: Context) -> None:
    """Drafts go at once. Forbidden when there are more than somebody ever wrote by hand."""
    mine = Case.applicant_id == ctx.actor.id
    statement = select(Case.id, Case.revision).where(mine, col(Case.number).is_(None))
    found: list[tuple[uuid.UUID, int]] = list(ctx.session.exec(statement.limit(MOST_DRAFTS + 1)))
    if len(found) > MOST_DRAFTS:
        raise Forbidden("草稿太多，请先在“全部草稿”里删除一部分")
    for case_id, revision in found:
        if load(ctx, case_id).case.ledger_seq == 0:
            discard.discard(ctx, case_id, revision)


def _end_agencies(ctx: Context) -> None:
    """Nobody applies for them any more, and they for nobody."""
    mine = or_(Authorisation.principal_id == ctx.actor.id, Authorisation.agent_id == ctx.actor.id)
    open_ones = col(Authorisation.state).in_(("offered", "active"))
    for each in ctx.session.exec(select(Authorisation.id).where(mine, open_ones)).all():
        authorise.end(ctx, each)
