"""Writes down who at work was shown whose data, and for what, in one statement for everything
that one page has shown (个人信息保护法第五十一条、第五十五条).

Whoever looks at their own case, as applicant or agent, leaves no trace; a kiosk shows people their
own. What a read is and what it is not: docs/decisions/0021.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlmodel import Session, col, select

from onevisit.access import Actor, PostValue
from onevisit.access.actor import OFFICE_ROLES
from onevisit.cases.seen import FILE, HIT, NUMBER, ROW, Seen
from onevisit.store.columns import new_id
from onevisit.store.read_tables import Read

PURPOSES = {
    "handle": "办理",
    "issue": "出件",
    "govern": "本级政府审批",
    "supervise": "效能监察、差评回访",
    "search": "检索",
    "export": "导出",
    "reveal": "显示完整号码",
    "archive": "导出办件档案",
    "interface": "部门业务系统办理",
}
"""Why somebody was shown data, in words."""
OF_ROLE = {
    "window": "issue", "government": "govern", "supervisor": "supervise", "system": "interface",
}  # fmt: skip
"""What a post looks at cases for; every other one to handle them."""
OF_KIND = {HIT: "search", ROW: "export", NUMBER: "reveal"}
PORTALS = {"desk": "clerk", "tickets": "clerk", "window": "window", "watch": "supervisor",
           "government": "government"}  # fmt: skip
"""The post whose work the pages below an address are."""
LEAFING = timedelta(minutes=30)
"""How long somebody leafs through the same file as one look at it."""
LONGEST = 500


@dataclass(frozen=True)
class Reader:
    """In which post somebody looks at something; `id` None: no person (a machine, an operator)."""

    id: UUID | None
    role: str
    department: str | None


def reader_of(actor: Actor, seen: Seen, portal: str) -> Reader:
    """The post in which the actor looks at this: of the item's department where it is one item's,
    else whose work the page is (`portal`: the first part of its address)."""
    posts = [post for post in actor.posts if post.role != "applicant"]
    wanted = (
        lambda post: bool(seen.department) and post.department == seen.department,
        lambda post: post.role == PORTALS.get(portal),
        lambda post: portal == "office" and post.role in OFFICE_ROLES,
    )
    for fits in wanted:
        found = next((post for post in posts if fits(post)), None)
        if found is not None:
            break
    else:
        found = posts[0] if posts else PostValue("applicant")
    return Reader(actor.id, found.role, found.department)


def keep(session: Session, actor: Actor, seen: Iterable[Seen], now: datetime, portal: str) -> int:
    """Write down what was shown to somebody at work, in one statement; how many rows."""
    if actor.roles <= {"applicant", "kiosk"}:
        return 0
    shown = [each for each in seen if actor.id not in each.side]
    rows = [_row(reader_of(actor, each, portal), each, now) for each in shown]
    return write(session, rows)


def keep_without_account(
    session: Session, seen: Iterable[Seen], now: datetime, role: str, department: str | None
) -> int:
    """The same for what a machine was handed (a department's system: role `system`) or an operator
    at the command line (`operator`); `reason` of each says which or for whom."""
    return write(session, [_row(Reader(None, role, department), each, now) for each in seen])


def write(session: Session, rows: list[dict[str, Any]]) -> int:
    """One INSERT for all of them."""
    if rows:
        session.connection().execute(insert(Read), rows)
    return len(rows)


def _row(reader: Reader, seen: Seen, now: datetime) -> dict[str, Any]:
    purpose = OF_KIND.get(seen.kind) or OF_ROLE.get(reader.role, "handle")
    if reader.id is None:
        purpose = "archive" if reader.role == "operator" else "interface"
    return {
        "id": new_id(), "at": now, "reader_id": reader.id, "role": reader.role,
        "department": reader.department, "case_id": seen.case_id, "subject_id": seen.subject_id,
        "purpose": purpose, "kind": seen.kind, "what": seen.what[:LONGEST],
        "reason": seen.reason[:200] if seen.reason else None, "thing": seen.thing, "block": None,
    }  # fmt: skip


def leafs_on(session: Session, reader_id: UUID, file_id: UUID, now: datetime) -> bool:
    """Whether somebody who opens a further page of a file has just been written down for it."""
    statement = (
        select(Read.id)
        .where(Read.reader_id == reader_id, Read.thing == file_id, Read.kind == FILE)
        .where(col(Read.at) > now - LEAFING)
    )
    return session.exec(statement.limit(1)).first() is not None
