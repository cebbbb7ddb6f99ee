"""The tables: one row per case and one per approval, so that departments never block each other."""

import uuid
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, Index, MetaData, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel

from onevisit.store.columns import UtcDateTime, new_id
from onevisit.store.kept import KeptJson, KeptText, KeyedHash, is_secret, watch

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
GENESIS = "0" * 64
LAST_DAY = "coalesce(delivery_due, '2000-01-01')"
"""By what the issuing window sorts: what was decided before delivery had a last day comes first."""


class Row(SQLModel):
    """What all tables share: our own metadata, with names for every constraint."""

    metadata: ClassVar[MetaData] = METADATA

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        """What is written where a row is printed: nothing that is kept secret."""
        columns = METADATA.tables[str(self.__tablename__)].columns
        hidden = {each.key for each in columns if is_secret(each.type)} | {"password_hash"}
        return [each for each in super().__repr_args__() if each[0] not in hidden]


watch(Row)


class Account(Row, table=True):
    """A person who can sign in; `password_hash` is argon2, never the password. `staff`: opened for
    work, so that administrators find it among all the citizens' accounts. `temporary_until`: the
    password was handed out by an administrator, opens nothing but the page on which another one is
    chosen, and only until then."""

    __tablename__ = "accounts"
    __table_args__ = (
        Index("ix_accounts_staff_username", "staff", "username"),
        Index("ix_accounts_name", "name", postgresql_ops={"name": "text_pattern_ops"}),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    username: str = Field(max_length=64, unique=True)
    name: str = Field(max_length=100)
    password_hash: str = Field(max_length=200)
    id_number: str | None = Field(default=None, sa_type=KeptText("accounts.id_number"))
    id_number_hash: str | None = Field(
        default=None, index=True, sa_type=KeyedHash("id_number"), exclude=True
    )
    phone: str | None = Field(default=None, sa_type=KeptText("accounts.phone"))
    phone_hash: str | None = Field(
        default=None, index=True, sa_type=KeyedHash("phone"), exclude=True
    )
    email: str | None = Field(default=None, sa_type=KeptText("accounts.email"))
    disabled: bool = False
    staff: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    temporary_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revision: int = Field(default=1, sa_column_kwargs={"server_default": "1"})


class Post(Row, table=True):
    """One role that a person holds, in one department or (None) for the whole centre, from the
    first day to the last one if there are any; on other days it does not count."""

    __tablename__ = "posts"
    __table_args__ = (
        UniqueConstraint("account_id", "role", "department"),
        Index("ix_posts_role_department", "role", "department"),
        CheckConstraint(
            "role IN ('applicant', 'clerk', 'handler', 'reviewer', 'decider', 'window', 'admin',"
            " 'supervisor', 'head', 'government', 'operator', 'kiosk')",
            name="role",
        ),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    account_id: uuid.UUID = Field(foreign_key="accounts.id")
    role: str = Field(max_length=16)
    department: str | None = Field(default=None, max_length=63)
    first_day: date | None = None
    last_day: date | None = None


class WorkflowVersion(Row, table=True):
    """One published version, pinned by the SHA-256 of its `content` ({path: text}).

    At most one version of a workflow is current; the database itself holds that.
    """

    __tablename__ = "workflow_versions"
    __table_args__ = (
        Index(
            "uq_workflow_versions_current",
            "workflow_id",
            unique=True,
            sqlite_where=text("current"),
            postgresql_where=text("current"),
        ),
    )
    hash: str = Field(primary_key=True, max_length=64)
    workflow_id: str = Field(max_length=63, index=True)
    version: str = Field(max_length=20)
    title: str = Field(max_length=200)
    content: dict[str, str] = Field(sa_type=JSON)
    published_at: datetime = Field(sa_type=UtcDateTime)
    published_by: uuid.UUID | None = Field(default=None, foreign_key="accounts.id")
    current: bool = False


class Case(Row, table=True):
    """One 办件. A draft is a case without a number; `ledger_*` is the head of its own chain.

    `awaits` repeats, for lists, what follows from the state: whose turn it is (a role, "office"
    while departments work, None when the case is closed). `timer_due` is the last day before the
    present state ends by itself, if it does. `clock_from` is the day (not counted) from which the
    limits run, `yellow_on` the day from which the promise is nearly used up, `alert_on` the next
    day on which a light may come on, `delivery_due` the last day for handing out the results
    (许可法第四十四条). `reopens` is the case that is handled anew, `only` then names the regions
    that are; None means all that follow from the answers. `recipient` is where the results are to
    be posted ({"name", "phone", "address"}). `pickup_code` opens them at a kiosk while they wait,
    `pickup_tries` counts the codes that were wrong. `authorisation_id` is what `agent_id` acts by,
    unless they came to the desk with it. `saved_at` is when a draft was last worked on.
    `archived_at`: all that was filled in and done lies in an archive file since then.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index(
            "ix_cases_version_hash_running",
            "version_hash",
            "id",
            sqlite_where=text("number IS NOT NULL AND concluded_at IS NULL"),
            postgresql_where=text("number IS NOT NULL AND concluded_at IS NULL"),
        ),
        Index("ix_cases_reopens", "reopens"),
        Index("ix_cases_applicant_id_id", "applicant_id", "id"),
        Index("ix_cases_agent_id_id", "agent_id", "id"),
        Index("ix_cases_awaits_submitted_at", "awaits", "submitted_at", "id"),
        Index(
            "ix_cases_submitted_at_closed",
            "submitted_at",
            "id",
            sqlite_where=text("awaits IS NULL AND number IS NOT NULL"),
            postgresql_where=text("awaits IS NULL AND number IS NOT NULL"),
        ),
        Index(
            "ix_cases_timer_due_id",
            "timer_due",
            "id",
            sqlite_where=text("timer_due IS NOT NULL"),
            postgresql_where=text("timer_due IS NOT NULL"),
        ),
        Index(
            "ix_cases_alert_on_id",
            "alert_on",
            "id",
            sqlite_where=text("alert_on IS NOT NULL"),
            postgresql_where=text("alert_on IS NOT NULL"),
        ),
        Index(
            "ix_cases_promise_due_open",
            "promise_due",
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
        Index(
            "ix_cases_last_day_window",
            "awaits",  # so that SQLite finds it as good as the other one over awaits
            text(LAST_DAY),
            "id",
            sqlite_where=text("awaits = 'window'"),
            postgresql_where=text("awaits = 'window'"),
        ),
        Index(
            "ix_cases_concluded_at_here",
            "concluded_at",
            "id",
            sqlite_where=text("concluded_at IS NOT NULL AND archived_at IS NULL"),
            postgresql_where=text("concluded_at IS NOT NULL AND archived_at IS NULL"),
        ),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    number: str | None = Field(default=None, max_length=50, unique=True)
    workflow_id: str = Field(max_length=63)
    version_hash: str = Field(foreign_key="workflow_versions.hash", max_length=64)
    state: str = Field(max_length=63)
    awaits: str | None = Field(default=None, max_length=16)
    applicant_id: uuid.UUID = Field(foreign_key="accounts.id")
    agent_id: uuid.UUID | None = Field(default=None, foreign_key="accounts.id")
    authorisation_id: uuid.UUID | None = None
    channel: str = Field(max_length=16)
    answers: dict[str, Any] = Field(default_factory=dict, sa_type=KeptJson("cases.answers"))
    form: dict[str, Any] = Field(default_factory=dict, sa_type=KeptJson("cases.form"))
    created_at: datetime = Field(sa_type=UtcDateTime)
    saved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    submitted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    concluded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    promise_due: date | None = None
    legal_due: date | None = None
    timer_due: date | None = None
    clock_from: date | None = None
    yellow_on: date | None = None
    alert_on: date | None = None
    delivery_due: date | None = None
    reopens: uuid.UUID | None = None
    only: list[str] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    pickup: str | None = Field(default=None, max_length=16)
    recipient: dict[str, Any] | None = Field(
        default=None, sa_type=KeptJson("cases.recipient", none_as_null=True)
    )
    pickup_code: str | None = Field(default=None, sa_type=KeptText("cases.pickup_code"))
    pickup_tries: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    revision: int = 1
    ledger_seq: int = 0
    ledger_hash: str = Field(default=GENESIS, max_length=64)

    @property
    def chain(self) -> str:
        """The name of its ledger chain."""
        return "case"

    @property
    def case_id(self) -> uuid.UUID:
        """The case itself, under the name that all other rows have for it."""
        return self.id


class Approval(Row, table=True):
    """One item of one case in one department; its ledger chain is its own.

    `awaits` repeats, for lists, the role that signs the present step; None when none does.
    """

    __tablename__ = "approvals"
    __table_args__ = (
        UniqueConstraint("case_id", "region"),
        Index(
            "ix_approvals_department_awaits_promise_due_id",
            "department",
            "awaits",
            "promise_due",
            "id",
            "yellow_on",  # what is nearly late is told without opening the rows
        ),
        Index(
            "ix_approvals_timer_due_id",
            "timer_due",
            "id",
            sqlite_where=text("timer_due IS NOT NULL"),
            postgresql_where=text("timer_due IS NOT NULL"),
        ),
        Index(
            "ix_approvals_alert_on_id",
            "alert_on",
            "id",
            sqlite_where=text("alert_on IS NOT NULL"),
            postgresql_where=text("alert_on IS NOT NULL"),
        ),
        Index(
            "ix_approvals_department_promise_due_open",
            "department",
            "promise_due",
            "id",
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
        Index(
            "ix_approvals_department_decided_at",
            "department",
            "decided_at",
            "id",
            sqlite_where=text("decided_at IS NOT NULL"),
            postgresql_where=text("decided_at IS NOT NULL"),
        ),
        Index(
            "ix_approvals_yellow_on_open",
            "yellow_on",
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    case_id: uuid.UUID = Field(foreign_key="cases.id")
    region: str = Field(max_length=80)
    item_id: str = Field(max_length=63)
    element: int | None = None
    department: str = Field(max_length=63)
    route: str = Field(max_length=16)
    state: str = Field(max_length=63)
    awaits: str | None = Field(default=None, max_length=16)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    promise_due: date | None = None
    legal_due: date | None = None
    timer_due: date | None = None
    clock_from: date | None = None
    yellow_on: date | None = None
    alert_on: date | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_by: uuid.UUID | None = Field(default=None, foreign_key="accounts.id")
    opinion: str | None = Field(default=None, sa_type=KeptText("approvals.opinion"))
    reasons: str | None = Field(default=None, sa_type=KeptText("approvals.reasons"))
    revision: int = 1
    ledger_seq: int = 0
    ledger_hash: str = Field(default=GENESIS, max_length=64)

    @property
    def chain(self) -> str:
        """The name of its ledger chain within the case."""
        return self.region


class Upload(Row, table=True):
    """One file that the applicant handed in for one material; removing keeps the row."""

    __tablename__ = "uploads"
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    case_id: uuid.UUID = Field(foreign_key="cases.id", index=True)
    material_id: str = Field(max_length=63)
    filename: str = Field(sa_type=KeptText("uploads.filename"))
    content_type: str = Field(max_length=100)
    size: int
    sha256: str = Field(max_length=64)
    storage_key: str = Field(max_length=100, unique=True)
    uploaded_by: uuid.UUID = Field(foreign_key="accounts.id")
    uploaded_at: datetime = Field(sa_type=UtcDateTime)
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Check(Row, table=True):
    """What the clerk found for one material in one round of checking."""

    __tablename__ = "checks"
    __table_args__ = (
        UniqueConstraint("case_id", "material_id", "round"),
        CheckConstraint(
            "status IN ('received', 'verified', 'missing', 'unfit', 'deferred')", name="status"
        ),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    case_id: uuid.UUID = Field(foreign_key="cases.id")
    material_id: str = Field(max_length=63)
    round: int = 1
    status: str = Field(max_length=16)
    note: str | None = Field(default=None, sa_type=KeptText("checks.note"))
    how: str | None = Field(default=None, sa_type=KeptText("checks.how"))
    checked_by: uuid.UUID = Field(foreign_key="accounts.id")
    checked_at: datetime = Field(sa_type=UtcDateTime)


class Correction(Row, table=True):
    """The one correction notice a case may have: everything missing, told once (许可法第三十二条).

    `missing` is a list of {"material_id" or "field", "title", "problem", "how"}.
    """

    __tablename__ = "corrections"
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    case_id: uuid.UUID = Field(foreign_key="cases.id", unique=True)
    issued_at: datetime = Field(sa_type=UtcDateTime)
    issued_by: uuid.UUID = Field(foreign_key="accounts.id")
    due: date
    missing: list[dict[str, Any]] = Field(sa_type=KeptJson("corrections.missing"))
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Document(Row, table=True):
    """A notice or certificate: `snapshot` is the truth, the PDF its projection, made later."""

    __tablename__ = "documents"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'made', 'failed')", name="state"),
        Index("ix_documents_state_created_at", "state", "created_at"),
        Index("ix_documents_state_id", "state", "id"),  # the oldest in a state
        Index(
            "ix_documents_claimed_until",
            "claimed_until",
            sqlite_where=text("claimed_until IS NOT NULL"),
            postgresql_where=text("claimed_until IS NOT NULL"),
        ),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    case_id: uuid.UUID = Field(foreign_key="cases.id", index=True)
    region: str | None = Field(default=None, max_length=80)
    kind: str = Field(max_length=32)
    title: str = Field(max_length=200)
    template: str = Field(max_length=100)
    number: str = Field(max_length=100, unique=True)
    snapshot: dict[str, Any] = Field(sa_type=KeptJson("documents.snapshot"))
    created_at: datetime = Field(sa_type=UtcDateTime)
    state: str = Field(default="pending", max_length=16)
    attempts: int = 0
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    claim: str | None = Field(default=None, max_length=64)
    claimed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str | None = Field(default=None, sa_type=KeptText("documents.error"))
    pdf_key: str | None = Field(default=None, max_length=100)
    sha256: str | None = Field(default=None, max_length=64)


class Handout(Row, table=True):
    """Who collected the results of a case, all at once, and what they received; by post also
    with which carrier and under which number."""

    __tablename__ = "handouts"
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    case_id: uuid.UUID = Field(foreign_key="cases.id", unique=True)
    method: str = Field(max_length=16)
    collector: dict[str, Any] = Field(sa_type=KeptJson("handouts.collector"))
    handed_by: uuid.UUID = Field(foreign_key="accounts.id")
    handed_at: datetime = Field(sa_type=UtcDateTime)
    bundle: list[dict[str, Any]] = Field(sa_type=JSON)
    carrier: str | None = Field(default=None, max_length=50)
    tracking_number: str | None = Field(default=None, sa_type=KeptText("handouts.tracking_number"))


class LedgerEntry(Row, table=True):
    """One act on one region of one case, chained by hash to the act before (留痕)."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        UniqueConstraint("case_id", "region", "seq"),
        Index("ix_ledger_entries_at", "at"),  # what happened today
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    case_id: uuid.UUID = Field(foreign_key="cases.id")
    region: str = Field(max_length=80)
    seq: int
    at: datetime = Field(sa_type=UtcDateTime)
    actor_id: uuid.UUID | None = Field(default=None, foreign_key="accounts.id")
    actor_role: str = Field(max_length=16)
    act: str = Field(max_length=63)
    from_state: str | None = Field(default=None, max_length=63)
    to_state: str | None = Field(default=None, max_length=63)
    version_hash: str = Field(max_length=64)
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=KeptJson("ledger_entries.detail"))
    prev_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class Sequence(Row, table=True):
    """A counter for human-readable numbers; the row is locked while a number is drawn."""

    __tablename__ = "sequences"
    name: str = Field(primary_key=True, max_length=100)
    next: int = 1
