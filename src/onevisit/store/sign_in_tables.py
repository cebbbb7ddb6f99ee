"""Who is signed in where, what was tried at the door, and second factors: what the server keeps so
that a cookie is only the key to a row that can be ended."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from onevisit.store.columns import UtcDateTime, new_id
from onevisit.store.kept import KeptJson, KeptText
from onevisit.store.tables import Row


class SignIn(Row, table=True):
    """One session. `token` is the SHA-256 of what the cookie holds, never that itself. `stage`:
    only a "whole" one opens pages; one that waits for the person's own "password", for a "code" or
    for a second "factor" to be set up opens that page alone. `way` is how they proved who they are.
    `agent` names browser and system in words. `proven_at` is the last proof by password, `seen_at`
    moves at most once a minute. `missed` and `missed_codes` are the wrong passwords and codes
    since the sign-in before."""

    __tablename__ = "sign_ins"
    __table_args__ = (
        CheckConstraint("stage IN ('whole', 'password', 'code', 'factor')", name="stage"),
        CheckConstraint(
            "ended_by IN ('out', 'again', 'others', 'password', 'factor', 'disabled', 'many')",
            name="ended_by",
        ),
        Index("ix_sign_ins_account_id_id", "account_id", "id"),
        Index("ix_sign_ins_ends_at", "ends_at"),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    token: str = Field(max_length=64, unique=True)
    account_id: uuid.UUID = Field(foreign_key="accounts.id")
    stage: str = Field(max_length=8)
    way: str = Field(default="password", max_length=16)
    agent: str = Field(max_length=60)
    begun_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    proven_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by: str | None = Field(default=None, max_length=8)
    missed: int = 0
    missed_codes: int = 0


class Missed(Row, table=True):
    """Wrong passwords and codes for one account since its owner last signed in, without those from
    a browser that its owner has used before."""

    __tablename__ = "missed_sign_ins"
    account_id: uuid.UUID = Field(foreign_key="accounts.id", primary_key=True)
    passwords: int = 0
    codes: int = 0
    last_at: datetime = Field(sa_type=UtcDateTime)


class Knock(Row, table=True):
    """Wrong tries at one of a fixed number of places (see cases/signing_in/limits.py), so that no
    flood of names or addresses lets the table grow without end."""

    __tablename__ = "knocks"
    __table_args__ = (Index("ix_knocks_last_at", "last_at"),)
    place: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    wrong: int = 0
    last_at: datetime = Field(sa_type=UtcDateTime)
    opens_at: datetime = Field(sa_type=UtcDateTime)


class SecondFactor(Row, table=True):
    """The shared secret of an account's one-time codes (RFC 6238), base32: `secret` the one that
    counts, `offered` one that its owner has not confirmed by a code yet. `last_step` is the last
    time step of which a code was taken: a code counts once. `salt` is the recovery codes'."""

    __tablename__ = "second_factors"
    account_id: uuid.UUID = Field(foreign_key="accounts.id", primary_key=True)
    secret: str | None = Field(default=None, sa_type=KeptText("second_factors.secret"))
    offered: str | None = Field(default=None, sa_type=KeptText("second_factors.offered"))
    last_step: int = 0
    salt: str = Field(default="", max_length=32)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class KioskVisit(Row, table=True):
    """What is open on one kiosk, by its session, until `ends_at` a few minutes later: card and code
    as `entered`, or the case whose papers may be printed."""

    __tablename__ = "kiosk_visits"
    __table_args__ = (Index("ix_kiosk_visits_ends_at", "ends_at"),)
    sign_in_id: uuid.UUID = Field(foreign_key="sign_ins.id", primary_key=True)
    entered: dict[str, Any] = Field(sa_type=KeptJson("kiosk_visits.entered"))
    ends_at: datetime = Field(sa_type=UtcDateTime)


class RecoveryCode(Row, table=True):
    """One recovery code of an account: its argon2id hash under the account's salt, and when it was
    used, after which it is worth nothing."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index("ix_recovery_codes_account_id", "account_id"),)
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    account_id: uuid.UUID = Field(foreign_key="accounts.id")
    hash: str = Field(max_length=64)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
