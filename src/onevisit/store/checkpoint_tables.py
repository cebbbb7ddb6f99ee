"""Checkpoints of everything that is only ever appended to, so that not even whoever rules the
database can change, remove or slip in anything unseen afterwards.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, insert
from sqlmodel import Field, Session

from onevisit.store.columns import UtcDateTime
from onevisit.store.tables import METADATA, Row


class Uncovered(Row, table=True):
    """A row of a log that no checkpoint covers yet. Written with the row itself, removed by the
    checkpoint that covers it: so none is missed, whatever the clock said and whoever committed
    later, and the log's own table is never updated."""

    __tablename__ = "uncovered"
    log: str = Field(max_length=16, primary_key=True)
    row_id: uuid.UUID = Field(primary_key=True)


class Checkpoint(Row, table=True):
    """One signed checkpoint. `body` is the signed text itself (canonical JSON: number, moment,
    the root of the tree over its leaves, and the hash of the checkpoint before); `hash` is its
    SHA-256, `signature` Ed25519 (hex) by the key that `key_id` names. `stamp`, where an authority
    confirms the time (RFC 3161): its token over `body` (DER, base64), asked for afterwards."""

    __tablename__ = "checkpoints"
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    made_at: datetime = Field(sa_type=UtcDateTime)
    body: str = Field(sa_type=Text)
    hash: str = Field(max_length=64)
    key_id: str = Field(max_length=16)
    signature: str = Field(max_length=128)
    stamp: str | None = Field(default=None, sa_type=Text)


class CheckpointLeaf(Row, table=True):
    """The head of one chain as a checkpoint found it: `seq` entries, the last with this `hash`.

    `subject` is what the chain is of (the id of a case), `label` what people call it (its number),
    `chain` which of the subject's chains.
    """

    __tablename__ = "checkpoint_leaves"
    __table_args__ = (Index("ix_checkpoint_leaves_log_subject", "log", "subject"),)
    checkpoint: int = Field(
        primary_key=True,
        foreign_key="checkpoints.number",
        sa_column_kwargs={"autoincrement": False},
    )
    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    log: str = Field(max_length=16)
    subject: str = Field(max_length=64)
    label: str = Field(max_length=64)
    chain: str = Field(max_length=80)
    seq: int
    hash: str = Field(max_length=64)


_WAITING = insert(METADATA.tables["uncovered"])


def register(session: Session, log: str, rows: list[uuid.UUID]) -> None:
    """Have the next checkpoint cover new rows of a log; in the transaction that writes them."""
    if rows:
        waiting: list[dict[str, Any]] = [{"log": log, "row_id": each} for each in rows]
        session.connection().execute(_WAITING, waiting)
