"""The tables of what happens to a case on its way: pauses, extensions, hearings, appointments,
deferred material, and the life of a certificate afterwards."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from onevisit.store.columns import UtcDateTime, new_id
from onevisit.store.kept import KeptJson, KeptText
from onevisit.store.tables import GENESIS, Row


class Pause(Row, table=True):
    """A clock that stands still: the days after `began` through `ended` or, at the latest,
    `planned` do not count. `stops_legal` only for the procedures of 许可法第四十五条."""

    __tablename__ = "pauses"
    __table_args__ = (Index("ix_pauses_case_id_region", "case_id", "region"),)
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    case_id: uuid.UUID = Field(foreign_key="cases.id")
    region: str = Field(max_length=80)
    kind: str = Field(max_length=63)
    title: str = Field(max_length=200)
    reasons: str = Field(sa_type=KeptText("pauses.reasons"))
    basis: str
    stops_legal: bool
    stops_promise: bool
    began: date
    planned: date
    ended: date | None = None
    begun_by: uuid.UUID | None = Field(default=None, foreign_key="accounts.id")
    ended_by: uuid.UUID | None = Field(default=None, foreign_key="accounts.id")


class Extension(Row, table=True):
    """Days added to the legal limit of an item or (region `case`) of the whole, once
    (许可法第四十二条): asked for with reasons, granted or refused by who may."""

    __tablename__ = "extensions"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'granted', 'refused')", name="state"),
        Index(
            "uq_extensions_granted",
            "case_id",
            "region",
            unique=True,
            sqlite_where=text("state = 'granted'"),
            postgresql_where=text("state = 'granted'"),
        ),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    case_id: uuid.UUID = Field(foreign_key="cases.id", index=True)
    region: str = Field(max_length=80)
    state: str = Field(default="asked", max_length=16)
    days: int
    reasons: str = Field(sa_type=KeptText("extensions.reasons"))
    basis: str
    asked_by: uuid.UUID = Field(foreign_key="accounts.id")
    asked_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: uuid.UUID | None = Field(default=None, foreign_key="accounts.id")
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answer: str | None = Field(default=None, sa_type=KeptText("extensions.answer"))


class Owed(Row, table=True):
    """Deferred material (容缺) that a case still owes: until `due`, else `on_timeout`."""

    __tablename__ = "owed"
    __table_args__ = (
        UniqueConstraint("case_id", "material_id"),
        CheckConstraint("state IN ('owed', 'brought', 'received', 'overdue')", name="state"),
        CheckConstraint("on_timeout IN ('revoke', 'reject')", name="on_timeout"),
        Index("ix_owed_state_due", "state", "due"),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    case_id: uuid.UUID = Field(foreign_key="cases.id")
    material_id: str = Field(max_length=63)
    due: date
    on_timeout: str = Field(max_length=16)
    basis: str
    state: str = Field(default="owed", max_length=16)
    brought_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_by: uuid.UUID | None = Field(default=None, foreign_key="accounts.id")
    note: str | None = Field(default=None, sa_type=KeptText("owed.note"))


class Hearing(Row, table=True):
    """A hearing on one approval (许可法第四十六至四十八条): told, asked for or waived, called,
    held by a chair who did not review, and recorded.

    `interests` says whose great interests are affected, `parties` names the interested persons
    if there are any; `asked_by` who asked for it. `on_own` when the authority holds it of its
    own motion (第四十六条). `held_at` is the moment for which it is called.
    """

    __tablename__ = "hearings"
    __table_args__ = (
        UniqueConstraint("case_id", "region"),
        Index(
            "ix_hearings_called",
            "held_at",
            "id",
            sqlite_where=text("called_at IS NOT NULL AND recorded_at IS NULL"),
            postgresql_where=text("called_at IS NOT NULL AND recorded_at IS NULL"),
        ),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    case_id: uuid.UUID = Field(foreign_key="cases.id")
    region: str = Field(max_length=80)
    interests: str = Field(sa_type=KeptText("hearings.interests"))
    parties: str | None = Field(default=None, sa_type=KeptText("hearings.parties"))
    on_own: bool = False
    told_at: datetime = Field(sa_type=UtcDateTime)
    told_by: uuid.UUID = Field(foreign_key="accounts.id")
    ask_by: date
    asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    asked_by: str | None = Field(default=None, sa_type=KeptText("hearings.asked_by"))
    hold_by: date | None = None
    waived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    chair_id: uuid.UUID | None = Field(default=None, foreign_key="accounts.id")
    held_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    place: str | None = Field(default=None, sa_type=KeptText("hearings.place"))
    called_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    called_by: uuid.UUID | None = Field(default=None, foreign_key="accounts.id")
    attended: str | None = Field(default=None, sa_type=KeptText("hearings.attended"))
    record: str | None = Field(default=None, sa_type=KeptText("hearings.record"))
    recorded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Appointment(Row, table=True):
    """One moment for several approvals: a joint inspection at the applicant's premises, or a
    moment at which the applicant appears. `regions` are the approvals it serves, `joint` the key
    under which the proof counts them as one (engine/presence.py). `missed`: the applicant did not
    appear; `waived`: the department goes on without."""

    __tablename__ = "appointments"
    __table_args__ = (
        CheckConstraint("kind IN ('inspection', 'meeting')", name="kind"),
        CheckConstraint(
            "state IN ('called', 'held', 'cancelled', 'missed', 'waived')", name="state"
        ),
        Index("ix_appointments_state_at", "state", "at"),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    case_id: uuid.UUID = Field(foreign_key="cases.id", index=True)
    kind: str = Field(max_length=16)
    joint: str = Field(max_length=80)
    title: str = Field(max_length=200)
    regions: list[str] = Field(sa_type=JSON)
    at: datetime = Field(sa_type=UtcDateTime)
    place: str = Field(sa_type=KeptText("appointments.place"))
    state: str = Field(default="called", max_length=16)
    called_by: uuid.UUID = Field(foreign_key="accounts.id")
    called_at: datetime = Field(sa_type=UtcDateTime)
    note: str | None = Field(default=None, sa_type=KeptText("appointments.note"))


class Finding(Row, table=True):
    """What one approval's officers (at least two, 许可法第三十四条) found at an appointment."""

    __tablename__ = "findings"
    __table_args__ = (UniqueConstraint("appointment_id", "region"),)
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    appointment_id: uuid.UUID = Field(foreign_key="appointments.id")
    case_id: uuid.UUID = Field(foreign_key="cases.id", index=True)
    region: str = Field(max_length=80)
    officers: list[str] = Field(sa_type=KeptJson("findings.officers"))
    passed: bool
    finding: str = Field(sa_type=KeptText("findings.finding"))
    recorded_by: uuid.UUID = Field(foreign_key="accounts.id")
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class PledgeCheck(Row, table=True):
    """The check after a pledge (浙江规定第十四条): due once decided; kept, or broken and then
    mended in time or failed."""

    __tablename__ = "pledge_checks"
    __table_args__ = (
        UniqueConstraint("case_id", "region"),
        CheckConstraint("state IN ('due', 'kept', 'broken', 'mended', 'failed')", name="state"),
        Index("ix_pledge_checks_state_due", "state", "due"),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    case_id: uuid.UUID = Field(foreign_key="cases.id")
    region: str = Field(max_length=80)
    due: date
    state: str = Field(default="due", max_length=16)
    finding: str | None = Field(default=None, sa_type=KeptText("pledge_checks.finding"))
    checked_by: uuid.UUID | None = Field(default=None, foreign_key="accounts.id")
    checked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    mend_by: date | None = None


class Certificate(Row, table=True):
    """A certificate after it is issued; `state` moves by the lifecycle's `certificate` region and
    `ledger_*` is the head of its own chain. `timer_due` is its last day of validity. `asked`
    repeats, for lists, the kind of request in `detail` that waits for an answer."""

    __tablename__ = "certificates"
    __table_args__ = (
        UniqueConstraint("case_id", "region"),
        Index("ix_certificates_holder_id_id", "holder_id", "id"),
        Index(
            "ix_certificates_timer_due_id",
            "timer_due",
            "id",
            sqlite_where=text("timer_due IS NOT NULL"),
            postgresql_where=text("timer_due IS NOT NULL"),
        ),
        Index("ix_certificates_department_id", "department", "id"),
        Index("ix_certificates_department_state_id", "department", "state", "id"),
        Index(
            "ix_certificates_department_asked",
            "department",
            "id",
            sqlite_where=text("asked IS NOT NULL"),
            postgresql_where=text("asked IS NOT NULL"),
        ),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    case_id: uuid.UUID = Field(foreign_key="cases.id")
    document_id: uuid.UUID = Field(foreign_key="documents.id", unique=True)
    region: str = Field(max_length=80)
    item_id: str = Field(max_length=63)
    department: str = Field(max_length=63)
    holder_id: uuid.UUID = Field(foreign_key="accounts.id")
    number: str = Field(max_length=100, unique=True)
    title: str = Field(max_length=200)
    state: str = Field(max_length=63)
    valid_from: date
    valid_until: date | None = None
    timer_due: date | None = None
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=KeptJson("certificates.detail"))
    asked: str | None = Field(default=None, max_length=16)
    revision: int = 1
    ledger_seq: int = 0
    ledger_hash: str = Field(default=GENESIS, max_length=64)

    @property
    def chain(self) -> str:
        """The name of its ledger chain within the case."""
        return f"certificate/{self.region}"


class Bar(Row, table=True):
    """Who is barred may not apply for the item until the day is over (第七十八、七十九条), or
    (scope `pledge`) not on the strength of a pledge, whatever the item (浙江规定第十四条)."""

    __tablename__ = "bars"
    __table_args__ = (CheckConstraint("scope IN ('item', 'pledge')", name="scope"),)
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    account_id: uuid.UUID = Field(foreign_key="accounts.id", index=True)
    workflow_id: str = Field(max_length=63)
    item_id: str = Field(max_length=63)
    scope: str = Field(default="item", max_length=16)
    until: date
    reasons: str = Field(sa_type=KeptText("bars.reasons"))
    basis: str
    case_id: uuid.UUID = Field(foreign_key="cases.id")
    set_by: uuid.UUID = Field(foreign_key="accounts.id")
    set_at: datetime = Field(sa_type=UtcDateTime)
