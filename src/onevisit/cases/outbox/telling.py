"""Tells people something once: a message in the inbox, and a dispatch for each way out to them.

The rows are written in the transaction that has something to tell, so nothing is told that did
not happen, and nothing that happened stays untold. Sending is the business of `cases.sending`.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from onevisit.cases.account import counts_on
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.store.columns import new_id
from onevisit.store.tables import Account, Post
from onevisit.store.work_tables import Dispatch, Message

OUTSIDE = "您有一条新消息：{title}。请登录后查看。"


def tell(
    ctx: Context,
    key: str,
    accounts: Collection[uuid.UUID],
    title: str,
    body: str,
    *,
    kind: str = "notice",
    link: str | None = None,
    case_id: uuid.UUID | None = None,
    outside: str | None = None,
) -> None:
    """Tell each account once what `key` is about; who was told before is not told again.

    `body` is for the inbox, which only its owner reads. E-mail and SMS carry `title` and `outside`
    (else a sentence that says no more than the title): neither may hold personal data beyond the
    number of a case and the name of its service (个人信息保护法第五十一条). Every address that an
    account has gets a dispatch; whether the site has that way out is known when it is sent.
    `link` is a path on this site, like /my/….
    """
    tell_at(
        ctx.session, ctx.now, key, accounts, title=title, body=body,
        kind=kind, link=link, case_id=case_id, outside=outside,
    )  # fmt: skip


def tell_at(
    session: Session,
    now: datetime,
    key: str,
    accounts: Collection[uuid.UUID],
    *,
    title: str,
    body: str,
    kind: str = "notice",
    link: str | None = None,
    case_id: uuid.UUID | None = None,
    outside: str | None = None,
    instead: Mapping[str, str] | None = None,
) -> None:
    """`tell` where nobody acts yet: at the door, and from the command line. `instead`: addresses by
    channel that are written to instead of those that the account has now."""
    told = [
        {
            "id": new_id(),
            "key": f"{key}/{account}",
            "account_id": account,
            "case_id": case_id,
            "kind": kind,
            "title": title,
            "body": body,
            "link": link,
            "created_at": now,
        }
        for account in sorted(set(accounts))
    ]
    new = _write(session, told)
    if new:
        text = outside or OUTSIDE.format(title=title)
        _write_dispatches(session, now, new, title=title, text=text, instead=instead or {})


def holders(ctx: Context, role: str, department: str | None = None) -> list[uuid.UUID]:
    """The accounts that hold a post, in one department or (None) for the whole centre."""
    statement = (
        select(Post.account_id)
        .join(Account, col(Account.id) == col(Post.account_id))
        .where(
            Post.role == role,
            col(Post.department) == department if department else col(Post.department).is_(None),
            col(Account.disabled).is_(False),
            counts_on(ctx.today),
        )
        .order_by(col(Post.account_id))
    )
    return list(ctx.session.exec(statement))


def applicant_side(dossier: Dossier) -> list[uuid.UUID]:
    """The applicant, and the agent who applies for them."""
    people = (dossier.case.applicant_id, dossier.case.agent_id)
    return [account for account in people if account is not None]


def _write(session: Session, rows: Sequence[dict[str, Any]]) -> dict[uuid.UUID, uuid.UUID]:
    """Message ids of those who had not been told, by account; the database's own key decides."""
    if not rows:
        return {}
    session.flush()
    connection = session.connection()
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = (
        dialect.insert(Message)
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(col(Message.account_id), col(Message.id))
    )
    found = connection.execute(statement.values(list(rows)))
    return {row.account_id: row.id for row in found}


def _write_dispatches(
    session: Session,
    now: datetime,
    messages: dict[uuid.UUID, uuid.UUID],
    *,
    title: str,
    text: str,
    instead: Mapping[str, str],
) -> None:
    """One dispatch for every address of those who are told."""
    statement = select(Account.id, Account.email, Account.phone).where(
        col(Account.id).in_(messages)
    )
    rows = [
        {
            "id": new_id(),
            "message_id": messages[account],
            "channel": channel,
            "address": address,
            "subject": title,
            "text": text,
            "state": "waiting",
            "attempts": 0,
            "next_at": now,
        }
        for account, email, phone in session.exec(statement).all()
        for channel, known in (("email", email), ("sms", phone))
        if (address := instead.get(channel) or known)
    ]
    if rows:
        session.connection().execute(insert(Dispatch), rows)
