"""The tables of the counter: call numbers, who sits at which window, what was taken in from a
person who walked up, and who has a case in hand."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from onevisit.store.columns import UtcDateTime, new_id
from onevisit.store.kept import KeptText
from onevisit.store.tables import Row


class Ticket(Row, table=True):
    """One call number (叫号) of one day: `label` is what is printed and called, like A007.

    `priority`: for whom the law keeps a place (无障碍环境建设法第四十条). `called_at` is the last
    time that it was called, `calls` how often; `counter` the window that called it.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("day", "label"),
        CheckConstraint("queue IN ('general', 'person', 'enterprise', 'priority')", name="queue"),
        CheckConstraint(
            "state IN ('waiting', 'called', 'serving', 'done', 'missed')", name="state"
        ),
        Index("ix_tickets_day_state_priority", "day", "state", "priority", "id"),
        Index("ix_tickets_day_called_at", "day", "called_at"),
        Index("ix_tickets_called_by_day", "called_by", "day"),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    day: date
    label: str = Field(max_length=8)
    queue: str = Field(max_length=16)
    priority: bool = False
    state: str = Field(default="waiting", max_length=16)
    taken_at: datetime = Field(sa_type=UtcDateTime)
    called_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    called_by: uuid.UUID | None = Field(default=None, foreign_key="accounts.id")
    counter: str | None = Field(default=None, max_length=8)
    calls: int = 0
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Counter(Row, table=True):
    """At which window a clerk sits on one day; asked once a day."""

    __tablename__ = "counters"
    account_id: uuid.UUID = Field(primary_key=True, foreign_key="accounts.id")
    day: date = Field(primary_key=True)
    counter: str = Field(max_length=8)


class Intake(Row, table=True):
    """What a clerk takes in for a person at the counter: who began, for which call number, and
    how the person confirmed what was written down for them. Vouched for in the case's ledger.

    `confirmed`: signed on paper, or read through together; None until then. `ended_at`: when it
    was handed in.
    """

    __tablename__ = "intakes"
    __table_args__ = (
        CheckConstraint("confirmed IN ('signed', 'together')", name="confirmed"),
        Index(
            "ix_intakes_id_open",
            "id",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    case_id: uuid.UUID = Field(foreign_key="cases.id", unique=True)
    begun_by: uuid.UUID = Field(foreign_key="accounts.id")
    begun_at: datetime = Field(sa_type=UtcDateTime)
    ticket_id: uuid.UUID | None = Field(default=None, foreign_key="tickets.id")
    confirmed: str | None = Field(default=None, max_length=16)
    pledged: bool = False
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Holding(Row, table=True):
    """Who took a case in hand, or was handed it, from when on; the newest row of a case counts.

    It is advice and never a lock. `account_id` None: put down again. Vouched for in the ledger.
    """

    __tablename__ = "holdings"
    __table_args__ = (Index("ix_holdings_case_id_id", "case_id", "id"),)
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    case_id: uuid.UUID = Field(foreign_key="cases.id")
    account_id: uuid.UUID | None = Field(default=None, foreign_key="accounts.id")
    given_by: uuid.UUID = Field(foreign_key="accounts.id")
    at: datetime = Field(sa_type=UtcDateTime)
    note: str | None = Field(default=None, sa_type=KeptText("holdings.note"))
