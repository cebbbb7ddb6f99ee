"""Makes checkpoints: what was written since the last one, under one signature that binds it too."""

import base64
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy import delete, insert, text
from sqlmodel import Session, col, select

from onevisit.cases.checkpoints.keys import BadKey, Keys, key_id
from onevisit.cases.checkpoints.leaf import NOTHING_BEFORE, Leaf, Said, hash_of, root_of
from onevisit.cases.checkpoints.logs import LOGS, Log
from onevisit.cases.checkpoints.outside import Outside
from onevisit.store.checkpoint_tables import Checkpoint, CheckpointLeaf, Uncovered

LIMIT = 10_000
"""Rows that one checkpoint covers at most, so that nobody who writes waits for it for long."""
LOCK = 0x6F766368656B  # "ovchek" in ASCII: the advisory lock of whoever makes a checkpoint
Stamp = Callable[[bytes], bytes]
"""The token of a time-stamping authority over a text."""
Transaction = Callable[[], AbstractContextManager[Session]]


class RolledBack(Exception):
    """库外的检查点比数据库新：数据库被恢复到了较早的状态，或者检查点被删除。"""

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__(
            f"库外的检查点到第 {outside} 号，数据库里只到第 {inside} 号或者与之不同："
            "数据库被恢复到了较早的状态，或者检查点被删除。"
            "请先运行 onevisit ledger verify；确系恢复备份的，说明原因以后继续："
            "onevisit ledger checkpoint --lost 原因"
        )
        self.inside, self.outside = inside, outside


@dataclass(frozen=True)
class Maker:
    """Makes checkpoints in transactions of its own, signs them with `keys`, and writes them to the
    folder `outside`. `stamp` has an authority confirm the time; without it nobody does."""

    transaction: Transaction
    keys: Keys
    outside: Outside
    logs: tuple[Log, ...] = LOGS
    limit: int = LIMIT
    stamp: Stamp | None = None

    def run_due(self, now: datetime, period: timedelta) -> int:
        """Make checkpoints if the last one is that long ago; how many were made.

        A clock that jumped does not put them off: one that lies far ahead counts as long ago.
        """
        with self.transaction() as session:
            last = _last(session)
            waits = session.exec(select(Uncovered.row_id).limit(1)).first() is not None
            bare = last is not None and last.stamp is None
            recent = last is not None and abs(now - last.made_at) < period
        if waits and not recent:
            return len(self.run(now))
        if bare:
            self.stamp_last()
        return 0

    def run(self, now: datetime, lost: str = "") -> list[int]:
        """Cover everything that is not covered yet; the numbers of the checkpoints made.

        lost: why checkpoints that are outside are no longer in the database, where that is right.
        Raises RolledBack where it is not explained, and BadKey.
        """
        made = []
        while True:
            with self.transaction() as session:
                number = self._next(session, now, lost)
            if number is None:
                break
            made.append(number)
            lost = ""
        with self.transaction() as session:
            self.outside.write_missing(session, list(self.keys.trusted().values()))
        self.stamp_last()
        return made

    def stamp_last(self) -> None:
        """Have the time of the newest checkpoint confirmed, and with it of all before; no
        transaction is open while another house is asked. What its authority raises."""
        if self.stamp is None:
            return
        with self.transaction() as session:
            last = _last(session)
            if last is None or last.stamp is not None:
                return
            number, body = last.number, last.body
        token = self.stamp(body.encode())
        with self.transaction() as session:
            row = session.get_one(Checkpoint, number)
            if row.body == body and row.stamp is None:
                row.stamp = base64.b64encode(token).decode()
                session.add(row)

    def _next(self, session: Session, now: datetime, lost: str) -> int | None:
        """The next checkpoint; None where there is nothing to cover or to explain."""
        _alone(session)
        last = _last(session)
        gap = self._gap(last)
        if gap is not None and not lost:
            raise RolledBack(last.number if last else 0, gap[1])
        self._follow(last)
        found = [each.pending(session, self.limit) for each in self.logs]
        leaves = sorted(chain.from_iterable(each.leaves for each in found))
        if not leaves and gap is None:
            return None
        said = Said(
            number=(gap[1] if gap else last.number if last else 0) + 1,
            made_at=now,
            previous=last.hash if last else NOTHING_BEFORE,
            leaves=len(leaves),
            total=(Said.read(last.body).total if last else 0) + len(leaves),
            root=root_of(leaves),
            lost=gap,
            why=lost if gap else "",
        )
        self._sign(session, said, leaves)
        for log, each in zip(self.logs, found, strict=True):
            covered = delete(Uncovered).where(col(Uncovered.log) == log.name)
            for at in range(0, len(each.rows), 500):
                some = col(Uncovered.row_id).in_(each.rows[at : at + 500])
                session.connection().execute(covered.where(some))
        return said.number

    def _gap(self, last: Checkpoint | None) -> tuple[int, int] | None:
        """The checkpoints outside that the database does not have or has otherwise."""
        numbers = self.outside.numbers()
        inside = last.number if last else 0
        if not numbers or numbers[-1] < inside:
            return None
        if last is not None and inside in numbers and self.outside.head(inside).body != last.body:
            return inside, numbers[-1]
        return (inside + 1, numbers[-1]) if numbers[-1] > inside else None

    def _follow(self, last: Checkpoint | None) -> None:
        """BadKey where a key that is not believed here signed the last one: then this node has a
        key of its own beside that of the others, or the key was lost, and what it signed would be
        believed by nobody else."""
        if last is not None and last.key_id not in self.keys.trusted():
            public = f"{self.keys.file.stem}-{last.key_id}.pub"
            raise BadKey(
                f"第 {last.number} 号检查点由密钥 {last.key_id} 签名，这里没有它。"
                "多个节点要用同一把签名密钥（ONEVISIT_CHECKPOINT_KEY）；密钥丢了或者换了的，"
                f"把库外目录里的 {last.key_id}.pub 放到 {self.keys.file} 旁边，命名为 {public}"
            )

    def _sign(self, session: Session, said: Said, leaves: list[Leaf]) -> None:
        key, body = self.keys.signer(), said.text
        session.add(
            Checkpoint(
                number=said.number,
                made_at=said.made_at,
                body=body,
                hash=hash_of(body),
                key_id=key_id(key.public_key()),
                signature=key.sign(body.encode()).hex(),
            )
        )
        session.flush()
        rows = [
            {"checkpoint": said.number, "position": position, **leaf._asdict()}
            for position, leaf in enumerate(leaves)
        ]
        if rows:
            session.connection().execute(insert(CheckpointLeaf), rows)


def _last(session: Session) -> Checkpoint | None:
    return session.exec(select(Checkpoint).order_by(col(Checkpoint.number).desc()).limit(1)).first()


def _alone(session: Session) -> None:
    """One at a time; on SQLite whoever writes is alone anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
