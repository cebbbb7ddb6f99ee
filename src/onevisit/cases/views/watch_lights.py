"""Which lights are on now, found from what is still open, so that years of old lights cost nothing.

A light that came on stays in the table of alerts; it is on while nobody has decided, while its last
day is still that of the row, and while no worse one of the same item is.
"""

import uuid
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, and_, exists, or_, union_all
from sqlalchemy import select as rows_of
from sqlalchemy.orm import aliased
from sqlmodel import col

from onevisit.engine import CASE
from onevisit.store.tables import Approval, Case
from onevisit.store.work_tables import Alert


def lights_on() -> CompoundSelect[Any]:
    """The ids of the alerts that are on: of open items, of open cases, of results not delivered."""
    items = (
        rows_of(col(Alert.id))
        .join(Approval, of_item())
        .where(
            col(Approval.decided_at).is_(None),
            col(Approval.yellow_on).is_not(None),
            _warns(Approval),
            _is_worst(),
        )
    )
    cases = _of_cases().where(
        col(Case.decided_at).is_(None), col(Case.promise_due).is_not(None), _warns(Case)
    )
    delivery = _of_cases().where(col(Alert.kind) == "delivery", col(Case.concluded_at).is_(None))
    return union_all(items, cases.where(_is_worst()), delivery)


def of_item() -> ColumnElement[bool]:
    """Which approval an alert is about."""
    return and_(
        col(Approval.case_id) == col(Alert.case_id), col(Approval.region) == col(Alert.region)
    )


def _of_cases() -> Any:
    joined = rows_of(col(Alert.id)).join(Case, col(Case.id) == col(Alert.case_id))
    return joined.where(col(Alert.region) == CASE)


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
