"""What is kept beside the work so that a page need not read all of it: how much is open and which
lights are on, counted anew every little while, and where each department is expected."""

import uuid
from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from onevisit.store.columns import UtcDateTime
from onevisit.store.tables import Row


class BoardLook(Row, table=True):
    """The one row that says when the open work was counted (`counted_at`), how many `seconds` that
    took, and when it is counted again; whoever moves `next_at` on counts."""

    __tablename__ = "board_looks"
    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    next_at: datetime = Field(sa_type=UtcDateTime)
    counted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    seconds: float = 0


class BoardCount(Row, table=True):
    """One number of the last count: of a department in a service, or (both empty) of everything."""

    __tablename__ = "board_counts"
    measure: str = Field(primary_key=True, max_length=16)
    department: str = Field(primary_key=True, max_length=63)
    workflow_id: str = Field(primary_key=True, max_length=63)
    number: int


class BoardLight(Row, table=True):
    """A light that was on at the last count. It names its alert without holding it fast: what has
    gone meanwhile goes from here with the next count. Department `case`: of a whole case."""

    __tablename__ = "board_lights"
    __table_args__ = (
        Index("ix_board_lights_kind_alert_id", "kind", "alert_id"),
        Index(
            "ix_board_lights_kind_department_workflow_id",
            "kind",
            "department",
            "workflow_id",
            "alert_id",
        ),
    )
    alert_id: uuid.UUID = Field(primary_key=True)
    kind: str = Field(max_length=16)
    department: str = Field(max_length=63)
    workflow_id: str = Field(max_length=63)


class Engagement(Row, table=True):
    """An appointment at which a department is expected, until it has recorded what came of it. An
    appointment serves items of several departments; this is each one's own calendar."""

    __tablename__ = "engagements"
    __table_args__ = (Index("ix_engagements_department_at", "department", "at", "appointment_id"),)
    appointment_id: uuid.UUID = Field(primary_key=True)
    department: str = Field(primary_key=True, max_length=63)
    at: datetime = Field(sa_type=UtcDateTime)
