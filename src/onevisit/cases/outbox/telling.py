"""Tells people something once: a message in the inbox, and a dispatch for each way out to them.

The rows are written in the transaction that has something to tell, so nothing is told that did
not happen, and nothing that happened stays untold. Sending is the business of `cases.sending`.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from onevisit.cases.account import counts_on
from onevisit.cases.context import Context
from onevisit.cases.dossier import Dossier
from onevisit.store.columns import new_id
from onevisit.store.tables import METADATA, Account, Post

OUTSIDE = "您有一条新消息：{title}。请登录后查看。"
TOLD_ONCE = {
    kind: said(METADATA.tables["messages"])
    .on_conflict_do_nothing(index_elements=["key"])
    .returning(METADATA.tables["messages"].c.id)
    for kind, said in (("postgresql", postgresql.insert), ("sqlite", sqlite.insert))
}
"""How messages are written that nobody was told before, by the kind of database."""
SENT = insert(METADATA.tables["dispatches"])
Addresses = Mapping[str, str | None]
"""Where somebody is written to, by channel."""


@dataclass(frozen=True)
class Telling:
    """One thing to be told, as the parameters of `tell` say it."""

    key: str
    title: str
    body: str
    kind: str = "notice"
    link: str | None = None
    case_id: uuid.UUID | None = None
    outside: str | None = None


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
    telling = Telling(key, title, body, kind, link, case_id, outside)
    tell_at(ctx.session, ctx.now, telling, accounts)


def tell_at(
    session: Session,
    now: datetime,
    telling: Telling,
    accounts: Collection[uuid.UUID],
    instead: Mapping[str, str] | None = None,
) -> None:
    """`tell` where nobody acts yet: at the door, and from the command line. `instead`: addresses by
    channel that are written to instead of those that the account has now."""
    new = _write(session, [_message(telling, each, now) for each in sorted(set(accounts))])
    if new:
        known = _addresses(session, [row["account_id"] for row in new])
        other = {channel: address for channel, address in (instead or {}).items() if address}
        _write_dispatches(session, new, {each: {**to, **other} for each, to in known.items()})


def tell_side(ctx: Context, dossier: Dossier, tellings: Sequence[Telling]) -> None:
    """`tell` the applicant's side of several things at once; its addresses are at hand."""
    people = {each.id: each for each in (dossier.applicant, dossier.agent) if each is not None}
    told = [_message(each, account, ctx.now) for each in tellings for account in sorted(people)]
    new = _write(ctx.session, told)
    known = {each.id: {"email": each.email, "sms": each.phone} for each in people.values()}
    _write_dispatches(ctx.session, new, known)


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


def _message(telling: Telling, account: uuid.UUID, now: datetime) -> dict[str, Any]:
    """The row of a message, and beside it what goes out (`text`)."""
    return {
        "id": new_id(),
        "key": f"{telling.key}/{account}",
        "account_id": account,
        "case_id": telling.case_id,
        "kind": telling.kind,
        "title": telling.title,
        "body": telling.body,
        "link": telling.link,
        "created_at": now,
        "text": telling.outside or OUTSIDE.format(title=telling.title),
    }


def _write(session: Session, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages to those who had not been told; the database's own key decides."""
    if not rows:
        return []
    session.flush()
    connection = session.connection()
    said = [{name: row[name] for name in row if name != "text"} for row in rows]
    told = TOLD_ONCE[connection.dialect.name]
    new = set(connection.execute(told, said if len(said) > 1 else said[0]).scalars())
    return [row for row in rows if row["id"] in new]


def _addresses(session: Session, accounts: Collection[uuid.UUID]) -> dict[uuid.UUID, Addresses]:
    """Where these accounts are written to, by channel."""
    statement = select(Account.id, Account.email, Account.phone).where(
        col(Account.id).in_(accounts)
    )
    found = session.exec(statement).all()
    return {account: {"email": email, "sms": phone} for account, email, phone in found}


def _write_dispatches(
    session: Session, messages: Sequence[dict[str, Any]], known: Mapping[uuid.UUID, Addresses]
) -> None:
    """One dispatch for every address of those who are told."""
    rows = [
        {
            "id": new_id(),
            "message_id": message["id"],
            "channel": channel,
            "address": address,
            "subject": message["title"],
            "text": message["text"],
            "state": "waiting",
            "attempts": 0,
            "next_at": message["created_at"],
        }
        for message in messages
        for channel, address in known[message["account_id"]].items()
        if address
    ]
    if rows:
        session.connection().execute(SENT, rows)
