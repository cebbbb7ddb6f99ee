"""Which lights are on now, found from what is still open, so that years of old lights cost nothing.

A light that came on stays in the table of alerts; it is on while nobody has decided, while its last
day is still that of the row, and while no worse one of the same item is.
"""

import uuid
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, exists, or_, union_all
from sqlalchemy import select as rows_of
from sqlalchemy.orm import aliased
from sqlmodel import col

from onevisit.engine import CASE
from onevisit.store.tables import Approval, Case
from onevisit.store.work_tables import Alert


def lights_on(kind: str | None = None) -> CompoundSelect[Any]:
    """The ids of the alerts that are on, of one kind or of all: of open items, of open cases, of
    results not delivered.

    Each part names the open rows first, so that a database begins with these and looks up their
    few alerts, instead of going through all that ever came on.
    """
    items = (
        rows_of(col(Alert.id))
        .join(Approval, of_item())
        .where(
            _among(rows_of(col(Approval.case_id)).where(*_open(Approval))),
            *_open(Approval),
            _warns(Approval),
            _is_worst(),
        )
    )
    cases = _of_cases(*_open(Case)).where(_warns(Case), _is_worst())
    waiting = (col(Case.awaits) > "", col(Case.decided_at).is_not(None))  # a range of an index
    delivery = _of_cases(*waiting).where(
        col(Alert.kind) == "delivery", col(Case.concluded_at).is_(None)
    )
    parts = (items, cases, delivery)
    return union_all(*(each.where(col(Alert.kind) == kind) if kind else each for each in parts))


def is_still_on() -> ColumnElement[bool]:
    """Whether an alert that was on a while ago is: of a row joined with its case and (of_item) the
    approval that it is about, if it is about one."""
    item = and_(col(Approval.id).is_not(None), *_open(Approval), _warns(Approval))
    case = and_(col(Alert.region) == CASE, *_open(Case), _warns(Case))
    delivery = and_(
        col(Alert.kind) == "delivery",
        col(Case.decided_at).is_not(None),
        col(Case.concluded_at).is_(None),
    )
    return and_(or_(item, case, delivery), _is_worst())


def _open(table: type[Case] | type[Approval]) -> tuple[ColumnElement[bool], ...]:
    """Not decided, and its clock runs."""
    running = col(Case.promise_due) if table is Case else col(Approval.yellow_on)
    return (col(table.decided_at).is_(None), running.is_not(None))


def _among(case_ids: Any) -> ColumnElement[bool]:
    return col(Alert.case_id).in_(case_ids)


def of_item() -> ColumnElement[bool]:
    """Which approval an alert is about."""
    return and_(
        col(Approval.case_id) == col(Alert.case_id), col(Approval.region) == col(Alert.region)
    )


def _of_cases(*which: ColumnElement[bool]) -> Select[Any]:
    """The alerts of whole cases, of these cases."""
    joined = rows_of(col(Alert.id)).join(Case, col(Case.id) == col(Alert.case_id))
    return joined.where(
        _among(rows_of(col(Case.id)).where(*which)), col(Alert.region) == CASE, *which
    )


def _warns(table: type[Case] | type[Approval]) -> ColumnElement[bool]:
    """Whether the light still warns of a last day that the row has."""
    promise = and_(col(Alert.kind).in_(("yellow", "red")), col(table.promise_due) == col(Alert.due))
    law = and_(col(Alert.kind) == "supervision", col(table.legal_due) == col(Alert.due))
    return or_(promise, law)


def _is_worst() -> ColumnElement[bool]:
    """Whether no worse light of the same item has come on."""
    worse = aliased(Alert)
    return ~exists().where(
        col(worse.case_id) == col(Alert.case_id),
        col(worse.region) == col(Alert.region),
        or_(
            and_(col(Alert.kind) == "yellow", col(worse.kind).in_(("red", "supervision"))),
            and_(col(Alert.kind) == "red", col(worse.kind) == "supervision"),
        ),
    )


Place = tuple[uuid.UUID, str]
"""A case and one of its regions."""
