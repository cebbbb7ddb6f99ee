"""Who somebody is at the city's unified sign-in, and who stands in for whom from day to day."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, text
from sqlmodel import Field

from onevisit.store.columns import UtcDateTime, new_id
from onevisit.store.tables import Row


class Identity(Row, table=True):
    """That a subject of an issuer (OpenID Connect) is the owner of an account: `bound_by` is who
    said so, the person themselves or an administrator. `acr` and `amr` are what the issuer last
    said about how it knew them. An ended one stays; at most one of a subject is not ended."""

    __tablename__ = "identities"
    __table_args__ = (
        Index(
            "uq_identities_issuer_subject_open",
            "issuer",
            "subject",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_identities_account_id", "account_id"),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    account_id: uuid.UUID = Field(foreign_key="accounts.id")
    issuer: str = Field(max_length=255)
    subject: str = Field(max_length=255)
    bound_at: datetime = Field(sa_type=UtcDateTime)
    bound_by: uuid.UUID = Field(foreign_key="accounts.id")
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by: uuid.UUID | None = Field(default=None, foreign_key="accounts.id")
    acr: str | None = Field(default=None, max_length=255)
    amr: list[Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class IdentityOffer(Row, table=True):
    """A subject that was proven at the issuer and waits, until `expires_at`, for the proof that
    the account is theirs too. `key` is the SHA-256 of what their browser holds."""

    __tablename__ = "identity_offers"
    __table_args__ = (Index("ix_identity_offers_expires_at", "expires_at"),)
    key: str = Field(primary_key=True, max_length=64)
    account_id: uuid.UUID = Field(foreign_key="accounts.id")
    issuer: str = Field(max_length=255)
    subject: str = Field(max_length=255)
    acr: str | None = Field(default=None, max_length=255)
    amr: list[Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    expires_at: datetime = Field(sa_type=UtcDateTime)


class Deputy(Row, table=True):
    """That `deputy_id` stands in for `principal_id` in one post of a department, from the first
    day to the last, both included; it counts while the principal holds the post."""

    __tablename__ = "deputies"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("principal_id <> deputy_id", name="somebody_else"),
        CheckConstraint("role IN ('handler', 'reviewer', 'decider', 'head')", name="role"),
        Index("ix_deputies_deputy_id_last_day", "deputy_id", "last_day"),
        Index("ix_deputies_principal_id_last_day", "principal_id", "last_day"),
        Index("ix_deputies_department_last_day", "department", "last_day"),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    principal_id: uuid.UUID = Field(foreign_key="accounts.id")
    deputy_id: uuid.UUID = Field(foreign_key="accounts.id")
    role: str = Field(max_length=16)
    department: str = Field(max_length=63)
    first_day: date
    last_day: date
    reason: str = Field(max_length=200)
    made_by: uuid.UUID = Field(foreign_key="accounts.id")
    made_at: datetime = Field(sa_type=UtcDateTime)
    ended_by: uuid.UUID | None = Field(default=None, foreign_key="accounts.id")
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
