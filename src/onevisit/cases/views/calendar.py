"""The department's coming inspections, appearances and hearings, day by day."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, union_all
from sqlalchemy import select as rows_of
from sqlalchemy.orm import defer
from sqlmodel import col, select

from onevisit.access import OFFICE_ROLES, Forbidden
from onevisit.cases.context import Context
from onevisit.definition.service import Definition
from onevisit.documents.format import BEIJING, mask_name
from onevisit.store.beginning import only_checked
from onevisit.store.tables import Account, Approval, Case
from onevisit.store.turn_tables import Appointment, Finding, Hearing

AT_MOST = 500
UNREAD = (defer(Case.form, raiseload=True), defer(Case.answers, raiseload=True))  # type: ignore[arg-type]  # SQLModel types a column as its value
"""What a list has no use for: by far the most of a case's row."""


@dataclass(frozen=True)
class Entry:
    """One thing to go to; `items` are the own department's (approval, title), `others` the names
    of departments that come along, and nothing more of theirs."""

    at: datetime
    kind: str
    title: str
    place: str
    case_number: str | None
    applicant: str
    items: tuple[tuple[uuid.UUID, str], ...]
    others: tuple[str, ...]
    who: str


@dataclass(frozen=True)
class Day:
    """Everything on one day, the earliest first."""

    day: date
    entries: tuple[Entry, ...]


def calendar(ctx: Context) -> tuple[Day, ...]:
    """What is arranged and not yet recorded, from the earliest; what is overdue stays on top.

    Forbidden for whoever works in no department.
    """
    if not any(post.role in OFFICE_ROLES and post.department for post in ctx.actor.posts):
        raise Forbidden("只有部门的工作人员可以查看本部门的核查、到场和听证安排")
    entries = sorted((*_appointments(ctx), *_hearings(ctx)), key=lambda entry: entry.at)
    days: dict[date, list[Entry]] = {}
    for entry in entries:
        days.setdefault(entry.at.astimezone(BEIJING).date(), []).append(entry)
    return tuple(Day(day, tuple(each)) for day, each in days.items())


def _appointments(ctx: Context) -> Iterator[Entry]:
    """Each appointment once, with every open approval that it serves."""
    statement = (
        select(Appointment, Case, Account.name)
        .join(Case, col(Case.id) == col(Appointment.case_id))
        .join(Account, col(Account.id) == col(Case.applicant_id))
        .where(col(Appointment.id).in_(union_all(_called(ctx), _looked_at(ctx))))
        .order_by(col(Appointment.at), col(Appointment.id))
        .limit(AT_MOST)
        .options(*UNREAD)
    )
    found = ctx.session.exec(statement).all()
    open_ones = _open(ctx, {row.case_id for row, _, _ in found})
    written = _written(ctx, {row.id for row, _, _ in found})
    for row, case, applicant in found:
        served = [each for each in open_ones.get(row.case_id, ()) if each.region in row.regions]
        own = [
            each
            for each in served
            if each.department in ctx.actor.departments and (row.id, each.region) not in written
        ]
        if own:
            definition = _definition(ctx, case)
            yield _entry(definition, row.kind, row.title, row.at, row.place, case, applicant,
                         own, served, "")  # fmt: skip


def _called(ctx: Context) -> Select[uuid.UUID]:
    """What is to come, from the earliest."""
    wanted = rows_of(col(Appointment.id)).where(
        col(Appointment.state) == "called", _own(ctx, col(Appointment.case_id))
    )
    first = wanted.order_by(col(Appointment.at)).limit(AT_MOST).subquery()
    return rows_of(first.c.id)


def _looked_at(ctx: Context) -> Select[uuid.UUID]:
    """Inspections that were held, of what is still open: not among all that ever were."""
    is_open = rows_of(col(Approval.case_id)).where(
        col(Approval.department).in_(ctx.actor.departments), col(Approval.decided_at).is_(None)
    )
    return rows_of(col(Appointment.id)).where(
        only_checked(Appointment.state) == "held",
        col(Appointment.kind) == "inspection",
        col(Appointment.case_id).in_(is_open),
    )


def _hearings(ctx: Context) -> Iterator[Entry]:
    statement = (
        select(Hearing, Case, Account.name)
        .join(Case, col(Case.id) == col(Hearing.case_id))
        .join(Account, col(Account.id) == col(Case.applicant_id))
        .where(
            col(Hearing.called_at).is_not(None),
            col(Hearing.recorded_at).is_(None),
            _own(ctx, col(Hearing.case_id), col(Hearing.region)),
        )
        .order_by(col(Hearing.held_at), col(Hearing.id))
        .limit(AT_MOST)
        .options(*UNREAD)
    )
    found = ctx.session.exec(statement).all()
    ids = {row.chair_id for row, _, _ in found}
    open_ones = _open(ctx, {row.case_id for row, _, _ in found})
    names = select(Account.id, Account.name).where(col(Account.id).in_(ids))
    chairs = dict(ctx.session.exec(names).all())
    for row, case, applicant in found:
        approval = next(e for e in open_ones[row.case_id] if e.region == row.region)
        assert row.held_at is not None, "a called hearing has its moment"
        assert row.chair_id is not None, "and its chair"
        who = f"主持人：{chairs[row.chair_id]}"
        yield _entry(_definition(ctx, case), "hearing", "听证", row.held_at, row.place or "",
                     case, applicant, [approval], [approval], who)  # fmt: skip


def _entry(  # noqa: PLR0917 -- the columns of the table, in their order
    definition: Definition,
    kind: str,
    title: str,
    at: datetime,
    place: str,
    case: Case,
    applicant: str,
    own: Sequence[Approval],
    served: Sequence[Approval],
    who: str,
) -> Entry:
    departments = {each.department for each in own}
    others = {each.department for each in served} - departments
    return Entry(
        at=at,
        kind=kind,
        title=title,
        place=place,
        case_number=case.number,
        applicant=mask_name(applicant),
        items=tuple((each.id, _title(definition, each)) for each in own),
        others=tuple(sorted(definition.directory.department(each).short for each in others)),
        who=who,
    )


def _title(definition: Definition, row: Approval) -> str:
    title = definition.workflow.item(row.item_id).title
    return title if row.element is None else f"{title}（第{row.element}项）"


def _own(ctx: Context, case_id: Any, region: Any = None) -> ColumnElement[bool]:
    """Whether the department has something open in the case, or in this region of it."""
    mine = select(Approval.id).where(
        col(Approval.case_id) == case_id,
        only_checked(Approval.department).in_(ctx.actor.departments),
        col(Approval.decided_at).is_(None),
    )
    return (mine if region is None else mine.where(col(Approval.region) == region)).exists()


def _open(ctx: Context, cases: set[uuid.UUID]) -> dict[uuid.UUID, list[Approval]]:
    statement = select(Approval).where(
        col(Approval.case_id).in_(cases), col(Approval.decided_at).is_(None)
    )
    found: dict[uuid.UUID, list[Approval]] = {}
    for row in ctx.session.exec(statement.order_by(col(Approval.region))):
        found.setdefault(row.case_id, []).append(row)
    return found


def _written(ctx: Context, appointments: set[uuid.UUID]) -> set[tuple[uuid.UUID, str]]:
    """(appointment, region) of every finding that is recorded."""
    statement = select(Finding.appointment_id, Finding.region)
    statement = statement.where(col(Finding.appointment_id).in_(appointments))
    return set(ctx.session.exec(statement).all())


def _definition(ctx: Context, case: Case) -> Definition:
    return ctx.catalog.version(ctx.session, case.version_hash).definition
