"""The tables of the open statistics: month by month how many cases of a service had which outcome,
counted once when a day is over, so that no page ever reads a million cases."""

from datetime import date, datetime

from sqlmodel import Field

from onevisit.store.columns import UtcDateTime
from onevisit.store.tables import Row


class Figure(Row, table=True):
    """How many cases of one service had `value` of one measure in the month that begins on
    `month`. A value is a number of days, visits or a grade: never a person or a case."""

    __tablename__ = "figures"
    month: date = Field(primary_key=True)
    measure: str = Field(primary_key=True, max_length=16)
    workflow_id: str = Field(primary_key=True, max_length=63)
    value: int = Field(primary_key=True)
    cases: int = 0


class CountedDay(Row, table=True):
    """A day that is over and whose cases are in the figures; it is counted once. The numbers are
    those of all services together: what came in, was accepted, was decided, and that beyond the
    promise."""

    __tablename__ = "counted_days"
    day: date = Field(primary_key=True)
    counted_at: datetime = Field(sa_type=UtcDateTime)
    submitted: int = 0
    accepted: int = 0
    decided: int = 0
    late: int = 0
