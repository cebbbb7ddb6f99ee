"""A small file that proves to a stranger that entries were in the ledger by a moment: the way from
them to the root of a signed checkpoint, checked with that file and a public key alone.

The way is that of RFC 6962 section 2.1.1; whoever has the case's archive (`onevisit export`) finds
the same hashes there, entry by entry.
"""

import base64
import binascii
import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlmodel import Session, col, select

from onevisit.cases.checkpoints.keys import signed_by
from onevisit.cases.checkpoints.leaf import Leaf, Said, hash_of
from onevisit.cases.checkpoints.outside import leaves_of
from onevisit.store import ledger, merkle
from onevisit.store.checkpoint_tables import Checkpoint, CheckpointLeaf
from onevisit.store.tables import Case, LedgerEntry

FORMAT = "onevisit-ledger-proof/1"
LONGEST = 1000
"""Checkpoints between an entry's own and the next one that carries a time stamp."""
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError)
Read = Callable[[bytes, bytes], str]
"""What a time stamp says of a text, in a sentence; ValueError where it is none of it."""


class NoProof(Exception):
    """没有可以证明的留痕。"""


@dataclass(frozen=True)
class Wanted:
    """Of which case (its number or id), and of it all chains as they stand, or one entry."""

    case: str
    chain: str = ""
    seq: int | None = None


def make(session: Session, wanted: Wanted) -> dict[str, Any]:
    """The proof, as JSON values. With an entry named, what that entry says is in the file too.

    Raises NoProof where there is no such case or entry, or no checkpoint covers it yet.
    """
    rows = _leaves(session, wanted)
    shown: list[dict[str, Any]] = []
    if wanted.seq is not None:
        rows = rows[:1]
        shown = _entries(session, rows[0], wanted.seq)
    numbers = sorted({row.checkpoint for row in rows})
    stamps = {number: _stamped(session, number) for number in numbers}
    heads = dict[int, Checkpoint]()
    for number in numbers:
        last = stamps[number]
        heads |= _checkpoints(session, number, last.number if last else number)
    return {
        "format": FORMAT,
        "case": rows[0].label or rows[0].subject,
        "checkpoints": [
            {"body": row.body, "key": row.key_id, "signature": row.signature}
            for _, row in sorted(heads.items())
        ],
        "leaves": [each for number in numbers for each in _way(session, number, rows)],
        "entries": shown,
        "stamps": [
            {"covers": number, "checkpoint": row.number, "token": row.stamp}
            for number, row in stamps.items()
            if row is not None
        ],
    }


def check(proof: Any, trusted: Mapping[str, Ed25519PublicKey], read: Read) -> list[str]:
    """What the file proves, in sentences, under one of the trusted keys; ValueError saying what
    does not hold. Nothing else is asked, and no network."""
    try:
        return list(_checked(proof, trusted, read))
    except UNREADABLE as error:
        if type(error) is ValueError:
            raise
        raise ValueError("这不是一份完整的留痕证明") from error


def _checked(proof: Any, trusted: Mapping[str, Ed25519PublicKey], read: Read) -> Iterator[str]:
    if proof["format"] != FORMAT:
        raise ValueError("这不是留痕证明，或者是更新的版本写的")
    said = _signed(proof["checkpoints"], trusted)
    bodies = {number: row["body"] for number, row in zip(said, proof["checkpoints"], strict=True)}
    if not proof["leaves"]:
        raise ValueError("证明里没有留痕")
    heads = dict[str, Leaf]()
    for each in proof["leaves"]:
        leaf, number = Leaf(*each["leaf"]), int(each["checkpoint"])
        steps = [bytes.fromhex(step) for step in each["path"]]
        root, size = bytes.fromhex(said[number].root), said[number].leaves
        if not merkle.leads_to(root, leaf.digest, int(each["index"]), size, steps):
            raise ValueError(f"“{leaf.chain}”链第 {leaf.seq} 条不在检查点 {number} 里")
        heads[leaf.chain] = leaf
        yield (
            f"办件 {leaf.label or leaf.subject}，“{leaf.chain}”链第 1 至 {leaf.seq} 条"
            f"（最后一条的哈希 {leaf.hash}），在检查点 {number} 里，"
            f"检查点作于 {said[number].made_at.astimezone(UTC).isoformat(timespec='seconds')}"
        )
    yield from _contents(proof["entries"], heads)
    for stamp in proof["stamps"]:
        yield _stamp(stamp, said, bodies, read)


def _signed(rows: Sequence[Any], trusted: Mapping[str, Ed25519PublicKey]) -> dict[int, Said]:
    """What the checkpoints say, by number, each signed by a trusted key."""
    found: dict[int, Said] = {}
    for row in rows:
        said = Said.read(row["body"])
        if not signed_by(trusted, str(row["key"]), row["body"], str(row["signature"])):
            raise ValueError(f"检查点 {said.number} 的签名不对，或者不是可信的密钥签的")
        found[said.number] = said
    return found


