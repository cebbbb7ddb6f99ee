"""The tables of the office: who has an item in hand, the phrases that officers write with, and the
photos of which a file was put together."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from onevisit.store.columns import UtcDateTime, new_id
from onevisit.store.kept import KeptJson
from onevisit.store.tables import Row


class Claim(Row, table=True):
    """An officer has an item in hand (领取). It tells colleagues, it keeps nobody from acting: no
    evidence of anything, gone when the item is put back or signed. It counts only while the item is
    with `department`."""

    __tablename__ = "claims"
    approval_id: uuid.UUID = Field(foreign_key="approvals.id", primary_key=True)
    department: str = Field(max_length=63)
    account_id: uuid.UUID = Field(foreign_key="accounts.id", index=True)
    claimed_at: datetime = Field(sa_type=UtcDateTime)


class Phrase(Row, table=True):
    """One opinion that is often written (常用语): of a department for all in it, or of one person
    for themself (`account_id`)."""

    __tablename__ = "phrases"
    __table_args__ = (Index("ix_phrases_department_account_id", "department", "account_id"),)
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    department: str = Field(max_length=63)
    account_id: uuid.UUID | None = Field(default=None, foreign_key="accounts.id")
    text: str = Field(max_length=200)
    created_by: uuid.UUID = Field(foreign_key="accounts.id")
    created_at: datetime = Field(sa_type=UtcDateTime)


class Scan(Row, table=True):
    """A file that was put together from photos: `photos` says of each page which photo it was
    ({"name", "size", "sha256"}). The same digests stand in the file itself, whose own digest the
    ledger vouches for."""

    __tablename__ = "scans"
    upload_id: uuid.UUID = Field(foreign_key="uploads.id", primary_key=True)
    photos: list[dict[str, Any]] = Field(sa_type=KeptJson("scans.photos"))
