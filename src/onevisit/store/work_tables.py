"""The tables of work that is owed to somebody: messages, how they go out, lights that came on,
and the rules of a place as they are in force today."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from onevisit.store.columns import UtcDateTime, new_id
from onevisit.store.kept import KeptText
from onevisit.store.tables import Row


class Message(Row, table=True):
    """What one person is told, in the inbox; `key` says what about, so that it is told once."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_account_id_id", "account_id", "id"),
        Index("ix_messages_account_id_read_at", "account_id", "read_at"),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    key: str = Field(max_length=300, unique=True)
    account_id: uuid.UUID = Field(foreign_key="accounts.id")
    case_id: uuid.UUID | None = Field(default=None, foreign_key="cases.id", index=True)
    kind: str = Field(max_length=32)
    title: str = Field(sa_type=KeptText("messages.title"))
    body: str = Field(sa_type=KeptText("messages.body"))
    link: str | None = Field(default=None, max_length=200)
    created_at: datetime = Field(sa_type=UtcDateTime)
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Dispatch(Row, table=True):
    """One message on one way out, in the words that leave the house. `claim` names the attempt
    that is under way until `claimed_until`; whoever finds that past may try again with a claim of
    its own. `off`: the site has no such way out."""

    __tablename__ = "dispatches"
    __table_args__ = (
        UniqueConstraint("message_id", "channel"),
        CheckConstraint("channel IN ('email', 'sms')", name="channel"),
        CheckConstraint("state IN ('waiting', 'sent', 'failed', 'off')", name="state"),
        Index("ix_dispatches_state_next_at", "state", "next_at"),
        Index("ix_dispatches_state_id", "state", "id"),  # the oldest in a state
        Index(
            "ix_dispatches_claimed_until",
            "claimed_until",
            sqlite_where=text("claimed_until IS NOT NULL"),
            postgresql_where=text("claimed_until IS NOT NULL"),
        ),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    message_id: uuid.UUID = Field(foreign_key="messages.id")
    channel: str = Field(max_length=16)
    address: str = Field(sa_type=KeptText("dispatches.address"))
    subject: str = Field(sa_type=KeptText("dispatches.subject"))
    text: str = Field(sa_type=KeptText("dispatches.text"))
    state: str = Field(default="waiting", max_length=16)
    attempts: int = 0
    next_at: datetime = Field(sa_type=UtcDateTime)
    claim: str | None = Field(default=None, max_length=64)
    claimed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str | None = Field(default=None, sa_type=KeptText("dispatches.error"))
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reference: str | None = Field(default=None, max_length=200)


class Alert(Row, table=True):
    """A light that came on, once for each last day it warns of (效能监察)."""

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint("case_id", "region", "kind", "due"),
        CheckConstraint("kind IN ('yellow', 'red', 'supervision', 'delivery')", name="kind"),
        Index("ix_alerts_fired_at", "fired_at"),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    case_id: uuid.UUID = Field(foreign_key="cases.id")
    region: str = Field(max_length=80)
    kind: str = Field(max_length=16)
    due: date
    fired_at: datetime = Field(sa_type=UtcDateTime)
    reasons: str | None = Field(default=None, sa_type=KeptText("alerts.reasons"))


class Rule(Row, table=True):
    """A calendar or a jurisdiction file as it is in force today, whichever version of a service a
    case runs on: holidays that are announced later move its open deadlines. `applied_at` is when
    all of them had been reckoned anew with it, None while some may not; `reached` is then the last
    case that was."""

    __tablename__ = "rules"
    __table_args__ = (CheckConstraint("kind IN ('calendar', 'jurisdiction')", name="kind"),)
    kind: str = Field(primary_key=True, max_length=16)
    id: str = Field(primary_key=True, max_length=63)
    content: str
    hash: str = Field(max_length=64)
    published_at: datetime = Field(sa_type=UtcDateTime)
    applied_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reached: uuid.UUID | None = None