def _contents(entries: Sequence[Any], heads: Mapping[str, Leaf]) -> Iterator[str]:
    """What the entries in the file say is what was hashed, up to the head that is proven."""
    for place, row in enumerate(entries):
        entry = row | {"at": datetime.fromisoformat(row["at"])}
        head = heads[entry["region"]]
        if ledger.seal(entry) != row["hash"] or uuid.UUID(row["case_id"]).hex != head.subject:
            raise ValueError(f"第 {row['seq']} 条留痕的内容与它的哈希不符")
        following = entries[place + 1]["prev_hash"] if place + 1 < len(entries) else head.hash
        if row["hash"] != following:
            raise ValueError(f"第 {row['seq']} 条留痕与后一条不衔接")
    if entries:
        first = entries[0]
        yield (
            f"“{first['region']}”链第 {first['seq']} 条的内容就是当时写下的："
            f"{first['at']}，{first['actor_role']}，{first['act']}"
        )


def _stamp(stamp: Any, said: Mapping[int, Said], bodies: Mapping[int, str], read: Read) -> str:
    """The stamp is of a checkpoint in the file, which binds the one that it covers."""
    covers, number = int(stamp["covers"]), int(stamp["checkpoint"])
    between = sorted(each for each in said if covers <= each <= number)
    for before, after in pairwise(between):
        if said[after].previous != hash_of(bodies[before]):
            raise ValueError(f"检查点 {after} 与前一个不衔接")
    try:
        token = base64.b64decode(stamp["token"], validate=True)
    except binascii.Error:
        raise ValueError("时间戳不能读取") from None
    told = read(token, bodies[number].encode())
    by = f"检查点 {covers}" + (f"（由检查点 {number} 连接）" if number != covers else "")
    return f"{by}：{told}"


def _leaves(session: Session, wanted: Wanted) -> list[CheckpointLeaf]:
    """The last leaf of each chain of the case; for one entry, the first that covers it."""
    subject = _subject(session, wanted.case)
    statement = select(CheckpointLeaf).where(
        CheckpointLeaf.log == ledger.LOG, CheckpointLeaf.subject == subject
    )
    if wanted.chain:
        statement = statement.where(CheckpointLeaf.chain == wanted.chain)
    if wanted.seq is not None:
        statement = statement.where(CheckpointLeaf.seq >= wanted.seq)
    rows = session.exec(statement.order_by(col(CheckpointLeaf.checkpoint))).all()
    if not rows:
        raise NoProof(
            "没有检查点覆盖这样的留痕：请核对办件编号、链和条数；刚写下的，"
            "先运行 onevisit ledger checkpoint"
        )
    if wanted.seq is not None:
        return [min(rows, key=lambda row: (row.checkpoint, row.seq))]
    return list({row.chain: row for row in rows}.values())


def _subject(session: Session, case: str) -> str:
    found = session.exec(select(Case.id).where(Case.number == case)).first()
    if found is not None:
        return found.hex
    try:
        return uuid.UUID(case).hex
    except ValueError:
        raise NoProof(f"没有编号或者标识为“{case}”的办件") from None


def _way(session: Session, number: int, rows: Sequence[CheckpointLeaf]) -> list[dict[str, Any]]:
    """The leaves of one checkpoint with their ways to its root."""
    digests = [each.digest for each in leaves_of(session, number)]
    return [
        {
            "leaf": [row.log, row.subject, row.label, row.chain, row.seq, row.hash],
            "checkpoint": number,
            "index": row.position,
            "path": [step.hex() for step in merkle.path(row.position, digests)],
        }
        for row in rows
        if row.checkpoint == number
    ]


def _stamped(session: Session, number: int) -> Checkpoint | None:
    """The first checkpoint from this one on that carries a time stamp, if it is near."""
    statement = select(Checkpoint).where(
        col(Checkpoint.number) >= number,
        col(Checkpoint.number) < number + LONGEST,
        col(Checkpoint.stamp).is_not(None),
    )
    return session.exec(statement.order_by(col(Checkpoint.number)).limit(1)).first()


def _checkpoints(session: Session, first: int, last: int) -> dict[int, Checkpoint]:
    """The checkpoints from one to another, by number."""
    statement = select(Checkpoint).where(
        col(Checkpoint.number) >= first, col(Checkpoint.number) <= last
    )
    return {row.number: row for row in session.exec(statement)}


def _entries(session: Session, head: CheckpointLeaf, seq: int) -> list[dict[str, Any]]:
    """The entry and those after it up to the head, with all that their hashes are made of."""
    statement = select(LedgerEntry).where(
        LedgerEntry.case_id == uuid.UUID(head.subject),
        LedgerEntry.region == head.chain,
        col(LedgerEntry.seq) >= seq,
        col(LedgerEntry.seq) <= head.seq,
    )
    rows = session.exec(statement.order_by(col(LedgerEntry.seq))).all()
    if not rows or rows[0].seq != seq:
        raise NoProof("这一条留痕不在数据库里：已经归档的，请先取回")
    return [_written(row) for row in rows]


def _written(row: LedgerEntry) -> dict[str, Any]:
    said = {name: getattr(row, name) for name in (
        "region", "seq", "actor_role", "act", "from_state", "to_state", "version_hash",
        "detail", "prev_hash", "hash",
    )}  # fmt: skip
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    actor = str(row.actor_id) if row.actor_id else None
    return said | {"case_id": str(row.case_id), "at": at, "actor_id": actor}


def text_of(proof: Mapping[str, Any]) -> str:
    """The proof as its file has it."""
    return json.dumps(proof, ensure_ascii=False, indent=1) + "\n"
