"""Who at work read one's data, as that person sees it (个人信息保护法第四十四、四十五条):
in which department and post, when, what and why; day by day, the newest first."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlmodel import col, select

from onevisit.access import check_can_apply, check_can_edit
from onevisit.cases.context import Context
from onevisit.cases.errors import NotFound
from onevisit.cases.privacy.reads import PURPOSES
from onevisit.definition.service import Definition
from onevisit.documents.format import BEIJING
from onevisit.store.read_tables import Read
from onevisit.store.tables import Account, Case

PAGE = 60
POSTS = {
    "clerk": "综合窗口", "window": "出件窗口", "handler": "承办", "reviewer": "审核",
    "decider": "决定", "head": "部门负责人", "government": "本级政府负责人",
    "supervisor": "效能监察", "admin": "流程管理", "operator": "运行维护", "system": "业务系统",
}  # fmt: skip
"""Posts as a citizen knows them."""


@dataclass(frozen=True)
class Look:
    """What one person looked at for one reason on one day, and at which moments."""

    who: str
    office: str
    what: str
    purpose: str
    reason: str
    case_id: uuid.UUID
    number: str
    service: str
    times: tuple[datetime, ...]


@dataclass(frozen=True)
class Day:
    """The looks of one day."""

    day: date
    looks: tuple[Look, ...]


@dataclass(frozen=True)
class Looked:
    """Some days of looks, the newest first; `next` is handed back as `after` for earlier ones."""

    days: tuple[Day, ...]
    next: str | None


@dataclass(frozen=True)
class OfCase:
    """One case with who looked at it."""

    id: uuid.UUID
    number: str
    service: str
    looked: Looked


def reads_of_case(ctx: Context, case_id: uuid.UUID, after: str | None = None) -> OfCase:
    """Who looked at one of the signed-in person's cases; NotFound, Forbidden."""
    case = ctx.session.get(Case, case_id)
    if case is None:
        raise NotFound("这个办件")
    check_can_edit(ctx.actor, case.applicant_id, case.agent_id)
    definition = ctx.catalog.version(ctx.session, case.version_hash).definition
    looked = _looked(ctx, after, Read.case_id == case_id)
    return OfCase(case_id, case.number or "", definition.workflow.title, looked)


def my_reads(ctx: Context, after: str | None = None) -> Looked:
    """Who looked at any data of the signed-in person."""
    check_can_apply(ctx.actor)
    return _looked(ctx, after, Read.subject_id == ctx.actor.id)


def _looked(ctx: Context, after: str | None, of: bool) -> Looked:
    """ValueError for an `after` that no page of ours gave out. `of`: a condition on Read."""
    statement = (
        select(Read, Account.name, Case)
        .join(Account, col(Account.id) == col(Read.reader_id), isouter=True)
        .join(Case, col(Case.id) == col(Read.case_id), isouter=True)
        .where(of)
        .order_by(col(Read.id).desc())
        .limit(PAGE + 1)
    )
    if after:
        statement = statement.where(col(Read.id) < uuid.UUID(after))
    found = ctx.session.exec(statement).all()
    shown = [_look(ctx, *each) for each in found[:PAGE]]
    following = str(found[PAGE - 1][0].id) if len(found) > PAGE else None
    days = groupby(shown, key=lambda look: look.times[0].astimezone(BEIJING).date())
    return Looked(tuple(Day(day, _together(list(looks))) for day, looks in days), following)


def _together(looks: Sequence[Look]) -> tuple[Look, ...]:
    """Looks of one day at the same, by the same person for the same reason, as one."""
    found: dict[tuple[object, ...], list[Look]] = {}
    for look in looks:
        key = (look.who, look.office, look.what, look.purpose, look.reason, look.case_id)
        found.setdefault(key, []).append(look)
    return tuple(
        Look(**{**vars(same[0]), "times": tuple(each.times[0] for each in same)})
        for same in found.values()
    )


def _look(ctx: Context, row: Read, name: str | None, case: Case | None) -> Look:
    definition = None
    if case is not None:
        definition = ctx.catalog.version(ctx.session, case.version_hash).definition
    return Look(
        who=name or "",
        office=office_of(definition, row),
        what=row.what,
        purpose=PURPOSES[row.purpose],
        reason=row.reason or "",
        case_id=row.case_id,
        number=(case.number or "") if case else "",
        service=definition.workflow.title if definition else "",
        times=(row.at,),
    )


def office_of(definition: Definition | None, row: Read) -> str:
    """Department and post of the reader, in words."""
    post = POSTS.get(row.role, row.role)
    if row.department is None:
        return post
    titles = {}
    if definition is not None:
        titles = {each.id: each.title for each in definition.directory.departments}
    return f"{titles.get(row.department, row.department)} · {post}"
