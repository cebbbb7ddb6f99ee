"""Whether the checkpoints themselves are whole: signatures, what binds one to the next, the files
outside, and their leaves; then whether the database still bears the leaves out."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice, zip_longest

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlmodel import Session, col, select

from onevisit.cases.checkpoints.finding import At, Finding
from onevisit.cases.checkpoints.keys import signed_by
from onevisit.cases.checkpoints.leaf import NOTHING_BEFORE, Leaf, Said, hash_of, root_of
from onevisit.cases.checkpoints.logs import Log, by_log
from onevisit.cases.checkpoints.outside import BATCH, Outside, Signed, Unreadable, leaves_of
from onevisit.store.checkpoint_tables import Checkpoint

Reading = Callable[[], AbstractContextManager[Session]]
"""Opens a session that sees one moment."""
JUST_MADE = timedelta(minutes=5)
"""How long a checkpoint may have no file yet: it is written right after the commit."""


@dataclass
class Sealed:
    """Walks through all checkpoints, in the order of their numbers, in bounded memory.

    `wanted` chooses leaves, so that one case can be looked at alone; `since` leaves out the leaves
    of earlier checkpoints, though never their signatures.
    """

    reading: Reading
    outside: Outside
    trusted: Mapping[str, Ed25519PublicKey]
    logs: tuple[Log, ...]
    now: datetime
    since: datetime | None = None
    wanted: Callable[[Leaf], bool] = lambda _: True
    progress: Callable[[str], None] = lambda _: None
    count: int = 0
    leaves: int = 0
    _before: str = NOTHING_BEFORE
    _last: int = 0
    _lost: set[range] = field(default_factory=set)

    def findings(self) -> Iterator[Finding]:
        """Everything wrong with any checkpoint or with what it covers."""
        outside = self.outside.numbers()  # before the database: it may get more in between
        with self.reading() as session:
            rows = session.exec(select(Checkpoint.number).order_by(col(Checkpoint.number)))
            inside = list(rows)
        self._acknowledge(inside)
        for number in sorted({*inside, *outside}):
            self.progress(f"检查点 {number}")
            with self.reading() as session:
                row = session.get(Checkpoint, number)
                yield from self._one(session, number, row)
        if not inside and not outside:
            yield Finding("还没有任何检查点", wrong=False)

    def _acknowledge(self, inside: list[int]) -> None:
        """What was said to be lost, under a good signature, with a restored backup."""
        for number in inside:
            with self.reading() as session:
                row = session.get(Checkpoint, number)
            said = _said(row.body) if row is not None and self._is_signed(_signed(row)) else None
            if said is not None and said.lost is not None:
                self._lost.add(range(said.lost[0], said.lost[1] + 1))

    def _one(self, session: Session, number: int, row: Checkpoint | None) -> Iterator[Finding]:
        lost = any(number in each for each in self._lost)
        if row is None:
            if lost:
                yield Finding("随丢失的数据一起丢失，已有说明", checkpoint=number, wrong=False)
                return
            text = "库外有这个检查点，数据库里没有：检查点被删除，或者数据库被恢复到较早的状态"
            yield Finding(text, checkpoint=number)
            yield from self._outside_only(session, number)
            return
        self.count += 1
        said = _said(row.body)
        yield from self._row(row, said)
        filed = yield from self._file(row, lost=lost)
        if said is not None and (self.since is None or said.made_at >= self.since):
            yield from self._leaves(session, row, said, filed=filed and not lost)
        self._before, self._last = row.hash, number

    def _row(self, row: Checkpoint, said: Said | None) -> Iterator[Finding]:
        """The signature, and what binds it to the one before."""
        number = row.number
        if not self._is_signed(_signed(row)):
            known = (
                "签名不对，内容被改动" if row.key_id in self.trusted else "不是由可信的密钥签名的"
            )
            yield Finding(known, checkpoint=number)
        if said is None or said.number != number or hash_of(row.body) != row.hash:
            yield Finding("内容被改动", checkpoint=number)
            return
        after = self._last + 1 if said.lost is None else said.lost[1] + 1
        if number != after:
            yield Finding(f"第 {after} 号至第 {number - 1} 号检查点被删除", checkpoint=number)
        elif said.previous != self._before:
            yield Finding("与前一个检查点不衔接", checkpoint=number)
        if said.lost is not None:
            text = f"第 {said.lost[0]} 号至第 {said.lost[1]} 号因恢复备份丢失：{said.why}"
            yield Finding(text, checkpoint=number, wrong=False)

    def _file(self, row: Checkpoint, *, lost: bool) -> Generator[Finding, None, bool]:
        """The file outside: returns whether it holds the same checkpoint."""
        number = row.number
        if not self.outside.path(number).exists():
            fresh = abs(self.now - row.made_at) < JUST_MADE
            text = "还没有写到库外" if fresh else "库外没有这个检查点的文件"
            yield Finding(text, checkpoint=number, wrong=not fresh)
            return False
        try:
            head = self.outside.head(number)
        except Unreadable as error:
            yield Finding(f"库外的文件不能读取：{error}", checkpoint=number)
            return False
        if head.body == row.body:
            return True
        if lost:
            return False
        text = "库外的文件被改动"
        if self._is_signed(head):
            text = "库内与库外不同：数据库曾被恢复到较早的状态后继续使用，或者检查点被替换"
        yield Finding(text, checkpoint=number)
        return False

    def _leaves(
        self, session: Session, row: Checkpoint, said: Said, *, filed: bool
    ) -> Iterator[Finding]:
        """Whether the leaves are those that were signed, and the database bears them out."""
        number, whole = row.number, False
        if root_of(leaves_of(session, number)) != said.root:
            yield Finding("数据库里的明细被改动", checkpoint=number)
        else:
            whole = True
        try:
            if filed and root_of(self.outside.leaves(number)) != said.root:
                yield Finding("库外文件的明细被改动", checkpoint=number)
                filed = False
        except Unreadable as error:
            yield Finding(f"库外的文件不能读取：{error}", checkpoint=number)
            filed = False
        true = leaves_of(session, number) if whole or not filed else self.outside.leaves(number)
        if filed and not whole:
            yield from self._altered(session, number)
        yield from self._borne_out(session, number, true)

    def _altered(self, session: Session, number: int) -> Iterator[Finding]:
        """Which leaves in the database are not those outside."""
        pairs = zip_longest(self.outside.leaves(number), leaves_of(session, number))
        differing = (true for true, row in pairs if true is not None and true != row)
        for leaf in islice(differing, 20):
            if self.wanted(leaf):
                text = "检查点的明细里这一行被改动或者移位"
                label = leaf.label or leaf.subject
                yield Finding(text, label, leaf.chain, leaf.seq, number)

    def _outside_only(self, session: Session, number: int) -> Iterator[Finding]:
        """What a checkpoint that the database no longer has says of the cases."""
        try:
            head = self.outside.head(number)
            said = _said(head.body) if self._is_signed(head) else None
            if said is None or root_of(self.outside.leaves(number)) != said.root:
                yield Finding("库外的文件被改动", checkpoint=number)
                return
            yield from self._borne_out(session, number, self.outside.leaves(number))
        except Unreadable as error:
            yield Finding(f"库外的文件不能读取：{error}", checkpoint=number)

    def _borne_out(
        self, session: Session, number: int, leaves: Iterator[Leaf]
    ) -> Iterator[Finding]:
        chosen = (each for each in leaves if self.wanted(each))
        while batch := list(islice(chosen, BATCH)):
            self.leaves += len(batch)
            by_name = by_log(batch)
            for log in self.logs:
                for fault in log.faults(session, by_name.pop(log.name, [])):
                    yield At(number, fault).finding
            session.expunge_all()

    def _is_signed(self, signed: Signed) -> bool:
        return signed_by(self.trusted, signed.key_id, signed.body, signed.signature)


def _signed(row: Checkpoint) -> Signed:
    return Signed(row.body, row.key_id, row.signature)


def _said(body: str) -> Said | None:
    try:
        return Said.read(body)
    except (ValueError, KeyError, TypeError):
        return None
