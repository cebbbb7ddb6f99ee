"""The tables of the departments' interface: keys of their systems, and answers that were given."""

import uuid
from datetime import date, datetime

from sqlalchemy import JSON, Index
from sqlmodel import Field

from onevisit.store.columns import UtcDateTime, new_id
from onevisit.store.tables import Row


class InterfaceKey(Row, table=True):
    """A key by which a department's own system works on its items, under an account of its own.

    Of the key itself only the SHA-256 is kept (it is random, so nothing can be guessed from it);
    `hint` is how it begins. It holds from the first day through the last one, unless revoked; rows
    are never deleted. `last_used_at` is true to a quarter of an hour.
    """

    __tablename__ = "interface_keys"
    __table_args__ = (Index("ix_interface_keys_department_id", "department", "id"),)
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    account_id: uuid.UUID = Field(foreign_key="accounts.id", unique=True)
    department: str = Field(max_length=63)
    name: str = Field(max_length=50)
    scopes: list[str] = Field(sa_type=JSON)
    secret_hash: str = Field(max_length=64, unique=True)
    hint: str = Field(max_length=12)
    first_day: date
    last_day: date
    created_by: uuid.UUID = Field(foreign_key="accounts.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    revoked_by: uuid.UUID | None = Field(default=None, foreign_key="accounts.id")
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class KeptAnswer(Row, table=True):
    """What a request that changed something was answered, written with the change itself, so that
    the same request once more does nothing and hears the same. `request_hash` is the SHA-256 of
    what was sent; no personal data is in `body`."""

    __tablename__ = "kept_answers"
    __table_args__ = (Index("ix_kept_answers_at", "at"),)
    key_id: uuid.UUID = Field(foreign_key="interface_keys.id", primary_key=True)
    name: str = Field(max_length=100, primary_key=True)
    request_hash: str = Field(max_length=64)
    status: int
    etag: str | None = Field(default=None, max_length=40)
    body: str
    at: datetime = Field(sa_type=UtcDateTime)
