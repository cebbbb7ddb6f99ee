"""What the lines of a department's calendar say of the appointments and hearings that are named."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, tuple_
from sqlalchemy import select as rows_of
from sqlmodel import col, select

from onevisit.cases.context import Context
from onevisit.cases.views.parts import UNREAD
from onevisit.definition.service import Definition
from onevisit.documents.format import mask_name
from onevisit.store.beginning import only_checked
from onevisit.store.tables import Account, Approval, Case
from onevisit.store.turn_tables import Appointment, Finding, Hearing

Met = TypeVar("Met", Appointment, Hearing)
Key = tuple[datetime, uuid.UUID]
"""When, and the id of an appointment or hearing."""


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


def entries(ctx: Context, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Entry]:
    """The lines of these appointments and hearings; without what is decided or recorded already."""
    wanted = set(ids)
    return dict((*_appointments(ctx, wanted), *_hearings(ctx, wanted))) if wanted else {}


def hearings(
    ctx: Context,
    begins: datetime,
    ends: datetime | None,
    limit: int,
    after: Key | None = None,
) -> list[Key]:
    """The first hearings from one moment to another on the own department's items."""
    at, key = col(Hearing.held_at), col(Hearing.id)
    statement = rows_of(at, key).where(
        col(Hearing.called_at).is_not(None),
        col(Hearing.recorded_at).is_(None),
        at >= begins,
        _is_own(ctx, col(Hearing.case_id), col(Hearing.region)),
    )
    if ends is not None:
        statement = statement.where(at < ends)
    if after is not None:
        statement = statement.where(tuple_(at, key) > after)
    rows = ctx.session.connection().execute(statement.order_by(at, key).limit(limit))
    return [(moment, found) for moment, found in rows if moment is not None]


def _appointments(ctx: Context, ids: set[uuid.UUID]) -> Iterator[tuple[uuid.UUID, Entry]]:
    """Each appointment once, with every open approval that it serves."""
    found = _named(ctx, Appointment, ids)
    if not found:
        return
    open_ones = _open(ctx, {row.case_id for row, _, _ in found})
    written = _written(ctx, ids)
    for row, case, applicant in found:
        served = [each for each in open_ones.get(row.case_id, ()) if each.region in row.regions]
        own = [
            each
            for each in served
            if each.department in ctx.actor.departments and (row.id, each.region) not in written
        ]
        if own:
            definition = _definition(ctx, case)
            entry = _entry(definition, row.kind, row.title, row.at, row.place, case, applicant,
                           own, served, "")  # fmt: skip
            yield row.id, entry


def _hearings(ctx: Context, ids: set[uuid.UUID]) -> Iterator[tuple[uuid.UUID, Entry]]:
    found = _named(ctx, Hearing, ids)
    if not found:
        return
    chair_ids = {row.chair_id for row, _, _ in found}
    open_ones = _open(ctx, {row.case_id for row, _, _ in found})
    names = select(Account.id, Account.name).where(col(Account.id).in_(chair_ids))
    chairs = dict(ctx.session.exec(names).all())
    for row, case, applicant in found:
        approval = next(e for e in open_ones[row.case_id] if e.region == row.region)
        assert row.held_at is not None, "a called hearing has its moment"
        assert row.chair_id is not None, "and its chair"
        who = f"主持人：{chairs[row.chair_id]}"
        yield row.id, _entry(
            _definition(ctx, case), "hearing", "听证", row.held_at, row.place or "",
            case, applicant, [approval], [approval], who,
        )  # fmt: skip


def _named(ctx: Context, table: type[Met], ids: set[uuid.UUID]) -> Sequence[tuple[Met, Case, str]]:
    """These rows, each with its case and the applicant's name."""
    statement = (
        select(table, Case, Account.name)
        .join(Case, col(Case.id) == col(table.case_id))
        .join(Account, col(Account.id) == col(Case.applicant_id))
        .where(col(table.id).in_(ids))
        .options(*UNREAD)
    )
    return ctx.session.exec(statement).all()


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


def _is_own(ctx: Context, case_id: Any, region: Any) -> ColumnElement[bool]:
    """Whether the department has this region of the case, and it is open."""
    mine = select(Approval.id).where(
        col(Approval.case_id) == case_id,
        col(Approval.region) == region,
        only_checked(Approval.department).in_(ctx.actor.departments),
        col(Approval.decided_at).is_(None),
    )
    return mine.exists()


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
