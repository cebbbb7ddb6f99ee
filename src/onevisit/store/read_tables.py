"""The tables of who read whose data, and of what became of data whose time was over."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, text
from sqlmodel import Field

from onevisit.store.columns import UtcDateTime, new_id
from onevisit.store.kept import KeptText
from onevisit.store.tables import Row


class Read(Row, table=True):
    """That somebody at work was shown data of a case: `what` says which, never the data itself.

    Only added, never changed; `block` alone is filled in when the row is sealed (ReadBlock). The
    case and the file or paper (`thing`) are named without a reference to their rows: who used whose
    data stays answerable when they are gone. No `reader_id`: an operator at the machine, or a
    department's system, which `reason` then names.
    """

    __tablename__ = "reads"
    __table_args__ = (
        Index("ix_reads_subject_id_id", "subject_id", "id"),
        Index("ix_reads_case_id_id", "case_id", "id"),
        Index("ix_reads_reader_id_thing", "reader_id", "thing"),
        Index("ix_reads_block_id", "block", "id"),
        Index(
            "ix_reads_unsealed",
            "id",
            sqlite_where=text("block IS NULL"),
            postgresql_where=text("block IS NULL"),
        ),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    reader_id: uuid.UUID | None = Field(default=None, foreign_key="accounts.id")
    role: str = Field(max_length=16)
    department: str | None = Field(default=None, max_length=63)
    case_id: uuid.UUID
    subject_id: uuid.UUID = Field(foreign_key="accounts.id")
    purpose: str = Field(max_length=16)
    kind: str = Field(max_length=16)
    what: str = Field(max_length=500)
    reason: str | None = Field(default=None, sa_type=KeptText("reads.reason"))
    thing: uuid.UUID | None = None
    block: int | None = None


class ReadBlock(Row, table=True):
    """A run of reads, sealed: `digest` is over its rows in order, `hash` over this block and the
    one before, so that a read that is changed or taken out later is found; checkpoints cover it.
    When the time of its rows is over they are deleted, and the block stays."""

    __tablename__ = "read_blocks"
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    number: int = Field(unique=True)
    sealed_at: datetime = Field(sa_type=UtcDateTime)
    rows: int
    digest: str = Field(max_length=64)
    prev_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class ReadErasure(Row, table=True):
    """That the rows of all blocks up to `through` were deleted after their time."""

    __tablename__ = "read_erasures"
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    through: int
    basis: str = Field(max_length=300)


class Erasure(Row, table=True):
    """That the personal data of a case was deleted after its time: on which ground, and what the
    ledger had vouched for ({region: {name: digest}}), by which it can still be checked."""

    __tablename__ = "erasures"
    case_id: uuid.UUID = Field(primary_key=True, foreign_key="cases.id")
    at: datetime = Field(sa_type=UtcDateTime)
    basis: str = Field(max_length=300)
    vouched: dict[str, Any] = Field(sa_type=JSON)


class Closing(Row, table=True):
    """That a person had their account closed (个人信息保护法第四十七条). `state`: kept (it has
    cases, which the law keeps, and opens nothing any more) or erased."""

    __tablename__ = "closings"
    __table_args__ = (CheckConstraint("state IN ('kept', 'erased')", name="state"),)
    account_id: uuid.UUID = Field(primary_key=True, foreign_key="accounts.id")
    asked_at: datetime = Field(sa_type=UtcDateTime)
    state: str = Field(max_length=16)
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
