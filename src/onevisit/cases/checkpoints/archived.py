"""Cases that lie in archive files: that they were moved out and not deleted is proven by a
signature of the checkpoints' key, which is not in the database, and by their own ledger."""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlmodel import Session, col, select

from onevisit.cases.checkpoints.keys import signed_by
from onevisit.cases.checkpoints.leaf import Leaf
from onevisit.store.archive_tables import ArchivedCase
from onevisit.store.evidence import Problem
from onevisit.store.ledger import CASE, seal
from onevisit.store.tables import GENESIS, Case, LedgerEntry
from onevisit.store.turn_tables import Certificate

OUT = "archive_out"
"""The act by which a case goes out, the last in its ledger until it comes back."""


def statement(row: ArchivedCase) -> str:
    """What is signed: which case, which part of which file, and the heads of its chains."""
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    said = ["archived", str(row.case_id), str(row.file_id), at, row.sha256, row.heads]
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def archived(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, ArchivedCase]:
    """Those of some cases that lie in archive files."""
    found = select(ArchivedCase).where(col(ArchivedCase.case_id).in_(ids))
    return {row.case_id: row for row in session.exec(found)}


def bears_out(row: ArchivedCase, leaf: Leaf) -> bool:
    """Whether an archived case had the entries that a checkpoint covered; what its last entry
    binds is in the file, and `onevisit archive check` compares it."""
    length, head = row.heads.get(leaf.chain, (0, ""))
    return bool(leaf.seq < length or (leaf.seq == length and leaf.hash == head))


def problems(
    session: Session, row: ArchivedCase, trusted: Mapping[str, Ed25519PublicKey]
) -> Iterator[Problem]:
    """Everything wrong with what is left of an archived case."""
    if not signed_by(trusted, row.key_id, statement(row), row.signature):
        yield Problem(CASE, None, "归档的登记不是由可信的密钥签名的：办件可能被删除后冒充归档")
    case = session.get_one(Case, row.case_id)
    if case.archived_at != row.at:
        yield Problem(CASE, None, "归档的登记与办件的记录不符")
    entries = select(LedgerEntry).where(LedgerEntry.case_id == row.case_id)
    chains: dict[str, list[LedgerEntry]] = {}
    for entry in session.exec(entries.order_by(col(LedgerEntry.seq))):
        chains.setdefault(entry.region, []).append(entry)
    yield from _went_out(case, row, chains.get(CASE, []))
    for region, chain in sorted(chains.items()):
        yield from _left_behind(row, region, chain)
    issued = session.exec(select(Certificate).where(Certificate.case_id == row.case_id))
    for certificate in issued:
        head = row.heads.get(certificate.chain, [0, GENESIS])
        kept = [entry.seq for entry in chains.get(certificate.chain, [])]
        if [certificate.ledger_seq, certificate.ledger_hash] != head or kept != list(
            range(1, certificate.ledger_seq + 1)
        ):
            yield Problem(certificate.chain, None, "证照与归档时的留痕不符")


def _went_out(case: Case, row: ArchivedCase, chain: Sequence[LedgerEntry]) -> Iterator[Problem]:
    """The newest entry of the case's own chain says where it went, after all that went with it."""
    length, head = row.heads.get(CASE, [0, GENESIS])
    last = chain[-1] if chain else None
    if last is None or (last.act, last.seq, last.prev_hash) != (OUT, length + 1, head):
        yield Problem(CASE, length + 1, "没有移出归档的留痕")
    elif (case.ledger_seq, case.ledger_hash) != (last.seq, last.hash):
        yield Problem(CASE, None, "留痕末条与记录不符")
    elif last.detail.get("part") != row.sha256:
        yield Problem(CASE, last.seq, "归档的登记与移出归档的留痕不符")


def _left_behind(row: ArchivedCase, region: str, chain: Sequence[LedgerEntry]) -> Iterator[Problem]:
    """Entries that stayed say what they said, and the newest is the one that was the head."""
    length, head = row.heads.get(region, [0, GENESIS])
    for entry in chain:
        later = region == CASE and entry.seq == length + 1 and entry.act == OUT
        if seal(entry.model_dump()) != entry.hash or (entry.seq > length and not later):
            yield Problem(region, entry.seq, f"第 {entry.seq} 条留痕被改动")
        elif entry.seq == length and entry.hash != head:
            yield Problem(region, entry.seq, f"第 {entry.seq} 条留痕被替换")
