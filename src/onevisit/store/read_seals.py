"""Seals the rows of reads in blocks, each bound to the one before, so that nobody takes one out.

A chain from row to row would make everybody who looks at something wait for everybody else; so rows
are added freely, and the sweep seals what has come since.
"""

import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from onevisit.store import checkpoint_tables
from onevisit.store.ledger import digest
from onevisit.store.read_tables import Read, ReadBlock, ReadErasure
from onevisit.store.tables import GENESIS

LOG = "reads"
"""Under what name checkpoints cover the blocks."""
MOST = 500
"""Rows of one block."""
WAITS = timedelta(minutes=1)
"""How long a row may stay unsealed, unless a block is full before."""


def seal_block(session: Session, now: datetime) -> int:
    """Seal what has come since the last block, if it is enough or old enough; how many rows.

    Two at once are kept apart by the block's number: the second one's insert fails.
    """
    statement = select(Read).where(col(Read.block).is_(None)).order_by(col(Read.id)).limit(MOST)
    rows = session.exec(statement).all()
    if not rows or (len(rows) < MOST and now - min(row.at for row in rows) < WAITS):
        return 0
    number, before = head(session)
    block = ReadBlock(
        number=number + 1,
        sealed_at=now,
        rows=len(rows),
        digest=digest_of(rows),
        prev_hash=before,
        hash="",
    )
    block.hash = seal_of(block)
    session.add(block)
    session.flush()
    checkpoint_tables.register(session, LOG, [block.id])
    ids = [row.id for row in rows]
    sealed = update(Read).where(col(Read.id).in_(ids)).values(block=block.number)
    session.connection().execute(sealed)
    return len(rows)


def head(session: Session) -> tuple[int, str]:
    """(number, hash) of the newest block, for a checkpoint to sign; (0, GENESIS) before any."""
    statement = select(ReadBlock).order_by(col(ReadBlock.number).desc()).limit(1)
    last = session.exec(statement).first()
    return (last.number, last.hash) if last else (0, GENESIS)


def digest_of(rows: Sequence[Read]) -> str:
    """Over everything that these rows say, in the order of their ids."""
    return digest([_said(row) for row in sorted(rows, key=lambda row: row.id)])


def seal_of(block: ReadBlock) -> str:
    """The hash of a block, over what it counts and the block before."""
    at = block.sealed_at.astimezone(UTC).isoformat(timespec="microseconds")
    return digest([block.number, at, block.rows, block.digest, block.prev_hash])


def _said(row: Read) -> list[str | None]:
    named: tuple[uuid.UUID | None, ...] = (row.reader_id, row.case_id, row.subject_id, row.thing)
    texts = (row.role, row.department, row.purpose, row.kind, row.what, row.reason)
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    return [str(row.id), at, *(str(each) if each else None for each in named), *texts]


def erased_through(session: Session) -> int:
    """The last block whose rows were deleted after their time; 0 when none were."""
    return session.exec(select(func.max(ReadErasure.through))).one() or 0


def fault_of(session: Session, block: ReadBlock) -> str | None:
    """What is wrong with the rows of a block that were not deleted after their time."""
    rows = session.exec(select(Read).where(Read.block == block.number)).all()
    if len(rows) != block.rows:
        return f"查阅记录第 {block.number} 段应有 {block.rows} 条，现有 {len(rows)} 条"
    if digest_of(rows) != block.digest:
        return f"查阅记录第 {block.number} 段的内容被改动"
    return None


def problems(session: Session) -> Iterator[str]:
    """Everything wrong with the sealed reads, in words for people; nothing when all is whole."""
    before, expected, erased = GENESIS, 1, erased_through(session)
    for block in session.exec(select(ReadBlock).order_by(col(ReadBlock.number))).all():
        if block.number != expected:
            yield f"查阅记录缺第 {expected} 段"
        if block.prev_hash != before or seal_of(block) != block.hash:
            yield f"查阅记录第 {block.number} 段的封签被改动"
        fault = fault_of(session, block) if block.number > erased else None
        if fault is not None:
            yield fault
        before, expected = block.hash, block.number + 1
