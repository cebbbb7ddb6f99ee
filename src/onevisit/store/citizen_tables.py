"""The tables of what citizens get: data that the state already holds about them, people who apply
for them (帮办代办), and what they think of the service afterwards (好差评)."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from onevisit.store.columns import UtcDateTime, new_id
from onevisit.store.kept import KeptJson, KeptText, KeyedHash
from onevisit.store.tables import Row


class SharedRecord(Row, table=True):
    """What a shared source says of a person or organisation, in the local front database (前置库).

    `holder` is the ID number or 统一社会信用代码 that the record is about, `person` the ID number
    of whoever may see it as their own: the holder, or who represents the organisation. `data` holds
    the fields of the source by name, as texts; `as_of` is the day on which that was so.
    """

    __tablename__ = "shared_records"
    __table_args__ = (
        UniqueConstraint("source", "holder_hash"),
        Index("ix_shared_records_source_person_hash", "source", "person_hash"),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    source: str = Field(max_length=63)
    holder: str = Field(sa_type=KeptText("shared_records.holder"))
    holder_hash: str = Field(default="", sa_type=KeyedHash("holder"), exclude=True)
    person: str = Field(sa_type=KeptText("shared_records.person"))
    person_hash: str = Field(default="", sa_type=KeyedHash("person"), exclude=True)
    data: dict[str, Any] = Field(sa_type=KeptJson("shared_records.data"))
    as_of: date
    imported_at: datetime = Field(sa_type=UtcDateTime)


class SharedRead(Row, table=True):
    """That somebody's record was read: by whom, when, which of its fields and for which case.

    The case is named without a reference to its row: a draft may be thrown away, but who used whose
    data stays answerable (个人信息保护法第五十四条).
    """

    __tablename__ = "shared_reads"
    __table_args__ = (Index("ix_shared_reads_holder_hash_at", "holder_hash", "at"),)
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    source: str = Field(max_length=63)
    holder: str = Field(sa_type=KeptText("shared_reads.holder"))
    holder_hash: str = Field(default="", sa_type=KeyedHash("holder"), exclude=True)
    fields: list[str] = Field(sa_type=JSON)
    found: bool
    purpose: str = Field(max_length=200)
    case_id: uuid.UUID = Field(index=True)
    read_by: uuid.UUID = Field(foreign_key="accounts.id")
    at: datetime = Field(sa_type=UtcDateTime)


class SharedFact(Row, table=True):
    """One value of a shared record as it was shown for one case, and what the applicant said of it.

    `origin` is source.field; the value fills in a form field or stands for a material (`kind`), the
    one called `name`. Of what is disputed the applicant's version counts (浙江规定第七条): `said`
    is that version, `why` the reason.
    """

    __tablename__ = "shared_facts"
    __table_args__ = (
        UniqueConstraint("case_id", "kind", "name"),
        CheckConstraint("kind IN ('field', 'material')", name="kind"),
        CheckConstraint("state IN ('shown', 'confirmed', 'disputed')", name="state"),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    case_id: uuid.UUID = Field(foreign_key="cases.id")
    origin: str = Field(max_length=130)
    kind: str = Field(max_length=16)
    name: str = Field(max_length=63)
    value: Any = Field(sa_type=KeptJson("shared_facts.value"))
    as_of: date
    state: str = Field(default="shown", max_length=16)
    said: Any = Field(
        default=None, sa_type=KeptJson("shared_facts.said", none_as_null=True), nullable=True
    )
    why: str | None = Field(default=None, sa_type=KeptText("shared_facts.why"))
    decided_by: uuid.UUID | None = Field(default=None, foreign_key="accounts.id")
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Authorisation(Row, table=True):
    """Somebody lets another apply for them (帮办代办), for some services (none named: all) and
    through the day `until`, after which it has no effect.

    `named` is the ID number or phone by which the other is named; they take it on with `code`,
    which only the one who gives it can read, and which is dead after too many wrong `tries`.
    """

    __tablename__ = "authorisations"
    __table_args__ = (
        CheckConstraint("state IN ('offered', 'active', 'revoked', 'declined')", name="state"),
        Index("ix_authorisations_principal_id_id", "principal_id", "id"),
        Index("ix_authorisations_agent_id_id", "agent_id", "id"),
        Index("ix_authorisations_named_hash_state", "named_hash", "state"),
        Index("ix_authorisations_state_until", "state", "until"),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    principal_id: uuid.UUID = Field(foreign_key="accounts.id")
    agent_id: uuid.UUID | None = Field(default=None, foreign_key="accounts.id")
    agent_name: str = Field(sa_type=KeptText("authorisations.agent_name"))
    named: str = Field(sa_type=KeptText("authorisations.named"))
    named_hash: str = Field(default="", sa_type=KeyedHash("named"), exclude=True)
    services: list[str] = Field(sa_type=JSON)
    until: date
    state: str = Field(default="offered", max_length=16)
    code: str | None = Field(default=None, sa_type=KeptText("authorisations.code"))
    code_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    tries: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)
    taken_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by: uuid.UUID | None = Field(default=None, foreign_key="accounts.id")


class Rating(Row, table=True):
    """What the applicant's side thinks of a finished case (好差评), once: `grade` 5 非常满意,
    4 满意, 3 基本满意, 2 不满意, 1 非常不满意. `reasons` are ids of the list that it offers.

    A bad one (1, 2) has to be followed up through the day `contact_due`: `outcome` says what was
    done about it.
    """

    __tablename__ = "ratings"
    __table_args__ = (
        CheckConstraint("grade BETWEEN 1 AND 5", name="grade"),
        Index("ix_ratings_rated_at", "rated_at", "id"),
        Index("ix_ratings_contact_due", "contact_due"),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    case_id: uuid.UUID = Field(foreign_key="cases.id", unique=True)
    grade: int
    reasons: list[str] = Field(sa_type=JSON)
    words: str | None = Field(default=None, sa_type=KeptText("ratings.words"))
    rated_by: uuid.UUID = Field(foreign_key="accounts.id")
    rated_at: datetime = Field(sa_type=UtcDateTime)
    contact_due: date | None = None
    contacted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    contacted_by: uuid.UUID | None = Field(default=None, foreign_key="accounts.id")
    outcome: str | None = Field(default=None, sa_type=KeptText("ratings.outcome"))


class RatingSkip(Row, table=True):
    """That the applicant's side did not want to rate a case: they are not asked again."""

    __tablename__ = "rating_skips"
    case_id: uuid.UUID = Field(foreign_key="cases.id", primary_key=True)
    skipped_by: uuid.UUID = Field(foreign_key="accounts.id")
    skipped_at: datetime = Field(sa_type=UtcDateTime)
