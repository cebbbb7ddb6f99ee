"""Checkpoints outside the database: one file each, never changed, in a folder that an operator may
keep on other storage, so that a database cannot be rolled back unseen.

The first line is the checkpoint as signed, each other line one of its leaves.
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlmodel import Session, col, select

from onevisit.cases.checkpoints.keys import PUBLIC, key_id, pem_of
from onevisit.cases.checkpoints.leaf import Leaf
from onevisit.store.checkpoint_tables import Checkpoint, CheckpointLeaf
from onevisit.store.columns import new_id

NAME = re.compile(r"([0-9]{8})\.jsonl")
BATCH = 500
READ_ONLY = 0o444


@dataclass(frozen=True)
class Signed:
    """A checkpoint as it was signed."""

    body: str
    key_id: str
    signature: str


class Unreadable(Exception):
    """库外的检查点文件不能读取。"""


@dataclass(frozen=True)
class Outside:
    """The folder of checkpoint files."""

    folder: Path

    def numbers(self) -> list[int]:
        """The checkpoints that have a file, in order."""
        if not self.folder.is_dir():
            return []
        found = (NAME.fullmatch(each.name) for each in self.folder.iterdir())
        return sorted(int(each[1]) for each in found if each)

    def path(self, number: int) -> Path:
        """Where the file of a checkpoint is."""
        return self.folder / f"{number:08d}.jsonl"

    def head(self, number: int) -> Signed:
        """The checkpoint as its file has it; Unreadable."""
        try:
            with self.path(number).open(encoding="utf-8") as file:
                said = json.loads(file.readline())
            return Signed(str(said["body"]), str(said["key"]), str(said["signature"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Unreadable(f"{self.path(number)}：{error}") from error

    def leaves(self, number: int) -> Iterator[Leaf]:
        """Its leaves, one after the other; Unreadable."""
        try:
            with self.path(number).open(encoding="utf-8") as file:
                file.readline()
                yield from map(Leaf.read, file)
        except (OSError, ValueError, TypeError) as error:
            raise Unreadable(f"{self.path(number)}：{error}") from error

    def write_missing(self, session: Session, signers: list[Ed25519PublicKey]) -> int:
        """A file for each checkpoint of the database that has none, and the public keys for
        whoever checks them elsewhere; how many were written."""
        self.folder.mkdir(parents=True, exist_ok=True)
        there, written = set(self.numbers()), 0
        for number in session.exec(select(Checkpoint.number).order_by(col(Checkpoint.number))):
            if number not in there:
                self._write(session, session.get_one(Checkpoint, number))
                written += 1
        for key in signers:
            path = self.folder / f"{key_id(key)}{PUBLIC}"
            if not path.exists():
                path.write_bytes(pem_of(key))
        return written

    def _write(self, session: Session, row: Checkpoint) -> None:
        """Whole or not at all; a file that is there already is never touched."""
        path = self.path(row.number)
        made = path.with_name(f".{path.name}.{new_id().hex}")
        head = {"body": row.body, "key": row.key_id, "signature": row.signature}
        with made.open("w", encoding="utf-8") as file:
            file.write(json.dumps(head, ensure_ascii=False) + "\n")
            for leaf in leaves_of(session, row.number):
                file.write(leaf.text + "\n")
            file.flush()
            os.fsync(file.fileno())
        made.chmod(READ_ONLY)
        with suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def leaves_of(session: Session, number: int) -> Iterator[Leaf]:
    """The leaves of a checkpoint as the database has them, read a batch at a time."""
    position = -1
    while True:
        statement = (
            select(CheckpointLeaf)
            .where(CheckpointLeaf.checkpoint == number, CheckpointLeaf.position > position)
            .order_by(col(CheckpointLeaf.position))
            .limit(BATCH)
        )
        rows = session.exec(statement).all()
        for row in rows:
            yield Leaf(row.log, row.subject, row.label, row.chain, row.seq, row.hash)
        if len(rows) < BATCH:
            return
        position = rows[-1].position
        session.expunge_all()


def leaves_about(session: Session, log: str, subject: str) -> list[Leaf]:
    """What all checkpoints say of one subject, as the database has them."""
    statement = select(CheckpointLeaf).where(
        CheckpointLeaf.log == log, CheckpointLeaf.subject == subject
    )
    rows = session.exec(statement.order_by(col(CheckpointLeaf.checkpoint))).all()
    return [Leaf(row.log, row.subject, row.label, row.chain, row.seq, row.hash) for row in rows]
