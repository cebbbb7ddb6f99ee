"""The tables of closed cases whose rows and files lie in archive files outside the database, so
that what people work with stays small however long a city keeps its cases."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field

from onevisit.store.columns import UtcDateTime, new_id
from onevisit.store.kept import KeptText
from onevisit.store.tables import Row


class ArchiveFile(Row, table=True):
    """One archive file: its name (not where it lies), and the SHA-256 of its index, which its
    signature covers."""

    __tablename__ = "archive_files"
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(max_length=100, unique=True)
    made_at: datetime = Field(sa_type=UtcDateTime)
    cases: int
    size: int
    sha256: str = Field(max_length=64)


class ArchivedCase(Row, table=True):
    """That a case lies in an archive file. Its own row in `cases` stays, emptied of what was filled
    in; this says where the rest is and proves that it is whole.

    `sha256` is of the case's part of the file, `key` what opens it. `heads` are its ledger chains
    as they went out, {chain: [entries, hash of the last]}; `signature` is over all of that, by the
    key of the checkpoints, so that nobody with the database alone can pass a deleted case off as an
    archived one.
    """

    __tablename__ = "archived_cases"
    case_id: uuid.UUID = Field(primary_key=True, foreign_key="cases.id")
    file_id: uuid.UUID = Field(foreign_key="archive_files.id", index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    sha256: str = Field(max_length=64)
    key: str = Field(sa_type=KeptText("archived_cases.key"))
    heads: dict[str, Any] = Field(sa_type=JSON)
    key_id: str = Field(max_length=16)
    signature: str = Field(max_length=128)
